"""What ``mlp policy`` does: judges a stack or a preview, and says what the rules are."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import typer

from ml_policies import catalogue, configuration, exemptions, profiles
from ml_policies.dates import AS_OF, today
from ml_policies.pack import EXEMPTIONS, OWN
from ml_policies.rule import Described
from ml_policies.rules import all_rules
from mlplatform.catalog.nearest import nearest
from mlplatform.cli import formats, verdicts
from mlplatform.cli.places import ROOT
from mlplatform.review import events
from mlplatform.review.events import EventLog, EventLogError

FAILED = 1
WRONG_USAGE = 2
VIOLATION = 4
"""docs/exit-codes.md"""
DOCS = ROOT / "docs"
EXEMPTIONS_FILE = ROOT / "policies" / "exemptions.yaml"
_LAST_LINES = 15


def check(
    *,
    event_log: Path | None,
    stack: str | None,
    profile: str | None,
    config: Path | None,
    exemptions_file: Path | None,
    as_of: str | None,
    sarif: Path | None,
    junit: Path | None,
    every: bool,
    cwd: Path,
) -> int:
    """Judge a log, or a preview of a stack in the sandbox; the exit code."""
    known = _known()
    if event_log is not None and stack is None:
        log = _read(event_log)
    elif stack is not None and event_log is None:
        configured = _configuration(stack, profile, config)
        log = _previewed(stack, configured, exemptions_file, as_of, cwd)
    else:
        raise _wrong("give either --stack or --event-log")
    found = verdicts.of(log, known)
    print("\n".join(formats.table(found, every=every)))
    for line in verdicts.not_judged(log):
        print(line)
    file = f"Pulumi.{stack}.yaml" if stack else "Pulumi.yaml"
    _write(sarif, formats.sarif(found, known=known, file=file))
    _write(junit, formats.junit(found, passed=sorted(known)))
    return VIOLATION if any(one.fails for one in found) else 0


def list_rules(cloud: str | None) -> None:
    """One line for each rule."""
    rules = [*all_rules(), *OWN]
    width = max(len(rule.id) for rule in rules)
    for rule in rules:
        if cloud is None or rule.cloud == cloud:
            print(f"{rule.id:<{width}}  {rule.severity.value:<8}  {rule.summary}")


def explain(rule: str) -> None:
    """Everything about one rule."""
    known = _known()
    if rule not in known:
        near = nearest(rule, known)
        raise _wrong(f"{rule}: no such rule; " + (f"nearest: {near}" if near else "see the list"))
    print("\n".join(catalogue.explain(known[rule])))


def list_exemptions(file: Path | None, as_of: str | None) -> int:
    """Every exemption and its state; the exit code."""
    found = _exemptions(file, _date(as_of))
    for one in found.every:
        state = "EXPIRED" if one.is_expired(found.as_of) else "in force"
        print(f"{state:<8}  until {one.expires}  {one.rule}  {one.resource}  {one.owner}")
        print(f"          {one.reason}")
    print(f"exemptions: {len(found.every)}, {len(found.expired)} expired on {found.as_of}")
    return VIOLATION if found.expired else 0


def docs(*, stale: bool) -> int:
    """Write what is stale, or only say so; the exit code."""
    old = [path for path, text in generated().items() if not _same(path, text)]
    for path in old:
        if stale:
            print(f"{path.relative_to(ROOT)} is stale; run ./mlp policy docs", file=sys.stderr)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(generated()[path])
    return int(stale and bool(old))


def generated() -> dict[Path, str]:
    """Every generated file of the pack, with its text."""
    rules = all_rules()
    every = [*rules, *OWN]
    schema = json.dumps(configuration.schema(every), indent=1) + "\n"
    return {
        DOCS / "policies.md": catalogue.page(rules, OWN),
        DOCS / "policy-coverage.md": catalogue.coverage(rules),
        ROOT / "policies" / "config.schema.json": schema,
        **{
            ROOT / "policies" / "profiles" / f"{name}.json": profiles.text(name, every)
            for name in profiles.PROFILES
        },
    }


def _known() -> dict[str, Described]:
    return {rule.id: rule for rule in (*all_rules(), *OWN)}


def _configuration(stack: str, profile: str | None, config: Path | None) -> dict[str, Any]:
    """The profile with somebody's own configuration over it; every problem in one list."""
    environment = stack.rsplit("-", 1)[0] if stack.endswith(("-aws", "-gcp", "-azure")) else stack
    chosen = profile or profiles.of(environment)
    if chosen not in profiles.PROFILES:
        raise _wrong(f"--profile: got {chosen}; allowed: {', '.join(profiles.PROFILES)}")
    every = list(_known().values())
    base = profiles.configuration(chosen, every)
    if config is None:
        return base
    try:
        own = json.loads(config.read_text())
    except (OSError, ValueError) as error:
        raise _wrong(f"{config}: {error}") from None
    problems = configuration.problems(own, every)
    if problems:
        listed = "\n".join(f"  {line}" for line in problems)
        raise _wrong(f"{config} has {len(problems)} problems:\n{listed}")
    return profiles.merged(base, own)


def _previewed(
    stack: str,
    configured: dict[str, Any],
    exemptions_file: Path | None,
    as_of: str | None,
    cwd: Path,
) -> EventLog:
    """The event log of a preview in the sandbox."""
    day = _date(as_of)
    path = exemptions_file or EXEMPTIONS_FILE
    _exemptions(exemptions_file, day)
    with tempfile.TemporaryDirectory() as folder:
        log, said = Path(folder, "events.jsonl"), Path(folder, "policies.json")
        said.write_text(json.dumps(configured))
        command = [sys.executable, "-P", "-m", "mlplatform.cli", "sandbox", "preview"]
        command += ["--stack", stack, "--cwd", str(cwd), "--"]
        command += ["--policy-pack-config", str(said), "--event-log", str(log)]
        done = subprocess.run(
            command,
            env={**os.environ, AS_OF: str(day), EXEMPTIONS: str(path.resolve())},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if log.exists():
            found = events.load(log)
            if done.returncode == 0 or found.violations:
                return found
        last = "\n".join(done.stdout.strip().splitlines()[-_LAST_LINES:])
        print(f"{last}\nmlp: the preview of {stack} failed; nothing was judged", file=sys.stderr)
        raise typer.Exit(FAILED)


def _read(path: Path) -> EventLog:
    try:
        log = events.load(path)
        if log.summary is None:
            raise EventLogError(f"{path} ends before the preview does: run it again")
    except EventLogError as error:
        raise _wrong(str(error)) from None
    return log


def _exemptions(file: Path | None, day: dt.date) -> exemptions.Exemptions:
    path = file or EXEMPTIONS_FILE
    try:
        return exemptions.read(path, rules=_known(), as_of=day, required=file is not None)
    except exemptions.ExemptionError as error:
        raise _wrong("\n".join(error.problems)) from None


def _date(text: str | None) -> dt.date:
    try:
        return dt.date.fromisoformat(text) if text else today()
    except ValueError:
        raise _wrong(f"--as-of: got {text!r}; allowed: a date such as 2027-03-31") from None


def _write(path: Path | None, text: str) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def _wrong(message: str) -> typer.Exit:
    print(f"mlp: {message}", file=sys.stderr)
    return typer.Exit(WRONG_USAGE)
