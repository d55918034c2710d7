"""A tiny Pulumi project with one mlgap endpoint, run by the real engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlplatform.sandbox import environment
from mlplatform.sandbox.toolchain import engine, placement

ROOT = Path(__file__).parents[2]
STACK = "dev"
PROJECT = f"""
name: gaps
runtime: {{name: python, options: {{virtualenv: {sys.prefix}}}}}
plugins: {{providers: [{{name: mlgap, path: {ROOT / "plugins" / "mlgap"}}}]}}
"""
PROGRAM = """
import json, pathlib
import pulumi
from mlplatform.gaps.sdk import Provider
from mlplatform.gaps.sdk.aws import Endpoint

want = json.loads(pathlib.Path("want.json").read_text())
provider = Provider("gaps", aws={"region": "us-east-1", "account_id": want.pop("account")})
imported = want.pop("import", None)
endpoint = Endpoint(
    "shop", **want, opts=pulumi.ResourceOptions(provider=provider, import_=imported)
)
pulumi.export("arn", endpoint.arn)
pulumi.export("config", endpoint.endpoint_config_name)
"""


@dataclass
class Walk:
    """The project in ``folder`` and the AWS that ``aws`` (environment variables) leads to."""

    folder: Path
    aws: dict[str, str]

    def __post_init__(self) -> None:
        (self.folder / "Pulumi.yaml").write_text(PROJECT)
        (self.folder / "__main__.py").write_text(PROGRAM)
        (self.folder / "state").mkdir()
        self._pulumi = placement.place(engine.get(lambda _: None), self.folder / "bin", self.folder)
        self.run("stack", "init", STACK)

    def want(self, **inputs: Any) -> None:
        (self.folder / "want.json").write_text(json.dumps(inputs))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        around = environment.hermetic(
            os.environ, home=self.folder / "home", state=self.folder / "state"
        )
        return subprocess.Popen(
            [self._pulumi, *arguments, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env={**around, **self.aws},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, expect: int | None = 0) -> str:
        """What a pulumi command prints; ``expect`` is its exit status, None for a failure."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=120)
        good = process.returncode == expect if expect is not None else process.returncode != 0
        assert good, f"{arguments} ended with {process.returncode}:\n{output}"
        return output

    def up(self, expect: int | None = 0) -> str:
        return self.run("up", "--yes", "--skip-preview", "--stack", STACK, expect=expect)

    def resource(self) -> dict[str, Any]:
        """The endpoint in the engine's state; empty when it is not there."""
        deployment = json.loads(self.run("stack", "export", "--stack", STACK))["deployment"]
        found = [r for r in deployment.get("resources", []) if r["type"] == "mlgap:aws:Endpoint"]
        return found[0] if found else {}
