"""What the stores take, and how their places are called."""

import pytest

from catalogue import stores
from catalogue.stores import NameRule, SizeRule, Store, StoreError
from emulator.oos.rules import check_name
from emulator.openapi import Refusal

NAMES: list[tuple[NameRule, list[str], list[str]]] = [
    (
        stores.REGION,
        ["cn-beijing", "us-east-1", "cn-shanghai-finance-1", "ap-southeast-5", "cn-north-2-gov-1", "cn-wuhan-lr"],
        ["", "mars-1", "cn-beijing|us-east-1", "CN-BEIJING", "cn-hangzhou-b", "cn-hangzhou-", "cn_hangzhou"],
    ),
    (stores.PREFIX, ["A_", "QWEN_2_"], ["", "_", "QWEN", "qwen_", "2_", "A" * 32 + "_"]),
    (stores.KMS_SECRET, ["a", "prod/gw_1+=.@-", "n" * 192], ["", "acs/a", "a b", "n" * 193, "ü", "a\n"]),
    (
        stores.OOS_PARAMETER,
        ["ab", "prod/gw_1-", "n" * 180],
        ["a", "n" * 181, "oos-a", "OOSa", "Aliyun-x", "a.b"],
    ),
    (
        stores.SAE_NAMESPACE,
        ["cn-beijing", "cn-beijing:prod", "ap-southeast-1:a1", "cn-shanghai-finance-1:prod"],
        ["x", "cn-beijing:", "a-b:A"],
    ),
    (stores.SAE_CONFIG_MAP, ["a", "gateway_model_studio"], ["", "1a", "a-b", "_a"]),
    (stores.SAE_CONFIG_MAP_ID, ["1", "12345"], ["", "a", "1.0"]),
    (stores.MSE_INSTANCE, ["mse-cn-abc", "mse_1"], ["", "-a", "a/b", "a:b"]),
    (stores.NACOS_NAMESPACE, ["public", "team", "0f-3_a"], ["", "a b", "a:b", "n" * 129]),
    (stores.NACOS_GROUP, ["DEFAULT_GROUP", "a.b:c-d"], ["", "a/b", "g" * 129]),
    (stores.NACOS_DATA_ID, ["gateway.properties", "a:b"], ["", "a b", "a/b", "d" * 257]),
]


@pytest.mark.parametrize(("rule", "good", "bad"), NAMES, ids=[rule.says[:30] for rule, _, _ in NAMES])
def test_names(rule: NameRule, good: list[str], bad: list[str]) -> None:
    for name in good:
        rule.check(name)
    for name in bad:
        with pytest.raises(StoreError, match="^must be ") as refused:
            rule.check(name)
        assert str(refused.value) == f"must be {rule.says}"
    assert rule.source


def test_every_rule_is_in_the_table() -> None:
    rules = [value for value in vars(stores).values() if isinstance(value, NameRule)]
    assert rules == [rule for rule, _, _ in NAMES]


@pytest.mark.parametrize("name", ["ab", "a", "n" * 180, "n" * 181, "OOSa", "acs", "aliyunx", "x/oos", "a.b"])
def test_the_service_agrees_about_parameter_names(name: str) -> None:
    verdicts: list[bool] = []
    for check in (check_name, stores.OOS_PARAMETER.check):
        try:
            check(name)
        except (Refusal, StoreError):
            verdicts.append(False)
        else:
            verdicts.append(True)
    assert len(set(verdicts)) == 1, verdicts


@pytest.mark.parametrize(
    ("store", "fits", "not_any_more"),
    [
        ("kms", "ü" * 15360, "ü" * 15360 + "a"),
        ("oos", "ü" * 4096, "a" * 4097),
        ("sae", "a" * 4096, "ü" * 2049),
        ("nacos", "a" * 102400, "a" * 102401),
    ],
)
def test_sizes_are_counted_in_the_store_s_unit(store: Store, fits: str, not_any_more: str) -> None:
    stores.SIZES[store].check(fits)
    with pytest.raises(StoreError, match=r"the record is \d+ (bytes|characters) long, and \d+ fit") as refused:
        stores.SIZES[store].check(not_any_more)
    assert not_any_more not in str(refused.value)


def test_a_recovery_window_is_counted_in_days() -> None:
    rule = stores.RECOVERY_WINDOW
    rule.check(7)
    rule.check(30)
    for days in (6, 31):
        with pytest.raises(StoreError, match="^must be 7 to 30 days$"):
            rule.check(days)
    assert rule.source


def test_every_size_has_its_source() -> None:
    rules: list[SizeRule] = list(stores.SIZES.values())
    assert len(rules) == 4
    assert all(rule.source for rule in rules)


def test_no_two_kinds_of_place_can_be_confused() -> None:
    places = [
        stores.kms_place("cn-beijing", "a"),
        stores.oos_place("cn-beijing", "a"),
        stores.oos_secret_place("cn-beijing", "a"),
        stores.sae_place("cn-beijing", "a"),
        stores.nacos_place("cn-beijing", "mse-1", "public", "G", "a"),
    ]
    assert len(set(places)) == 5
    assert places[-1] == "nacos:cn-beijing/mse-1/public/G/a"


def test_a_content_type_is_said_or_told_by_the_ending() -> None:
    told = {end: stores.nacos_content_type(f"a{end}", None) for end in (".properties", ".yaml", ".yml", ".json")}
    assert told == {".properties": "properties", ".yaml": "yaml", ".yml": "yaml", ".json": "json"}
    assert stores.nacos_content_type("a.json", "yaml") == "yaml"
    with pytest.raises(StoreError, match="say content_type"):
        stores.nacos_content_type("gateway", None)


@pytest.mark.parametrize(
    ("on_conflict", "number", "says"),
    [("adopt", None, "by its number"), ("fail", "7", "belongs to on_conflict: adopt")],
)
def test_a_config_map_is_adopted_by_its_number(on_conflict: str, number: str | None, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        stores.check_sae_adoption(on_conflict, number)
    stores.check_sae_adoption("adopt", "7")
    stores.check_sae_adoption("fail", None)
