"""Verdicts as a table for people, as SARIF for code hosts, as JUnit for test reports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree

from ml_policies.rule import Described
from mlplatform.cli.verdicts import Verdict, counted

_SARIF_LEVELS = {"mandatory": "error", "remediate": "warning", "advisory": "warning"}
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""GitHub reads ``security-severity`` as a CVSS score: its documents, "SARIF support"."""


def table(verdicts: Sequence[Verdict], *, every: bool) -> Iterator[str]:
    """What fails, each with where, why and how to mend it; then what is advised, by rule."""
    for one in verdicts:
        if not one.fails and not every:
            continue
        yield f"{one.level.upper()}  {one.severity}  {one.rule}  {one.resource}"
        yield f"  what  {one.what}"
        if one.why:
            yield f"  why   {one.why}"
        if one.fix:
            yield f"  fix   {one.fix}"
        yield ""
    if not every:
        yield from _advice(verdicts)
    counts = counted(verdicts)
    words = [f"{counts.get('mandatory', 0)} mandatory", f"{counts.get('advisory', 0)} advisory"]
    yield f"policies: {', '.join(words)}"


def _advice(verdicts: Sequence[Verdict]) -> Iterator[str]:
    advised: dict[str, list[Verdict]] = {}
    for one in verdicts:
        if not one.fails:
            advised.setdefault(one.rule, []).append(one)
    for rule, found in advised.items():
        names = sorted({one.resource for one in found})
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"advisory  {found[0].severity}  {rule}  {', '.join(names[:3])}{more}"
    if advised:
        yield "(`./mlp policy explain RULE` says why and how to mend it; --all shows each)"
        yield ""


def sarif(verdicts: Sequence[Verdict], *, known: Mapping[str, Described], file: str) -> str:
    """SARIF 2.1.0. Results stand in the stack's file, since that is what a person would change."""
    ids = sorted({one.rule for one in verdicts})
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "ml-platform", "rules": [*_rules(ids, known)]}},
                "results": [_result(one, ids, file) for one in verdicts],
            }
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def _rules(ids: Sequence[str], known: Mapping[str, Described]) -> Iterator[dict[str, object]]:
    for name in ids:
        rule = known.get(name)
        if rule is None:
            yield {"id": name, "shortDescription": {"text": name}}
            continue
        yield {
            "id": name,
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": rule.rationale},
            "help": {"text": rule.remediation},
            "properties": {
                "tags": [rule.cloud, *rule.sources],
                "security-severity": _SCORES[rule.severity.value],
            },
        }


def _result(one: Verdict, ids: Sequence[str], file: str) -> dict[str, object]:
    text = one.what + (f" Fix: {one.fix}" if one.fix else "")
    print_of = hashlib.sha256(f"{one.rule}\0{one.urn}\0{one.what}".encode()).hexdigest()
    return {
        "ruleId": one.rule,
        "ruleIndex": ids.index(one.rule),
        "level": _SARIF_LEVELS.get(one.level, "note"),
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": file},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {"name": one.resource, "fullyQualifiedName": one.urn, "kind": "resource"}
                ],
            }
        ],
        "partialFingerprints": {"mlplatform/v1": print_of},
    }


def junit(verdicts: Sequence[Verdict], *, passed: Sequence[str]) -> str:
    """One test case for each rule: it fails with everything mandatory that it said."""
    by_rule: dict[str, list[Verdict]] = {name: [] for name in passed}
    for one in verdicts:
        by_rule.setdefault(one.rule, []).append(one)
    failing = {name: [v for v in found if v.fails] for name, found in by_rule.items()}
    suite = ElementTree.Element(
        "testsuite",
        name="policies",
        tests=str(len(by_rule)),
        failures=str(sum(bool(found) for found in failing.values())),
    )
    for name, found in by_rule.items():
        case = ElementTree.SubElement(suite, "testcase", classname="policies", name=name)
        if failing[name]:
            lines = [f"{one.what} Fix: {one.fix}" for one in failing[name]]
            failure = ElementTree.SubElement(case, "failure", message=f"{len(lines)} violations")
            failure.text = "\n".join(_printable(line) for line in lines)
        elif found:
            output = ElementTree.SubElement(case, "system-out")
            output.text = "\n".join(_printable(one.what) for one in found)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _printable(text: str) -> str:
    """Without control characters, which XML cannot hold."""
    return "".join(c for c in text if c >= " " or c in "\t\n")
