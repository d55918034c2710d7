"""`python -m tests.bench.twins <cloud>`: what each of the bench's programs declares, as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import pulumi
import yaml
from google.protobuf import json_format
from pulumi.runtime import config, mocks

from bench import idle, programs
from mlplatform.sandbox.providers.inert import shown
from tests import recorder
from tests.bench.test_programs import ROOT

OUTPUTS = {cls.TOKEN: dict(idle.outputs(cls)) for cls in idle.classes()}


class Idle(pulumi.runtime.Mocks):
    """Answers as the providers do that do nothing."""

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str | None, dict[Any, Any]]:
        made_up = dict.fromkeys(("arn", "name", "selfLink"), args.name)
        return args.name, {**made_up, **OUTPUTS.get(args.typ, {}), **shown(dict(args.inputs))}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        return dict(args.args)


def declared(cloud: str, style: programs.Style) -> dict[str, Any]:
    """Type and name of each resource that a cloud would see, and its inputs."""
    inner = Idle()
    monitor = recorder._Monitor(inner)
    mocks.set_mocks(inner, project="mlplatform", stack="dev", monitor=monitor)
    program = compile(programs.source(cloud, style), "__main__.py", "exec")
    pulumi.runtime.test(lambda: exec(program, {}))()  # type: ignore[no-untyped-call]
    return {
        f"{one.type} {one.name}": json_format.MessageToDict(one.request.object)
        for one in monitor.recorded
        if one.request.custom
    }


def main(cloud: str) -> int:
    """Print both programs' resources."""
    stack = programs.multiplied(yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text()), 1)
    clouds = stack["config"]["mlplatform:clouds"]
    stack["config"]["mlplatform:clouds"] = {cloud: clouds[cloud]}
    config.set_all_config({key: json.dumps(value) for key, value in stack["config"].items()})
    print(json.dumps({style: declared(cloud, style) for style in ("components", "flat")}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
