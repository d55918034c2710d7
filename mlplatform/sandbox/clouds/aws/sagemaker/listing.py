"""Filters, order and pages of SageMaker's List operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import invalid

DEFAULT_PAGE = 10
"""Objects per page unless ``MaxResults`` says otherwise (botocore, ListEndpoints)."""

_BOUNDS = (
    ("CreationTimeBefore", "CreationTime", False),
    ("CreationTimeAfter", "CreationTime", True),
    ("LastModifiedTimeBefore", "LastModifiedTime", False),
    ("LastModifiedTimeAfter", "LastModifiedTime", True),
)


def page(
    rows: Iterable[Mapping[str, Any]], params: Mapping[str, Any], *, noun: str, name: str
) -> dict[str, Any]:
    """The answer of ``List<noun>``: ``rows`` are summaries, ``name`` is the member to sort by."""
    wanted = [row for row in rows if _passes(row, params, name)]
    key = {"Name": name, "Status": "EndpointStatus"}.get(params.get("SortBy", ""), "CreationTime")
    wanted.sort(key=lambda row: row[key], reverse=params.get("SortOrder") != "Ascending")
    return cut(wanted, params, noun=noun, usual=DEFAULT_PAGE)


def cut(rows: list[Any], params: Mapping[str, Any], *, noun: str, usual: int) -> dict[str, Any]:
    """One page; the token is the number of the first row of the next one."""
    token = params.get("NextToken") or "0"
    if not token.isdigit():
        raise invalid(f'Invalid pagination token "{token}".')
    first = int(token)
    last = first + params.get("MaxResults", usual)
    answer: dict[str, Any] = {noun: rows[first:last]}
    if last < len(rows):
        answer["NextToken"] = str(last)
    return answer


def _passes(row: Mapping[str, Any], params: Mapping[str, Any], name: str) -> bool:
    if params.get("NameContains", "").lower() not in row[name].lower():
        return False
    if params.get("StatusEquals", row.get("EndpointStatus")) != row.get("EndpointStatus"):
        return False
    for bound, member, after in _BOUNDS:
        if bound in params and (row[member] > params[bound]) is not after:
            return False
    return True
