"""Whether a process id still is the process that it was."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path


def command(pid: int) -> str | None:
    """The command line of a process; ``None`` when there is no such process."""
    if pid <= 0:
        return None
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a dead child of ours would still count as alive
    shown = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            return shown.read_bytes().replace(b"\0", b" ").decode(errors="replace") or None
        except OSError:
            return None
    asked = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None


def runs(pid: int, part: str) -> bool:
    """Whether ``pid`` lives and ``part`` is in its command line.

    The number alone says nothing: the system may have given it to another process.
    """
    found = command(pid)
    return found is not None and part in found
