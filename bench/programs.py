"""Projects of any size: one cloud's half of the shipped stack, as it is and written flat.

Both run the same wiring with the same typed resource classes, so they declare the same resources.
Flat leaves the components out: nothing is registered for them, children have no parent and wait for
no component. ``after`` a component is left out with it, which favours the flat side.
"""

from __future__ import annotations

import copy
import shutil
import sys
from pathlib import Path
from typing import Any, Literal

import yaml

Style = Literal["components", "flat"]
ALL = "all"
"""In place of one cloud: the whole stack."""

_MAIN = """
import pulumi
from components.core import base
from infra.program import main

if {flat}:
    def start(self, name, opts):
        self._name = name
        self._shared = opts

    def options(self, *, depends_on=None, **others):
        waits = [one for one in depends_on or () if not isinstance(one, base.MlComponent)]
        shared = pulumi.ResourceOptions(
            providers=getattr(self._shared, "providers", None),
            protect=getattr(self._shared, "protect", None),
        )
        return pulumi.ResourceOptions.merge(
            shared, pulumi.ResourceOptions(depends_on=waits, **others)
        )

    base.MlComponent.__init__ = start
    base.MlComponent._opts = options
    base.MlComponent.register_outputs = lambda self, outputs: None

if {cloud!r} in ("gcp", "all"):  # these ask a cloud, and none is there
    import infra.gcp

    infra.gcp.make_storage_agent = lambda *given: None
    infra.gcp.project_number = lambda *given: "123456789012"

main()
"""

_PLUGIN = """#!/bin/sh
if [ "$MLP_SANDBOX_STAND_INS" = inert ]; then
    cd "{root}" && exec "{python}" -u -m bench.idle "$@"
fi
exec "{root}/plugins/mlgap/pulumi-resource-mlgap" "$@"
"""


def source(cloud: str, style: Style) -> str:
    """The program's text."""
    return _MAIN.format(flat=style == "flat", cloud=cloud)


def write(
    folder: Path, *, cloud: str, style: Style, copies: int, root: Path, policies: bool = False
) -> Path:
    """A project in ``folder`` whose stack has each shipped workload ``copies`` times, on one
    cloud or all.

    ``mlgap`` does nothing when ``MLP_SANDBOX_STAND_INS`` says so.
    """
    _fresh(folder, root, policies=policies)
    (folder / "__main__.py").write_text(source(cloud, style))
    stack = yaml.safe_load((root / "Pulumi.dev.yaml").read_text())
    name = "dev" if cloud == ALL else f"dev-{cloud}"
    (folder / f"Pulumi.{name}.yaml").write_text(
        yaml.safe_dump(multiplied(stack, copies), sort_keys=False)
    )
    return folder


def multiplied(stack: dict[str, Any], copies: int) -> dict[str, Any]:
    """The stack with each workload as often as asked, under names of their own."""
    made = copy.deepcopy(stack)
    workloads = made["config"]["mlplatform:workloads"]
    made["config"]["mlplatform:workloads"] = {
        f"{name[0]}{number}": copy.deepcopy(workload)
        for number in range(copies)
        for name, workload in workloads.items()
    }
    return made


def shipped(folder: Path, *, root: Path) -> Path:
    """The shipped project in ``folder`` without its policies, with an mlgap that can be told to do
    nothing.
    """
    _fresh(folder, root, policies=False)
    for name in ("__main__.py", "Pulumi.dev.yaml"):
        (folder / name).symlink_to(root / name)
    return folder


def _fresh(folder: Path, root: Path, *, policies: bool) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pack = ("policies",) if policies else ()
    for name in ("Pulumi.yaml", "infra", "components", "models", ".venv", *pack):
        (folder / name).symlink_to(root / name)
    plugin = folder / "plugins" / "mlgap" / "pulumi-resource-mlgap"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(_PLUGIN.format(python=sys.executable, root=root))
    plugin.chmod(0o755)
