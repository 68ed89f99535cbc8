"""How each answer of `tests/data/observed/answers.json` comes about in the emulator, one line for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.emulator.inprocess import ASK, GENERATION, JUNK, whole_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.state import Workspace
    from tests.emulator.inprocess import Answer, World

KeyKind = Literal[
    "good", "sibling", "abroad", "token_plan", "coding_plan", "plan_abroad", "junk", "deleted", "disabled", "none"
]
_SEEN_HOST = "ws-fake0000fake0000"
_OTHER_MODELS = ("qwen-image-plus", "wan2.5-t2v-preview", "text-embedding-async-v2")


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is set up, and what is called if it is not what the entry says."""

    key: KeyKind
    model: str = "qwen-plus"
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Fields of the body beside those that a whole one has."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    of_workspace: str = ""
    """A setting that gets the id of the key's workspace."""
    models: bool = True
    """The workspace may call every model."""
    made_up: bool = False
    """The host's label is no workspace's."""
    path: str = ""
    key_in: Literal["bearer", "x-api-key", "query"] = "bearer"


_RETIRED = {"retired_models": ["qwen-plus"]}
_UNPURCHASED = {"unpurchased_models": ["qwen-plus"]}
_IMAGE, _VIDEO = "qwen-image-plus", "wan2.5-t2v-preview"

SITUATIONS: Mapping[str, Situation] = {
    "d002": Situation(key="junk", body={"stream": True}),
    "d003": Situation(key="good", model="bad model"),
    "d005": Situation(key="junk"),
    "d006": Situation(key="good", model="bad model"),
    "d008": Situation(key="good"),
    "d009": Situation(key="good", body={"enable_thinking": True, "tool_choice": "required"}),
    "d011": Situation(key="good", body={"stream": True, "stream_options": {"include_usage": True}}),
    "d012": Situation(key="junk"),
    "d013": Situation(key="junk", made_up=True),
    "d014": Situation(key="token_plan"),
    "d016": Situation(key="coding_plan"),
    "d018": Situation(key="abroad"),
    "d020": Situation(key="good", path="/api/v1/chat/completions", body={"messages": ASK}),
    "d022": Situation(key="good", of_workspace="barred_workspaces"),
    "d023": Situation(key="good", models=False),
    "d025": Situation(key="good", models=False),
    "d026": Situation(key="good", models=False),
    "d027": Situation(key="abroad"),
    "d030": Situation(key="sibling"),
    "d031": Situation(key="sibling", body={"max_tokens": 1}),
    "d035": Situation(key="sibling"),
    "d036": Situation(key="sibling"),
    "d038": Situation(key="sibling"),
    "d039": Situation(key="good", of_workspace="suspended_workspaces"),
    "d040": Situation(key="deleted"),
    "d042": Situation(key="sibling", model=_IMAGE),
    "d043": Situation(key="sibling", model=_VIDEO),
    "d045": Situation(key="sibling", model=_VIDEO),
    "d046": Situation(key="good", model=_VIDEO, headers={"X-DashScope-WorkSpace": "ws-another"}),
    "d048": Situation(key="good", settings=_RETIRED),
    "d049": Situation(key="sibling", path="/api/v1/memories"),
    "d060": Situation(key="junk"),
    "d062": Situation(key="junk"),
    "d063": Situation(key="junk"),
    "d065": Situation(key="good", model=_IMAGE),
    "d066": Situation(key="good", key_in="x-api-key", body={"max_tokens": 8}),
    "d067": Situation(key="good"),
    "d069": Situation(key="good", model="qwen-plus[1M]"),
    "d070": Situation(key="good", body={"stream": True}),
    "d072": Situation(key="good"),
    "d074": Situation(key="good", settings=_UNPURCHASED),
    "d075": Situation(key="token_plan"),
    "d076": Situation(key="junk"),
    "d078": Situation(key="good", path=GENERATION, model="qwen-no-ocr"),
    "d079": Situation(key="plan_abroad"),
    "d080": Situation(key="good"),
    "d083": Situation(key="plan_abroad"),
    "d084": Situation(key="none"),
    "d090": Situation(key="token_plan"),
    "d092": Situation(key="plan_abroad"),
    "d093": Situation(key="good", headers={"User-Agent": "openless/1.0"}),
    "d095": Situation(key="good", headers={"User-Agent": ""}),
    "d096": Situation(key="good", headers={"User-Agent": "OpenClaw/1.0"}),
    "d097": Situation(key="good"),
    "d100": Situation(key="good", key_in="x-api-key"),
    "d102": Situation(key="disabled", path=GENERATION),
    "d104": Situation(key="good", settings={"bill": "unpurchased"}),
    "d105": Situation(key="good", settings=_UNPURCHASED),
    "d106": Situation(key="good", settings={"bill": "arrears"}),
    "d109": Situation(key="good", settings={"bill": "quota"}),
    "d110": Situation(key="good", model="text-embedding-async-v2", body={"input": "hello"}),
    "d112": Situation(key="junk", key_in="query"),
    "d113": Situation(key="none"),
    "d114": Situation(key="good"),
    "d115": Situation(key="none"),
    "d117": Situation(key="good"),
}

NOT_REPRODUCED: Mapping[str, tuple[str, Situation]] = {
    "d103": (
        "applications (`/api/v1/apps`) are a product that this project does not serve",
        Situation(key="good", model="an-app-id"),
    ),
}
"""By id, why it is not and what comes nearest."""


def bring_about(world: World, seen: Mapping[str, Any], situation: Situation) -> Answer:
    """Set the situation up and make the call that was answered."""
    host, region = str(seen["host"]), _region(str(seen["host"]))
    if host == "(all)":
        host = "dashscope.aliyuncs.com"
    workspace = world.workspace(region, models=situation.models)
    if host.startswith(_SEEN_HOST) and not situation.made_up:
        workspace.api_host = host
    named = {situation.of_workspace: [workspace.workspace_id]} if situation.of_workspace else {}
    models = [*world.store.settings.models, *_OTHER_MODELS]
    world.settings(**{"models": models, **situation.settings, **named})
    key = _key(world, situation.key, host, region, workspace)
    path = situation.path or str(seen["path"])
    headers = dict(situation.headers)
    if situation.key_in == "query":
        path, key = f"{path}?api_key={key}", ""
    elif situation.key_in == "x-api-key":
        headers["x-api-key"], key = key, ""
    body = None
    if seen["method"] == "POST":
        body = whole_body(str(seen["protocol"]), situation.model) | dict(situation.body)
    return world.ask(str(seen["method"]), host, path, key, body, headers)


def _region(host: str) -> str:
    labels = host.split(".")
    if labels[2:3] == ["maas"]:
        return labels[1]
    if "-us." in host:
        return "us-east-1"
    return "ap-southeast-1" if "-intl." in host else "cn-beijing"


def _key(world: World, kind: KeyKind, host: str, region: str, workspace: Workspace) -> str:
    elsewhere = "ap-southeast-1" if region == "cn-beijing" else "cn-beijing"
    plan: Literal["token_plan", "coding_plan"] = "coding_plan" if host.startswith("coding") else "token_plan"
    if kind in ("token_plan", "coding_plan"):
        return world.plan_key(kind, region)
    if kind == "plan_abroad":
        return world.plan_key(plan, elsewhere)
    if kind == "good" and host.startswith(("coding", "token-plan")):
        return world.plan_key(plan, region)
    if kind in ("good", "disabled", "deleted"):
        made = world.key(workspace)
        made.disabled = kind == "disabled"
        if kind == "deleted":
            world.store.state.keys.remove(made)
        return made.value
    if kind in ("sibling", "abroad"):
        return world.key(world.workspace(elsewhere if kind == "abroad" else region)).value
    return JUNK if kind == "junk" else ""
