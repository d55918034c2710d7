"""The picture of a stack: a column for each cloud, a box for each workload or part, a chip for each
noun in it, coloured by what happens to it. Plain SVG, whose colours come from the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlplatform.review import subjects, text
from mlplatform.review.model import StackReview

_COLUMN, _GAP, _CHIP, _HEAD, _PAD = 260, 24, 26, 30, 10
_WORST = ("delete", "replace", "create", "update", "import", "read", "same")
"""Of several resources behind one chip, the first of these is shown."""
WORDS: Mapping[str, str] = {
    "create": "added",
    "update": "changed",
    "replace": "replaced",
    "delete": "removed",
    "import": "imported",
    "read": "read",
    "same": "unchanged",
}
BOXES_SHOWN = 60
"""Boxes in one column; unchanged ones are left out first."""


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A noun of an owner. count: resources behind it that change."""

    noun: str
    state: str
    count: int


def chips(stack: StackReview) -> dict[str, dict[str, list[Chip]]]:
    """cloud -> owner -> chips, of every resource that the run saw."""
    kinds = {change.urn: change.kind for change in stack.changes.listed}
    states: dict[tuple[str, str, str], list[str]] = {}
    for urn, token in stack.changes.types.items():
        if token.startswith("pulumi:"):
            continue
        subject = stack.subjects.get(urn) or subjects.of_urn(urn, token, stack.changes)
        key = (subject.cloud, subject.owner, subject.noun)
        states.setdefault(key, []).append(kinds.get(urn, "same"))
    made: dict[str, dict[str, list[Chip]]] = {}
    for (cloud, owner, noun), seen in sorted(states.items()):
        worst = min(seen, key=_WORST.index)
        # A component with both new and old parts is changed, whatever its parts are.
        if worst == "create" and "same" in seen:
            worst = "update"
        changed = sum(state != "same" for state in seen)
        made.setdefault(cloud, {}).setdefault(owner, []).append(
            Chip(noun=noun, state=worst, count=changed)
        )
    return made


def svg(stack: StackReview, *, names: Mapping[str, str]) -> str:
    """The picture, empty for a run that saw nothing. names: of the clouds."""
    columns = chips(stack)
    if not columns:
        return ""
    parts: list[str] = []
    tallest = 0
    for index, (cloud, owners) in enumerate(columns.items()):
        left = index * (_COLUMN + _GAP)
        parts.append(_words(left, 18, names.get(cloud, cloud), "cloud"))
        top = _HEAD
        ordered = sorted(owners, key=lambda o: (all(c.state == "same" for c in owners[o]), o))
        for owner in ordered[:BOXES_SHOWN]:
            parts += _box(left, top, owner, owners[owner])
            top += _height(owners[owner]) + 12
        if len(ordered) > BOXES_SHOWN:
            parts.append(_words(left, top + 16, f"and {len(ordered) - BOXES_SHOWN} more", "owner"))
            top += 24
        tallest = max(tallest, top)
    width = len(columns) * (_COLUMN + _GAP) - _GAP
    label = f"Graph of stack {stack.name}: what changes, by cloud and workload"
    return (
        f'<svg viewBox="0 0 {width} {tallest}" width="{width}" height="{tallest}" role="img" '
        f'aria-label="{text.markup(text.plain(label))}">{"".join(parts)}</svg>'
    )


def _height(listed: list[Chip]) -> int:
    return _HEAD + len(listed) * (_CHIP + 4) + _PAD


def _box(left: int, top: int, owner: str, listed: list[Chip]) -> Iterator[str]:
    yield (
        f'<rect class="box" x="{left}" y="{top}" width="{_COLUMN}" '
        f'height="{_height(listed)}" rx="8"/>'
    )
    yield _words(left + _PAD, top + 20, owner, "owner")
    y = top + _HEAD
    for chip in listed:
        said = f"{chip.noun}: {WORDS[chip.state]}" + (f" ({chip.count})" if chip.count > 1 else "")
        yield (
            f'<rect class="chip {chip.state}" x="{left + _PAD}" y="{y}" '
            f'width="{_COLUMN - 2 * _PAD}" height="{_CHIP}" rx="5"/>'
        )
        yield _words(left + _PAD + 8, y + 17, said, "chip-text")
        y += _CHIP + 4


def _words(x: int, y: int, said: str, style: str) -> str:
    short = text.plain(said, length=32)
    return (
        f'<text class="{style}" x="{x}" y="{y}">{text.markup(short)}'
        f"<title>{text.markup(text.plain(said))}</title></text>"
    )
