"""Compile the AWS contracts: table + pulumi_aws + botocore -> data, and the coverage table.

Written: `contracts/aws/data/index.json` (token -> file), `data/types/<module>.<Class>.json`,
`data/shapes/<service>.json` (enums, patterns and bounds, once per service) and
`docs/coverage/aws.md`. Everything is sorted and indented, so that a change is a readable diff.
"""

from __future__ import annotations

import importlib.metadata
import json
import tomllib
from pathlib import Path
from typing import Any

from mlplatform.contracts.compile import aws_vendor_model as vendor
from mlplatform.contracts.compile.aws_coverage import coverage
from mlplatform.contracts.compile.aws_type import Compiled, compile_type

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / "mlplatform" / "contracts" / "aws"
COVERAGE = ROOT / "docs" / "coverage" / "aws.md"


def main(*, check: bool) -> int:
    """Write the data, or with `check` only compare; 1 when something is stale."""
    wanted = files()
    present = {*HOME.glob("data/**/*.json"), COVERAGE}
    stale = sorted(path for path in {*wanted, *present} if _read(path) != wanted.get(path))
    for path in stale:
        if check:
            print(f"stale: {path.relative_to(ROOT)}")
        elif path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    if stale and check:
        print("run: python -m mlplatform.contracts.compile aws")
    return int(bool(stale) and check)


def files() -> dict[Path, str]:
    """Every file that the compiler writes, with its text."""
    types: list[Compiled] = []
    index: dict[str, str] = {}
    shapes: dict[str, dict[str, Any]] = {}
    out: dict[Path, str] = {}
    problems: list[str] = []
    for table in sorted((HOME / "table").glob("*.toml")):
        header = tomllib.loads(table.read_text(encoding="utf-8"))
        for name, entry in sorted(header.pop("types").items()):
            try:
                made = compile_type(table.stem, name, entry, header)
            except LookupError as error:
                problems.append(f"{table.stem}.{name}: {error.args[0]}")
                continue
            types.append(made)
            index[made.data["token"]] = f"{table.stem}.{name}"
            out[HOME / "data" / "types" / f"{table.stem}.{name}.json"] = _text(made.data)
            service = shapes.setdefault(made.data["service"], {})
            service.update({n: vendor.constraints(s) for n, s in made.shapes.items()})
    if problems:
        raise SystemExit("\n".join(problems))
    for service_name, found in shapes.items():
        out[HOME / "data" / "shapes" / f"{service_name}.json"] = _text(found)
    out[HOME / "data" / "index.json"] = _text(index)
    out[COVERAGE] = coverage(types, shapes, versions())
    return out


def versions() -> dict[str, str]:
    """The locked SDKs that the data was made from."""
    return {name: importlib.metadata.version(name) for name in ("pulumi-aws", "botocore")}


def _text(data: Any) -> str:
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
