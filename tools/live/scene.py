"""What the measurements share: workspaces, keys and answers that each is made or asked for once, when first needed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from catalogue.rows import MODEL_PROTOCOLS, CatalogueError, find
from catalogue.rules import MAX_NAME
from catalogue.urls import base_url
from provider.client.control_plane import DISABLE_API_KEY, GET_API_KEY, KeyScope
from provider.client.errors import ServiceError
from provider.client.shapes import as_list, as_object
from provider.probe import question
from provider.probe.meaning import LET_IN, REFUSED
from provider.probe.question import MADE_UP_LABEL
from tools.live.asking import Credential, Said
from tools.live.estimate import callable_models
from tools.live.report import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from catalogue.models import Model
    from provider.client.control_plane import ControlPlane, KeyInfo, WorkspaceInfo
    from provider.client.retry import Clock
    from tools.live.asking import Asker
    from tools.live.record import RecordingSdk
    from tools.live.resources import Made

T = TypeVar("T")
ALL = KeyScope(models=None, allowed_ips=())
ELSEWHERE = ("203.0.113.0/24",)
"""Addresses that nobody calls from (RFC 5737)."""


class once(Generic[T]):  # noqa: N801 - used as a decorator, like `property`
    """A property that is worked out once; where that fails, it fails alike each time it is asked for."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, scene: None, owner: type) -> once[T]: ...

    @overload
    def __get__(self, scene: Scene, owner: type) -> T: ...

    def __get__(self, scene: Scene | None, owner: type) -> once[T] | T:
        if scene is None:
            return self
        if self._name not in scene.known:
            try:
                scene.known[self._name] = self._make(scene)
            except (Unmeasured, ServiceError) as error:
                scene.known[self._name] = Unmeasured(str(error))
        value: Any = scene.known[self._name]
        if isinstance(value, Unmeasured):
            raise Unmeasured(str(value))
        return value  # type: ignore[no-any-return]


@dataclass(kw_only=True)
class Scene:
    """One region of one account, with what this run made there."""

    region: str
    sdk: RecordingSdk
    plane: ControlPlane
    made: Made
    asker: Asker
    clock: Clock
    known: dict[str, object]

    # the workspace, its key, its host

    @once
    def workspace(self) -> WorkspaceInfo:
        """The workspace that most is measured in."""
        return self.made.workspace(self.made.journal.name("main"))

    @once
    def allowed_at_first(self) -> list[str]:
        """The models that it may call before anybody allowed any."""
        return self.plane.models(self.region, self.workspace.workspace_id, authorized=True)

    @once
    def opened(self) -> list[str]:
        """Let it call every model; return all that it can be allowed to."""
        workspace_id = self.workspace.workspace_id
        with suppress(Unmeasured):  # its own measurement says so
            _ = self.allowed_at_first
        self.plane.allow_all_models(self.region, workspace_id)
        return self.plane.models(self.region, workspace_id, authorized=False)

    @once
    def api_host(self) -> str:
        """Its host as the service answers it, "" where it does not within seconds."""
        return self._host_of(self.workspace)

    @once
    def minted(self) -> KeyInfo:
        """A key of it, new."""
        return self.made.key(self.workspace.workspace_id, "good", ALL)

    @once
    def first_let_in(self) -> tuple[Said, float]:
        """The answer that ended the wait for that key, and the seconds until then."""
        key = Credential(value=self.minted.value, kind="good")
        return self.asker.until(let_in, lambda: self.ask("openai", key, self.no_content("openai")))

    @once
    def key(self) -> Credential:
        """That key, once its host lets it in."""
        said, _ = self.first_let_in
        if not let_in(said):
            raise Unmeasured(f"the workspace's own key is not let in: {said.text}")
        key = Credential(value=self.minted.value, kind="good")
        if said.meaning == "model_denied":  # that its workspace may call all models may be known later than the key
            said, _ = self.asker.until(
                lambda said: said.meaning != "model_denied", lambda: self.ask("openai", key, self.no_content("openai"))
            )
        if said.meaning == "model_denied":
            raise Unmeasured(f"the workspace may still call no model: {said.text}")
        return key

    @once
    def whole_calls(self) -> Mapping[str, Said]:
        """The answers to one real call in each protocol. These are billed."""
        return {p: self.ask(p, self.key, question.call(p, self.model)) for p in MODEL_PROTOCOLS}

    # another workspace

    @once
    def long_name_refused(self) -> str:
        """Why a workspace with a name of 30 characters was not made; "" when it was."""
        name = self.made.journal.name("sibling-").ljust(MAX_NAME, "x")
        try:
            self.known["_sibling"] = self.made.workspace(name)
        except ServiceError as error:
            if error.kind != "refused":
                raise
            self.known["_sibling"] = self.made.workspace(self.made.journal.name("sib"))
            return str(error)
        return ""

    @once
    def sibling(self) -> WorkspaceInfo:
        """Another workspace, which may call every model, too."""
        _ = self.long_name_refused
        found: Any = self.known["_sibling"]
        self.plane.allow_all_models(self.region, found.workspace_id)
        return found  # type: ignore[no-any-return]

    @once
    def sibling_minted(self) -> KeyInfo:
        """A key of the other workspace."""
        return self.made.key(self.sibling.workspace_id, "sibling", ALL)

    @once
    def sibling_key(self) -> Credential:
        """That key, as a stranger at the workspace's host, once its own host lets it in."""
        at_home = Credential(value=self.sibling_minted.value, kind="good")
        url = self._url("openai", self.sibling, self.sibling_host)
        said, _ = self.asker.until(let_in, lambda: self.asker.ask(url, at_home, self.no_content("openai")))
        if not let_in(said):
            raise Unmeasured(f"the other workspace's own key is not let in at its own host: {said.text}")
        return Credential(value=self.sibling_minted.value, kind="sibling")

    @once
    def sibling_whole(self) -> Mapping[str, Said]:
        """What the workspace's host answers to whole requests of the other workspace's key."""
        return {p: self.ask(p, self.sibling_key, question.call(p, self.model)) for p in MODEL_PROTOCOLS}

    @once
    def sibling_host(self) -> str:
        """Its host, as the service answers it."""
        return self._host_of(self.sibling)

    # keys with limits

    @once
    def limited(self) -> KeyInfo:
        """A key for one model, from anywhere."""
        _ = self.opened  # a key takes only models that its workspace may call
        scope = KeyScope(models=(self.model.name,), allowed_ips=())
        return self.made.key(self.workspace.workspace_id, "limited", scope)

    @once
    def elsewhere(self) -> KeyInfo:
        """A key that opens from other addresses than this machine's."""
        return self.made.key(self.workspace.workspace_id, "elsewhere", KeyScope(models=None, allowed_ips=ELSEWHERE))

    @once
    def elsewhere_refused(self) -> Said:
        """What that key is answered from here, once it is known."""
        key = Credential(value=self.elsewhere.value, kind="good", ordinary=False)
        said, _ = self.asker.until(
            lambda said: said.meaning not in REFUSED, lambda: self.ask("openai", key, self.no_content("openai"))
        )
        return said

    @once
    def spare(self) -> KeyInfo:
        """A key that is there to be disabled and deleted."""
        return self.made.key(self.workspace.workspace_id, "spare", ALL)

    @once
    def disable_refused(self) -> str:
        """Why it was not disabled; "" when it was."""
        try:
            self.sdk.call(DISABLE_API_KEY, self.region, path_id=self.spare.key_id)
        except ServiceError as error:
            if error.kind != "refused":
                raise
            return str(error)
        return ""

    @once
    def disabled(self) -> KeyInfo:
        """That key, disabled."""
        if self.disable_refused:
            raise Unmeasured(f"no key can be disabled: {self.disable_refused}")
        return self.spare

    # questions

    @once
    def model(self) -> Model:
        """The model that calls name: a cheap one that the region offers."""
        found = next((m for m in callable_models(self.region) if m.name in self.opened), None)
        if found is None:
            raise Unmeasured(f"{self.region} offers none of the models that this calls")
        return found

    @once
    def other_model(self) -> Model:
        """Another one."""
        found = next((m for m in callable_models(self.region) if m.name in self.opened and m != self.model), None)
        if found is None:
            raise Unmeasured(f"{self.region} offers only one of the models that this calls")
        return found

    def no_content(self, protocol: str) -> question.Question:
        """Return a request of the model in which there is nothing to answer."""
        return question.no_content(protocol, self.model)

    @property
    def list_models(self) -> question.Question:
        """The call that lists models."""
        asked = question.models("openai")
        if asked is None:
            raise Unmeasured("there is no list")
        return asked

    def _url(self, protocol: str, workspace: WorkspaceInfo, api_host: str) -> str:
        row = find("dedicated", self.region, protocol)
        return base_url(row, workspace_id=workspace.workspace_id, api_host=api_host)

    def _host_of(self, workspace: WorkspaceInfo) -> str:
        if workspace.api_host:
            return workspace.api_host
        for pause in (0.5, 1.0, 2.0):
            listed = self.plane.workspaces(self.region, workspace_id=workspace.workspace_id)
            if listed and listed[0].api_host:
                return listed[0].api_host
            self.clock.sleep(pause)
        return ""

    def made_up_url(self, protocol: str) -> str:
        """Return a base URL of the host of a workspace that nobody has."""
        return base_url(find("dedicated", self.region, protocol), workspace_id=MADE_UP_LABEL)

    def shared_url(self, protocol: str) -> str:
        """Return a base URL of the region's shared host. Raises Unmeasured where it has none."""
        try:
            return find("shared", self.region, protocol).url_template
        except CatalogueError:
            raise Unmeasured(f"{self.region} has no shared host") from None

    def ask(self, protocol: str, key: Credential, asked: question.Question) -> Said:
        """Ask the workspace's own host."""
        _ = self.opened
        return self.asker.ask(self._url(protocol, self.workspace, self.api_host), key, asked)

    def addresses(self, key: KeyInfo) -> set[str]:
        """Return the IP list of a key as the service shows it."""
        shown = self.sdk.call(GET_API_KEY, self.region, path_id=key.key_id)
        return {str(ip) for ip in as_list(as_object(as_object(shown.get("apiKey")).get("auth")).get("accessIps"))}


def let_in(said: Said) -> bool:
    """Whether a key got further than being looked at."""
    return said.meaning in LET_IN
