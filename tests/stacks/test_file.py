"""Which file settings were read from, and what is written there, where the engine hands on the values alone."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.runtime import config

from stacks import file
from stacks.read import SettingsError, load
from tests.stacks.cases import BASE

STACK = "stack"  # what pulumi calls it where no engine runs


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stacks").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pulumi.get_stack", lambda: STACK)


def written(text: str, name: str = f"stacks/Pulumi.{STACK}.yaml") -> Any:
    """Write a file, and return its settings as the engine would hand them on."""
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    settings = yaml.safe_load(text)["config"]["model-studio:settings"]
    config.set_all_config({"model-studio:settings": json.dumps(settings)}, [])
    return settings


def test_the_stack_s_own_file_is_named_with_the_text_as_written() -> None:
    written(f"{BASE}    secret_deletion: {{ recovery_window_days: 010 }}\n")
    with pytest.raises(SettingsError, match=f"^stacks/Pulumi.{STACK}.yaml cannot .*\n.*days: 010: YAML reads 8 there"):
        load()


def test_a_config_file_of_the_command_line_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written(BASE)
    written(BASE.replace("cn-beijing", "mars"), "other/mine.yaml")
    process = tmp_path / "proc"
    process.mkdir()
    (process / "cwd").symlink_to(tmp_path)
    monkeypatch.setattr(file, "_ancestors", lambda: iter([process]))
    for words in (["pulumi", "up", "--config-file", "other/mine.yaml"], ["pulumi", "--config-file=other/mine.yaml"]):
        (process / "cmdline").write_bytes("\0".join([*words, ""]).encode())
        with pytest.raises(SettingsError, match="^other/mine.yaml cannot be deployed"):
            load()


def test_where_no_file_holds_the_settings_none_is_claimed() -> None:
    written(BASE.replace("cn-beijing", "mars"), "other/mine.yaml")
    Path("stacks", f"Pulumi.{STACK}.yaml").write_text(BASE)
    with pytest.raises(SettingsError, match="^the configuration of stack stack .not stacks/Pulumi.stack.yaml, which"):
        load()


def test_a_file_made_for_the_stack_local_names_the_one_to_edit() -> None:
    settings = written(BASE, ".local/Pulumi.local.yaml")
    said = Path(".local/Pulumi.local.yaml")
    assert file.named(said.absolute()) == ".local/Pulumi.local.yaml, made from stacks/Pulumi.local.yaml"
    assert settings


def test_a_name_that_was_null_is_told_without_the_file() -> None:
    settings = yaml.safe_load(BASE)["config"]["model-studio:settings"]
    settings["services"]["<nil>"] = settings["services"].pop("gw")
    config.set_all_config({"model-studio:settings": json.dumps(settings)}, [])
    with pytest.raises(SettingsError, match='services.null: without quotes YAML reads nothing there; .*"null"'):
        load()
