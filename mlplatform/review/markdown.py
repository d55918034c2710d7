"""The comment: a verdict, what is dangerous, a table for each stack, the whole difference folded.

The same review gives the same bytes. Everything from a program is escaped; what does not fit is
counted, and stands in the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlplatform.review import sources, text
from mlplatform.review.changes import Change
from mlplatform.review.danger import TITLES, Danger, brief
from mlplatform.review.events import Violation
from mlplatform.review.model import Review, StackReview

DANGERS_SHOWN = 40
ROWS_SHOWN = 60
PROPERTIES_SHOWN = 40
CLOUD_NAMES = {"aws": "AWS", "gcp": "Google Cloud", "azure": "Azure"}
_SIGNS = {"create": "+", "update": "~", "replace": "±", "delete": "-", "import": "=", "read": ">"}
WORDS = {
    "create": "to create",
    "update": "to change",
    "replace": "to replace",
    "delete": "to delete",
    "import": "to import",
    "read": "to read",
}
DRIFT_WORDS = {**WORDS, "update": "changed by hand", "delete": "gone", "create": "appeared"}


def comment(review: Review, *, limit: int = text.LIMIT) -> str:
    """The Markdown of a review, at most ``limit`` characters."""
    parts = ["\n".join(_head(review))]
    for stack in review.stacks:
        parts += [
            "\n".join(lines) for lines in (list(_failures(stack)), list(_dangers(stack))) if lines
        ]
    tail = [f"\n<sub>{text.markdown(review.title)}</sub>\n"]
    notes = [note for stack in review.stacks for note in stack.notes]
    if notes:
        tail.insert(0, "\n" + "\n".join(f"> {text.markdown(text.plain(n))}" for n in notes) + "\n")
    room = limit - sum(map(len, parts)) - sum(map(len, tail)) - 200
    for stack in review.stacks:
        for blocks in (_violations(stack), _tables(stack), _differences(stack)):
            for block in blocks:
                if len(block) + 2 > room:
                    tail.insert(0, "\n_More is in the report: it did not fit here._\n")
                    return _joined(parts, tail, limit)
                parts.append(block)
                room -= len(block) + 2
    return _joined(parts, tail, limit)


def verdict(review: Review) -> str:
    """One line of plain text: what happens to each stack, and what the policies say."""
    return " · ".join(_verdict(stack, drift=review.drift) for stack in review.stacks) or "no stack"


def _joined(parts: Sequence[str], tail: Sequence[str], limit: int) -> str:
    made = "\n\n".join(part.strip("\n") for part in parts) + "\n" + "".join(tail)
    return made if len(made) <= limit else made[: made.rfind("\n", 0, limit - 40)] + "\n\n_Cut._\n"


def _head(review: Review) -> Iterator[str]:
    what = "Drift" if review.drift else "Review"
    for stack in review.stacks:
        name = f" of stack {text.code(text.plain(stack.name, length=100))}"
        yield f"### {what}{name}: {_verdict(stack, drift=review.drift, named=False)}"


def _verdict(stack: StackReview, *, drift: bool, named: bool = True) -> str:
    words = DRIFT_WORDS if drift else WORDS
    counts = stack.changes.counts()
    said = [f"{counts[kind]} {words[kind]}" for kind in words if kind in counts]
    if not said:
        said = ["no drift" if drift else "no change"] if stack.complete else ["nothing is known"]
    if stack.dangers:
        count = len(stack.dangers)
        said.append(f"**{count} {'thing' if count == 1 else 'things'} to look at**")
    if stack.violations:
        advisory = len(stack.violations) - len(stack.blocking)
        said.append(f"policies: {len(stack.blocking)} blocking, {advisory} advisory")
    elif stack.complete and not drift:
        said.append("policies pass" if stack.policies_ran else "no policies ran")
    if stack.failures and not stack.complete and not stack.blocking:
        said.append("**the run failed**")
    name = f"{text.plain(stack.name, length=100)}: " if named else ""
    return name + ", ".join(said)


def _dangers(stack: StackReview) -> Iterator[str]:
    for danger in stack.dangers[:DANGERS_SHOWN]:
        yield f"- {_danger(danger, stack)}"
    if len(stack.dangers) > DANGERS_SHOWN:
        yield f"- and {len(stack.dangers) - DANGERS_SHOWN} more, in the report"


def _danger(danger: Danger, stack: StackReview) -> str:
    clouds = ", ".join(
        CLOUD_NAMES.get(cloud, text.markdown(text.plain(cloud))) for cloud in danger.clouds
    )
    owner = _named(danger, stack)
    said = text.markdown(text.plain(danger.text, length=600))
    where = f" ({clouds})" if clouds else ""
    return f"**{TITLES[danger.kind]}**{where}: {owner} {said}"


def _named(danger: Danger, stack: StackReview) -> str:
    name = text.code(text.plain(danger.owner, length=100))
    line = stack.sources.line(danger.path, danger.owner)
    if line is None:
        return name
    if stack.sources.url:
        return f"[{name}]({sources.link(stack.sources.url, line)})"
    return f"{name} <sub>{text.markdown(stack.sources.file)}:{line}</sub>"


def _failures(stack: StackReview) -> Iterator[str]:
    if stack.complete or (stack.blocking and not stack.failures):
        return
    if not stack.failures:
        yield "**The run ended early**, and its log does not say why."
    for failure in stack.failures[:5]:
        where = text.code(text.plain(failure.where, length=200)) if failure.where else "the program"
        yield f"**Failed** in {where}:\n"
        yield "<pre>" + "\n".join(text.markdown(line) for line in failure.lines) + "</pre>\n"
    if len(stack.failures) > 5:
        yield f"and {len(stack.failures) - 5} more failures, in the report"


def _violations(stack: StackReview) -> Iterator[str]:
    """Blocking ones in the open, advice folded: most of it was there before."""
    if stack.blocking:
        yield _policy_table(stack.blocking)
    advice = [v for v in stack.violations if v.level != "mandatory"]
    if advice:
        table = _policy_table(advice)
        said = f"policies: {len(advice)} advisory"
        yield f"<details><summary>{said}</summary>\n\n{table}\n\n</details>"


def _policy_table(listed: Sequence[Violation]) -> str:
    rows = ["| policy | level | resource | what |", "|---|---|---|---|"]
    for v in listed[:ROWS_SHOWN]:
        cells = (v.policy, v.level, v.urn.split("::", 3)[-1], v.message)
        rows.append("| " + " | ".join(text.markdown(text.plain(cell)) for cell in cells) + " |")
    if len(listed) > ROWS_SHOWN:
        rows.append(f"\n{len(listed) - ROWS_SHOWN} more are in the report.")
    return "\n".join(rows)


def _tables(stack: StackReview) -> Iterator[str]:
    by_cloud: dict[str, list[Change]] = {}
    for change in stack.changes.listed:
        by_cloud.setdefault(stack.subjects[change.urn].cloud, []).append(change)
    for cloud in sorted(by_cloud):
        rows = [
            f"**{CLOUD_NAMES.get(cloud, text.markdown(text.plain(cloud)))}**, stack "
            f"{text.code(text.plain(stack.name, length=100))}\n",
            "| | workload or part | what | difference |",
            "|---|---|---|---|",
        ]
        listed = sorted(by_cloud[cloud], key=lambda c: (stack.subjects[c.urn], c.name))
        for change in listed[:ROWS_SHOWN]:
            rows.append(_row(change, stack))
        if len(listed) > ROWS_SHOWN:
            rows.append(f"\n{len(listed) - ROWS_SHOWN} more are in the report.")
        yield "\n".join(rows)


def _row(change: Change, stack: StackReview) -> str:
    subject = stack.subjects[change.urn]
    said = [
        f"{p.path}: {brief(p.old, length=40)} → {brief(p.new, length=40)}"
        for p in change.properties[:3]
    ]
    more = f" and {len(change.properties) - 3} more" if len(change.properties) > 3 else ""
    noun = change.type.rpartition(":")[2]
    cells = (
        _SIGNS[change.kind],
        text.markdown(text.plain(subject.owner, length=80)),
        text.markdown(text.plain(f"{subject.noun}: {noun} {change.name}", length=160)),
        text.markdown(text.plain("; ".join(said) + more, length=400)),
    )
    return f"| {' | '.join(cells)} |"


def _differences(stack: StackReview) -> Iterator[str]:
    """One fold for each changed resource, so that what does not fit is left out whole."""
    for change in stack.changes.listed:
        if not change.properties:
            continue
        name = text.markdown(text.plain(f"{change.type} {change.name}", length=300))
        lines = []
        for prop in change.properties[:PROPERTIES_SHOWN]:
            forces = "  (needs a new object)" if prop.forces else ""
            before, after = brief(prop.old, length=500), brief(prop.new, length=500)
            lines.append(f"{prop.path}: {before} → {after}{forces}")
        if len(change.properties) > PROPERTIES_SHOWN:
            lines.append(f"{len(change.properties) - PROPERTIES_SHOWN} more, in the report")
        body = "\n".join(text.markdown(text.plain(line, length=1200)) for line in lines)
        yield (
            f"<details><summary>{_SIGNS[change.kind]} {name}</summary>\n\n"
            f"<pre>{body}</pre>\n\n</details>"
        )
