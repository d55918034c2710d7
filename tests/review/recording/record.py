"""Records the logs of tests/review/data: `python -m tests.review.recording.record [NAME ...]`.

The real engine brings the base of each program up in the sandbox and previews the head; what a
review never reads (debug messages, a provider's own answers) is left out of the log.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3

from mlplatform.sandbox.session import Sandbox

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "data"
CLOUDS = ("aws", "gcp", "azure")
DRIFT = "drift"
READ = ("resourcePreEvent", "diagnosticEvent", "policyEvent", "summaryEvent", "preludeEvent")


def record(cloud: str, folder: Path) -> Path:
    """The log of what the head of one cloud's program changes, or of what hands changed on AWS."""
    project = folder / "program"
    project.mkdir()
    for file in (HERE / "program").glob("*"):
        if file.is_file():
            (project / file.name).write_text(file.read_text())
    drift = cloud == DRIFT
    log, output = folder / "log.jsonl", folder / "output.txt"
    box = Sandbox(project, folder / "sandbox")
    second = ["refresh", "--preview-only"] if drift else ["preview"]
    try:
        for head, asked in ((False, ["up"]), (not drift, second)):
            config = {"dangers:cloud": "aws" if drift else cloud, "dangers:head": str(head).lower()}
            (project / "Pulumi.dev.yaml").write_text(json.dumps({"config": config}))
            if box.run([*asked, "--event-log", str(log)], output=output):
                raise SystemExit(output.read_text()[-4000:])
            if drift and asked == ["up"]:
                change_by_hand(box.public()["aws"])
    finally:
        box.reset()
    target = DATA / ("drift.jsonl" if drift else f"dangers_{cloud}.jsonl")
    target.write_text("".join(kept(log, (*READ, "resOutputsEvent") if drift else READ)))
    return target


def change_by_hand(aws: Mapping[str, str]) -> None:
    """Somebody raises a bound and deletes a bucket."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=aws["endpoint_url"],
            region_name=aws["region"],
            aws_access_key_id=aws["access_key_id"],
            aws_secret_access_key=aws["secret_access_key"],
        )

    client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        ResourceId="endpoint/fraud/variant/primary",
        MinCapacity=1,
        MaxCapacity=30,
    )
    client("s3").delete_bucket(Bucket="dangers-gone")


def kept(log: Path, kinds: Sequence[str]) -> list[str]:
    """The lines that a review reads."""
    lines = []
    for line in log.read_text().splitlines():
        event = json.loads(line)
        debug = event.get("diagnosticEvent", {}).get("severity") == "debug"
        if not debug and any(kind in event for kind in kinds):
            event["timestamp"] = 0
            lines.append(json.dumps(event, sort_keys=True) + "\n")
    return lines


if __name__ == "__main__":
    for name in sys.argv[1:] or (*CLOUDS, DRIFT):
        with tempfile.TemporaryDirectory() as made:
            print(record(name, Path(made)))
