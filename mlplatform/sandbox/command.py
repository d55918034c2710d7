"""The command line that the engine gets."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

_WITH_CONFIG = frozenset({"preview", "up", "update", "refresh", "destroy"})
_CHANGING = frozenset({"up", "update", "refresh", "destroy"})
_WITH_POLICIES = frozenset({"preview", "up", "update"})
_GOES_ON = frozenset({"up", "update", "destroy"})


def pulumi(
    executable: Path,
    arguments: Sequence[str],
    *,
    stack: str,
    config: Path,
    policy_pack: Path | None,
    terminal: bool,
) -> list[str]:
    """``pulumi <arguments>`` with the sandbox's own flags.

    The caller's flags come last: the last word on a flag counts. ``terminal`` says whether a
    person watches.
    """
    words = list(itertools.takewhile(lambda word: not word.startswith("-"), arguments))
    operation = words[0] if words else ""
    flags = ["--stack", stack]
    if operation in _WITH_CONFIG:
        # Stand-ins are in place; looking for the real ones' downloads would cost seconds.
        flags += ["--config-file", str(config), "--skip-plugin-pre-install"]
    if operation in _CHANGING and "--preview-only" not in arguments:
        flags.append("--yes")
    if operation in _GOES_ON:
        # What fails on one cloud must not keep the others from being finished.
        flags.append("--continue-on-error")
    if operation in _WITH_POLICIES and policy_pack is not None:
        flags += ["--policy-pack", str(policy_pack)]
    if not terminal:
        flags += ["--non-interactive", "--color", "never"]
    return [str(executable), *words, *flags, *arguments[len(words) :]]
