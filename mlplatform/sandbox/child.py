"""Running the engine in the foreground: its streams are ours, and so are the signals."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType

_KILLED = 128
"""A shell's convention: exit code 128 + signal."""


def run(
    command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], output: Path | None = None
) -> int:
    """Run to the end and return the exit code, whatever interrupts come meanwhile.

    output: a file that gets both streams, instead of the terminal.
    """
    with nullcontext() if output is None else output.open("ab") as file:
        errors = None if file is None else subprocess.STDOUT
        child = subprocess.Popen(command, cwd=cwd, env=dict(environ), stdout=file, stderr=errors)
        with _signals_for(child):
            code = child.wait()
    return code if code >= 0 else _KILLED - code


@contextmanager
def _signals_for(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """The engine decides what an interrupt means: a first one ends the run in good order.

    A terminal sends Ctrl-C to the engine as well as to us, and a second one makes the engine
    give up at once, so an interrupt is handed on only when it came to us alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def hand_on(number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGINT or not sys.stdin.isatty():
            child.send_signal(number)

    numbers = (signal.SIGINT, signal.SIGTERM)
    former = {number: signal.signal(number, hand_on) for number in numbers}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
