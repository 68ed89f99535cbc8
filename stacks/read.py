"""Reads the settings of the current stack, and refuses them with all that is wrong."""

import json
from collections.abc import Sequence

import pulumi
from pulumi.runtime.config import get_config, is_config_secret

from provider.client.shapes import as_object
from stacks import file
from stacks.findings import KEY, Finding, config_names, findings
from stacks.settings import Settings
from stacks.source import Source, with_texts


class SettingsError(pulumi.RunError):
    """The stack file cannot be used; the text lists every reason. Printed without a traceback."""


def load(config: pulumi.Config | None = None) -> Settings:
    """Read and check `model-studio:settings` of the current stack. Raises SettingsError."""
    config = config or pulumi.Config("model-studio")
    text = config.get("settings")
    raw = _read(text)
    name, source = file.find(pulumi.get_stack(), raw)
    if text is None:
        raise SettingsError(f"{KEY} is missing in {name}; see README.md for an example")
    if not isinstance(raw, dict):  # its text would repeat what is there
        raise SettingsError(f"{KEY} in {name} must be a mapping; see README.md for an example")
    secrets = [Finding(path, wrong) for path, named in config_names(as_object(raw)) if (wrong := _wrong_secret(named))]
    return parse(as_object(raw), name, source, secrets)


def secret_value(name: str, where: str) -> pulumi.Output[str]:
    """Return a secret of the stack's configuration, never in clear. Raises SettingsError with `where` it is named.

    One that is set without --secret is in the stack file in clear, and is refused. `load` has looked at all of them.
    """
    config = pulumi.Config("model-studio")
    value, wrong = config.get_secret(name), _wrong_secret(name)
    if value is None or wrong:
        here, _ = file.find(pulumi.get_stack(), _read(config.get("settings")))
        raise SettingsError(f"{here} cannot be deployed:\n  {KEY}.{where}: {wrong}")
    return value


def _wrong_secret(name: str) -> str:
    """Return what is wrong with a secret of the configuration, "" when nothing is."""
    key = f"model-studio:{name}"
    how = f"run `pulumi config set --secret {key}` and type the key when asked"
    if get_config(key) is None:
        return f"{key} is not set; {how}"
    return "" if is_config_secret(key) else f"{key} is in the file in clear, treat it as leaked; {how}"


def rotate_word() -> str | None:
    """Return the configuration value `model-studio:rotate`: each new value rotates scheduled keys once."""
    return pulumi.Config("model-studio").get("rotate")


def parse(raw: object, file_name: str, source: Source | None = None, more: Sequence[Finding] = ()) -> Settings:
    """Check settings that were read from a file. Raises SettingsError with all that is wrong.

    `source`: what is written in the file. `more`: what is wrong with other parts of the configuration.
    """
    written = [] if source is None else [Finding(path, text) for path, text in source.problems]
    settings, found = findings(raw if source is None else with_texts(source.value, raw))
    wrong = [*written, *(f for f in found if not f.is_warning), *more]
    if settings is None or wrong:
        raise SettingsError("\n  ".join([f"{file_name} cannot be deployed:", *dict.fromkeys(f.line for f in wrong)]))
    return settings


def _read(text: str | None) -> object:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None
