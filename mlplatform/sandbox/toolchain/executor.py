"""Runs one Pulumi program: the language host starts it with the program's own Python.

The contract (arguments, environment, exit codes) is that of the official distribution's
``pulumi-language-python-exec``. It must run with any Python that has ``pulumi``, so it imports
nothing of ours.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BAIL = 32
"""Tells the language host that the failure was already reported to the engine."""
_THREADS_PER_OPERATION = 4


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """What the language host says: pairs with an empty value are left out."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("project", "stack", "organization", "monitor", "engine", "tracing"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--root_directory", default="")
    parser.add_argument("--pwd", default="")
    parser.add_argument("--dry_run", default="false")
    parser.add_argument("--parallel", type=int, default=0)
    parser.add_argument("entry")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    return parser.parse_args(argv)


def shown(error: BaseException) -> str:
    """The traceback from the program's first line on: what called it says nothing to a user.

    A failure inside the SDK keeps the SDK's frames, and an unreadable program has none.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = (__file__, runpy.__file__)
    sdk = (f"{os.sep}asyncio{os.sep}", f"{os.sep}site-packages{os.sep}pulumi{os.sep}")
    called = [f.filename not in ours and not f.filename.startswith("<frozen") for f in frames]
    program = [
        known and not any(part in frame.filename for part in sdk)
        for known, frame in zip(called, frames, strict=True)
    ]
    if any(program):
        frames = traceback.StackSummary(frames[program.index(True) :])
    elif isinstance(error, SyntaxError):
        frames = traceback.StackSummary()
    elif any(called):
        frames = traceback.StackSummary(frames[called.index(True) :])
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{shown(cause)}\nThe above led to this:\n\n" if cause is not None else ""
    head = ["Traceback (most recent call last):\n"] if frames else []
    lines = [*head, *frames.format(), *traceback.format_exception_only(error)]
    return before + "".join(lines)


def main() -> int:
    """Run the program; the exit code is 0, 1 (a ``RunError``) or ``BAIL``."""
    args = arguments()
    try:
        import grpc
        import pulumi
        import pulumi.runtime
        from pulumi.runtime.config import get_config_env, get_config_secret_keys_env
    except ImportError as missing:
        print(
            f"the Python of this program ({sys.executable}) cannot import pulumi: {missing}\n"
            "install the project's requirements into its virtual environment",
            file=sys.stderr,
        )
        return 1
    pulumi.runtime.set_all_config(get_config_env(), get_config_secret_keys_env())
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=args.monitor,
            engine=args.engine,
            project=args.project,
            stack=args.stack,
            parallel=args.parallel,
            dry_run=args.dry_run == "true",
            organization=args.organization,
            root_directory=args.root_directory,
        )
    )
    sys.argv = [args.entry, *args.rest]
    if args.pwd:
        os.chdir(args.pwd)
    entry = Path(args.entry)
    # As with `python DIR`: the program's folder comes first, and this file's is not there.
    sys.path[0] = str((entry if entry.is_dir() else entry.parent).resolve())
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # Each registration holds a thread; Python's default pool is smaller than the engine's.
    workers = max(args.parallel, 1) * _THREADS_PER_OPERATION
    loop.set_default_executor(ThreadPoolExecutor(max_workers=workers))
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: _run_program(args.entry)))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except grpc.RpcError as error:
        # The engine is gone or going: it has said why.
        if getattr(error, "code", lambda: None)() == grpc.StatusCode.UNAVAILABLE:
            return BAIL
        return _failed(error)
    except Exception as error:
        return _failed(error)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _run_program(entry: str) -> None:
    runpy.run_path(entry, run_name="__main__")


def _failed(error: Exception) -> int:
    import pulumi

    pulumi.log.error(f"Program failed with an unhandled exception:\n{shown(error)}")
    return BAIL


if __name__ == "__main__":
    sys.exit(main())
