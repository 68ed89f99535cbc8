"""Stack files as people write them, each with the words that must be said of it."""

from dataclasses import dataclass

from stacks.check import check

BASE = """\
config:
  model-studio:settings:
    account: { id: "1234567890123456", type: International }
    workspaces:
      chat: { region: cn-beijing, models: [qwen-plus, qwen-turbo] }
    services:
      gw:
        workspace: chat
        secrets:
          - kms: { name: prod/gw }
"""
KEY = "key: { models: [qwen-plus], allowed_ips: [203.0.113.0/24] }"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One file."""

    name: str
    text: str
    says: tuple[str, ...] = ()
    """All of it must be in the lines; none: no line is printed."""
    code: int = 1
    """0: it can be deployed, with or without a warning."""


def with_(name: str, old: str, new: str, *says: str, code: int = 1) -> Case:
    """Return the base with one part of it exchanged."""
    assert old in BASE
    return Case(name=name, text=BASE.replace(old, new), says=says, code=code)


def gw(name: str, line: str, *says: str, code: int = 1) -> Case:
    """Return the base with one more line in its service."""
    return with_(name, "        workspace: chat\n", f"        workspace: chat\n        {line}\n", *says, code=code)


def sink(name: str, entry: str, *says: str, code: int = 1) -> Case:
    """Return the base with another secret sink."""
    return with_(name, "- kms: { name: prod/gw }", f"- {entry}", *says, code=code)


def config(name: str, entry: str, *says: str, code: int = 1) -> Case:
    """Return the base with a config sink."""
    return Case(name=name, text=f"{BASE}        config:\n          - {entry}\n", says=says, code=code)


MODELS = "all, or a list of models"
ACCOUNT = 'id: "1234567890123456"'
CASES: tuple[Case, ...] = (
    Case(name="the base", text=BASE, code=0),
    # A union names all its alternatives.
    gw("a tag that says text", "key: { models: [!!str 1.10], open_to_world: true }", "'1.10' not among the models"),
    gw("one model as a word", "key: { models: qwen-plus }", '"qwen-plus"', MODELS),
    gw("a star", 'key: { models: "*" }', '"*"', MODELS),
    gw("no models", "key: { models: [] }", "[]", MODELS),
    gw("All", "key: { models: All }", '"All"', MODELS),
    gw("nothing after models", "key: { models: }", MODELS),
    with_("a workspace's models as a word", "[qwen-plus, qwen-turbo]", "qwen-plus", "workspaces.chat.models", MODELS),
    gw("an address as a word", "key: { allowed_ips: 203.0.113.7 }", "must be a list, such as [203.0.113.7]"),
    gw("a protocol as a word", "protocols: openai", "must be a list, such as [openai]"),
    with_("a region in capitals", "region: cn-beijing", "region: CN-BEIJING", '"CN-BEIJING"', "write cn-beijing"),
    # Values as YAML made them.
    gw("a model that is a number", "key: { models: [1.10], allowed_ips: [203.0.113.7] }", "1.10: ", '"1.10"', "quotes"),
    gw("a model that is an integer", "key: { models: [4], allowed_ips: [203.0.113.7] }", "4: ", 'quotes: "4"'),
    with_("an account id without quotes", ACCOUNT, "id: 1234567890123456", "1234567890123456", "quotes"),
    with_(
        "an account id in octal", ACCOUNT, "id: 0123456701234567", "0123456701234567: ", 'quotes: "0123456701234567"'
    ),
    with_("an account id with a zero", ACCOUNT, "id: 0123456789012345", "0123456789012345: ", "quotes"),
    Case(
        name="days in octal",
        text=f"{BASE}    secret_deletion: {{ recovery_window_days: 010 }}\n",
        says=("recovery_window_days: 010: YAML reads 8", "write it as a plain decimal number"),
    ),
    Case(
        name="days in hexadecimal",
        text=f"{BASE}    secret_deletion: {{ recovery_window_days: 0x1E }}\n",
        says=("0x1E: YAML reads 30",),
    ),
    with_("a service called null", "      gw:", "      null:", "services.null", '"null"', "quotes"),
    with_("a service called 1.10", "      gw:", "      1.10:", "services.1.10: ", '"1.10"', "1 to 21 small letters"),
    with_("a service called yes", "      gw:", "      yes:", code=0),
    with_(
        "a service called null with more",
        "      gw:",
        "      b: {}\n      null:",
        "services.null: without",
        "b.region: missing",
    ),
    gw("a name that is a date", "verify_model: 2026-01-01", "2026-01-01: without quotes YAML reads a date"),
    gw("yes where a boolean is meant", "isolation: yes", code=0),
    gw("verify: off is a word", "verify: off", code=0),
    gw("a name that YAML takes for true", "verify_model: true", 'quotes: "true"'),
    with_("the same name twice", "      gw:", "      gw: { workspace: chat }\n      gw:", "services.gw: given twice"),
    gw("a host in capitals", "host: WS-ABC.cn-beijing.maas.aliyuncs.com", "lower case", "ws-abc.cn-beijing"),
    gw("a host with its scheme", "host: https://gw.example.com/v1", "without scheme and path: gw.example.com"),
    # Stores lie in any region.
    sink("KMS in Hangzhou", "kms: { name: t/gw, region: cn-hangzhou }", code=0),
    sink("KMS in a finance region", "kms: { name: t/gw, region: cn-shanghai-finance-1 }", code=0),
    sink("an OOS secret in Jakarta", "oos: { name: prod-gw, region: ap-southeast-5 }", code=0),
    config("OOS in Shenzhen", "oos: { name: prod-gw, region: cn-shenzhen }", code=0),
    config("Nacos in Hangzhou", "nacos: { instance_id: mse-1, data_id: a.json, region: cn-hangzhou }", code=0),
    config("SAE in a finance region", 'sae: { namespace: "cn-shanghai-finance-1:prod", config_map: gw }', code=0),
    with_(
        "a key from KMS elsewhere",
        "workspace: chat",
        "workspace: chat\n        key: { from_kms: { name: k, region: cn-hangzhou } }",
        code=0,
    ),
    sink(
        "the key alone in a dedicated instance",
        "kms: { name: a, format: key, instance: kst-1, encryption_key: k }",
        code=0,
    ),
    sink("an instance without a key of it", "kms: { name: a, instance: kst-1 }", "kms.encryption_key: missing"),
    with_(
        "a key from OOS",
        "workspace: chat",
        "workspace: chat\n        key: { from_oos: { name: theirs, field: key } }\n        probe_on_refresh: false",
        code=0,
    ),
    with_(
        "no secret sink",
        "        secrets:\n          - kms: { name: prod/gw }\n",
        "",
        "gw: a minted key",
        "key-needs-vault",
    ),
    sink("a zone", "kms: { name: t/gw, region: cn-hangzhou-b }", '"cn-hangzhou-b"', "id of a region"),
    sink("no region", "kms: { name: t/gw, region: Hangzhou }", '"Hangzhou"', "cn-hangzhou"),
    # Facts that are both in the file.
    gw(
        "a model that the workspace may not call",
        "key: { models: [qwen-max], open_to_world: true }",
        "'qwen-max'",
        "key-models",
    ),
    gw("a verify_model that it may not call", "verify_model: qwen-max", "verify_model", "its workspace may call"),
    # A list of addresses that is none.
    gw("both families", 'key: { models: [qwen-plus], allowed_ips: [0.0.0.0/0, "::/0"] }', "every address", "open-key"),
    gw(
        "two halves", "key: { models: [qwen-plus], allowed_ips: [0.0.0.0/1, 128.0.0.0/1] }", "every address", "open-key"
    ),
    gw("only IPv6", 'key: { models: [qwen-plus], allowed_ips: ["::/0"] }', "every address", "open-key"),
    gw("IPv4 as IPv6", 'key: { models: [qwen-plus], allowed_ips: ["::ffff:0:0/96"] }', "every address", "open-key"),
    gw(
        "all but what nobody calls from",
        "key: { models: [qwen-plus], allowed_ips: [0.0.0.0/1, 128.0.0.0/2, 192.0.0.0/3] }",
        "open-key",
    ),
    gw(
        "private addresses",
        "key: { allowed_ips: [10.0.0.0/8, 203.0.113.7] }",
        "warning: 10.0.0.0/8: private",
        "public addresses",
        code=0,
    ),
    gw("addresses of an office", KEY, code=0),
    # Rotation that must fail.
    gw(
        "an overlap shorter than a cache",
        "rotation: { max_age: 90d, overlap: 5m, soak: 1m }",
        "warning: overlap 5m",
        "kms:cn-beijing/prod/gw",
        "up to an hour",
        code=0,
    ),
    gw("no overlap", "rotation: { overlap: 0s }", "warning: overlap 0s: ", "disabled as soon as", code=0),
    gw("an overlap of an hour", "rotation: { overlap: 1h, soak: 1m }", code=0),
    # Whole files.
    Case(
        name="four problems at once",
        text=BASE.replace("region: cn-beijing", "region: mars").replace(ACCOUNT, "id: 12")
        + "      b: { workspace: none }\n      c: { domain: coding_plan, region: us-east-1, key: { models: all } }\n",
        says=(
            "workspaces.chat.region",
            "account.id: 12",
            "it has chat",
            "b.workspace: 'none' is not a workspace",
            "plan-key-existing",
        ),
    ),
    Case(name="no YAML", text="config:\n\t- a", says=(":2:1: not valid YAML",)),
    Case(name="no settings", text="config: { a: b }\n", says=("model-studio:settings is missing",)),
    Case(name="empty", text="", says=("model-studio:settings is missing",)),
    Case(name="settings that are text", text="config: { 'model-studio:settings': a }\n", says=("must be a mapping",)),
    Case(
        name="encrypted settings",
        text="config:\n  model-studio:settings: { secure: v1:abc }\n",
        says=("warning", "is encrypted"),
        code=0,
    ),
    with_("an encrypted value", "type: International", "type: { secure: v1:abc }", code=0),
    Case(
        name="a key in clear beside the settings",
        text=f"{BASE}  model-studio:planKey: sk-sp-test.a1\n",
        says=("model-studio:planKey: holds a key in clear", "leaked"),
    ),
    gw("a key in the settings", "verify_model: sk-ws-test.a1", "verify_model: looks like a key"),
    with_(
        "a key that is not set beside another problem",
        "workspace: chat",
        "workspace: chat\n        typo: 1\n        key: { from_config: theirs }",
        "gw.typo: unknown",
        "from_config: warning: model-studio:theirs is not set",
    ),
    with_(
        "a key that is not set",
        "workspace: chat",
        "workspace: chat\n        key: { from_config: theirs }",
        "from_config: warning: model-studio:theirs is not set",
        "pulumi config set --secret",
        code=0,
    ),
)


def is_right(case: Case) -> bool:
    """Whether every line that a file needs is there, none for a good file, and no key in any."""
    lines = check(case.text, "FILE")
    text = "\n".join(line.text for line in lines)
    code = 0 if all(line.is_warning for line in lines) else 1
    said = all(word in text for word in case.says) and bool(lines) == bool(case.says)
    return said and code == case.code and "test.a1" not in text


def counts() -> tuple[int, int]:
    """Return how many files there are, and how many get the right lines."""
    return len(CASES), sum(map(is_right, CASES))
