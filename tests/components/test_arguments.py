"""Arguments that cannot be right: refused by component and argument, before anything is registered."""

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
from tests.components.given import KEY, SINKS, TOOLS, access, owner, plan, workspace
from tests.components.mocks import Recorder

UNKNOWN: Any = {"access_key": KEY}
BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: workspace(owner(), region="mars-1"), "RegionalWorkspace 'chat': region: 'mars-1' does not exist; allowed"),
    (lambda: workspace(owner(), service_site="global"), "RegionalWorkspace 'chat': service_site: .*leave it out"),
    (
        lambda: workspace(owner(), region="cn-hongkong", service_site="japan"),
        r"service_site: .* cn-hongkong offers global .* or cn-hongkong .in Hong Kong .* \[service-site\]",
    ),
    (lambda: workspace(owner(), regoin="x"), "RegionalWorkspace 'chat': regoin: unknown; it takes region, owner"),
    (lambda: RegionalWorkspace("chat", {"region": "cn-beijing"}), "owner: missing"),  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType] - the point
    (lambda: access(domain="trail"), "ServiceAccess 'gw': domain: domain 'trail' does not exist; allowed"),
    (lambda: access(protocols=[]), "ServiceAccess 'gw': protocols: empty"),
    (lambda: access(protocols=["grpc"]), "protocol 'grpc' does not exist; allowed: openai, anthropic, dashscope"),
    (lambda: access(models=["qwen-plus"]), r"allowed_ips: .*\[open-key\]"),
    (lambda: access(sinks=[SINKS[0], SINKS[0]]), "sinks: kms:cn-beijing/prod/gw more than once"),
    (lambda: access(sinks=[SINKS[1]]), r"sinks: .*\[config-needs-secret\]"),
    (lambda: access(sink=[]), "sink: unknown; it takes owner, workspace"),
    (lambda: access(region="cn-hongkong"), "region: 'cn-hongkong', but its workspace is in cn-beijing"),
    (lambda: access(workspace=None), "region: missing; say where it is, or name a workspace"),
    (lambda: access(workspace=None, region="cn-beijing"), r"workspace: .*\[empty-workspace\]"),
    (lambda: access(brought_key={"region": "us-east-1"}), r"brought_key: .*\[key-region\]"),
    (lambda: access(brought_key={"billing_plan": "token_plan"}), r"brought_key: .*\[billing-plan\]"),
    (
        lambda: plan(sinks=[SINKS[0]]),
        r"ServiceAccess 'tools': sinks: .* a secret sink for backends: .*\[plan-key-tools\]",
    ),
    (lambda: plan(sinks=[TOOLS, SINKS[1]]), r"sinks: .* a config sink, which backends read: .*\[plan-key-tools\]"),
    (lambda: plan(brought_key=None), r"workspace: .*\[plan-key-brought\]"),
    (lambda: access(rotation={"max_age": 90, "overlap": 60, "soak": 30}), r"rotation: .*\[rotation-periods\]"),
    (lambda: access(rotation={"serve_generation": 2, "revoke_through": 2}), r"rotation: .*\[serve-generation\]"),
    (lambda: plan(rotation={"max_age": 7776000, "trigger": "scheduled"}), "leave max_age, trigger out"),
    (lambda: access(isolation=True, verify="off"), "isolation: verify: off checks nothing"),
    (lambda: ServiceAccess("gw", cast("Any", None)), "ServiceAccess 'gw': arguments: takes a mapping, not None"),
    (lambda: ServiceAccess("gw", cast("Any", [KEY])), "arguments: takes a mapping, not list"),
    (lambda: access(owner="o"), "owner: takes Owner, not text"),
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
    (lambda: plan(brought_key=KEY), "brought_key: takes a mapping or None, not text"),
    (lambda: plan(brought_key={"vlaue": KEY}), "brought_key.vlaue: unknown; it takes value, from_kms, billing_plan"),
    (lambda: plan(brought_key={"value": 1}), "brought_key.value: takes text or Awaitable or Output or None, not int"),
    (lambda: plan(brought_key={"from_kms": {}}), "brought_key.from_kms.name: missing"),
    (lambda: plan(brought_key={"from_kms": {"name": "a", "field": 1}}), "from_kms.field: takes text or None, not int"),
    (
        lambda: workspace(owner(), models="qwen-plus"),
        "'chat': models: takes a list or None, not text",
    ),
    (lambda: Provider("p", UNKNOWN), "Provider 'p': unknown access_key; it takes account_id, endpoints, profile"),
    (lambda: Owner("o", UNKNOWN), "Owner 'o': unknown access_key; it takes organization, project, stack"),
    (lambda: workspace(owner(), region=KEY), "region: given here does not exist; allowed: cn-beijing"),
]


@pytest.mark.parametrize(("make", "says"), BAD, ids=[says[:40] for _, says in BAD])
def test_bad_arguments_are_refused_before_anything_is_registered(
    recorder: Recorder, make: Callable[[], object], says: str
) -> None:
    with pytest.raises(ArgumentError, match=says) as refused:
        make()
    assert isinstance(refused.value, pulumi.RunError)
    assert KEY not in str(refused.value)
    assert "modelstudio:index:ServiceAccess" not in {r.typ for r in recorder.seen}


@pytest.mark.parametrize("sink", [*SINKS])
def test_a_plan_key_is_refused_by_every_sink_for_backends(recorder: Recorder, sink: Sink) -> None:
    with pytest.raises(ArgumentError, match=r"sinks: .*\[plan-key-tools\]"):
        plan(sinks=[TOOLS, sink])
    assert "modelstudio:index:ServiceAccess" not in {r.typ for r in recorder.seen}
