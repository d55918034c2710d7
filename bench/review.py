"""A review of 5,000 resources, one in ten changed, against the parsing of their event log."""

from __future__ import annotations

import itertools
import json
import statistics
import time
from pathlib import Path
from typing import Any

from mlplatform.review import events, markdown, model, report
from mlplatform.review.model import Review

RESOURCES = 5_000
ONE_IN = 10
"""Of so many resources one changes."""
LIMIT = 2.0
"""Model, comment and report together, in times of the parsing."""


def log(root: Path, *, resources: int = RESOURCES) -> list[str]:
    """Lines of a log: steps that the real engine wrote on three clouds, many times over. As in a
    real log, each comes with its end and a debug message.
    """
    steps: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for file in sorted((root / "tests" / "review" / "data").glob("dangers_*.jsonl")):
        for event in map(json.loads, file.read_text().splitlines()):
            about = event.get("resourcePreEvent", {}).get("metadata", {})
            if about.get("op") in ("update", "same"):
                steps[about["op"] == "update"].append(about)
    turns = {changed: itertools.cycle(listed) for changed, listed in steps.items()}
    lines = []
    for number in range(resources):
        about = next(turns[number % ONE_IN == 0])
        metadata = {"metadata": {**about, "urn": f"{about['urn']}-{number}"}}
        said = {"severity": "debug", "message": f"registering resource: {about['urn']}"}
        lines += [
            json.dumps({"sequence": number, kind: content})
            for kind, content in (
                ("diagnosticEvent", said),
                ("resourcePreEvent", metadata),
                ("resOutputsEvent", metadata),
            )
        ]
    end = {"isPreview": True, "result": "succeeded", "resourceChanges": {}}
    return [*lines, json.dumps({"sequence": resources, "summaryEvent": end})]


def ratio(root: Path, *, rounds: int = 3) -> float:
    """Processor time of model, comment and report by that of parsing; the median of the rounds."""
    lines = log(root)
    return statistics.median(_once(lines) for _ in range(rounds))


def _once(lines: list[str]) -> float:
    started = time.process_time()
    read = events.read(lines)
    parsed = time.process_time()
    made = Review(title="bench", stacks=(model.read(read),))
    markdown.comment(made)
    report.page(made)
    return (time.process_time() - parsed) / (parsed - started)
