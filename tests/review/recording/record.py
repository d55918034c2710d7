"""Records tests/review/data/dangers_*.jsonl: `python -m tests.review.recording.record [CLOUD ...]`.

The real engine brings the base of each program up in the sandbox and previews the head; what a
review never reads (debug messages, a provider's own answers) is left out of the log.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from mlplatform.sandbox.session import Sandbox

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "data"
CLOUDS = ("aws", "gcp", "azure")
READ = ("resourcePreEvent", "diagnosticEvent", "policyEvent", "summaryEvent", "preludeEvent")


def record(cloud: str, folder: Path) -> Path:
    """The log of what the head of one cloud's program changes."""
    project = folder / "program"
    project.mkdir()
    for file in (HERE / "program").glob("*"):
        if file.is_file():
            (project / file.name).write_text(file.read_text())
    log = folder / "log.jsonl"
    box = Sandbox(project, folder / "sandbox")
    try:
        for head, asked in (("false", "up"), ("true", "preview")):
            config = {"config": {"dangers:cloud": cloud, "dangers:head": head}}
            (project / "Pulumi.dev.yaml").write_text(json.dumps(config))
            if box.run([asked, "--event-log", str(log)], output=folder / "output.txt"):
                raise SystemExit((folder / "output.txt").read_text()[-4000:])
    finally:
        box.reset()
    target = DATA / f"dangers_{cloud}.jsonl"
    target.write_text("".join(kept(log)))
    return target


def kept(log: Path) -> list[str]:
    lines = []
    for line in log.read_text().splitlines():
        event = json.loads(line)
        debug = event.get("diagnosticEvent", {}).get("severity") == "debug"
        if not debug and any(kind in event for kind in READ):
            event["timestamp"] = 0
            lines.append(json.dumps(event, sort_keys=True) + "\n")
    return lines


if __name__ == "__main__":
    for name in sys.argv[1:] or CLOUDS:
        with tempfile.TemporaryDirectory() as made:
            print(record(name, Path(made)))
