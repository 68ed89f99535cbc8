"""What may stand in a stack file, and what is said about what may not."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The libraries held against ours here ship no types.

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stacks import schema
from stacks.read import SettingsError, parse

STACKS = Path(schema.__file__).parent
FILES = sorted(STACKS.glob("Pulumi.*.yaml"))
GOOD: dict[str, Any] = {
    "account": {"id": "1234567890123456", "type": "International"},
    "workspaces": {
        "chat": {"region": "cn-beijing", "models": ["qwen-plus"]},
        "theirs": {"region": "cn-beijing", "adopt": "ws-2"},
    },
    "services": {
        "gw": {
            "workspace": "chat",
            "protocols": ["openai", "anthropic"],
            "secrets": [{"kms": {"name": "prod/gw"}}],
            "config": [{"sae": {"namespace": "cn-beijing:prod", "config_map": "gw"}}],
        }
    },
}
DOUBLE = dict.fromkeys(("control_plane", "kms", "sae", "sts"), "http://127.0.0.1:1") | {
    "inference": "http://127.0.0.1:1/_host"
}
TWO = [{"kms": {"name": "a"}}, {"kms": {"name": "a"}}]
SAE = {"sae": {"namespace": "cn-beijing:prod", "config_map": "p"}}
NACOS = {"instance_id": "mse-1", "data_id": "a.json"}
PLAN: dict[str, Any] = {
    "domain": "coding_plan",
    "region": "ap-southeast-1",
    "key": {"from_config": "codingPlanKey"},
    "secrets": [{"kms": {"name": "prod/coding", "audience": "tools"}}],
}
ADOPTED = {"workspace": "theirs", "key": {"from_config": "k", "workspace_id": "ws-1"}}
BAD: list[tuple[str, Any, str]] = [
    ("workspaces.chat.region", "mars-1", 'workspaces.chat.region: "mars-1": input should be .cn-beijing., '),
    ("workspaces.chat.region", "mars-1", "workspaces.chat.region: "),
    ("workspaces.chat.service_site", "global", r"workspaces.chat.service_site: .*leave it out, .* \[service-site\]"),
    (
        "workspaces.chat",
        {"region": "us-east-1", "service_site": "us"},
        r"workspaces.chat.service_site: service_site 'us' in us-east-1: .* global .* or united-states ",
    ),
    ("workspaces.chat.name", "n" * 31, "workspaces.chat.name: .*at most 30 characters"),
    ("workspaces.chat.typo", 1, "workspaces.chat.typo: unknown; allowed here: region, models, name, "),
    ("workspaces.Chat", {"region": "cn-beijing"}, "workspaces.Chat: .*must be 1 to 21 small letters"),
    (
        "services.gw.workspace",
        "nope",
        "services.gw.workspace: 'nope' is not a workspace of this file; it has chat, theirs",
    ),
    ("services.gw.domain", "token", "services.gw.domain: \"token\": input should be 'dedicated', 'shared', 'trial', "),
    ("services.gw.domain", "coding_plan", r"gw.workspace: domain coding_plan without a key: .*\[plan-key-existing\]"),
    ("services.gw.protocols", ["grpc"], "protocols.0: .*'openai', 'anthropic', 'dashscope' or 'realtime'"),
    ("services.gw.region", "ap-southeast-1", "gw.region: 'ap-southeast-1', but its workspace is in cn-beijing"),
    ("services.gw.host", "https://h.example.com", "gw.host: .*must be a host name without scheme"),
    ("services.gw.host", "dashscope.aliyuncs.com", "gw.host: host dashscope.* is that of the shared domain"),
    ("services.gw.rotation", {"max_age": 90}, "rotation.max_age: 90 must be a time such as 90d, 12h, 30m or 45s"),
    ("services.gw.rotation", {"max_age": "9d"}, r"gw.rotation: overlap .*is not shorter than .*\[rotation-periods\]"),
    ("services.gw.rotation", {"min_generation": 0}, "rotation.min_generation: 0: .*greater than or equal to 1"),
    ("services.gw.rotation", {"trigger": "daily"}, "rotation.trigger: .*'any_up' or 'scheduled'"),
    ("services.gw.rotation", {"serve_generation": 1, "revoke_through": 1}, r"gw.rotation: .*\[serve-generation\]"),
    ("services.plan", PLAN | {"rotation": {"max_age": "90d"}}, "plan.rotation: an existing key .* leave max_age out"),
    ("endpoints", {**DOUBLE, "clock_offset": "soon"}, "endpoints.clock_offset: .*number"),
    ("services.gw", ["a"], r'services.gw: \["a"\]: must be a mapping'),
    ("services", "gw", 'services: "gw": must be a mapping \\(Services, by name'),
    ("services.gw.secrets", {"kms": {}}, "gw.secrets: .*: must be a list .Places that get keys"),
    ("services.gw.isolation", "maybe", "gw.isolation: .*boolean"),
    ("services.gw.key", {"from_config": "k", "from_kms": {"name": "a"}}, "gw.key: has from_config and from_kms; a"),
    ("services.gw.key", {"from_config": "k", "models": ["m"]}, "gw.key: models cannot be set for an existing key"),
    ("services.gw.key", {"from_config": "k", "open_to_world": True}, "open_to_world cannot be set for an existing key"),
    ("services.gw.key", {"region": "cn-beijing"}, "gw.key: region belongs to an existing key: add from_con"),
    ("services.gw.key", {"workspace_id": "ws-1"}, "gw.key: workspace_id belongs to an existing key: add from_con"),
    ("services.gw.key", {"from_kms": {"name": "prod/gw"}}, "key.from_kms: kms:cn-beijing/prod/gw is the sink at servi"),
    (
        "services.gw",
        {"workspace": "chat", "key": {"from_oos": {"name": "ab"}}, "secrets": [{"oos": {"name": "ab"}}]},
        "gw.key.from_oos: oos-secret:cn-beijing/ab is the sink at services.gw.secrets.0.oos; use a secret",
    ),
    ("services.gw", ADOPTED, r"services.gw.key.workspace_id: a key of workspace 'ws-1' .*\[key-workspace\]"),
    ("services.plan", PLAN | {"isolation": True, "verify": "off"}, "services.plan.isolation: verify: off checks noth"),
    ("workspaces.own", {"region": "cn-beijing", "adopt": "ws-1", "name": "n"}, "has both adopt and name"),
    ("services.gw.workspace", "w" * 100, "services.gw.workspace: given here is not a workspace of this file"),
    (
        "services.gw.key",
        {"billing_plan": "token_plan"},
        "gw.key: billing_plan belongs to an existing key: add from_con",
    ),
    ("services.gw.key", {"from_config": "sk-ws-test.a1"}, "from_config: .*looks like a key"),
    ("services.gw.key", {"from_config": "k", "region": "us-east-1"}, r"gw.key.region: .*us-east-1: .*\[key-region\]"),
    ("services.gw.key", {"from_config": "k", "billing_plan": "token_plan"}, r"gw.key.billing_plan: .*\[billing-plan\]"),
    ("services.plan", PLAN | {"secrets": [{"kms": {"name": "p"}}]}, r"plan.secrets.0.kms: .*\[plan-key-tools\]"),
    ("services.plan", PLAN | {"config": [SAE]}, r"services.plan.config.0.sae: .*\[plan-key-tools\]"),
    ("services.plan", PLAN | {"region": "cn-hongkong"}, r"plan.domain: .* it is in: ap-southeast-1, cn-beijing"),
    (
        "services.plan",
        PLAN | {"region": "cn-chengdu"},
        "plan.domain: region 'cn-chengdu' does not exist; the",
    ),
    ("services.plan", {k: v for k, v in PLAN.items() if k != "region"}, "services.plan.region: missing; say where"),
    ("services.plan", PLAN | {"key": {}}, r"plan.workspace: .*\[plan-key-existing\]"),
    ("services.gw.protocols", ["openai", "openai"], "names openai more than once"),
    ("services.gw.protocols", [], "services.gw.protocols: .*at least 1"),
    ("services.gw.key", {"models": ["qwen-plus"]}, r"services.gw.key: .*open_to_world: true \[open-key\]"),
    ("services.gw.key", {"allowed_ips": ["1.2.3.4/99"]}, "allowed_ips.0: .*must be an address or network"),
    ("services.gw.secrets", TWO, "gw.secrets.1.kms: kms:cn-beijing/a more than once"),
    (
        "services.other",
        {"workspace": "chat", "secrets": [{"kms": {"name": "prod/gw"}}]},
        "other.secrets.0.kms: kms:cn-beijing/prod/gw is also the sink at services.gw.secrets.0.kms",
    ),
    ("services.gw.secrets", [], r"services.gw: a minted key without a secret sink: .*\[key-needs-vault\]"),
    ("services.gw", {"workspace": "chat"}, r"services.gw: a minted key without a secret sink: .*\[key-needs-vault\]"),
    (
        "services.gw",
        {"workspace": "chat", "key": {"from_config": "k"}, "config": [SAE]},
        r"services.gw: config without secrets: .*\[config-needs-secret\]",
    ),
    ("services.gw.secrets", [{"kms": {"name": "a", "format": "yaml"}}], "kms.format: .*'json' or 'key'"),
    (
        "services.gw.secrets",
        [{"kms": {"name": "a", "instance": "kst-1"}}],
        "kms.encryption_key: missing: a secret of a dedicated KMS instance needs a key of that instance",
    ),
    ("services.gw.secrets", [{"oos": {"name": "ab", "instance": "kst-1"}}], "oos.encryption_key: missing: a secret of"),
    ("services.gw.probe_on_refresh", "perhaps", "gw.probe_on_refresh: .*boolean"),
    ("services.gw.keep_value", True, "gw.keep_value: unknown; allowed here: workspace"),
    ("services.gw.key", {"from_oos": {"name": "acs-a"}}, "key.from_oos.name: .*not start with aliyun, acs"),
    ("services.gw.key", {"from_oos": {"name": "ab", "feld": "k"}}, "key.from_oos.feld: unknown; allowed here: region"),
    ("services.gw.secrets", [{"vault": {}}], "secrets.0.vault: unknown; allowed here: kms"),
    (
        "services.gw.secrets",
        [{"kms": {"nme": "a"}}],
        "kms.nme: unknown; allowed here: prefix, on_conflict, on_delete, region, audience, format, encr",
    ),
    ("services.gw.secrets", [{"kms": {"name": "acs/a"}}], "kms.name: .*not start with acs/"),
    ("services.gw.secrets", [{"kms": {"name": "a"}, "oos": {"name": "ab"}}], "secrets.0: has kms and oos; an entry is"),
    ("services.gw.secrets", [{}], "secrets.0: is empty; an entry is exactly one of kms, oos"),
    ("services.gw.secrets", [{"oos": {"name": "acs-a"}}], "oos.name: .*not start with aliyun, acs"),
    ("services.gw.secrets", [{"kms": {"name": "a", "on_conflict": "overwrite"}}], "on_conflict: .*'fail' or 'adopt'"),
    ("services.gw.secrets", [{"kms": {"name": "a", "on_delete": "keep"}}], "on_delete: .*'delete' or 'retain'"),
    (
        "services.gw.config",
        [{"nacos": {**NACOS, "data_id": "gw"}}],
        "config.0.nacos.data_id: 'gw' does not end in .prop",
    ),
    ("services.gw.config", [{"nacos": {**NACOS, "group": "a b"}}], "nacos.group: .*must be 1 to 128 letters"),
    ("services.gw.config", [{"nacos": {"data_id": "a.json"}}], "nacos.instance_id: missing; Id of the MSE instance"),
    (
        "services.gw.config",
        [{"nacos": NACOS}, {"nacos": NACOS}],
        "config.1.nacos: nacos:cn-beijing/mse-1/public/DEFAULT_",
    ),
    (
        "services.gw.config",
        [{"sae": {**SAE["sae"], "on_conflict": "adopt"}}],
        "config.0.sae.config_map_id: missing; SAE",
    ),
    ("services.gw.config", [{"oos": {"name": "gw", "audience": "tools"}}], "oos.audience: unknown; allowed here: "),
    ("services.gw.config", [{"sae": {"config_map": "a"}}], "sae.namespace: missing; Namespace, as cn-beijing:prod"),
    ("services.gw.config", [{"sae": {"namespace": "x", "config_map": "a"}}], "sae.namespace: .*must be <region>:"),
    ("services.gw.config", [{"sae": {"namespace": "cn-beijing", "config_map": "a-b"}}], "start with a letter"),
    ("account.id", 1234, "account.id: 1234: .*in quotes"),
    ("account.role_arn", "acs:ram::9999999999999999:role/r", "role_arn: .* of account 9999999999999999, but id is 123"),
    ("account.access_key", "x", "account.access_key: unknown; allowed here: id, type, profile, role_arn"),
    ("endpoints", {"kms": "http://example.com"}, "endpoints.kms: .*must be https"),
    ("endpoints", {"sae": "https://user@example.com"}, "endpoints.sae: .*scheme://host"),
    ("endpoints", {"sae": "https://example.com/path"}, "endpoints.sae: .*scheme://host"),
    ("endpoints", {"control_plane": {"mars-1": "http://127.0.0.1:1"}}, "mars-1: .*is not a region"),
    ("endpoints", {"control_plane": "http://127.0.0.1:1"}, "endpoints.sts: missing: .*live service"),
    ("endpoints", {**DOUBLE, "kms": {"cn-hongkong": "http://127.0.0.1:1"}}, "endpoints.kms: missing for cn-beijing"),
    ("services.gw.secrets", [{"kms": {"name": "sk-ws-test.a1"}}], "kms.name: .*looks like a key"),
    ("services.gw.key", {"models": ["sk-ws-test.a1"], "open_to_world": True}, "models.0: .*looks like a key"),
    ("secret_deletion", {"recovery_window_days": 3}, "recovery_window_days: 3: .*greater than or equal to 7"),
    ("renamed_from", "dev", "renamed_from: .*must be <organization>/<project>/<stack>"),
]


def changed(path: str, value: Any) -> dict[str, Any]:
    settings = copy.deepcopy(GOOD)
    at: Any = settings
    *parents, last = path.split(".")
    for part in parents:
        at = at[part]
    at[last] = value
    return settings


def test_a_whole_double_is_taken() -> None:
    assert parse(changed("endpoints", DOUBLE), "f").endpoints.inference == "http://127.0.0.1:1/_host"


@pytest.mark.parametrize(
    ("kind", "entry", "missing"),
    [
        ("secrets", {"oos": {"name": "prod-gw"}}, "oos"),
        ("config", {"oos": {"name": "prod-gw"}}, "oos"),
        ("config", {"nacos": NACOS}, "mse"),
    ],
)
def test_a_double_must_cover_every_sink(kind: str, entry: dict[str, Any], missing: str) -> None:
    settings = changed("endpoints", {**DOUBLE})
    settings["services"]["gw"][kind].append(entry)
    with pytest.raises(SettingsError, match=f"endpoints.{missing}: missing: with endpoints given"):
        parse(settings, "f")
    settings["endpoints"][missing] = "http://127.0.0.1:1"
    assert len(parse(settings, "f").services["gw"].sinks) == 3


def test_the_base_of_the_bad_examples_is_good() -> None:
    assert parse(GOOD, "f").services["gw"].secrets[0].sink.place_in("cn-beijing") == "kms:cn-beijing/prod/gw"
    plan = parse({"account": GOOD["account"], "services": {"plan": PLAN}}, "f")
    assert plan.region_of(plan.services["plan"]) == "ap-southeast-1"


def test_times_are_read_as_seconds() -> None:
    said = {"max_age": "90d", "overlap": "12h", "soak": "45s"}
    rotation = parse(changed("services.gw.rotation", said), "f").services["gw"].rotation
    assert rotation
    assert (rotation.max_age, rotation.overlap, rotation.soak) == (90 * 86400, 12 * 3600, 45)


def test_an_existing_key_in_a_region_of_the_user_s_own() -> None:
    own = {**PLAN, "domain": "shared", "region": "cn-chengdu", "host": "models.example.com"}
    settings = parse(changed("services.own", own), "f")
    service = settings.services["own"]
    assert (settings.region_of(service), settings.home_of(service)) == ("cn-chengdu", "cn-beijing")


@pytest.mark.parametrize("product", ["sts", "inference"])
def test_a_double_must_cover_a_stack_of_existing_keys_alone(product: str) -> None:
    alone = {"account": GOOD["account"], "services": {"plan": PLAN}}
    given = {name: address for name, address in DOUBLE.items() if name != product}
    with pytest.raises(SettingsError, match=f"endpoints.{product}: missing: with endpoints given"):
        parse(alone | {"endpoints": given}, "f")


def test_a_double_must_cover_where_existing_keys_lie() -> None:
    existing = {"domain": "shared", "region": "cn-hongkong", "key": {"from_kms": {"name": "k", "region": "us-east-1"}}}
    there = {"cn-beijing": "http://127.0.0.1:1", "us-east-1": "http://127.0.0.1:1"}
    endpoints = {**DOUBLE, "kms": {"cn-beijing": "http://127.0.0.1:1"}}
    settings = changed("services.existing", existing) | {"endpoints": endpoints}
    with pytest.raises(SettingsError, match="endpoints.kms: missing for us-east-1"):
        parse(settings, "f")
    assert parse(settings | {"endpoints": {**DOUBLE, "kms": there}}, "f").services["existing"].key.is_existing


@pytest.mark.parametrize(("path", "value", "says"), BAD, ids=[f"{p}={v!r:.40}" for p, v, _ in BAD])
def test_bad_input_is_refused_with_place_value_and_way_out(path: str, value: Any, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        parse(changed(path, value), "stacks/Pulumi.x.yaml")
    first, *reasons = str(refused.value).splitlines()
    assert first == "stacks/Pulumi.x.yaml cannot be deployed:"
    assert 1 <= len(reasons) <= 5
    assert all(line.startswith("  model-studio:settings.") for line in reasons)


def places(value: Any, path: tuple[str, ...] = ()) -> list[str]:
    """Return every place in settings, as a path with dots."""
    inner: dict[str, Any] = value if isinstance(value, dict) else {}
    return [".".join(path)] * bool(path) + [p for name, v in inner.items() for p in places(v, (*path, name))]


WHOLE: dict[str, Any] = changed("endpoints", DOUBLE) | {"renamed_from": "o/p/s", "secret_deletion": {"force": False}}
WHOLE["account"] |= {"profile": "p", "role_arn": "acs:ram::1234567890123456:role/r"}
WHOLE["workspaces"]["tokyo"] = {"region": "ap-northeast-1", "service_site": "global", "name": "n", "protect": True}
WHOLE["services"]["existing"] = ADOPTED | {"key": {"from_kms": {"name": "k", "field": "f", "region": "cn-beijing"}}}


@pytest.mark.parametrize("key", ["sk-ws-test.a1", "Bearer sk-ws-test.a1", "a_sk-ws-test.a1", "LTAItest0001"])
@pytest.mark.parametrize("path", places(WHOLE))
def test_a_key_in_any_place_is_refused_there_and_not_printed(path: str, key: str) -> None:
    settings = copy.deepcopy(WHOLE)
    at: Any = settings
    *parents, last = path.split(".")
    for part in parents:
        at = at[part]
    before, at[last] = at[last], key
    with pytest.raises(SettingsError, match=f"settings.{path}: looks like a key, which must never stand") as refused:
        parse(settings, "f")
    del at[last]
    at[key] = before
    with pytest.raises(SettingsError, match="looks like a key, which must never stand") as also:
        parse(settings, "f")
    assert key.rsplit(maxsplit=1)[-1] not in f"{refused.value}{also.value}"


def test_a_long_value_is_cut() -> None:
    with pytest.raises(SettingsError, match='"a{79}[.][.][.]: input should be') as refused:
        parse(changed("services.gw.verify", "a" * 500), "f")
    assert len(str(refused.value)) < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([p for p, _, _ in BAD]), JSON)
def test_any_value_anywhere_gives_settings_or_a_readable_error(path: str, value: Any) -> None:
    said = ""
    try:
        parse(changed(path, value), "f")
    except SettingsError as refused:
        said = str(refused)
    assert not said or "model-studio:settings" in said


def test_there_are_committed_stacks() -> None:
    assert {f.name for f in FILES} == {"Pulumi.local.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_every_committed_stack_is_valid_and_completes_in_editors(file: Path) -> None:
    text = file.read_text()
    assert text.startswith("# yaml-language-server: $schema=settings.schema.json\n")
    content = yaml.safe_load(text)
    parse(content["config"]["model-studio:settings"], file.name)
    jsonschema.Draft202012Validator(schema.schema()).validate(content)


def test_only_the_local_stack_points_at_a_double() -> None:
    pointing = [
        f.name for f in FILES if "endpoints" in yaml.safe_load(f.read_text())["config"]["model-studio:settings"]
    ]
    assert pointing == ["Pulumi.local.yaml"]


def test_the_schema_file_is_not_stale() -> None:
    assert schema.FILE.read_text() == schema.text(), "run `python -m stacks.schema`"


def test_the_schema_refuses_an_unknown_key() -> None:
    validator = jsonschema.Draft202012Validator(schema.schema())
    good = {"config": {"model-studio:settings": GOOD}}
    validator.validate(good)
    with pytest.raises(jsonschema.ValidationError, match="typo"):
        validator.validate({"config": {"model-studio:settings": {**GOOD, "typo": 1}}})


def test_every_problem_of_a_file_is_told_at_once() -> None:
    settings = changed("services.gw.key", {"from_config": "k", "from_kms": {"name": "a"}, "models": ["m"]})
    settings["workspaces"]["chat"] = {"region": "cn-beijing", "service_site": "global", "adopt": "ws-1", "name": "n"}
    settings["services"]["b"] = {"workspace": "theirs", "key": {"models": ["m"]}, "config": [SAE, SAE]}
    settings["services"]["c"] = {"workspace": "nope"}
    with pytest.raises(SettingsError) as refused:
        parse(settings, "f")
    told = [line.partition("settings.")[2].partition(": ")[::2] for line in str(refused.value).splitlines()[1:]]
    assert [(place, text[:24]) for place, text in told] == [
        ("workspaces.chat.service_site", "service_site 'global' in"),
        ("workspaces.chat", "has both adopt and name:"),
        ("services.gw.key", "has from_config and from"),
        ("services.gw.key", "models cannot be set for"),
        ("services.b.key", "key with a model list an"),
        ("services.b", "a minted key without a s"),
        ("services.b.config.1.sae", "sae:cn-beijing:prod/p mo"),
        ("services.c.workspace", "'nope' is not a workspac"),
    ]


def with_service(**more: Any) -> Any:
    """Return the service of the good example with some words more."""
    settings = copy.deepcopy(GOOD)
    settings["services"]["gw"] |= more
    return parse(settings, "f").services["gw"]


def test_a_gateway_may_be_given_for_one_protocol_or_for_each() -> None:
    one = with_service(protocols=["openai"], base_url="https://gw.example.com/v1")
    assert one.base_urls == {"openai": "https://gw.example.com/v1"}
    urls = {"openai": "https://a.example.com", "anthropic": "https://b.example.com"}
    assert with_service(protocols=["openai", "anthropic"], base_url=urls).base_urls == urls
    with pytest.raises(SettingsError, match="services.gw.base_url: no URL for anthropic; give one for each"):
        with_service(protocols=["openai", "anthropic"], base_url="https://gw.example.com/v1")
    with pytest.raises(SettingsError, match="services.gw.network.vpc_id: .*must be the id of a VPC"):
        with_service(network={"vpc_id": "net-1"})
