"""Who may do more after a change: permissions, action by action, and what anybody may do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from mlplatform.review import grants
from mlplatform.review.changes import Change
from mlplatform.review.danger import Found, listed
from mlplatform.review.subjects import Subject


def widened(
    change: Change, subject: Subject, renamed: Mapping[str, str], *, new_part: bool
) -> Iterator[Found]:
    """Lines about what a change lets somebody do. renamed: name of what goes -> of what takes its
    place; new_part: it belongs to what is made in the same run.
    """
    if change.new is None:
        if change.old is not None and change.kind == "delete":
            lifted = [
                g for g in grants.grants(change.type, change.old.inputs) if g.effect == "deny"
            ]
            if lifted and change.type not in grants.ATTACHMENTS:
                yield _permission(change, subject, sorted(lifted))
        return
    new = grants.grants(change.type, change.new.inputs)
    if not new:
        return
    if change.old is None:
        # A new identity with its first grants is no widening of an old one.
        if new_part or not grants.grants_anything(change.type):
            new = frozenset(grant for grant in new if grant.public)
        old: frozenset[grants.Grant] = frozenset()
    else:
        old = grants.grants(change.type, change.old.inputs)
        # The same on what takes an old object's place is no more than before.
        old |= {
            dataclasses.replace(grant, on=grant.on.replace(before, after))
            for before, after in renamed.items()
            for grant in old
            if grant.on.endswith(before)
        }
    more = grants.widened(old, new)
    public = [grant for grant in more if grant.public]
    if public:
        acts = listed(sorted({grant.action for grant in public}))
        yield Found(
            kind="exposure",
            subject=subject,
            text=f"anybody may {acts} on {listed(sorted({g.on or change.name for g in public}))}",
            urn=change.urn,
        )
    closed = [grant for grant in more if not grant.public]
    if closed:
        yield _permission(change, subject, closed)


def _permission(change: Change, subject: Subject, more: Sequence[grants.Grant]) -> Found:
    allowed = [grant for grant in more if grant.effect == "allow"]
    lifted = [grant for grant in more if grant.effect == "deny"]
    words = []
    for what, some in (("may now", allowed), ("is no longer denied", lifted)):
        if some:
            things = sorted({grant.on for grant in some if grant.on})
            on = f" on {listed(things, shown=2)}" if things else ""
            words.append(f"{what} {listed(sorted({grant.action for grant in some}))}{on}")
    people = sorted({grant.to for grant in more if grant.to})
    who = listed(people, shown=2) if people else change.name
    return Found(
        kind="permission",
        subject=subject,
        text=f"{who} {'; '.join(words)}",
        urn=change.urn,
        details=tuple(
            f"{'+' if grant.effect == 'allow' else '-deny'} {grant.action} {grant.on} {grant.to} "
            f"{grant.condition}".strip()
            for grant in more
        ),
    )
