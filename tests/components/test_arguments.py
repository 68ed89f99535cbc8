"""Arguments that cannot be right: refused by component and argument, before anything is registered."""

import re
from collections.abc import Callable
from typing import Any, cast

import pulumi
import pytest

from components.regional_workspace import RegionalWorkspace
from components.service_access import ServiceAccess
from components.sinks.sink import Sink
from provider.resources.base import ArgumentError
from provider.resources.owner import Owner
from provider.resources.provider import Provider
from tests.components.given import ACCESS, COPY, ID, KEY, PLACE, SINKS, TOOLS, VAULT, access, account, plan, workspace
from tests.components.mocks import Recorder, pulumi_test

UNKNOWN: Any = {"access_key": KEY}
BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: workspace(region="mars-1"), "RegionalWorkspace 'chat': region: 'mars-1' does not exist; allowed"),
    (lambda: workspace(service_site="global"), "RegionalWorkspace 'chat': service_site: .*leave it out"),
    (
        lambda: workspace(region="cn-hongkong", service_site="japan"),
        r"service_site: .* cn-hongkong offers global .* or cn-hongkong .in Hong Kong .* \[service-site\]",
    ),
    (lambda: workspace(regoin="x"), "RegionalWorkspace 'chat': regoin: unknown; it takes region, account"),
    (lambda: RegionalWorkspace("chat", {"region": "cn-beijing"}), "account: missing"),  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType] - the point
    (lambda: access(domain="trail"), "ServiceAccess 'gw': domain: domain 'trail' does not exist; allowed"),
    (lambda: access(protocols=[]), "ServiceAccess 'gw': protocols: empty"),
    (lambda: access(protocols=["grpc"]), "protocol 'grpc' does not exist; allowed: openai, anthropic, dashscope"),
    (lambda: access(models=["qwen-plus"]), r"allowed_ips: .*\[open-key\]"),
    (lambda: access(sinks=[SINKS[0], SINKS[0]]), "sinks: kms:cn-beijing/prod/gw more than once"),
    (lambda: access(sinks=[SINKS[1]]), r"sinks: a minted key without a secret sink: .*\[key-needs-vault\]"),
    (lambda: access(sinks=[]), r"sinks: .*add a secret sink, such as kms .*keep_value.*\[key-needs-vault\]"),
    (lambda: access(sinks=[SINKS[1]], keep_value=True), r"sinks: config without .*\[config-needs-secret\]"),
    (lambda: access(sinks=[SINKS[1]], existing_key={"value": "k"}), r"sinks: .*\[config-needs-secret\]"),
    (lambda: access(sink=[]), "sink: unknown; it takes account, workspace"),
    (lambda: access(region="cn-hongkong"), "region: 'cn-hongkong', but its workspace is in cn-beijing"),
    (lambda: access(workspace=None), "region: missing; say where it is, or name a workspace"),
    (lambda: access(workspace=None, region="cn-beijing"), r"workspace: .*\[empty-workspace\]"),
    (lambda: access(existing_key={"value": "k", "region": "us-east-1"}), r"existing_key: .*\[key-region\]"),
    (lambda: access(existing_key={"value": "k", "billing_plan": "token_plan"}), r"existing_key: .*\[billing-plan\]"),
    (
        lambda: plan(sinks=[SINKS[0]]),
        r"ServiceAccess 'tools': sinks: .* a secret sink for backends: .*\[plan-key-tools\]",
    ),
    (lambda: plan(sinks=[TOOLS, SINKS[1]]), r"sinks: .* a config sink, which backends read: .*\[plan-key-tools\]"),
    (lambda: plan(existing_key=None), r"workspace: .*\[plan-key-existing\]"),
    (lambda: access(rotation={"max_age": 90, "overlap": 60, "soak": 30}), r"rotation: .*\[rotation-periods\]"),
    (lambda: access(rotation={"serve_generation": 2, "revoke_through": 2}), r"rotation: .*\[serve-generation\]"),
    (lambda: plan(rotation={"max_age": 7776000, "trigger": "scheduled"}), "leave max_age, trigger out"),
    (lambda: access(isolation=True, verify="off"), "isolation: verify: off checks nothing"),
    (lambda: ServiceAccess("gw", cast("Any", None)), "ServiceAccess 'gw': arguments: takes a mapping, not None"),
    (lambda: ServiceAccess("gw", cast("Any", [KEY])), "arguments: takes a mapping, not list"),
    (lambda: access(account="o", workspace=None), "account: takes Account, not text"),
    (lambda: access(workspace="chat"), "workspace: takes RegionalWorkspace or None, not text"),
    (lambda: access(domain=None), "domain: takes text, not None"),
    (lambda: access(domain=pulumi.Output.from_input("shared")), "domain: takes text, not Output"),
    (lambda: access(domain=None), "domain: takes text, not None"),
    (lambda: access(verify="off", verify_model="m"), "verify_model: verify: off calls no model"),
    (lambda: access(models=["a"], open_to_world=True, verify_model="b"), "verify_model: 'b' is not among the models"),
    (lambda: plan(verify_model="m"), "verify_model: no model is called at the coding_plan domain"),
    (lambda: access(isolation="yes"), "isolation: takes True or False, not text"),
    (lambda: access(protocols="openai"), "protocols: takes a list, not text"),
    (lambda: access(protocols=None), "protocols: takes a list, not None"),
    (lambda: access(models=["a", 1]), "models.1: takes text, not int"),
    (lambda: access(allowed_ips=["nope"]), "allowed_ips: 'nope' must be an address or network"),
    (lambda: access(sinks=SINKS[0]), "sinks: takes a list, not KmsSecret"),
    (lambda: access(sinks=[SINKS[0], {}]), "sinks.1: takes Sink, not dict"),
    (lambda: plan(existing_key=KEY), "existing_key: takes a mapping or None, not text"),
    (lambda: plan(existing_key={"vlaue": KEY}), "vlaue: unknown; it takes value, from_kms, from_oos, billing_plan"),
    (lambda: plan(existing_key={"value": 1}), "existing_key.value: takes text or Awaitable or Output or None, not int"),
    (lambda: plan(existing_key={}), "existing_key: does not say where the key is; give one of value, from_kms"),
    (lambda: plan(existing_key={"value": "k", "from_oos": {"name": "ab"}}), "existing_key: has value and from_oos"),
    (lambda: plan(existing_key={"from_kms": {}}), "existing_key.from_kms.name: missing"),
    (lambda: plan(existing_key={"from_kms": {"name": "a", "field": 1}}), "from_kms.field: takes text or None, not int"),
    (
        lambda: workspace(models="qwen-plus"),
        "'chat': models: takes a list or None, not text",
    ),
    (lambda: Provider("p", UNKNOWN), "Provider 'p': unknown access_key; it takes account_id, endpoints, profile"),
    (lambda: Owner("o", UNKNOWN), "Owner 'o': unknown access_key; it takes organization, project, stack"),
    (lambda: workspace(adopt="ws-2", workspace_name="n"), "'chat': workspace_name: an adopted workspace keeps"),
    (lambda: account(id=1), "Account 'modelstudio': id: takes text, not int"),
    (lambda: account(type="Domstic"), "type: 'Domstic' does not exist; allowed: Domestic, International"),
    (lambda: account(access_key=KEY), "Account 'modelstudio': access_key: unknown; it takes id, type, profile"),
    (lambda: account(endpoints={"kmss": "https://a"}), "endpoints.kmss: unknown; it takes control_plane, kms"),
    (lambda: account(endpoints={"clock_offset": "soon"}), "endpoints.clock_offset: takes float or None, not text"),
    (
        lambda: access(sinks=[VAULT], existing_key={"from_kms": {"name": "prod/gw"}}),
        "sinks: kms:cn-beijing/prod/gw is the sink of 'gw'; take a key from a secret that nothing here writes",
    ),
    (lambda: access(env=True), "env: unknown"),
    (lambda: access(keep_value="yes"), "keep_value: takes True or False, not text"),
    (lambda: access(probe_on_refresh=0), "probe_on_refresh: takes True or False, not int"),
    (lambda: workspace(region=KEY), "region: given here does not exist; allowed: cn-beijing"),
]


def refused(make: Callable[[], object]) -> str:
    """Return what is said against it, once the engine has all that was registered."""
    said: list[str] = []

    @pulumi_test
    async def asked() -> None:
        with pytest.raises(ArgumentError) as refusal:
            make()
        assert isinstance(refusal.value, pulumi.RunError), "printed without a traceback"
        said.append(str(refusal.value))

    asked()
    return said[0]


@pytest.mark.parametrize(("make", "says"), BAD, ids=[says[:40] for _, says in BAD])
def test_bad_arguments_are_refused_before_anything_is_registered(
    recorder: Recorder, make: Callable[[], object], says: str
) -> None:
    text = refused(make)
    assert re.search(says, text), text
    assert KEY not in text
    assert not {ACCESS, PLACE} & {r.typ for r in recorder.seen}


@pytest.mark.parametrize("sink", [*SINKS])
def test_a_plan_key_is_refused_by_every_sink_for_backends(recorder: Recorder, sink: Sink) -> None:
    assert re.search(r"sinks: .*\[plan-key-tools\]", refused(lambda: plan(sinks=[TOOLS, sink])))
    assert not {ACCESS, PLACE} & {r.typ for r in recorder.seen}


def test_all_that_is_wrong_is_said_at_once(recorder: Recorder) -> None:
    first, *lines = refused(
        lambda: access(protocols="openai", typo=1, existing_key={"vlaue": KEY, "from_kms": {}})
    ).splitlines()
    assert first == "ServiceAccess 'gw':"
    arguments = ["protocols", "typo", "existing_key.vlaue", "existing_key.from_kms.name"]
    assert [line.split(": ")[0] for line in lines] == [f"  {argument}" for argument in arguments]
    meant = refused(
        lambda: access(
            models=["b"],
            workspace=workspace(models=["a"]),
            rotation={"max_age": 1, "serve_generation": 1, "revoke_through": 1},
            sinks=[],
            isolation=True,
            verify="off",
        )
    )
    rules = ("[open-key]", "[key-models]", "[key-needs-vault]", "[rotation-periods]", "[serve-generation]")
    assert [rule for rule in rules if rule not in meant] == []
    assert "isolation: verify: off checks nothing" in meant
    said = refused(lambda: workspace(region="mars-1", adopt="ws-2", workspace_name="n"))
    assert re.fullmatch("RegionalWorkspace 'chat':\n  region: .*\n  workspace_name: an adopted.*", said)
    assert ACCESS not in {r.typ for r in recorder.seen}


def test_two_services_cannot_have_one_place_and_nothing_of_the_second_is_registered(recorder: Recorder) -> None:
    def second() -> None:
        own = account()
        chat = workspace(own)
        access(account=own, workspace=chat)
        access("b", account=own, workspace=chat, sinks=[COPY, *SINKS])

    first, *lines = refused(second).splitlines()
    assert first == "ServiceAccess 'b':"
    taken = [f"  sinks: {sink.place} is also the sink of 'gw'; each place takes one record" for sink in SINKS]
    assert lines == taken, "config sinks, too, and all of them at once"
    assert [r.name for r in recorder.of(ACCESS)] == ["gw"]
    assert [r.name for r in recorder.of(PLACE)] == [f"{ID}/{VAULT.place}"]
