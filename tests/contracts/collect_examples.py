"""Collects the examples in the documentation of pulumi_aws as inputs that the real provider takes.

They were written for the provider's users by its authors, so they are a witness that does not
depend on the service models: whatever a contract says against them is a false refusal, or a known
slip of an example. Each example runs under Pulumi's mocks, and what it registers is kept. Run from
the root:

    python tests/contracts/collect_examples.py

It writes `tests/contracts/data/pulumi_aws_examples.json`.
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

from mlplatform.contracts.aws.plan import tokens
from mlplatform.sandbox.providers.aws_invoke import policy_document

OUT = Path(__file__).parent / "data" / "pulumi_aws_examples.json"
_REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
_TRUST = {
    "actions": ["sts:AssumeRole"],
    "principals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}],
}
_CODE = re.compile(r"^ *```python\n(.*?)```", re.DOTALL | re.MULTILINE)


class Recorder(mocks.Mocks):
    """Keeps the inputs of every resource and makes up plausible outputs."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.seen.append((args.typ, dict(args.inputs)))
        name = str(args.inputs.get("name") or args.inputs.get("bucket") or args.name)
        made = {"arn": _arn(args.typ, name), "name": name, "bucket": name, "id": name}
        made |= {"serviceName": f"com.amazonaws.vpce.{name}", "serviceType": "GatewayLoadBalancer"}
        made |= {"keyId": "00000000-0000-0000-0000-000000000000", "key": name}
        return name, {**made, **args.inputs}

    def call(self, args: mocks.MockCallArgs) -> Any:
        if args.token.endswith("getPolicyDocument"):
            return {"json": json.dumps(policy_document(args.args))}
        return {
            "accountId": "123456789012",
            "name": "us-east-1",
            "partition": "aws",
            "region": "us-east-1",
            "registryPath": f"{_REGISTRY}/kmeans:1",
        }


class Names(dict[str, Any]):
    """The names of an example; those that it takes from elsewhere are made up."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        if name.endswith("_count"):
            return 1
        return f"{_REGISTRY}/image:1" if name.endswith("_image") else Elsewhere(name)


class Elsewhere(str):
    """Something that an example does not show, such as `example_role["arn"]`."""

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        made = {
            "arn": f"arn:aws:iam::123456789012:role/{self}",
            "keyId": "00000000-0000-0000-0000-000000000000",
            "repositoryUrl": f"{_REGISTRY}/{self}",
            "registryPath": f"{_REGISTRY}/image:1",
            "json": json.dumps(policy_document({"statements": [_TRUST]})),
        }
        return made.get(key, str(self).replace("_", "-"))


def main() -> None:
    """Run every example of every covered type."""
    found: dict[str, list[dict[str, Any]]] = {}
    for token in sorted(tokens()):
        module, name = token.split(":")[1].split("/")[0], token.rpartition(":")[2]
        cls = getattr(importlib.import_module(f"pulumi_aws.{module}"), name)
        # The text stands in the overloads of __init__, which leave no docstring at run time.
        for code in sorted({textwrap.dedent(c) for c in _CODE.findall(inspect.getsource(cls))}):
            for typ, inputs in run(code):
                if typ in tokens() and inputs not in found.setdefault(typ, []):
                    found[typ].append(inputs)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(sum(len(bodies) for bodies in found.values()), "bodies of", len(found), "types")


def run(code: str) -> list[tuple[str, dict[str, Any]]]:
    """What one example registers; examples that do not run alone give what they got to."""
    recorder = Recorder()
    asyncio.set_event_loop(asyncio.new_event_loop())
    set_mocks(recorder, project="examples", stack="dev", preview=False)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]  # waits for everything that the example registered
    def program() -> None:
        with contextlib.suppress(Exception):
            exec(compile(code, "example", "exec"), {"__name__": "example"}, Names())

    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        with contextlib.suppress(Exception):
            program()
    settings.reset_options()
    return [(typ, _plain(inputs)) for typ, inputs in recorder.seen]


def _arn(token: str, name: str) -> str:
    _, module, kind = token.replace("/", ":").split(":")[:3]
    if kind == "key":
        return "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    if module == "s3":
        return f"arn:aws:s3:::{name}"
    region = "" if module == "iam" else "us-east-1"
    return f"arn:aws:{module}:{region}:123456789012:{kind}/{name}"


def _plain(value: Any) -> Any:
    if isinstance(value, pulumi.FileAsset):
        return {"path": value.path}
    if isinstance(value, pulumi.StringAsset):
        return {"text": value.text}
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


if __name__ == "__main__":
    main()
