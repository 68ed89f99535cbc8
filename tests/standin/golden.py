"""The recorded steps, and the words in which record and replay are compared."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.standin.engine_double import State

if TYPE_CHECKING:
    from tests.standin.replay_server import Asked

Json = dict[str, Any]

_FOLDER = Path(__file__).parent.parent / "data" / "golden"
SECRET = "alicloud:kms/secret:Secret"
CONFIG_MAP = "alicloud:sae/configMap:ConfigMap"
NACOS_CONFIG = "alicloud:mse/nacosConfig:NacosConfig"
PARAMETER = "alicloud:oos/parameter:Parameter"
SECRET_PARAMETER = "alicloud:oos/secretParameter:SecretParameter"
_NAMED_IN_STEPS = {
    "ConfigMap": CONFIG_MAP,
    "kms.Secret": SECRET,
    "mse.NacosConfig": NACOS_CONFIG,
    "oos.Parameter": PARAMETER,
    "oos.SecretParameter": SECRET_PARAMETER,
}
"""How a step says that it is about another type than its file."""
_OTHERS_OF_A_LONG_ONE: dict[str, Json] = {
    SECRET: {"secret_name": "app", "version_id": "v1"},
    PARAMETER: {"parameter_name": "app", "type": "String"},
    SECRET_PARAMETER: {"secret_parameter_name": "app"},
}
"""The other arguments where the record only says which one is long, and how long."""
_LONGEST_SHOWN = 4096
_ENGINE_ONLY = {"urn_name", "additionalSecretOutputs", "external", "importID"}


@functools.cache
def load(name: str) -> Json:
    loaded: Json = json.loads((_FOLDER / f"{name}.json").read_text())
    return loaded


def token_of(file: str, step: Json) -> str:
    """Return the type that a step is about."""
    named = [token for words, token in _NAMED_IN_STEPS.items() if step["step"].startswith(words)]
    token: str = named[0] if named else load(file)["resource_type"]
    return token


def service_of(token: str) -> str:
    """Return the service that a type's calls go to, as the record names it."""
    return token.split(":", maxsplit=2)[1].partition("/")[0]


def own_requests(file: str, step: Json) -> list[tuple[Json, Json]]:
    """Return the recorded requests with their answers, without those of other types that were in the program."""
    service = service_of(token_of(file, step))
    pairs = zip(step["requests"], step["responses"], strict=True)
    return [(r, a) for r, a in pairs if r["service"] == service and not r["action"].endswith("Namespace")]


def id_of(step: Json) -> str:
    """Return the id that an import asks for."""
    if step["state"]:
        return str(step["state"]["id"])
    absent = re.search(r"resource '([^']*)' does not exist", step["error_text"])
    return absent.group(1) if absent else "malformed"


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


def program(token: str, step: Json) -> tuple[Json, set[str]]:
    """Return the arguments by their names on the wire, and which of them were passed as secrets."""
    given = step["program_inputs"]
    args: Json
    if isinstance(given, str):
        long = re.fullmatch(r"(\w+) of (\d+) characters", given)
        assert long is not None
        args = _OTHERS_OF_A_LONG_ONE[token] | {long[1]: "x" * int(long[2])}
    else:
        text = json.dumps(given.get("res", {}).get("args", {}))
        args = json.loads(re.sub(r"<(\d+) x>", lambda found: "x" * int(found[1]), text))
    marked = {name for name, value in args.items() if isinstance(value, dict) and "$secret" in value}
    values = {camel(name): value["$secret"] if name in marked else value for name, value in args.items()}
    return values, {camel(name) for name in marked}


def recorded_state(state: Any) -> State | None:
    if not state:
        return None
    paths: list[str] = state["secret_paths"]
    return State(
        state["id"],
        dict(state["inputs"]),
        dict(state["outputs"]),
        {p.removeprefix("inputs.") for p in paths if p.startswith("inputs.")},
        {p.removeprefix("outputs.") for p in paths if p.startswith("outputs.")},
        list(state.get("initErrors", [])),
    )


def expected_state(step: Json) -> Json | None:
    if not step["state"]:
        return None
    state = {name: value for name, value in step["state"].items() if name not in _ENGINE_ONLY}
    state["initErrors"] = [common_text(text) for text in state.get("initErrors", [])]
    named: Json = _named(state)
    return named


def shown_state(state: State | None, port: int) -> Json | None:
    if state is None:
        return None
    named: Json = _named(
        {
            "id": state.id,
            "inputs": state.inputs,
            "outputs": state.outputs,
            "secret_paths": state.secret_paths,
            "initErrors": [common_text(text, port) for text in state.init_errors],
        }
    )
    return named


def common_text(text: str, port: int = 0) -> str:
    """Take out of a message what differs by machine, and what the stand-in leaves out on purpose.

    That is: the query of an address (the published plugin prints the config map's data and the signature there), the
    headers of the answer, a value that is too long, and what Go's parser says.
    """
    text = text.replace("terraform-provider-alicloud/alicloud/", "<source>/")
    if port:
        text = text.replace(f"127.0.0.1:{port}", "127.0.0.1:<port>")
    text = re.sub(r'(http://[^"?]*)\?[^"]*"', r'\1"', text)
    text = re.sub(r',"_headers":\{[^}]*\}', "", text)
    text = re.sub(r"got sk-ws-test\.<(\d+) x>", lambda found: f"got <{int(found[1]) + 11} characters>", text)
    text = re.sub(r"(contains an invalid JSON): .*", r"\1", text)
    return text.removeprefix("error: ")


def expected_requests(file: str, step: Json) -> list[Json]:
    """Return the recorded requests on the type, pauses included (but not those that the engine makes)."""
    return [
        _request(
            r["method"],
            r["path"],
            r["action"],
            r["version"],
            r["params"],
            set(r["in_query"]),
            0 if step["command"] == "import" else r.get("pause_before_s", 0),
        )
        for r, _ in own_requests(file, step)
    ]


def shown_requests(asked: list[Asked]) -> list[Json]:
    before = [asked[0].at, *(a.at for a in asked)] if asked else []
    return [
        _request(a.method, a.path, a.action, a.version, dict(a.query) | dict(a.form), set(a.query), a.at - b)
        for a, b in zip(asked, before, strict=False)
    ]


def _request(method: str, path: str, action: str, version: str, params: Json, in_query: set[str], pause: float) -> Json:
    shown: Json = {n: v for n, v in params.items() if not re.match(r"Tag(Key)?\.\d", n)}
    # The published plugin numbers tags in no stable order.
    numbered = [n for n in params if re.fullmatch(r"TagKey\.\d+", n)]
    pairs = [n for n in params if re.fullmatch(r"Tag\.\d+\.Key", n)]
    if numbered:
        shown["TagKeys"] = sorted(params[n] for n in numbered)
    if pairs:
        shown["Tags"] = sorted((params[n], params[n.replace("Key", "Value")]) for n in pairs)
    shown |= {n: f"<{len(v)} characters>" for n, v in shown.items() if isinstance(v, str) and len(v) > _LONGEST_SHOWN}
    shown.pop("ClientToken", None)  # random; not in the record either
    named: Json = _named(
        {"method": method, "path": path, "action": action, "version": version, "params": shown, "pause": pause}
    )
    return named | {"in_query": in_query}


def _named(value: Any) -> Any:
    """Replace the random part of a name that the plugin made."""
    return json.loads(re.sub(r"res-[0-9a-f]{7}\b", "res-<hex7>", json.dumps(value)))
