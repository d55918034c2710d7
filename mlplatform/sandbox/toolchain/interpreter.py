"""Which Python runs a program, a policy pack or a plugin: what its project file says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlplatform.sandbox.errors import UserError


class MissingEnvironment(UserError):  # noqa: N818 - reads as what is wrong
    """The virtual environment that a project file names is not there."""


def virtualenv(options: Mapping[str, Any], folder: Path) -> Path | None:
    """The environment that ``runtime.options`` names; ``None`` when it names none.

    ``virtualenv`` is relative to the folder of the project file, or absolute. Toolchain ``uv``
    without it means ``.venv``, ``poetry`` what poetry says, as with the official host.
    """
    named = options.get("virtualenv")
    if named:
        return folder / str(named)
    toolchain = options.get("toolchain")
    if toolchain == "uv":
        return folder / ".venv"
    if toolchain == "poetry" and (poetry := shutil.which("poetry")):
        asked = subprocess.run(
            [poetry, "env", "info", "--path"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode == 0 and asked.stdout.strip():
            return Path(asked.stdout.strip())
    return None


def python(options: Mapping[str, Any], folder: Path) -> str:
    """The interpreter for the project in ``folder``; without a virtual environment the one of
    ``PULUMI_PYTHON_CMD``, else the one that runs this.

    Raises ``MissingEnvironment`` with what to do.
    """
    environment = virtualenv(options, folder)
    if environment is None:
        return os.environ.get("PULUMI_PYTHON_CMD") or sys.executable
    found = environment / "bin" / "python"
    if not found.exists():
        raise MissingEnvironment(
            f"{environment}: the virtual environment that the project file names is not there; "
            f"make it: python3 -m venv {environment} and install the requirements into it"
        )
    return str(found)


def activated(environ: Mapping[str, str], interpreter: str) -> dict[str, str]:
    """``environ`` as after activating the environment of ``interpreter``: what the program
    starts by name comes from its own environment.
    """
    home = Path(interpreter).parent.parent
    if not (home / "pyvenv.cfg").exists():
        return dict(environ)
    kept = {name: value for name, value in environ.items() if name != "PYTHONHOME"}
    path = os.pathsep.join(part for part in (str(home / "bin"), environ.get("PATH")) if part)
    return {**kept, "VIRTUAL_ENV": str(home), "PATH": path}


def is_ours(interpreter: str) -> bool:
    """Whether it is the environment that runs this. Its executable may be one and the same
    file in many environments, so the folders are compared.
    """
    folder = Path(shutil.which(interpreter) or interpreter).parent
    try:
        return folder.samefile(Path(sys.executable).parent)
    except OSError:
        return False
