"""Collects the examples in the documentation of pulumi_gcp as inputs that the real provider takes.

They were written for the provider's users by its authors and are run against the real services, so
they are a witness that does not depend on the discovery documents. Each example runs under Pulumi's
mocks, and what it registers is kept; what it takes from another resource is unknown. Run from the
root:

    python tests/contracts/collect_gcp_examples.py

It writes `tests/contracts/data/pulumi_gcp_examples.json`.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import importlib
import inspect
import io
import json
import re
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, set_mocks, settings

from mlplatform.contracts.gcp.plan import tokens
from mlplatform.contracts.unknown import UNKNOWN

OUT = Path(__file__).parent / "data" / "pulumi_gcp_examples.json"
_CODE = re.compile(r"^ *```python\n(.*?)```", re.DOTALL | re.MULTILINE)
_OUTPUTS = ("email", "id", "keyRing", "member", "name", "number", "projectId", "repositoryId")


class Recorder(mocks.Mocks):
    """Keeps the inputs of every resource; what a resource puts out is unknown."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.seen.append((args.typ, dict(args.inputs)))
        return UNKNOWN, {**dict.fromkeys(_OUTPUTS, UNKNOWN), **args.inputs}

    def call(self, args: mocks.MockCallArgs) -> Any:
        del args
        return dict.fromkeys(_OUTPUTS, UNKNOWN)


class Names(dict[str, Any]):
    """The names of an example; those that it takes from elsewhere are unknown."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        return Elsewhere(UNKNOWN)


class Elsewhere(str):
    """Something that an example does not show, such as `key["id"]`."""

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(key) if not isinstance(key, str) else UNKNOWN


def main() -> None:
    """Run every example of every covered type of the provider."""
    known = {token for token in tokens() if token.startswith("gcp:")}
    found: dict[str, list[dict[str, Any]]] = {}
    for token in sorted(known):
        module, name = token.split(":")[1].split("/")[0], token.rpartition(":")[2]
        cls = getattr(importlib.import_module(f"pulumi_gcp.{module}"), name)
        # The text stands in the overloads of __init__, which leave no docstring at run time.
        for code in sorted({textwrap.dedent(c) for c in _CODE.findall(inspect.getsource(cls))}):
            for typ, inputs in run(code):
                if typ in known and inputs not in found.setdefault(typ, []):
                    found[typ].append(inputs)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(sum(len(bodies) for bodies in found.values()), "bodies of", len(found), "types")


def run(code: str) -> list[tuple[str, dict[str, Any]]]:
    """What one example registers; examples that do not run alone give what they got to."""
    recorder = Recorder()
    asyncio.set_event_loop(asyncio.new_event_loop())
    set_mocks(recorder, project="examples", stack="dev", preview=False)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]  # waits for all that was registered
    def program() -> None:
        with contextlib.suppress(Exception):
            exec(compile(code, "example", "exec"), {"__name__": "example"}, Names())

    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        with contextlib.suppress(Exception):
            program()
    settings.reset_options()
    return [(typ, _plain(inputs)) for typ, inputs in recorder.seen]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        return {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17"}
    return value if isinstance(value, str | int | float | bool) else UNKNOWN


if __name__ == "__main__":
    main()
