"""A list in pages: `value`, and `nextLink` while there is more (Azure REST API guidelines, paging).

`$top` sets how many a page holds; without it each service has a size of its own, which none
documents. Here it is small, so that lists of a small stack have several pages. The place to go on
from is a token that nobody but the service reads: Azure ML calls it `$skip`, others `$skipToken`
(REST references Jobs List, Resource Groups List).
"""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from mlplatform.sandbox.clouds.azure.answer import Answer, bad_request
from mlplatform.sandbox.clouds.azure.world import Json

_PAGE = 25
_ML = "/microsoft.machinelearningservices/"
_TOKENS = ("$skip", "$skiptoken")


def page(found: Sequence[Json], query: Mapping[str, str], url: str) -> Answer:
    """The page that is asked for. query: its names in lower case. url: without its query.

    Raises:
        ArmError: 400, for a token that this service did not give, and a `$top` below 1.
    """
    given = next((query[name] for name in _TOKENS if name in query), "")
    rows = _ordered(found, query.get("$orderby", ""))
    start = _after(rows, _read(given)) if given else 0
    size = _size(query.get("$top"))
    body: Json = {"value": copy.deepcopy(list(rows[start : start + size]))}
    if start + size < len(rows):
        kept = {name: value for name, value in query.items() if name not in _TOKENS}
        token = _TOKENS[0] if _ML in url.lower() else _TOKENS[1]
        kept[token] = _token(rows[start + size - 1])
        body["nextLink"] = f"{url}?{urlencode(kept, quote_via=quote)}"
    return Answer(status=200, body=body)


def _ordered(found: Sequence[Json], order: str) -> list[Json]:
    """As asked for by the time of creation, the one order that clients ask for; else by id."""
    named, _, direction = order.lower().partition(" ")
    if named not in ("createdtime", "createdat"):
        return sorted(found, key=_id)
    return sorted(found, key=_created, reverse=direction.strip() == "desc")


def _id(row: Json) -> str:
    return str(row.get("id", "")).lower()


def _created(row: Json) -> str:
    return str((row.get("systemData") or {}).get("createdAt", ""))


def _after(rows: Sequence[Json], last: str) -> int:
    """Where to go on; by id, so that what came or went meanwhile moves nothing."""
    ids = [_id(row) for row in rows]
    if last in ids:
        return ids.index(last) + 1
    return next((n for n, id_ in enumerate(ids) if id_ > last), len(ids))


def _size(top: str | None) -> int:
    if top is None:
        return _PAGE
    if not top.isdigit() or int(top) < 1:
        raise bad_request(f"The value '{top}' of $top is no count of 1 or more.", target="$top")
    return min(int(top), _PAGE)


def _token(row: Json) -> str:
    return base64.urlsafe_b64encode(_id(row).encode()).decode()


def _read(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError):
        raise bad_request(f"The continuation token '{token}' is invalid.") from None
