"""``mlp doctor``: what is installed, what is missing, how to mend it."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from mlplatform.cli.places import ROOT

_PACKAGES = ("pulumi", "pulumi-policy", "pulumi-aws", "pulumi-gcp", "pulumi-azure-native")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that the project needs."""

    name: str
    found: str | None
    ok: bool
    mend: str
    """What to do when it is not; empty when nothing is to be done."""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tell what is installed, what is missing and how to mend it."""
    findings = examine()
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        print("\n".join(lines(findings)))
    raise typer.Exit(int(not all(finding.ok for finding in findings)))


def examine(root: Path = ROOT) -> list[Finding]:
    """Look at everything; nothing is started or changed."""
    return [_python(), *_packages(), _lock(root), _engine(), *_clouds()]


def lines(findings: list[Finding]) -> list[str]:
    """For people: one line each, the remedy below."""
    width = max(len(finding.name) for finding in findings)
    shown: list[str] = []
    for finding in findings:
        mark = "ok     " if finding.ok else "MISSING"
        shown.append(f"{mark}  {finding.name:<{width}}  {finding.found or '-'}")
        if finding.mend:
            shown.append(f"{'':9}{'':<{width}}  {finding.mend}")
    return shown


def _python() -> Finding:
    return Finding(
        name="python", found=f"{sys.version.split()[0]} {sys.executable}", ok=True, mend=""
    )


def _packages() -> list[Finding]:
    return [_package(name) for name in _PACKAGES]


def _package(name: str) -> Finding:
    try:
        return Finding(name=name, found=metadata.version(name), ok=True, mend="")
    except metadata.PackageNotFoundError:
        return Finding(name=name, found=None, ok=False, mend="delete .venv and run ./mlp doctor")


def _lock(root: Path) -> Finding:
    """Whether what is installed is what the committed lock says."""
    different = []
    for line in (root / "requirements" / "dev.txt").read_text().splitlines():
        name, _, wanted = line.partition("==")
        if not wanted or line.startswith("#"):
            continue
        wanted = wanted.partition(";")[0].strip()
        try:
            have = metadata.version(name.strip().partition("[")[0])
        except metadata.PackageNotFoundError:
            have = "none" if ";" not in line else wanted
        if have != wanted:
            different.append(f"{name.strip()} {have} instead of {wanted}")
    return Finding(
        name="requirements/dev.txt",
        found="; ".join(different[:3]) if different else "installed as locked",
        ok=not different,
        mend="delete .venv and run ./mlp doctor" if different else "",
    )


def _engine() -> Finding:
    from mlplatform.sandbox.toolchain import engine, versions

    found = engine.find()
    if found is not None:
        whose = "its own language host" if found.official_host else "the sandbox's language host"
        return Finding(
            name="pulumi engine",
            found=f"{found.version} {found.executable}, {whose}",
            ok=True,
            mend="",
        )
    go = engine.go_on_path()
    compiler = f"with {go}" if go else f"with {engine.go_requirement()} from PyPI"
    folder = engine.existing_parent(engine.cache_folder())
    free, wanted = shutil.disk_usage(folder).free, engine.BUILD_SPACE_BYTES
    space = "" if free >= wanted else f", and needs {(wanted - free) / 1e9:.1f} GB more in {folder}"
    return Finding(
        name="pulumi engine",
        found=None,
        ok=False,
        mend=f"`./mlp sandbox up` builds {versions.ENGINE} {compiler}, about 5 minutes, once"
        f"{space}; or put pulumi {versions.ENGINE} or newer on PATH",
    )


def _clouds() -> list[Finding]:
    from mlplatform.sandbox import processes

    have = processes.available()
    return [Finding(name="local clouds", found=", ".join(have) or None, ok=bool(have), mend="")]
