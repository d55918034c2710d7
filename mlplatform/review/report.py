"""The report: one HTML file with everything that a review found, for a browser without a network.

Its policy (`Content-Security-Policy`) lets nothing be loaded; style and script are in the file,
named by their hashes, so that nothing a program named can run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mlplatform.review import graph, sources, text
from mlplatform.review.changes import ABSENT, Change
from mlplatform.review.danger import TITLES, Danger, brief
from mlplatform.review.markdown import CLOUD_NAMES, DRIFT_WORDS, WORDS, verdict
from mlplatform.review.model import Review, StackReview

_HERE = Path(__file__).parent
_VALUE_LENGTH = 2_000
"""Characters of one value; a policy document has a few hundred."""


def page(review: Review) -> str:
    """The whole file. The same review gives the same bytes."""
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_hash(style)}'; "
        f"script-src 'sha256-{_hash(script)}'"
    )
    title = "Drift" if review.drift else "Review"
    body = "".join(_stack(stack, review.drift) for stack in review.stacks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#content">To the changes</a>\n'
        f"<header><h1>{title}</h1>"
        f"<p>{_safe(verdict(review).replace('**', ''), 2_000)}</p>"
        f'<p class="quiet">{_safe(review.title)}</p></header>\n'
        f'{_tools(review)}\n<main id="content" tabindex="-1">\n{body}</main>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _tools(review: Review) -> str:
    words = DRIFT_WORDS if review.drift else WORDS
    kinds = {change.kind for stack in review.stacks for change in stack.changes.listed}
    clouds = {s.cloud for stack in review.stacks for s in stack.subjects.values()}
    boxes = "".join(
        f'<label><input type="checkbox" checked data-kind="{kind}"> {words[kind]}</label>'
        for kind in words
        if kind in kinds
    )
    boxes += "".join(
        f'<label><input type="checkbox" checked data-cloud="{_safe(cloud)}"> '
        f"{_safe(CLOUD_NAMES.get(cloud, cloud))}</label>"
        for cloud in sorted(clouds)
    )
    return (
        '<form class="tools" role="search"><input id="search" type="search" autocomplete="off" '
        'aria-label="Search names, types and values" placeholder="Search (press /)">'
        f'{boxes}<button type="button" id="open">Open all</button>'
        '<output id="count" aria-live="polite"></output></form>'
    )


def _stack(stack: StackReview, drift: bool) -> str:
    words = DRIFT_WORDS if drift else WORDS
    parts = [f"<section><h2>Stack {_safe(stack.name)}</h2>"]
    parts += [f'<p class="note">{_safe(note, 1_000)}</p>' for note in stack.notes]
    for failure in stack.failures:
        body = "\n".join(text.markup(line) for line in failure.lines)
        parts.append(
            f'<div class="failure"><h3>Failed in {_safe(failure.where or "the program")}</h3>'
            f"<pre>{body}</pre></div>"
        )
    if not stack.complete and not stack.failures and not stack.blocking:
        parts.append('<p class="failure">The run ended early, and its log does not say why.</p>')
    if stack.dangers:
        listed = "".join(_danger(danger, stack) for danger in stack.dangers)
        parts.append(f'<h3>To look at</h3><ul class="dangers">{listed}</ul>')
    if stack.violations:
        parts.append(_violations(stack))
    if picture := graph.svg(stack, names=CLOUD_NAMES):
        parts.append(f'<h3>Picture</h3><div class="graph" tabindex="0">{picture}</div>')
    if stack.changes.listed:
        parts.append("<h3>Changes</h3>")
        ordered = sorted(stack.changes.listed, key=lambda c: (stack.subjects[c.urn], c.name, c.urn))
        parts += [_change(change, stack, words[change.kind]) for change in ordered]
    parts.append(f'<p class="quiet">{stack.changes.unchanged} resources stay as they are.</p>')
    return "".join(parts) + "</section>\n"


def _danger(danger: Danger, stack: StackReview) -> str:
    clouds = ", ".join(CLOUD_NAMES.get(cloud, cloud) for cloud in danger.clouds)
    where = f" ({_safe(clouds)})" if clouds else ""
    more = ""
    if danger.details:
        lines = "\n".join(_safe(line, 600) for line in danger.details)
        more = f"<details><summary>action by action</summary><pre>{lines}</pre></details>"
    return (
        f"<li><strong>{TITLES[danger.kind]}</strong>{where}: {_named(danger, stack)} "
        f"{_safe(danger.text, 1_200)}{more}</li>"
    )


def _named(danger: Danger, stack: StackReview) -> str:
    name = f"<code>{_safe(danger.owner)}</code>"
    line = stack.sources.line(danger.path, danger.owner)
    if line is None:
        return name
    if stack.sources.url.startswith("https://"):
        return f'<a href="{text.markup(sources.link(stack.sources.url, line))}">{name}</a>'
    return f"{name} <small>{_safe(stack.sources.file)}:{line}</small>"


def _violations(stack: StackReview) -> str:
    ordered = [*stack.blocking, *(v for v in stack.violations if v.level != "mandatory")]
    rows = "".join(
        f"<tr><td>{_safe(v.policy)}</td><td>{_safe(v.level)}</td>"
        f"<td>{_safe(v.urn.split('::', 3)[-1])}</td><td>{_safe(v.message, 1_000)}</td></tr>"
        for v in ordered
    )
    return (
        '<h3>Policies</h3><div class="wide"><table><thead><tr><th>policy</th><th>level</th>'
        f"<th>resource</th><th>what</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _change(change: Change, stack: StackReview, word: str) -> str:
    subject = stack.subjects[change.urn]
    rows = "".join(_rows(change))
    table = (
        '<div class="wide"><table><thead><tr><th>property</th><th>before</th><th>after</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
        if rows
        else '<p class="quiet">No property is known to differ.</p>'
    )
    return (
        f'<details class="change" data-kind="{change.kind}" data-cloud="{_safe(subject.cloud)}">'
        f'<summary><span class="tag {change.kind}">{word}</span> <b>{_safe(subject.owner)}</b> '
        f"{_safe(subject.noun)} <code>{_safe(change.type)}</code> {_safe(change.name)}</summary>"
        f"{table}</details>"
    )


def _rows(change: Change) -> Iterator[str]:
    for prop in change.properties:
        forces = " <small>needs a new object</small>" if prop.forces else ""
        yield (
            f"<tr><td>{_safe(prop.path)}{forces}</td><td>{_value(prop.old)}</td>"
            f"<td>{_value(prop.new)}</td></tr>"
        )
    if not change.properties:
        state = change.new or change.old
        for name, value in sorted(state.inputs.items() if state is not None else ()):
            if not name.startswith("__"):
                cells = (ABSENT, value) if change.old is None else (value, ABSENT)
                yield (
                    f"<tr><td>{_safe(name)}</td><td>{_value(cells[0])}</td>"
                    f"<td>{_value(cells[1])}</td></tr>"
                )


def _value(value: object) -> str:
    if value is ABSENT:
        return '<span class="quiet">none</span>'
    return f"<code>{_safe(brief(value, length=_VALUE_LENGTH), _VALUE_LENGTH)}</code>"


def _safe(said: str, length: int = 300) -> str:
    return text.markup(text.plain(said, length=length))


@cache
def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
