"""The bench's two ways to write a stack stay twins, and run with providers that do nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
def test_flat_program_declares_the_same_resources_with_the_same_inputs(cloud: str) -> None:
    # A process of its own: the flat program takes the components apart for good.
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.twins", cloud],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    declared: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    assert len(declared["components"]) > 50
    assert declared["flat"] == declared["components"]
