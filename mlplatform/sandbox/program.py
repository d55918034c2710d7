"""The Python environment of the program that runs in the sandbox, which may be anybody's."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from mlplatform.sandbox.errors import UserError
from mlplatform.sandbox.project import Project
from mlplatform.sandbox.toolchain import interpreter, packages

_UNFINISHED = ".mlp-sandbox-unfinished"
"""In an environment of our making whose installation was cut short: only such a one is deleted
and made anew.
"""


class ProgramError(UserError):
    """The program's environment cannot be made; the message says what to do."""


def python_for(project: Project, say: Callable[[str], None]) -> str:
    """The interpreter of the program; its environment is made when ``Pulumi.yaml`` names one
    that is not there, as the official language host does.
    """
    folder = interpreter.virtualenv(project.runtime_options, project.root)
    if folder is not None and _is_to_be_made(folder):
        say(f"making {folder}, the Python environment that Pulumi.yaml names")
        _make(folder, project.root)
    return interpreter.python(project.runtime_options, project.root)


def _is_to_be_made(folder: Path) -> bool:
    """Whether nothing is there, or only what a killed run of ours left. What somebody else made
    is never touched, however broken.
    """
    if (folder / _UNFINISHED).exists():
        return True
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def provider_packages(python: str) -> list[tuple[str, str]]:
    """Name and version of each provider package that the program can import, and of our own.

    Ours too: the policy pack and `mlgap` may ask for them whatever the program has.
    """
    found = packages.installed()
    if not interpreter.is_ours(python):
        found += packages.ask(python)
    return sorted({(package["name"], package["version"]) for package in found})


def _make(folder: Path, root: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _UNFINISHED).touch()
    requirements = next(
        (n for n in ("requirements.txt", "pyproject.toml") if (root / n).exists()), None
    )
    _do([sys.executable, "-m", "venv", str(folder)], root)
    if requirements is not None:
        python = str(folder / "bin" / "python")
        if importlib.util.find_spec("uv") is not None:
            install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python]
            _do([*install, "-r", requirements], root)
        else:
            what = ["-r", requirements] if requirements.endswith(".txt") else ["-e", "."]
            _do([python, "-m", "pip", "install", "--quiet", *what], root)
    (folder / _UNFINISHED).unlink()


def _do(command: list[str], root: Path) -> None:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise ProgramError(
            f"the program's Python environment could not be made: {lines[-1].strip()}; "
            f"make it by hand, in {root}: {' '.join(command)}"
        )
