"""The language host, over its real protocol: each call that the engine makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from tests.engine_harness import ROOT, processes_below
from tests.tools.test_find import executable
from tools.engine.host_install import HOST_PYTHON, install_host
from tools.engine.model import LANGUAGE_HOST, PINNED

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

# Stands for the SDK's executor: reports how it was started, then ends as the program (its last argument) says.
EXECUTOR = """
import json, os, pathlib, sys
facts = {"arguments": sys.argv[1:], "config": os.environ["PULUMI_CONFIG"], "cwd": os.getcwd(),
         "secret_keys": os.environ["PULUMI_CONFIG_SECRET_KEYS"], "venv": os.environ["VIRTUAL_ENV"]}
pathlib.Path("facts.json").write_text(json.dumps(facts))
exec((pathlib.Path(sys.argv[-1]) / "__main__.py").read_text())
"""


class Served:
    """A host and a connection to it."""

    def __init__(self, folder: Path, process: subprocess.Popen[str], channel: grpc.Channel) -> None:
        self.folder = folder
        self.process = process
        self.call: Any = language_pb2_grpc.LanguageRuntimeStub(channel)
        self.channel = channel

    def info(self, **options: str) -> language_pb2.ProgramInfo:
        struct = struct_pb2.Struct()
        struct.update(options or {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")})
        return language_pb2.ProgramInfo(
            root_directory=str(self.folder), program_directory=str(self.folder), entry_point=".", options=struct
        )

    def program(self, text: str) -> None:
        (self.folder / "__main__.py").write_text(text)

    def run_request(self, **fields: Any) -> language_pb2.RunRequest:
        return language_pb2.RunRequest(info=self.info(), pwd=str(self.folder), project="p", stack="s", **fields)

    def plugin_request(self) -> language_pb2.RunPluginRequest:
        return language_pb2.RunPluginRequest(
            info=self.info(), pwd=str(self.folder), args=["127.0.0.1:1"], env=["GIVEN=yes=really"]
        )


@contextmanager
def serving(tmp_path: Path, *, under: Iterable[str] = ()) -> Generator[Served]:
    """A host as the engine starts it; `under` is a command that starts it in the engine's stead."""
    engine = executable(tmp_path / "built" / "pulumi", f"echo v{PINNED}")
    (tmp_path / "executor").write_text(EXECUTOR)
    executor = (tmp_path / "executor").rename(tmp_path / "pulumi-language-python-exec")
    directory = install_host(tmp_path / "cache", engine=engine, scripts=[executor])
    folder = tmp_path / "program"
    folder.mkdir()
    environment = {"PATH": os.environ["PATH"], HOST_PYTHON: sys.executable}
    command = [*under, str(directory / LANGUAGE_HOST), "127.0.0.1:1"]
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Served(folder, process, channel)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def host(tmp_path: Path) -> Generator[Served]:
    with serving(tmp_path) as served:
        yield served


def wait_until(condition: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_tells_the_plugins_behind_installed_packages(host: Served) -> None:
    answer = host.call.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest(info=host.info()))
    assert [(p.kind, p.name, p.version) for p in answer.packages] == [("resource", "alicloud", "4.0.0")]


def test_tells_its_version_and_the_programs_python(host: Served) -> None:
    assert host.call.GetPluginInfo(empty_pb2.Empty()).version == PINNED
    host.call.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:1"))
    about = host.call.About(language_pb2.AboutRequest(info=host.info()))
    assert about.executable == str(ROOT / ".venv" / "bin" / "python")
    assert about.version == ".".join(map(str, sys.version_info[:3]))


def test_tells_installed_distributions(host: Served) -> None:
    answer = host.call.GetProgramDependencies(language_pb2.GetProgramDependenciesRequest(info=host.info()))
    assert ("pulumi", PINNED) in [(one.name, one.version) for one in answer.dependencies]


def test_runs_the_program_with_its_settings(host: Served) -> None:
    host.program("")
    request = host.run_request(
        config={"p:a": "1"}, configSecretKeys=["p:a"], dryRun=True, parallel=7, organization="o", monitor_address="m"
    )
    answer = host.call.Run(request)
    assert (answer.error, answer.bail) == ("", False)
    facts = json.loads((host.folder / "facts.json").read_text())
    arguments = facts["arguments"]
    assert arguments[-1] == str(host.folder)
    assert dict(zip(arguments[:-1:2], arguments[1:-1:2], strict=True)) == {
        "--monitor": "m",
        "--engine": "127.0.0.1:1",
        "--project": "p",
        "--stack": "s",
        "--organization": "o",
        "--pwd": str(host.folder),
        "--root_directory": str(host.folder),
        "--dry_run": "true",
        "--parallel": "7",
    }
    assert json.loads(facts["config"]) == {"p:a": "1"}
    assert json.loads(facts["secret_keys"]) == ["p:a"]
    assert (facts["cwd"], facts["venv"]) == (str(host.folder), str(ROOT / ".venv"))


@pytest.mark.parametrize(
    ("program", "error", "bail"),
    [
        ("sys.exit(32)", "", True),
        ("sys.exit(3)", "Program exited with non-zero exit code: 3", False),
    ],
)
def test_tells_how_the_program_ended(host: Served, program: str, error: str, *, bail: bool) -> None:
    host.program(program)
    answer = host.call.Run(host.run_request())
    assert (answer.error, answer.bail) == (error, bail)


def test_interrupt_ends_the_program_without_a_traceback(tmp_path: Path) -> None:
    with serving(tmp_path) as host:
        host.program("import time; print('program runs', flush=True); time.sleep(60)")
        future = host.call.Run.future(host.run_request())
        assert host.process.stdout is not None
        assert host.process.stdout.readline() == "program runs\n"
        children = processes_below(host.process.pid)
        assert len(children) == 1
        host.process.send_signal(2)
        rest, _ = host.process.communicate(timeout=10)
        assert "Traceback" not in rest
        assert not any(Path(f"/proc/{child}").exists() for child in children)
        future.cancel()


def test_runs_a_plugin_and_passes_on_its_output(host: Served) -> None:
    host.program("import os, sys; print(sys.argv[1], os.environ['GIVEN']); print('e', file=sys.stderr); sys.exit(4)")
    answers = list(host.call.RunPlugin(host.plugin_request()))
    assert b"".join(answer.stdout for answer in answers) == b"127.0.0.1:1 yes=really\n"
    assert b"".join(answer.stderr for answer in answers) == b"e\n"
    assert answers[-1].WhichOneof("output") == "exitcode"
    assert answers[-1].exitcode == 4


def test_cancel_leaves_a_plugin_in_the_middle_of_its_work(host: Served) -> None:
    host.program("import time; print('plugin runs', flush=True); time.sleep(60)")
    answers = host.call.RunPlugin(host.plugin_request())
    assert next(answers).stdout
    host.call.Cancel(empty_pb2.Empty())
    assert len(processes_below(host.process.pid)) == 1
    answers.cancel()


def test_plugin_ends_when_the_engine_hangs_up(host: Served) -> None:
    host.program("import time; print('plugin runs', flush=True); time.sleep(60)")
    answers = host.call.RunPlugin(host.plugin_request())
    said = b""
    while not said.endswith(b"plugin runs\n"):
        said += next(answers).stdout
    assert len(processes_below(host.process.pid)) == 1
    answers.cancel()
    wait_until(lambda: not processes_below(host.process.pid))


@pytest.mark.parametrize("call", ["Run", "RunPlugin"])
def test_nothing_outlives_the_engine(tmp_path: Path, call: str) -> None:
    # A shell in the engine's stead. It must not `exec` the host, so it does something after it.
    with serving(tmp_path, under=["/bin/sh", "-c", '"$@"; true', "sh"]) as host:
        # A program that does not heed SIGTERM, to be sure of the worst case.
        host.program(
            "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "open('runs', 'w').close(); time.sleep(60)"
        )
        if call == "Run":
            pending = host.call.Run.future(host.run_request())
        else:
            pending = host.call.RunPlugin(host.plugin_request())
        wait_until((host.folder / "runs").exists)
        below = processes_below(host.process.pid)
        assert len(below) == 2  # host and program
        host.process.kill()
        wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in below))
        pending.cancel()


def test_install_makes_the_virtual_environment_and_shows_what_pip_says(host: Served) -> None:
    request = language_pb2.InstallDependenciesRequest(info=host.info(virtualenv="fresh"))
    requirements = host.folder / "requirements.txt"
    requirements.write_text("./not-there\n")
    said = b""

    def install() -> None:
        nonlocal said
        for answer in host.call.InstallDependencies(request):
            said += answer.stdout + answer.stderr

    with pytest.raises(grpc.RpcError, match=r"pip install .* ended with 1"):
        install()
    assert b"not-there" in said
    made = (host.folder / "fresh" / "pyvenv.cfg").stat().st_mtime_ns
    requirements.write_text("# nothing\n")
    install()
    assert (host.folder / "fresh" / "pyvenv.cfg").stat().st_mtime_ns == made


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"virtualenv": "nowhere"}, "run `pulumi install`"),
        ({"toolchain": "uv"}, "toolchain uv"),
    ],
)
def test_unusable_environment_is_refused_in_words(host: Served, options: dict[str, str], text: str) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        host.call.Run(language_pb2.RunRequest(info=host.info(**options), pwd=str(host.folder)))
    assert text in str(raised.value)
