"""The calls of the LanguageRuntime protocol that programs, local plugins and `pulumi install` need."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2
from typing_extensions import override

from .children import Children, end, output
from .environment import Environment, EnvironmentProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "3.259.0"
"""Of the official host that this one stands for."""

EXECUTOR = "pulumi-language-python-exec"
SHOWN_ALREADY = 32
"""Exit code of the executor for: the error was reported to the engine, say no more."""


class Host(language_pb2_grpc.LanguageRuntimeServicer):
    """One host serves one engine. Calls without a method here are answered UNIMPLEMENTED by the base class."""

    def __init__(self, engine_address: str, executor: Path, children: Children) -> None:
        self._engine_address = engine_address
        self._executor = executor
        self._children = children

    @override
    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Agree on nothing: the engine's address came as an argument."""
        del request, context
        return language_pb2.LanguageHandshakeResponse()

    @override
    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Say which version this host stands for."""
        del request, context
        return plugin_pb2.PluginInfo(version=VERSION)

    @override
    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """List the plugins behind the installed `pulumi-*` distributions."""
        environment = _environment(request.info, context)
        packages: list[plugin_pb2.PackageDependency] = []
        for distribution in environment.distributions():
            plugin = distribution["plugin"]
            if plugin is None or not plugin.get("resource"):
                continue
            name = distribution["name"].lower().replace("_", "-").removeprefix("pulumi-")
            packages.append(
                plugin_pb2.PackageDependency(
                    kind="resource",
                    name=plugin.get("name") or name,
                    version=plugin.get("version") or distribution["version"],
                    server=plugin.get("server", ""),
                )
            )
        return language_pb2.GetRequiredPackagesResponse(packages=packages)

    @override
    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        """Run the program to its end, with its configuration in its environment."""
        info = request.info
        environment = _environment(info, context)
        entry = info.entry_point if info.entry_point not in ("", ".") else info.program_directory
        command = [
            *(environment.python, "-u", str(self._executor)),
            *("--monitor", request.monitor_address, "--engine", self._engine_address),
            *("--project", request.project, "--stack", request.stack, "--organization", request.organization),
            *("--pwd", request.pwd, "--root_directory", info.root_directory),
            *("--dry_run", "true" if request.dryRun else "false", "--parallel", str(request.parallel)),
            *(entry, *request.args),
        ]
        variables = environment.variables(os.environ)
        variables["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        variables["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
        with self._children.started(command, cwd=request.pwd, env=variables) as program:
            context.add_callback(functools.partial(end, [program]))
            code = program.wait()
        if code == 0:
            return language_pb2.RunResponse()
        # Below zero: stopped by a signal, that is by this host, because the engine wanted it. It knows why.
        if code == SHOWN_ALREADY or code < 0:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {code}")

    @override
    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a plugin written in Python and pass on what it prints, until it ends or the engine hangs up."""
        directory = request.info.program_directory
        environment = _environment(request.info, context, plugin=True)
        base = dict(entry.split("=", 1) for entry in request.env) or dict(os.environ)
        command = [environment.python, "-u", directory, *request.args]
        variables = environment.variables(base)
        with self._children.started(command, cwd=request.pwd, env=variables, piped=True) as plugin:
            context.add_callback(functools.partial(end, [plugin]))
            for stream, piece in output(plugin):
                if stream == "stdout":
                    yield language_pb2.RunPluginResponse(stdout=piece)
                else:
                    yield language_pb2.RunPluginResponse(stderr=piece)
            yield language_pb2.RunPluginResponse(exitcode=plugin.wait())

    @override
    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Make the virtual environment where it is missing, and install requirements.txt into it."""
        info = request.info
        environment = _environment(info, context, plugin=request.is_plugin)
        commands: list[list[str]] = []
        if environment.virtualenv is not None and not (environment.virtualenv / "bin" / "python").exists():
            python = Environment(None).python
            commands.append([python, "-m", "venv", str(environment.virtualenv)])
        requirements = Path(info.program_directory) / "requirements.txt"
        if requirements.exists():
            python = str(environment.virtualenv / "bin" / "python") if environment.virtualenv else environment.python
            commands.append([python, "-m", "pip", "install", "--disable-pip-version-check", "-r", str(requirements)])
        for command in commands:
            variables = environment.variables(os.environ)
            with self._children.started(command, cwd=info.program_directory, env=variables, piped=True) as step:
                context.add_callback(functools.partial(end, [step]))
                for stream, piece in output(step):
                    if stream == "stdout":
                        yield language_pb2.InstallDependenciesResponse(stdout=piece)
                    else:
                        yield language_pb2.InstallDependenciesResponse(stderr=piece)
                if step.wait() != 0:
                    context.abort(grpc.StatusCode.UNKNOWN, f"`{' '.join(command)}` ended with {step.returncode}")

    @override
    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        """Say which interpreter the program has, and its version."""
        python = _environment(request.info, context).python
        done = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
        return language_pb2.AboutResponse(executable=python, version=done.stdout.strip().removeprefix("Python "))

    @override
    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """List every installed distribution: pip keeps no note of which ones were asked for."""
        response = language_pb2.GetProgramDependenciesResponse()
        for distribution in _environment(request.info, context).distributions():
            response.dependencies.add(name=distribution["name"], version=distribution["version"])
        return response

    @override
    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Do nothing: a plugin may be in the middle of a create, whose end the engine waits for.

        The engine ends programs and plugins itself, by hanging up or by stopping this host.
        """
        del request, context
        return empty_pb2.Empty()


def _environment(info: language_pb2.ProgramInfo, context: grpc.ServicerContext, *, plugin: bool = False) -> Environment:
    options: dict[str, Any] = json_format.MessageToDict(info.options)
    try:
        environment = Environment.of(info.root_directory, options, plugin=plugin)
    except EnvironmentProblemError as problem:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(problem))
    return environment
