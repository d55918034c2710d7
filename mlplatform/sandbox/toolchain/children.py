"""The processes that the language host runs: started quiet, streamed, ended with the host."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import IO

_GRACE_S = 2.0
"""Between asking a child to end and killing it."""
_INTERRUPT_IGNORED = ("/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh")
"""The engine ends a plugin by an interrupt to its whole process group, and a Python child
answers an interrupt with a traceback. An ignored signal stays ignored across ``exec``.
"""

Line = tuple[str, bytes]
"""Name of the stream (``stdout``, ``stderr``) and a line with its end."""


class Children:
    """All children of one language host."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._ended = False

    def run(
        self,
        command: list[str],
        *,
        folder: str,
        environ: Mapping[str, str],
        on_cancel: Callable[[Callable[[], None]], object],
    ) -> int:
        """Run with our own streams to the end; the exit code, negative for a signal.

        ``on_cancel`` registers what is to be called when nobody waits for the child any more.
        """
        child = self._start(command, folder, environ, None, on_cancel)
        return self._finish(child)

    def stream(
        self,
        command: list[str],
        *,
        folder: str,
        environ: Mapping[str, str],
        on_cancel: Callable[[Callable[[], None]], object],
    ) -> Iterator[Line | int]:
        """Run and yield each line of output as it comes, and the exit code at the end."""
        child = self._start(command, folder, environ, subprocess.PIPE, on_cancel)
        lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()

        def pump(name: str, stream: IO[bytes]) -> None:
            for line in iter(stream.readline, b""):
                lines.put((name, line))
            lines.put(None)

        assert child.stdout is not None
        assert child.stderr is not None
        for name, stream in (("stdout", child.stdout), ("stderr", child.stderr)):
            threading.Thread(target=pump, args=(name, stream), daemon=True).start()
        for _ in range(2):
            while (line := lines.get()) is not None:
                yield line
        yield self._finish(child)

    def stop(self) -> None:
        """End what still runs; nothing is started after this."""
        with self._lock:
            self._ended = True
            running = list(self._running)
        for child in running:
            child.terminate()
        for child in running:
            try:
                child.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                child.kill()

    def _start(
        self,
        command: list[str],
        folder: str,
        environ: Mapping[str, str],
        pipe: int | None,
        on_cancel: Callable[[Callable[[], None]], object],
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ended:
                raise RuntimeError("the language host is ending")
            child = subprocess.Popen(
                [*_INTERRUPT_IGNORED, *command],
                cwd=folder,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=pipe,
                stderr=pipe,
            )
            self._running.add(child)
        on_cancel(child.terminate)
        return child

    def _finish(self, child: subprocess.Popen[bytes]) -> int:
        code = child.wait()
        with self._lock:
            self._running.discard(child)
        for stream in (child.stdout, child.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        return code
