"""The local driver on the real engine and the real emulator, with a small project in place of the checkout."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.engine_harness import ROOT, command_line, processes_below
from tests.tools.test_find import executable
from tools.local import emulator, plugin
from tools.local.place import LocalError, Place
from tools.local.ports import MAIN, WRITTEN, chosen, put_in
from tools.local.stack import environment, services, write_config

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tools.engine import Engine

PROGRAM = """
import json, os
import pulumi
from pulumi import Output

config = pulumi.Config("model-studio")
pulumi.export("inference", config.require_object("settings")["endpoints"]["inference"])
pulumi.export("credentials", os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"])

class Blocking(pulumi.CustomResource):
    def __init__(self, name):
        super().__init__("blocking:index:Blocking", name, {})

Blocking("one")
"""
STACK = """
config:
  model-studio:settings:
    services:
      b: { config: [ { sae: { namespace: "cn-hongkong:other", config_map: b } } ] }
      a:
        workspace: chat
        config:
          - { sae: { namespace: "cn-beijing:local", config_map: a } }
          - { nacos: { instance_id: mse-b, data_id: a.json } }
          - { nacos: { instance_id: mse-a, namespace: team, region: us-east-1, data_id: a.json } }
    workspaces: { chat: { region: cn-beijing } }
    endpoints: { inference: "http://127.0.0.1:18080/_host", kms: "http://127.0.0.1:19999" }
"""


class Project:
    """A checkout in small: a Pulumi project with a stack file, a plugin that waits for leave, and `.local`."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self.place = Place(folder)
        (folder / "stacks").mkdir(parents=True)
        (folder / "stacks" / "Pulumi.local.yaml").write_text(STACK)
        (folder / "__main__.py").write_text(PROGRAM)
        blocking = ROOT / "tests" / "data" / "blocking_program"
        python = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")}}
        project = {
            "name": "small",
            "runtime": python,
            "stackConfigDir": "stacks",
            "plugins": {"providers": [{"name": "blocking", "path": str(blocking / "provider")}]},
        }
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        # Stands for a published plugin that is installed: it is found, and never needed by this program.
        executable(folder / "bin" / "pulumi-resource-alicloud", "exit 1")
        base = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        self.environment = {
            **engine.environment(base),
            "BLOCKING_DIRECTORY": str(folder),
            # Must not reach the engine: the emulator would refuse them, a proxy would lead elsewhere.
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "somebody-else",
            "https_proxy": "http://127.0.0.1:9",
        }

    def start(self, command: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tools.local", "--project", str(self.folder), command, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    def run(self, command: str, *arguments: str) -> tuple[int, str]:
        process = self.start(command, *arguments)
        text, _ = process.communicate(timeout=120)
        return process.returncode, text

    def leave(self) -> None:
        (self.folder / "leave").touch()

    def in_create(self, process: subprocess.Popen[str], times: int = 1) -> None:
        began = self.folder / "began"
        deadline = time.monotonic() + 60
        while not began.exists() or began.read_text().count("\n") < times:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads(self.place.emulator_record.read_text())
        return record


def engine_below(process: subprocess.Popen[str]) -> int:
    return next(pid for pid, line in processes_below(process.pid).items() if "/pulumi up " in line)


@pytest.fixture
def project(tmp_path: Path, engine: Engine) -> Generator[Project]:
    project = Project(tmp_path / "project", engine)
    yield project
    emulator.stop(project.place)


@pytest.mark.engine
def test_up_up_down(project: Project) -> None:
    project.leave()
    code, text = project.run("up")
    assert code == 0, text
    first = project.record()
    ports = json.loads(project.place.ports.read_text())
    assert f'"inference": "http://127.0.0.1:{ports[MAIN]}/_host"' in text
    assert '"credentials": "emulator-access-key"' in text
    assert text.splitlines()[-1] == "Call a model with what was delivered: .venv/bin/python -m tools.call b"
    assert project.place.passphrase.stat().st_mode & 0o777 == 0o600
    assert "encryptionsalt: v1:" in project.place.config.read_text()
    assert sorted(file.name for file in (project.folder / "stacks").iterdir()) == ["Pulumi.local.yaml"]

    code, text = project.run("up")
    assert code == 0, text
    assert "2 unchanged" in text
    assert project.record() == first
    assert command_line(first["pid"])

    code, text = project.run("down")
    assert code == 0, text
    assert not command_line(first["pid"])
    assert not project.place.directory.exists()
    assert project.run("down") == (0, "down: nothing is up\n")


@pytest.mark.engine
def test_up_after_the_engine_was_killed_goes_on(project: Project) -> None:
    process = project.start("up")
    project.in_create(process)
    os.kill(engine_below(process), signal.SIGKILL)
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 137, text
    assert "up: the engine was killed (signal 9); run `make up`" in text.splitlines()[-1]

    project.leave()
    code, text = project.run("up")
    assert code == 0, text
    assert "up: an earlier run was killed and left the stack locked; taking the lock away and going on" in text
    assert "up: an earlier run was cut off while it made one" in text
    code, text = project.run("up")
    assert code == 0, text
    assert "earlier run" not in text
    assert "pending" not in text
    assert "2 unchanged" in text


@pytest.mark.engine
def test_ctrl_c_is_passed_on_once_and_waited_for(project: Project) -> None:
    process = project.start("up")
    project.in_create(process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    time.sleep(0.3)  # not to be right, but to give a driver that does not wait the time to end
    assert process.poll() is None, process.communicate()[0]
    second = project.run("up")
    assert second == (1, "up: another `make up` or `make down` is at work here; wait for it, then try again\n")
    project.leave()
    text, _ = process.communicate(timeout=60)
    assert process.returncode not in (0, 137), text
    assert "Traceback" not in text
    assert "up: not done; the reason stands above." in text.splitlines()[-1]
    # The engine ended in order: what was begun is in the state, and nothing is locked.
    code, text = project.run("up")
    assert code == 0, text
    assert "earlier run" not in text
    assert (project.folder / "began").read_text().count("\n") == 1


@pytest.mark.engine
def test_living_engine_is_not_unlocked(project: Project) -> None:
    process = project.start("up")
    project.in_create(process)
    pulumi = engine_below(process)
    process.kill()
    process.wait()
    code, text = project.run("up")
    assert code == 1
    assert (
        text.splitlines()[-1] == f"up: pulumi (process {pulumi}) is at work on the stack; wait for it, then try again"
    )
    project.leave()
    assert process.stdout is not None
    process.stdout.read()  # ends when that engine does
    process.stdout.close()
    code, text = project.run("up")
    assert code == 0, text


@pytest.mark.engine
def test_lost_passphrase_and_broken_stack_file_are_told_in_one_line(project: Project) -> None:
    project.leave()
    code, text = project.run("up")
    assert code == 0, text
    passphrase = project.place.passphrase.read_text()
    drop = "tools.local down --forget`"

    project.place.passphrase.unlink()
    for _ in range(2):
        code, text = project.run("up")
        assert (code, text.count("\n")) == (1, 1), text
        assert f"{project.place.passphrase}, the passphrase of the stack, is gone." in text
        assert drop in text
    project.place.passphrase.write_text("another")
    code, text = project.run("up")
    assert code != 0
    assert "incorrect passphrase" in text
    assert drop in text.splitlines()[-1]
    project.place.passphrase.write_text(passphrase)

    source = project.folder / "stacks" / "Pulumi.local.yaml"
    source.write_text("config:\n  a: [1\n  b: 2\n")
    code, text = project.run("up")
    assert (code, text.count("\n")) == (1, 1), text
    assert text.startswith(f"up: {source}:3:4: not valid YAML: ")
    code, text = project.run("down")
    assert code == 0, text
    assert "going by the stack file of the last `make up`" in text
    assert not project.place.directory.exists()


@pytest.mark.engine
def test_taken_port_is_named_and_its_owner_left_alone(project: Project) -> None:
    project.place.prepare()
    ports = chosen(project.place)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports["cn-beijing"]))
        taken.listen()
        code, text = project.run("up")
        assert code == 1
        assert "up: the emulator did not start" in text
        assert str(ports["cn-beijing"]) in text
        assert "Traceback" not in text
        assert project.run("down", "--forget")[0] == 0
    assert not project.place.directory.exists()


def test_process_under_a_recorded_id_that_is_not_the_emulator_is_left_alone(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.prepare()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        record = {"pid": stranger.pid, "port": port, "instance": "x"}
        place.emulator_record.write_text(json.dumps(record))
        assert emulator.running(place) is None
        assert emulator.stop(place) is False
        assert stranger.poll() is None
        stranger.kill()


def test_emulator_of_another_folder_on_our_port_is_left_alone(tmp_path: Path) -> None:
    theirs, ours = Place(tmp_path / "theirs"), Place(tmp_path / "ours")
    theirs.prepare()
    ours.prepare()
    ports = chosen(theirs)
    assert emulator.ensure_running(theirs, ports, []) is True
    try:
        record = json.loads(theirs.emulator_record.read_text())
        ours.emulator_record.write_text(json.dumps({**record, "instance": "another"}))
        assert emulator.stop(ours) is False
        assert emulator.running(theirs) == record["pid"]
        with pytest.raises(LocalError, match="did not start"):
            emulator.ensure_running(ours, ports, [])
    finally:
        assert emulator.stop(theirs) is True
    assert not command_line(record["pid"])


@pytest.mark.parametrize("record", [None, '{"pid": 1, "port": 1, "instance": "x"}'])
def test_emulator_is_found_again_whatever_the_record_says(tmp_path: Path, record: str | None) -> None:
    place = Place(tmp_path)
    place.prepare()
    ports = chosen(place)
    emulator.ensure_running(place, ports, [])
    try:
        said = place.emulator_record.read_text()
        place.emulator_record.unlink()
        if record is not None:
            place.emulator_record.write_text(record)
        assert emulator.ensure_running(place, ports, []) is False
        assert place.emulator_record.read_text() == said
    finally:
        assert emulator.stop(place) is True


def test_emulator_that_does_not_answer_is_named_kept_on_record_and_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulator, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(emulator, "ASK_SECONDS", 0.1)
    monkeypatch.setattr(emulator, "STOP_SECONDS", 1.0)
    place = Place(tmp_path)
    place.prepare()
    ports = chosen(place)
    emulator.ensure_running(place, ports, [])
    said = place.emulator_record.read_text()
    pid = json.loads(said)["pid"]
    try:
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(LocalError, match=rf"process {pid}\) runs, but does not answer .* `kill -9 {pid}`"):
            emulator.ensure_running(place, ports, [])
        assert place.emulator_record.read_text() == said
        os.kill(pid, signal.SIGCONT)
        monkeypatch.setattr(emulator, "ANSWER_SECONDS", 30.0)
        assert emulator.ensure_running(place, ports, []) is False
        os.kill(pid, signal.SIGSTOP)
    finally:
        assert emulator.stop(place) is True
    assert not command_line(pid)


def test_emulator_that_cannot_be_ended_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "STOP_SECONDS", 0.1)

    def lost(pid: int, number: int) -> None:
        del pid, number

    monkeypatch.setattr(os, "kill", lost)
    place = Place(tmp_path)
    place.prepare()
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "print(flush=True); input()",
            "-m",
            "emulator",
            "--state",
            str(place.emulator_state),
            "--port",
            "1",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as stuck:
        assert stuck.stdout is not None
        stuck.stdout.readline()
        with pytest.raises(LocalError, match=rf"process {stuck.pid}\) does not end"):
            emulator.stop(place)
        stuck.communicate(b"\n")


def test_ports_are_chosen_once_and_differ(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.prepare()
    ports = chosen(place)
    assert list(ports) == list(WRITTEN)
    assert len(set(ports.values())) == len(ports)
    assert chosen(place) == ports


def test_every_loopback_port_of_the_committed_stack_file_is_replaced() -> None:
    text = (ROOT / "stacks" / "Pulumi.local.yaml").read_text()
    ports = {name: 40000 + number for number, name in enumerate(WRITTEN)}
    before, after = (flat(yaml.safe_load(one)) for one in (text, put_in(text, ports)))
    assert before.keys() == after.keys()
    for path, address in before.items():
        region = path.rpartition(".")[2]
        assert after[path] != address, path
        assert after[path].startswith(f"http://127.0.0.1:{ports.get(region, '')}"), path


def flat(stack_file: Any) -> dict[str, str]:
    """The endpoints of a stack file: {product or product.region: address}."""
    endpoints: dict[str, Any] = stack_file["config"]["model-studio:settings"]["endpoints"]
    found: dict[str, str] = {}
    for product, address in endpoints.items():
        if isinstance(address, str):
            found[product] = address
        else:
            found.update({f"{product}.{region}": one for region, one in address.items()})
    return found


def test_stack_file_keeps_other_ports_and_names_the_namespaces(tmp_path: Path, engine: Engine) -> None:
    project = Project(tmp_path / "project", engine)
    project.place.prepare()
    options = write_config(project.place, {**WRITTEN, MAIN: 40000})
    assert options == [
        "--mse-instance=cn-beijing:mse-b",
        "--mse-instance=us-east-1:mse-a",
        "--nacos-namespace=mse-a:team",
        "--sae-namespace=cn-beijing:local",
        "--sae-namespace=cn-hongkong:other",
    ]
    endpoints = yaml.safe_load(project.place.config.read_text())["config"]["model-studio:settings"]["endpoints"]
    assert endpoints == {"inference": "http://127.0.0.1:40000/_host", "kms": "http://127.0.0.1:19999"}
    assert project.place.config.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "sink",
    [
        "{ sae: {} }",
        "{ sae: { namespace: } }",
        "{ sae: { namespace: [1] } }",
        "{ sae: [] }",
        "{ sae: text }",
        "{ nacos: { instance_id: mse-a, region: mars-1 } }",
        "{ nacos: { instance_id: [1], region: us-east-1 } }",
        "text",
    ],
)
def test_a_sink_that_cannot_be_right_is_left_to_the_program(tmp_path: Path, engine: Engine, sink: str) -> None:
    project = Project(tmp_path / "project", engine)
    project.place.prepare()
    sinks = f"[ {sink}, {{ sae: {{ namespace: 'cn-beijing:a' }} }} ]"
    source = project.folder / "stacks" / "Pulumi.local.yaml"
    source.write_text(f"config: {{ 'model-studio:settings': {{ services: {{ x: {{ config: {sinks} }} }} }} }}")
    assert write_config(project.place, WRITTEN) == ["--sae-namespace=cn-beijing:a"]


@pytest.mark.parametrize("text", ["", "config:", "config: { model-studio:settings: { services: } }", "[]"])
def test_stack_file_without_services_has_none(tmp_path: Path, text: str) -> None:
    place = Place(tmp_path)
    place.prepare()
    place.config.write_text(text)
    assert services(place) == []


def test_environment_has_the_emulators_credentials_and_no_proxy(tmp_path: Path, engine: Engine) -> None:
    base = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "mine",
        "ALIBABA_CLOUD_PROFILE": "mine",
        "ALICLOUD_ACCESS_KEY": "mine",
        "PULUMI_ACCESS_TOKEN": "mine",
        "HTTPS_PROXY": "http://proxy",
        "http_proxy": "http://proxy",
        "LANG": "C",
        "PATH": "/bin",
    }
    env = environment(Place(tmp_path), engine, base)
    assert env["ALIBABA_CLOUD_ACCESS_KEY_ID"] == "emulator-access-key"
    assert env["LANG"] == "C"
    assert not {"ALIBABA_CLOUD_PROFILE", "ALICLOUD_ACCESS_KEY", "PULUMI_ACCESS_TOKEN"} & set(env)
    assert not {"HTTPS_PROXY", "http_proxy"} & set(env)
    assert env["PATH"] == f"{engine.path_dir}:/bin"


def test_downloaded_plugins_outlive_down_and_others_do_not(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.prepare()
    plugin.write_standin(place.plugins)
    executable(place.plugins / "resource-alicloud-v4.1.0" / plugin.EXECUTABLE, "")
    place.remove()
    assert [str(path.relative_to(place.directory)) for path in sorted(place.directory.rglob("*"))] == [
        "pulumi",
        "pulumi/plugins",
        "pulumi/plugins/resource-alicloud-v4.1.0",
        "pulumi/plugins/resource-alicloud-v4.1.0/pulumi-resource-alicloud",
    ]


def test_plugin_in_the_users_home_is_linked(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "project")
    place.prepare()
    theirs = executable(tmp_path / "home" / "plugins" / "resource-alicloud-v4.0.1" / plugin.EXECUTABLE, "")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    plugin.ensure_plugin(place, engine, {"PATH": "/bin"})
    assert (place.plugins / "resource-alicloud-v4.0.1" / plugin.EXECUTABLE).resolve() == theirs
    place.remove()
    assert not place.directory.exists()
    assert theirs.exists()
    assert capsys.readouterr().out == ""


@pytest.mark.engine
def test_engine_takes_the_standin_from_the_plugin_cache_without_a_warning(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "project")
    place.prepare()
    env = environment(place, engine, {"PATH": "/bin", "https_proxy": "http://127.0.0.1:9"})
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "nowhere"))
    # A download that cannot succeed, whatever the machine reaches.
    fails = executable(tmp_path / "fails" / "pulumi", "exit 1").parent
    plugin.ensure_plugin(place, replace(engine, path_dir=fails), env)
    assert capsys.readouterr().out.count("the stand-in of this project serves instead\n") == 1
    listed = subprocess.run([engine.pulumi, "plugin", "ls", "--json"], env=env, capture_output=True, check=True)
    assert [(p["name"], p["version"]) for p in json.loads(listed.stdout)] == [("alicloud", "4.0.0")]
    plugin.ensure_plugin(place, replace(engine, path_dir=fails), env)
    assert capsys.readouterr().out == ""
