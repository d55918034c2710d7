"""Two commits of a repository in one sandbox: the base is brought up, the head previewed on it.

Both come out of git into clean work trees, so that nothing uncommitted takes part. Each program has
the Python environment of its own pins; the sandbox is that of the code that runs this. Encrypted
configuration values become placeholders of their types, so no passphrase is needed.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mlplatform.cli.review_runs import Run
from mlplatform.review import events, sources
from mlplatform.review.events import EventLog, EventLogError
from mlplatform.sandbox import project, stackfile
from mlplatform.sandbox.errors import UserError
from mlplatform.sandbox.session import Sandbox
from mlplatform.sandbox.toolchain import interpreter

Say = Callable[[str], None]

PINS = ("requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "requirements/*.txt")
"""Files that say what a program's environment holds."""
_STAND_IN = re.compile(r"(\S+) is not known to the sandbox")
"""What an inert stand-in warns of (sandbox/providers/inert.py)."""


class BadRef(UserError):  # noqa: N818 - reads as what is wrong
    """A commit is not there, or the folder is in no repository."""


def run(
    cwd: Path, *, base: str, head: str, stacks: Sequence[str], work: Path, say: Say
) -> tuple[list[Run], str]:
    """One run for each stack, with logs in ``work``, and what was compared in words."""
    here = project.find(cwd)
    top = Path(_git(here.root, "rev-parse", "--show-toplevel"))
    commits = {ref: _commit(top, ref) for ref in (base, head)}
    if _git(top, "status", "--porcelain", "--untracked-files=no"):
        say("uncommitted changes are not reviewed")
    inside = here.root.resolve().relative_to(top.resolve())
    with (
        _tree(top, commits[base], work / "base") as old,
        _tree(top, commits[head], work / "head") as new,
    ):
        runs = [
            _stack(stack, here, old / inside, new / inside, work, commits[head], inside, say)
            for stack in stacks
        ]
    return runs, f"{_short(commits[head])} against {_short(commits[base])}, in the sandbox."


def _stack(
    stack: str,
    here: project.Project,
    old: Path,
    new: Path,
    work: Path,
    commit: str,
    inside: Path,
    say: Say,
) -> Run:
    logs = work / "logs"
    logs.mkdir(exist_ok=True)
    before, after = logs / f"{stack}-base.jsonl", logs / f"{stack}-head.jsonl"
    folder = work / f"sandbox-{stack}"
    environ = {**os.environ, "MLP_SANDBOX_DELAY_S": "0"}
    environ.pop("MLP_SANDBOX_DIR", None)
    notes: list[str] = []
    gaps: tuple[str, ...] = ()
    base_failed = False
    box: Sandbox | None = None
    try:
        if _has(old, stack):
            lend_environment(here, old)
            box = Sandbox(old, folder, environ=environ, say=say)
            say(f"bringing up {stack} of the base")
            code = box.run(
                ["up", "--event-log", str(before)], stack=stack, output=logs / f"{stack}-base.txt"
            )
            base_failed = code != 0
            base_log = _load(before)
            gaps = tuple(d.message for d in base_log.diagnostics if d.message.startswith("gap: "))
            if base_failed:
                notes.append(
                    "The base could not be brought up whole, so more may be listed than this "
                    f"changes: {_first_error(base_log)}"
                )
        else:
            notes.append(f"The base has no stack {stack}: everything is new.")
        lend_environment(here, new)
        box = Sandbox(new, folder, environ=environ, say=say)
        say(f"previewing {stack} of the head")
        output = logs / f"{stack}-head.txt"
        box.run(
            ["preview", "--event-log", str(after)],
            stack=stack,
            policy_pack=box.project.policy_pack,
            output=output,
        )
        if not after.exists():
            raise UserError(f"the preview of the head left no log: {_last_line(output)}")
        notes += _notes([_load(before), _load(after)], box.project, stack)
    finally:
        if box is not None:
            box.reset()
    file = stackfile.path_of(new, stack)
    name = str(inside / file.name) if file else ""
    lines = (
        sources.read(file, name=name, url=sources.url_of(os.environ, name, commit))
        if file
        else None
    )
    return Run(
        log=after,
        stack=stack,
        gaps_before=gaps,
        notes=tuple(notes),
        sources=lines or sources.Sources(),
        base_failed=base_failed,
    )


def _has(root: Path, stack: str) -> bool:
    """Whether a commit has the program and, where stacks have files, a file for this one."""
    try:
        found = project.find(root)
    except project.ProjectError:
        return False
    return found.root == root.resolve() and (
        stackfile.path_of(found.stack_folder, stack) is not None
        or not any(found.stack_folder.glob("Pulumi.*.yaml"))
    )


def lend_environment(here: project.Project, tree: Path) -> None:
    """Lend the tree the environment that is there when its pins are the same; else the sandbox
    makes one from the tree's own.
    """
    found = project.find(tree)
    mine = interpreter.virtualenv(here.runtime_options, here.root)
    theirs = interpreter.virtualenv(found.runtime_options, found.root)
    if mine is None or theirs is None or theirs.exists() or not (mine / "bin" / "python").exists():
        return
    if theirs.is_relative_to(found.root) and pins(here.root) == pins(found.root):
        theirs.symlink_to(mine.resolve())


def pins(root: Path) -> str:
    """A hash of the files that say what the environment of a program holds."""
    digest = hashlib.sha256()
    for pattern in PINS:
        for file in sorted(root.glob(pattern)):
            digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _notes(logs: Sequence[EventLog], found: project.Project, stack: str) -> Iterator[str]:
    unknown = {
        said[1]
        for log in logs
        for diagnostic in log.diagnostics
        if (said := _STAND_IN.match(diagnostic.message))
    }
    if unknown:
        listed = ", ".join(sorted(unknown))
        yield f"Stand-ins that only echo, as the sandbox does not know these: {listed}"
    file = stackfile.path_of(found.stack_folder, stack)
    count = file.read_text().count("secure:") if file else 0
    if count:
        yield f"{count} encrypted configuration values are placeholders here."


def _load(log: Path) -> EventLog:
    try:
        return events.load(log)
    except EventLogError:
        return EventLog()


def _first_error(log: EventLog) -> str:
    said = next((d for d in log.diagnostics if d.severity == "error"), None)
    return said.message.splitlines()[0] if said else "its log does not say why"


def _last_line(file: Path) -> str:
    lines = file.read_text(errors="replace").strip().splitlines() if file.exists() else []
    return lines[-1] if lines else "no output"


@contextmanager
def _tree(top: Path, commit: str, folder: Path) -> Iterator[Path]:
    _git(top, "worktree", "add", "--quiet", "--detach", "--force", str(folder), commit)
    try:
        yield folder
    finally:
        _git(top, "worktree", "remove", "--force", str(folder))


def _commit(top: Path, ref: str) -> str:
    # `--end-of-options`: a branch may be called like an option.
    return _git(
        top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", what=ref
    )


def _git(folder: Path, *arguments: str, what: str = "") -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or [f"no such commit here: {what}"])[-1]
        raise BadRef(f"git {arguments[0]}: {said}")
    return done.stdout.strip()


def _short(commit: str) -> str:
    return commit[:10]
