"""The documents point at what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADR = ROOT / "docs" / "adr"
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)")
_DECISION = re.compile(r"docs/adr/(\d{4})|\bADR (\d+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = _LINK.findall(document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_list_of_decisions_has_every_decision_once_and_in_order() -> None:
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (ADR / "README.md").read_text())
    assert listed == sorted(path.name for path in ADR.glob("[0-9]*.md"))


def test_code_names_only_decisions_that_there_are() -> None:
    known = {int(path.name[:4]) for path in ADR.glob("[0-9]*.md")}
    rooms = ("mlplatform", "components", "infra", "policies")
    files = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    named = {
        (path.name, int(long or short))
        for path in files
        for long, short in _DECISION.findall(path.read_text())
    }
    assert {number for _, number in named} != set()
    assert [one for one in sorted(named) if one[1] not in known] == []
