"""What the inference hosts answer to keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalogue.rows import MODEL_PROTOCOLS
from provider.probe import question
from provider.probe.meaning import DENIED, LET_IN, REFUSED, STOPPED
from tools.live.asking import JUNK, Credential
from tools.live.report import Unmeasured, broken, held
from tools.live.scene import let_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from provider.probe.meaning import Meaning
    from tools.live.asking import Said
    from tools.live.report import Result
    from tools.live.scene import Scene

_KEPT_OUT = REFUSED | DENIED
_IN_THE_WAY = STOPPED - {"model_denied"}


def key_first(scene: Scene) -> Result:
    """A key that cannot exist makes every kind of call."""
    model = scene.model
    for protocol in MODEL_PROTOCOLS:
        asks = [
            question.no_content(protocol, model),
            question.call(protocol, model),
            question.unknown_model(protocol, content=True),
        ]
        if protocol == "openai":
            asks.append(scene.list_models)
        for asked in asks:
            said = scene.ask(protocol, JUNK, asked)
            if said.answer.status != 401:
                return broken(f"{protocol}, {asked.kind}: {said.text}")
    return held("401 to each of 10 calls")


def no_content_free(scene: Scene) -> Result:
    """The workspace's key asks nothing."""
    return _all_mean(_each(lambda p: scene.ask(p, scene.key, scene.no_content(p))), {"body_refused"})


def unknown_model_told(scene: Scene) -> Result:
    """The workspace's key asks for a model that cannot exist."""
    return _all_mean(
        _each(lambda p: scene.ask(p, scene.key, question.unknown_model(p, content=True))), {"model_unknown"}
    )


def model_before_workspace(scene: Scene) -> Result:
    """Another workspace's key asks for a model that cannot exist."""
    said = _each(lambda p: scene.ask(p, scene.sibling_key, question.unknown_model(p, content=True)))
    if any(s.meaning in REFUSED for s in said.values()):
        raise Unmeasured(f"the other workspace's key itself is refused there: {_line(said)}")
    if any(s.meaning not in DENIED | {"model_unknown"} for s in said.values()):
        raise Unmeasured(f"the answers tell neither: {_line(said)}")
    return _all_mean(said, {"model_unknown"})


def denial_before_body(scene: Scene) -> Result:
    """Another workspace's key makes a whole request, then one without content."""
    whole = scene.sibling_whole
    if any(s.meaning not in _KEPT_OUT for s in whole.values()):
        raise Unmeasured(f"the other workspace's key is not refused there: {_line(whole)}")
    return _all_mean(_each(lambda p: scene.ask(p, scene.sibling_key, scene.no_content(p))), _KEPT_OUT)


def made_up_host_denied(scene: Scene) -> Result:
    """The workspace's key calls the host of a workspace that nobody has."""
    stranger = Credential(value=scene.key.value, kind="sibling")
    said = _each(lambda p: scene.asker.ask(scene.made_up_url(p), stranger, question.call(p, scene.model)))
    return _all_mean(said, {"endpoint_denied"})


def sibling_denied(scene: Scene) -> Result:
    """Another workspace's key calls the workspace's host."""
    said = scene.sibling_whole
    return _all_mean(said, _KEPT_OUT)


def models_list_says_nothing(scene: Scene) -> Result:
    """Another workspace's key asks the workspace's host for its list."""
    said = scene.ask("openai", scene.sibling_key, scene.list_models)
    if said.meaning == "models_listed":
        return held(f"{len(said.answer.models)} models for another workspace's key")
    if said.meaning in _KEPT_OUT:
        return broken(f"another workspace's key gets no list: {said.text}")
    raise Unmeasured(f"the answer tells neither: {said.text}")


def shared_takes_any_key(scene: Scene) -> Result:
    """The keys of two workspaces call the shared host."""
    url = scene.shared_url("openai")
    keys = {"the workspace's key": scene.key.value, "the other one's": scene.sibling_key.value}
    said = {
        whose: scene.asker.ask(url, Credential(value=value, kind="good"), scene.no_content("openai"))
        for whose, value in keys.items()
    }
    return _all_mean(said, LET_IN)


def thinking_off(scene: Scene) -> Result:
    """A model that can think is called with the switch off."""
    said = scene.whole_calls
    if any(s.meaning not in ("model_answered", "body_refused") for s in said.values()):
        raise Unmeasured(f"no answer of a model: {_line(said)}")
    return _all_mean(said, {"model_answered"})


def new_key_known_within(scene: Scene) -> Result:
    """A new key is asked about until it is let in."""
    said, passed = scene.first_let_in
    if let_in(said):
        return held(f"let in after {passed:.0f} s")
    if said.meaning in _KEPT_OUT:
        return broken(f"after {passed:.0f} s it was still answered {said.text}")
    raise Unmeasured(f"the answer tells neither: {said.text}")


def disabled_key_is_blocked(scene: Scene) -> Result:
    """A key is disabled and asked about until it is refused."""
    live = Credential(value=scene.spare.value, kind="good")
    before, _ = scene.asker.until(let_in, lambda: scene.ask("openai", live, scene.no_content("openai")))
    if not let_in(before):
        raise Unmeasured(f"the key was not let in before: {before.text}")
    gone = Credential(value=scene.disabled.value, kind="junk", ordinary=False)
    said, passed = scene.asker.until(
        lambda said: said.meaning in REFUSED, lambda: scene.ask("openai", gone, scene.no_content("openai"))
    )
    if said.meaning == "key_blocked":
        return held(f"after {passed:.0f} s: {said.text}")
    return broken(f"after {passed:.0f} s: {said.text}")


def model_denied_403(scene: Scene) -> Result:
    """A key with one model asks for another one."""
    shown = scene.plane.api_key(scene.region, scene.limited.key_id)
    if shown is None or shown.scope is None or shown.scope.models != (scene.model.name,):
        raise Unmeasured("the key was not made with the models that were asked for")
    key = Credential(value=scene.limited.value, kind="good", ordinary=False)
    own, _ = scene.asker.until(let_in, lambda: scene.ask("openai", key, scene.no_content("openai")))
    if not let_in(own) or own.meaning in STOPPED:
        raise Unmeasured(f"it is not let in with its own model: {own.text}")
    another = question.no_content("openai", scene.other_model)
    allowed, said = scene.ask("openai", scene.key, another), scene.ask("openai", key, another)
    if not let_in(allowed) or allowed.meaning in STOPPED:
        raise Unmeasured(f"a key without a list may not call it either: {allowed.text}")
    if said.meaning == "body_refused":
        raise Unmeasured(f"the body was looked at first: {said.text}")
    return held(said.text) if said.meaning == "model_denied" else broken(said.text)


def ip_denial_wording(scene: Scene) -> Result:
    """A key for other addresses is used from here."""
    _ = scene.key  # another key of the workspace is known by now: this one's refusal is not that it is new
    said = scene.elsewhere_refused
    return held(said.text) if said.meaning == "address_denied" else broken(said.text)


def x_api_key_not_taken(scene: Scene) -> Result:
    """The workspace's key is sent in `x-api-key` alone."""
    asked = scene.no_content("anthropic")
    junk = scene.ask("anthropic", JUNK, asked)
    if junk.meaning not in REFUSED:
        raise Unmeasured(f"a key that cannot exist is not refused either: {junk.text}")
    headers = {**asked.headers, "x-api-key": scene.key.value}
    in_header = question.Question(
        protocol=asked.protocol, kind=asked.kind, method="POST", path=asked.path, body=asked.body, headers=headers
    )
    said = scene.ask("anthropic", Credential(value="", kind="none"), in_header)
    if said.meaning in REFUSED:
        return held(said.text)
    if let_in(said):
        return broken(f"it is let in: {said.text}")
    raise Unmeasured(f"the answer tells neither: {said.text}")


def _each(ask: Callable[[str], Said]) -> dict[str, Said]:
    return {protocol: ask(protocol) for protocol in MODEL_PROTOCOLS}


def _all_mean(said: Mapping[str, Said], wanted: Collection[Meaning]) -> Result:
    others = {name: s for name, s in said.items() if s.meaning not in wanted}
    if any(s.meaning in _IN_THE_WAY for s in others.values()):
        raise Unmeasured(f"the account is in the way: {_line(others)}")
    return broken(_line(others)) if others else held(_line(said))


def _line(said: Mapping[str, Said]) -> str:
    return "; ".join(f"{name}: {s.text}" for name, s in said.items())
