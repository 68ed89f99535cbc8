"""The whole firewall over one service's access: what is refused, about what, and what is let through."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.access import Access, SinkFacts, problems
from catalogue.pairs import KeyFacts
from catalogue.rotation import RotationPolicy
from catalogue.rows import ROWS

KMS = SinkFacts(place="kms:cn-beijing/a", audience="backends")
TOOLS = SinkFacts(place="kms:cn-beijing/t", audience="tools")
SAE = SinkFacts(place="sae:cn-beijing:prod/a", audience=None)
MINTED = Access(domain="dedicated", protocols=("openai",), workspace_region="cn-beijing", sinks=[KMS, SAE])
PLAN = Access(domain="coding_plan", protocols=("openai",), region="ap-southeast-1", key=KeyFacts(), sinks=[TOOLS])
GATEWAY = "https://gw.example.com:8443/llm/v1"
BAD: list[tuple[Access, str, str]] = [
    (replace(MINTED, region="ap-southeast-1"), "region", "its workspace is in cn-beijing; leave the region out"),
    (replace(PLAN, region=None), "region", "missing; say where it is, or name a workspace"),
    (replace(MINTED, protocols=()), "protocols", "empty; name at least one"),
    (replace(MINTED, protocols=("openai", "openai")), "protocols", "names 'openai' more than once"),
    (replace(MINTED, protocols=("grpc",)), "domain", "protocol 'grpc' does not exist"),
    (replace(MINTED, domain="shard"), "domain", "domain 'shard' does not exist; allowed: dedicated, shared"),
    (
        replace(PLAN, host="models.example.com", protocols=("openai", "dashscope")),
        "host",
        "the coding_plan domain does not speak dashscope",
    ),
    (replace(PLAN, protocols=("dashscope",)), "domain", "does not speak dashscope; it has: openai, anthropic"),
    (replace(MINTED, domain="trial", workspace_region="us-east-1"), "domain", "us-east-1 has: dedicated, shared"),
    (replace(MINTED, host="dashscope.aliyuncs.com"), "host", "is that of the shared domain in cn-beijing"),
    (replace(PLAN, key=None), "workspace", "give the plan's key: key: { from_config: NAME }"),
    (
        replace(MINTED, workspace_region=None, region="cn-beijing"),
        "workspace",
        "silently lands in the default workspace",
    ),
    (
        replace(MINTED, models=["m", "n"], workspace_models=["m"], open_to_world=True),
        "models",
        "'n' not among the models of its workspace (m)",
    ),
    (replace(MINTED, verify_model="n", workspace_models=["m"]), "verify_model", "models that its workspace may call"),
    (replace(MINTED, models=["m"]), "allowed_ips", "write open_to_world: true [open-key]"),
    (replace(MINTED, models=[]), "models", "the service takes 1 to 30"),
    (replace(MINTED, workspace_region=None, region="cn-beijing", key=KeyFacts()), "workspace", "a workspace's own"),
    (replace(PLAN, region=None, workspace_region="cn-beijing"), "workspace", "has no workspaces; leave it out and"),
    (
        replace(MINTED, key=KeyFacts(billing_plan="coding_plan")),
        "billing_plan",
        "a coding_plan key opens only https://",
    ),
    (replace(MINTED, key=KeyFacts(region="us-east-1")), "key_region", "opens only hosts of us-east-1"),
    (replace(MINTED, key=KeyFacts(workspace="a"), workspace="b"), "key_workspace", "use the host of 'a'"),
    (replace(MINTED, sinks=[KMS, KMS]), "sinks", "kms:cn-beijing/a more than once"),
    (replace(MINTED, sinks=[KMS, SAE, SAE]), "sinks", "sae:cn-beijing:prod/a more than once"),
    (replace(MINTED, sinks=[SAE]), "sinks", "[key-needs-vault]"),
    (replace(MINTED, sinks=[]), "sinks", "keep_value is the other way"),
    (replace(MINTED, sinks=[SAE], keep_value=True), "sinks", "[config-needs-secret]"),
    (replace(PLAN, domain="shared", sinks=[SAE]), "sinks", "[config-needs-secret]"),
    (replace(PLAN, sinks=[TOOLS, KMS]), "sinks", "a secret sink for backends: keys of a subscription plan are for"),
    (replace(PLAN, sinks=[TOOLS, SAE]), "sinks", "a config sink, which backends read: keys of a subscription plan"),
    (replace(MINTED, isolation=True, verify="off"), "isolation", "verify: off checks nothing"),
    (replace(MINTED, verify_model="m", verify="off"), "verify_model", "verify: off calls no model"),
    (replace(PLAN, verify_model="m"), "verify_model", "no model is called at the coding_plan domain"),
    (
        replace(MINTED, models=["a"], open_to_world=True, verify_model="b"),
        "verify_model",
        "'b' is not among the",
    ),
    (replace(MINTED, base_urls={}), "base_url", "no URL for openai; give one for each of: openai"),
    (
        replace(MINTED, base_urls={"openai": GATEWAY, "x": GATEWAY}),
        "base_url",
        "a URL for x, which is no protocol here",
    ),
    *[
        (replace(MINTED, base_urls={"openai": url}), "base_url", "is not a base URL; expected https://host[:port]/path")
        for url in (
            "http://gw.example.com/v1",
            "gw.example.com",
            f"{GATEWAY}/",
            f"{GATEWAY}?a=b",
            "https://",
            "https://u@h",
        )
    ],
    (replace(MINTED, base_urls={"openai": GATEWAY}, host="h.example.com"), "host", "host and base_url name the place"),
    (replace(MINTED, vpc_id="vpc-a", workspace_region="us-east-1"), "network", "it is in: cn-beijing, cn-hongkong"),
    (replace(MINTED, vpc_id="vpc-a", domain="shared"), "network", "leads to the dedicated domain, not to 'shared'"),
    (
        replace(MINTED, domain="shared", workspace_region=None, region="cn-beijing", key=KeyFacts(), isolation=True),
        "isolation",
        "no telling which hosts are not the key's own: name its workspace (adopt it",
    ),
]


@pytest.mark.parametrize(("access", "about", "says"), BAD, ids=[f"{a}: {s[:30]}" for _, a, s in BAD])
def test_what_cannot_be_right_is_refused(access: Access, about: str, says: str) -> None:
    (found,) = problems(access)
    assert found.about == about
    assert says in found.text


GOOD = {
    "no sinks, for a key that the program keeps": replace(MINTED, sinks=[], keep_value=True),
    "no sinks, for an existing key": replace(PLAN, sinks=[]),
    "a gateway": replace(MINTED, base_urls={"openai": GATEWAY}),
    "a gateway for an existing key": replace(
        MINTED, base_urls={"openai": GATEWAY}, key=KeyFacts(), workspace_region=None, region="cn-beijing"
    ),
    "PrivateLink": replace(MINTED, vpc_id="vpc-a"),
    "a model to call": replace(MINTED, verify_model="m", models=["m"], open_to_world=True),
    "the region said again": replace(MINTED, region="cn-beijing"),
    "models of a workspace that is not known": replace(MINTED, models=["m"], open_to_world=True),
    "models of its workspace": replace(MINTED, models=["m"], workspace_models=["m", "n"], open_to_world=True),
    "isolation in a workspace": replace(MINTED, isolation=True),
    "isolation of a plan's key, which has no workspace": replace(PLAN, isolation=True),
    "another team's host in the region of its key": replace(
        PLAN, domain="dedicated", host="models.example.com", key=KeyFacts(region="ap-southeast-1"), sinks=[KMS]
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_can_be_right_is_let_through(name: str) -> None:
    assert list(problems(GOOD[name])) == []


def test_every_problem_is_told_not_only_the_first() -> None:
    wrong = replace(
        MINTED,
        region="us-east-1",
        protocols=("openai", "grpc", "soap"),
        models=["n"],
        workspace_models=["m"],
        sinks=[SAE, SAE],
        rotation=RotationPolicy(max_age=1, serve_generation=1, revoke_through=1),
        isolation=True,
        verify="off",
    )
    assert [(p.about, p.text.rpartition("[")[2]) for p in problems(wrong) if "[" in p.text] == [
        ("domain", "domain-region]"),
        ("domain", "domain-region]"),
        ("allowed_ips", "open-key]"),
        ("models", "key-models]"),
        ("sinks", "key-needs-vault]"),
        ("rotation", "rotation-periods]"),
        ("rotation", "serve-generation]"),
    ]
    told = [p.about for p in problems(wrong) if "[" not in p.text]
    assert told == ["region", "sinks", "isolation"]
    nowhere = replace(wrong, region=None, workspace_region=None)
    assert next(p.about for p in problems(nowhere)) == "region"
    assert {"sinks", "rotation", "isolation"} <= {p.about for p in problems(nowhere)}


def test_what_is_wrong_for_every_protocol_is_told_once() -> None:
    found = list(problems(replace(MINTED, domain="shard", protocols=("openai", "anthropic"))))
    assert len(found) == 1


def test_a_plan_s_key_without_its_domain_is_told_its_urls_first() -> None:
    first, *_ = problems(replace(PLAN, domain="dedicated", key=KeyFacts(billing_plan="coding_plan")))
    assert first.about == "billing_plan"
    assert "a coding_plan key opens only https://coding-intl." in first.text


def test_a_refused_sink_is_named_by_its_number() -> None:
    numbers = [p.sink for sinks in ([TOOLS, KMS, SAE], [KMS, TOOLS, KMS]) for p in problems(replace(PLAN, sinks=sinks))]
    assert numbers == [1, 2, 2, 0, 2]


def test_every_row_can_be_deployed_by_the_key_that_opens_it() -> None:
    for row in ROWS:
        plan = row.billing_plan != "pay_as_you_go"
        access = Access(
            domain=row.domain,
            protocols=(row.protocol,),
            region=row.region if plan else None,
            workspace_region=None if plan else row.region,
            key=KeyFacts(billing_plan=row.billing_plan, region=row.region) if plan else None,
            sinks=[TOOLS if plan else KMS],
        )
        assert list(problems(access)) == []


def test_an_unknown_region_is_let_through_with_a_host_of_the_user_s_own() -> None:
    there = replace(PLAN, domain="dedicated", region="cn-chengdu")
    assert [p.about for p in problems(there)] == ["domain", "workspace"]
    assert list(problems(replace(there, host="ws-a1.cn-chengdu.maas.aliyuncs.com"))) == []


def test_an_existing_key_alone_needs_no_workspace_on_a_domain_of_the_region() -> None:
    for domain in ("shared", "trial"):
        existing = replace(MINTED, domain=domain, workspace_region=None, region="cn-beijing", key=KeyFacts())
        assert list(problems(existing)) == []


TEXT = st.text(max_size=80) | st.from_regex(r"(sk|st)-[A-Za-z0-9.-]{6,40}", fullmatch=True)


@given(TEXT, TEXT, TEXT, TEXT, st.none() | st.builds(KeyFacts, region=TEXT, workspace=TEXT))
def test_any_text_anywhere_is_let_through_or_named(
    domain: str, region: str, protocol: str, host: str, key: KeyFacts | None
) -> None:
    found = list(problems(Access(domain=domain, protocols=(protocol,), region=region, host=host, key=key)))
    assert found
    for text in (domain, region, protocol, host):
        if text.startswith(("sk-", "st-")):
            assert not [p for p in found if text in p.text]
