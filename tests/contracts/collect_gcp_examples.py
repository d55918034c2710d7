"""Collects the examples in the documentation of pulumi_gcp as inputs that the real provider takes.

They were written for the provider's users by its authors and are run against the real services, so
they are a witness that does not depend on the discovery documents. Each example runs under Pulumi's
mocks, and what it registers is kept; what it takes from another resource is made up. Run from the
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
_HERE = "projects/my-project/locations/us-central1"
_IDS = {
    "gcp:kms/keyRing:KeyRing": f"{_HERE}/keyRings/ring",
    "gcp:kms/cryptoKey:CryptoKey": f"{_HERE}/keyRings/ring/cryptoKeys/key",
    "gcp:compute/network:Network": "projects/my-project/global/networks/network",
}
_EMAIL = "my-account@my-project.iam.gserviceaccount.com"
_OUTPUTS = {
    "email": _EMAIL,
    "emailAddress": _EMAIL,
    "member": f"serviceAccount:{_EMAIL}",
    "number": "123456789012",
    "project": "my-project",
    "projectId": "my-project",
    "location": "us-central1",
    "defaultUri": "https://example.com",
    "secretData": "x",
}
_PLACEHOLDERS = dict.fromkeys(("kms-key", "kms-name"), _IDS["gcp:kms/cryptoKey:CryptoKey"])
"""What the generator of the examples writes where its tests put a real key."""
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_SIGNATURE = "4dabf18193072939515e22adb298388d"


class Recorder(mocks.Mocks):
    """Keeps the inputs of every resource and makes up plausible outputs."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.seen.append((args.typ, dict(args.inputs)))
        ident = _IDS.get(args.typ, f"projects/my-project/things/{args.name}")
        return ident, {**_OUTPUTS, "name": args.name.lower(), "id": ident, **args.inputs}

    def call(self, args: mocks.MockCallArgs) -> Any:
        del args
        return {**_OUTPUTS, "id": _IDS["gcp:kms/cryptoKey:CryptoKey"], "name": "name"}


class Names(dict[str, Any]):
    """The names of an example; those that it takes from elsewhere are made up."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        return Elsewhere(name)


class Elsewhere(str):
    """Something that an example does not show, such as `key["id"]`."""

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        return {**_OUTPUTS, "id": _IDS["gcp:kms/cryptoKey:CryptoKey"]}.get(key, "made-up")


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
    if isinstance(value, dict) and value.get(_SIGNATURE) == _SECRET:
        return _plain(value["value"])  # the engine hands providers the bare value
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        return {_SIGNATURE: "c44067f5952c0a294b673a41bacd8c17"}
    if isinstance(value, str):
        return _PLACEHOLDERS.get(value, value)
    return value if isinstance(value, int | float | bool) else UNKNOWN


if __name__ == "__main__":
    main()
