"""One sticky comment: found by a mark, replaced, and never by an older run.

The mark is an HTML comment, which no host shows. It holds a key, so that several reviews of one
pull request (another stack, another project) keep a comment each, and the number of the run, so
that a run that was overtaken leaves the newer comment alone.
"""

from __future__ import annotations

import re
from typing import Literal

from mlplatform.review.hosts import Comment, Host

Done = Literal["created", "replaced", "unchanged", "overtaken"]

_MARK = re.compile(r"<!-- mlp-review key=(?P<key>[\w./-]+) run=(?P<run>\d+) -->")
KEY = re.compile(r"[\w./-]+")
CUT = "\n\n_Cut here: the rest is in the report._\n"


def post(host: Host, text: str, *, key: str, run: int) -> Done:
    """Write the comment, or replace the one that an earlier run wrote.

    Args:
        text: Markdown; cut at a line's end when it is longer than the host takes.
        key: which review it is; letters, digits and ``_ . / -``.
        run: grows from run to run of one pull request.

    Raises ``HostError`` when the host refuses, ``ValueError`` for a key that is none.
    """
    if KEY.fullmatch(key) is None:
        raise ValueError(f"key: got {key!r}, allowed: letters, digits and _ . / -")
    made = marked(text, key=key, run=run, limit=host.limit)
    before = _ours(host, key)
    if before is None:
        host.create(made)
        return "created"
    found = _MARK.search(before.text)
    if found is not None and int(found["run"]) > run:
        return "overtaken"
    if before.text.strip() == made.strip():
        return "unchanged"
    host.replace(before, made)
    return "replaced"


def marked(text: str, *, key: str, run: int, limit: int) -> str:
    """The comment with its mark, within the host's limit."""
    mark = f"<!-- mlp-review key={key} run={run} -->\n"
    room = limit - len(mark)
    if len(text) <= room:
        return mark + text
    kept = text[: room - len(CUT)]
    kept = kept[: kept.rfind("\n") + 1] or kept
    return mark + _closed(kept, room - len(CUT)) + CUT


def _closed(text: str, room: int) -> str:
    """Without a code block or a fold that the cut left open: the host would swallow the rest."""
    while text.count("<details") > text.count("</details>") or _fences(text) % 2:
        last = max(text.rfind("<details"), text.rfind("\n```") if _fences(text) % 2 else -1)
        if last <= 0:
            return text[:room]
        text = text[:last]
    return text


def _fences(text: str) -> int:
    return len(re.findall(r"^```", text, flags=re.MULTILINE))


def _ours(host: Host, key: str) -> Comment | None:
    for comment in host.comments():
        found = _MARK.search(comment.text)
        if found is not None and found["key"] == key:
            return comment
    return None
