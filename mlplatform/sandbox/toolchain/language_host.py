"""The Python language host: the part of the engine that runs Python.

The official one is a Go module that no package registry serves, so this one answers the same
protocol (``pulumirpc.LanguageRuntime``) on the SDK's own stubs. It runs Pulumi programs, policy
packs and provider plugins, each with the virtual environment that its project file names.
"""

# ruff: noqa: N802, ARG002 - names and arguments are the protocol's

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from mlplatform.sandbox.toolchain import interpreter, packages, versions
from mlplatform.sandbox.toolchain.children import Children
from mlplatform.sandbox.toolchain.executor import BAIL

EXECUTOR = Path(__file__).with_name("executor.py")
_MESSAGE_LIMIT_BYTES = 400 * 1024 * 1024
"""The engine's own limit."""
_WORKERS = 32
"""Each running program, pack and plugin keeps one busy."""
_PARENT_POLL_S = 1.0


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """One host serves one run of the engine; ``engine`` is the engine's address."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._children = Children()
        self.ended = threading.Event()

    def Handshake(self, request: Any, context: Any) -> Any:
        """The engine may tell its address here instead of on the command line."""
        self._engine = request.engine_address or self._engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=versions.ENGINE)

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:
        """Asked by older engines only; the newer call below tells the same."""
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        """Every provider package in the program's environment, used or not."""
        return language_pb2.GetRequiredPackagesResponse(
            packages=[
                plugin_pb2.PackageDependency(
                    name=found["name"], kind="resource", version=f"v{found['version']}"
                )
                for found in self._ask(self._python(request.info, context), "providers")
            ]
        )

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:
        """Everything installed; an environment does not tell what was asked for by name."""
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=found["name"], version=found["version"])
                for found in self._ask(self._python(request.info, context), "distributions")
            ]
        )

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:
        """Asks nothing: projects are not made with this host."""
        return language_pb2.RuntimeOptionsResponse()

    def About(self, request: Any, context: Any) -> Any:
        return language_pb2.AboutResponse(
            executable=sys.executable,
            version=sys.version.split()[0],
            metadata={"host": "mlplatform.sandbox.toolchain.language_host"},
        )

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:
        """Make the virtual environment that the project names and install its requirements.

        A project that names none runs with an environment which is not its own: nothing is
        installed there, and it is told so.
        """
        answer = language_pb2.InstallDependenciesResponse
        folder = Path(request.directory)
        where = interpreter.virtualenv(dict(request.info.options), folder)
        if where is None:
            yield answer(stderr=b"no `virtualenv` in runtime.options: nothing to install into\n")
            return
        python = where / "bin" / "python"
        commands = [] if python.exists() else [[sys.executable, "-m", "venv", str(where)]]
        if (folder / "requirements.txt").exists():
            commands.append([str(python), "-m", "pip", "install", "-r", "requirements.txt"])
        elif (folder / "pyproject.toml").exists():
            commands.append([str(python), "-m", "pip", "install", "-e", "."])
        for command in commands:
            for item in self._children.stream(
                command, folder=str(folder), environ=os.environ, on_cancel=context.add_callback
            ):
                if not isinstance(item, int):
                    yield answer(**{item[0]: item[1]})
                elif item != 0:
                    context.abort(
                        grpc.StatusCode.UNKNOWN, f"{' '.join(command)}: ended with {item}"
                    )

    def Run(self, request: Any, context: Any) -> Any:
        """Run the program to its end. It prints to our own streams, which the engine shows."""
        info = request.info
        python = self._python(info, context)
        named = {
            "monitor": request.monitor_address,
            "engine": self._engine,
            "project": request.project,
            "root_directory": info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd or info.program_directory,
            "dry_run": str(request.dryRun).lower(),
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        flags = [part for name, value in named.items() if value for part in (f"--{name}", value)]
        entry = str(Path(info.program_directory, info.entry_point))
        code = self._children.run(
            [python, "-u", str(EXECUTOR), *flags, entry, *request.args],
            folder=info.program_directory,
            environ={
                **interpreter.activated(os.environ, python),
                "PULUMI_CONFIG": json.dumps(dict(request.config)),
                "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
            },
            on_cancel=context.add_callback,
        )
        if code == 0:
            return language_pb2.RunResponse()
        if code == BAIL:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {code}")

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        """Run a policy pack, or a plugin that is a folder with a Python program.

        What it prints is the engine's to read (the port, first of all), so it is streamed.
        """
        folder = request.info.program_directory
        python = self._python(request.info, context)
        if request.kind == "analyzer":
            engine, *rest = request.args
            command = [python, "-u", "-m", "pulumi.policy", engine, folder, *rest]
        elif Path(folder, "__main__.py").exists():
            command = [python, "-u", folder, *request.args]
        else:
            command = [python, "-u", "-m", "pulumi.run.plugin", request.name, *request.args]
        environ = dict(item.split("=", 1) for item in request.env) or dict(os.environ)
        for item in self._children.stream(
            command,
            folder=request.pwd or folder,
            environ=interpreter.activated(environ, python),
            on_cancel=context.add_callback,
        ):
            if isinstance(item, int):
                yield language_pb2.RunPluginResponse(exitcode=item)
            elif item[0] == "stdout":
                yield language_pb2.RunPluginResponse(stdout=item[1])
            else:
                yield language_pb2.RunPluginResponse(stderr=item[1])

    def Cancel(self, request: Any, context: Any) -> Any:
        """The engine is done with us."""
        self.ended.set()
        return empty_pb2.Empty()

    def stop(self) -> None:
        self._children.stop()

    def _python(self, info: Any, context: Any) -> str:
        try:
            return interpreter.python(
                dict(info.options), Path(info.root_directory or info.program_directory)
            )
        except interpreter.MissingEnvironment as missing:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(missing))
            raise  # abort raises; this only tells the type checker

    def _ask(self, python: str, question: str) -> list[dict[str, str]]:
        if not interpreter.is_ours(python):
            return packages.ask(python, question)
        return packages.installed() if question == "providers" else packages.distributions()


def serve(engine: str) -> int:
    """Answer on a free port, told on stdout, until the engine ends us or is gone itself."""
    host = LanguageHost(engine)
    server = grpc.server(
        futures.ThreadPoolExecutor(_WORKERS),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_LIMIT_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_LIMIT_BYTES),
        ],
    )
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: host.ended.set())
    parent = os.getppid()
    if not _answers(engine):
        return 0  # it was killed before we could tell it by its process
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    while not host.ended.wait(_PARENT_POLL_S):
        if os.getppid() != parent:
            break
    host.stop()
    server.stop(0.1).wait()
    return 0


def _answers(address: str) -> bool:
    """Whether the engine listens; an address that is no address says nothing either way."""
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        return True
    try:
        with socket.create_connection((host, int(port)), timeout=_PARENT_POLL_S):
            return True
    except OSError:
        return False


def main() -> int:
    """``language_host [--log FILE] [flags of the engine] ENGINE_ADDRESS``"""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--log", type=Path)
    known, rest = parser.parse_known_args()
    # What goes wrong in here is for the log: stderr is what the user's program says.
    logging.basicConfig(
        filename=known.log or os.devnull,
        format="%(asctime)s %(process)d %(name)s %(levelname)s %(message)s",
    )
    addresses = [argument for argument in rest if not argument.startswith("-")]
    return serve(addresses[-1] if addresses else "")


if __name__ == "__main__":
    # Threads that still wait for a child's output must not keep the host alive.
    os._exit(main())
