"""Records tests/review/data/gaps.jsonl: `python -m tests.review.recording.gaps`.

The shipped stack, whose head asks for hardware that cannot be had: what the real program warns of
and what the stack's outputs were. Steps of other resources are left out.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import yaml

from mlplatform.sandbox.session import Sandbox
from tests.engine.conftest import ROOT, SHIPPED
from tests.review.recording.record import DATA, READ, kept


def record(folder: Path) -> Path:
    """The log of a head with a substituted accelerator on three clouds."""
    project = folder / "program"
    project.mkdir()
    for name in SHIPPED:
        (project / name).symlink_to(ROOT / name)
    (project / ".venv").symlink_to(Path(sys.prefix))
    stack = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    file, log, output = project / "Pulumi.dev.yaml", folder / "log", folder / "output"
    box = Sandbox(project, folder / "sandbox")
    try:
        for asked in ("up", "preview"):
            file.write_text(yaml.safe_dump(stack))
            if box.run([asked, "--event-log", str(log)], output=output):
                raise SystemExit(output.read_text()[-4000:])
            endpoint = stack["config"]["mlplatform:workloads"]["resnet50"]["endpoint"]
            endpoint["accelerator"] = {"want": "V100", "or": "T4"}
            endpoint["aws"]["instance_type"] = "ml.p3.2xlarge"
            endpoint["azure"]["instance_type"] = "Standard_NC6s_v3"
            endpoint["gcp"]["machine_type"] = "n1-standard-8"
    finally:
        box.reset()
    target = DATA / "gaps.jsonl"
    lines = kept(log, READ)
    target.write_text(
        "".join(
            line
            for line in lines
            if "resourcePreEvent" not in line or "pulumi:pulumi:Stack::" in line.split('"urn"')[-1]
        )
    )
    return target


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print(record(Path(made)))
