"""Text of a program made safe to show: no secret, no control character, no markup of its own.

Everything that comes from a log passes through here once on its way into a comment or a report.
"""

from __future__ import annotations

import functools
import html
import os
import re
from collections.abc import Iterable, Mapping

from mlplatform.review.events import SECRET

LIMIT = 60_000
"""Characters of a comment; GitHub takes 65 536, Azure DevOps 150 000, GitLab 1 000 000."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Also what turns the direction of writing, joins and hides (Unicode TR 9, TR 36)."""
_MARKDOWN = re.compile(r"[&<>*_`\[\]|\\~#@!$%^]")
_LINKS = re.compile(r"(?<=:)//|(?i:(?<=www)\.)")
_SECRET_SHAPES = re.compile(
    r"""
      (?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{16}
    | gh[pousr]_[A-Za-z0-9]{20,} | github_pat_\w{20,} | glpat-[\w-]{20,}
    | xox[abprs]-[\w-]{10,} | sk-[A-Za-z0-9_-]{20,} | AIza[\w-]{35} | ya29\.[\w.-]{20,}
    | pul-[0-9a-f]{40}
    | eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----[\s\S]*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    | (?<=://)[^\s/:@]+:[^\s/@]+(?=@)
    | (?<=[?&]sig=)[\w%+/=-]{16,}
    | (?i:(?<=password=)|(?<=password:[ ])|(?<=passwd=)|(?<=accountkey=)|(?<=sharedaccesskey=)
        |(?<=secret=)|(?<=secret:[ ])|(?<=token=)|(?<=token:[ ])|(?<=bearer[ ])|(?<=apikey=)
        |(?<=api_key=)|(?<=access_key=)|(?<=passphrase=)|(?<=passphrase:[ ]))
      (?!\[secret\])[^\s,;"'&}{]{4,}
    """,
    re.VERBOSE,
)
"""What providers' keys and tokens look like, and what follows a name that promises one."""
_SECRET_NAME = re.compile(
    r"(?i)(password|passwd|passphrase|secret(?!s?arn|s?manager|name|id$)|api_?key|access_?key(?!id)|private_?key"
    r"|auth_?token|connection_?string|sas_?token|client_?secret|credentials?$)"
)
"""A property whose value is not shown, even where nobody marked it as a secret."""
_SECRET_VARIABLE = re.compile(r"(?i)(token|secret|password|passphrase|access_key|api_key|_pat)$")


class Scrubber:
    """Takes secrets out of text: what looks like one, and the values it is told."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        known = sorted({v for v in values if len(v) >= 6}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None
        # The same names and tags stand in thousands of resources.
        self._cached = functools.lru_cache(maxsize=65_536)(self._scrubbed)

    def __call__(self, text: str) -> str:
        return self._cached(text)

    def _scrubbed(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(SECRET, text)
        return _SECRET_SHAPES.sub(SECRET, text)


def secrets_of(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Values of variables whose names say that they are secret."""
    return [value for name, value in environ.items() if _SECRET_VARIABLE.search(name) and value]


@functools.lru_cache(maxsize=65_536)
def names_secret(path: str) -> bool:
    """Whether a property's path says that its value is secret."""
    return any(_SECRET_NAME.search(part) for part in re.split(r"[.\[\]\"]+", path) if part)


def plain(text: str, *, length: int = 300) -> str:
    """One line without terminal codes; control characters written out, cut at ``length``."""
    text = _ANSI.sub("", text[: length * 4])
    text = " ".join(text.split())
    text = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text if len(text) <= length else text[: length - 1] + "…"


def lines(text: str, *, most: int = 12, length: int = 300) -> list[str]:
    """The first useful lines of a message."""
    kept = [plain(line, length=length) for line in text.splitlines() if line.strip()]
    return kept[:most] + ([f"… {len(kept) - most} more lines"] if len(kept) > most else [])


def markdown(text: str) -> str:
    """For a place in Markdown, in a table or out of it: nothing in it is markup, a link, a mention
    or a reference.
    """
    text = _MARKDOWN.sub(lambda found: f"&#{ord(found[0])};", text)
    return _LINKS.sub(lambda found: "".join(f"&#{ord(c)};" for c in found[0]), text)


def code(text: str) -> str:
    """The same, as code."""
    return f"<code>{markdown(text)}</code>"


def markup(text: str) -> str:
    """For a place in HTML, in an attribute or out of it."""
    return html.escape(text, quote=True)
