"""``mlp sandbox``: the project under the real engine, on local clouds."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlplatform.cli import refusals
from mlplatform.cli.places import ROOT
from mlplatform.review import events
from mlplatform.sandbox.errors import UserError

if TYPE_CHECKING:
    from mlplatform.sandbox.session import Sandbox

app = typer.Typer(
    help="The project under the real Pulumi engine, on clouds that run on this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Stack = Annotated[str, typer.Option(help="The stack; its configuration is Pulumi.<stack>.yaml.")]
Cwd = Annotated[
    Path, typer.Option(help="The folder of any Pulumi project in Python.", show_default="this one")
]
Rest = Annotated[
    list[str] | None, typer.Argument(metavar="[-- FLAGS]", help="Handed to pulumi as it is.")
]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
def up(stack: Stack = "dev", cwd: Cwd = ROOT, rest: Rest = None) -> None:
    """Create or update everything, and tell the endpoints."""
    sandbox = _open(cwd)
    code = _run(sandbox, "up", stack, rest)
    if code == 0:
        print(farewell(sandbox.outputs(stack=stack), stack=stack, cwd=cwd), flush=True)
    raise typer.Exit(code)


@app.command()
def preview(stack: Stack = "dev", cwd: Cwd = ROOT, rest: Rest = None) -> None:
    """Show what `up` would change; run the policies; tell what a cloud would refuse to change."""
    sandbox, flags = _open(cwd), rest or []
    default = sandbox.layout.logs / "preview-events.jsonl"
    log = refusals.file_written(flags, default=default, folder=sandbox.project.root)
    before = _written_at(log)
    code = _run(sandbox, "preview", stack, ["--event-log", str(default), *flags])
    # An engine that did not get as far as writing its log left that of an earlier run.
    refused = log is not None and _written_at(log) != before and _tell_refusals(log, code)
    raise typer.Exit(code or int(refused))


@app.command()
def refresh(stack: Stack = "dev", cwd: Cwd = ROOT, rest: Rest = None) -> None:
    """Compare the state with what the local clouds have."""
    raise typer.Exit(_run(_open(cwd), "refresh", stack, rest))


@app.command()
def destroy(stack: Stack = "dev", cwd: Cwd = ROOT, rest: Rest = None) -> None:
    """Delete everything, protected or not: it is the sandbox."""
    sandbox = _open(cwd)
    code = sandbox.unprotect(stack=stack)
    raise typer.Exit(code or _run(sandbox, "destroy", stack, rest))


@app.command()
def status(cwd: Cwd = ROOT, as_json: Json = False) -> None:
    """Tell what runs and what exists."""
    found = asdict(_open(cwd).status())
    print(json.dumps(found, indent=2) if as_json else "\n".join(_status_lines(found)))


@app.command()
def stop(cwd: Cwd = ROOT) -> None:
    """Stop the local clouds; the next command starts them again with what they held."""
    stopped = _open(cwd).stop()
    print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


@app.command()
def reset(cwd: Cwd = ROOT) -> None:
    """Stop everything and delete the sandbox's folder."""
    sandbox = _open(cwd)
    print(f"deleted {sandbox.layout.root}" if sandbox.reset() else "there was no sandbox")


@app.command()
def env(stack: Stack = "dev", cwd: Cwd = ROOT, as_json: Json = False) -> None:
    """Print what the vendors' own clients need to talk to the local clouds."""
    from mlplatform.sandbox.environment import in_the_way

    sandbox = _open(cwd)
    if as_json:
        print(json.dumps(sandbox.public(stack=stack), indent=2))
        return
    exports = sandbox.exports(stack=stack)
    for name in in_the_way(sandbox.environ, exports):
        print(f"unset {name}")
    for name, value in sorted(exports.items()):
        print(f"export {name}={shlex.quote(value)}")


def farewell(outputs: Mapping[str, Any], *, stack: str, cwd: Path) -> str:
    """The last words of `up`: the endpoints' names, and what to do next."""
    rows = list(endpoints(outputs))
    lines = ["", "Endpoints:"] if rows else [""]
    wide_where = max((len(where) for where, _, _ in rows), default=0)
    wide_name = max((len(name) for _, name, _ in rows), default=0)
    for where, name, url in rows:
        lines.append(f"  {where:<{wide_where}}  {name:<{wide_name}}  {url}".rstrip())
    flags = ("" if stack == "dev" else f" --stack {stack}") + (
        "" if cwd == ROOT else f" --cwd {shlex.quote(str(cwd))}"
    )
    steps = (
        (f"./mlp sandbox preview{flags}", "shows no change"),
        (f'eval "$(./mlp sandbox env{flags})"', "lets the vendors' own clients look"),
        (f"./mlp sandbox destroy{flags}", "deletes everything"),
    )
    wide = max(len(command) for command, _ in steps)
    lines += ["Next:", *(f"  {command:<{wide}}  # {what}" for command, what in steps)]
    return "\n".join(lines)


def endpoints(outputs: Mapping[str, Any], where: str = "") -> Iterator[tuple[str, str, str]]:
    """(where, name, url) of each endpoint in the stack's outputs, however deep."""
    name = outputs.get("endpoint_name")
    if isinstance(name, str):
        url = outputs.get("endpoint_url")
        yield where, name, url if isinstance(url, str) else ""
    for key, value in outputs.items():
        if isinstance(value, Mapping):
            yield from endpoints(value, f"{where}.{key}" if where else key)


def _open(cwd: Path) -> Sandbox:
    from mlplatform.sandbox.session import Sandbox

    return Sandbox(cwd, say=lambda line: print(line, file=sys.stderr, flush=True))


def _run(sandbox: Sandbox, operation: str, stack: str, rest: list[str] | None) -> int:
    return sandbox.run(
        [operation, *(rest or [])], stack=stack, policy_pack=sandbox.project.policy_pack
    )


def _tell_refusals(log: Path, code: int) -> bool:
    """Print what a cloud would refuse in a preview that ended with ``code``; whether it would."""
    try:
        verdict = refusals.judge(events.load(log))
    except events.EventLogError as error:
        if code:
            return False  # the engine has said why it stopped
        raise UserError(str(error)) from None
    for line in refusals.listed(verdict):
        print(line, file=sys.stderr, flush=True)
    return verdict.refused


def _written_at(log: Path | None) -> int | None:
    return log.stat().st_mtime_ns if log is not None and log.exists() else None


def _status_lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"folder  {found['folder']}"
    yield f"engine  {found['engine'] or 'not built yet'}"
    for cloud, about in found["clouds"].items():
        state = f"runs (process {about['pid']})" if about["running"] else "stopped"
        where = [str(v) for k, v in about.items() if k.endswith("endpoint") or k == "endpoint_url"]
        yield f"cloud   {cloud}: {' '.join([state, *where])}"
    for name, count in found["stacks"].items():
        yield f"stack   {name}: {count} resources"
    if found["in_use_by"]:
        yield f"in use  by process {found['in_use_by']}"
