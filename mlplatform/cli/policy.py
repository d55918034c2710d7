"""``mlp policy``: judge a stack or a preview, and say what the rules are.

Only what the command line needs to know is here; the rest (``policing``) loads the pack, which
would slow every ``mlp --help``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlplatform.cli.places import ROOT

app = typer.Typer(
    help="Judge a stack or a preview by the policy pack, and say what its rules are.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Levels and settings of rules, as JSON.")
]
ExemptionsFile = Annotated[
    Path | None, typer.Option("--exemptions", help="Default: policies/exemptions.yaml.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="A date in place of today's, such as 2027-03-31.")
]
Cwd = Annotated[Path, typer.Option("--cwd", help="The project's folder.")]


@app.command()
def check(
    event_log: Annotated[
        Path | None,
        typer.Option(
            "--event-log",
            help="Judge this log of any project, written by "
            "`PULUMI_DEBUG_COMMANDS=true pulumi preview --policy-pack ... --event-log FILE`.",
        ),
    ] = None,
    stack: Annotated[
        str | None, typer.Option(help="Preview this stack in the sandbox, and judge that.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="dev, prod, strict or remediate; by the stack's name when left out."),
    ] = None,
    config: ConfigFile = None,
    exemptions_file: ExemptionsFile = None,
    as_of: AsOf = None,
    sarif: Annotated[Path | None, typer.Option(help="Write SARIF 2.1.0 here.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML here.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Show advice in full, too.")] = False,
    cwd: Cwd = ROOT,
) -> None:
    """Tell what breaks the rules and what a cloud would refuse; exit code 4 when something does."""
    from mlplatform.cli import policing

    raise typer.Exit(
        policing.check(
            event_log=event_log,
            stack=stack,
            profile=profile,
            config=config,
            exemptions_file=exemptions_file,
            as_of=as_of,
            sarif=sarif,
            junit=junit,
            every=every,
            cwd=cwd,
        )
    )


@app.command(name="list")
def list_(
    cloud: Annotated[str | None, typer.Option(help="aws, gcp, azure or all.")] = None,
) -> None:
    """List the rules: id, severity, what must hold."""
    from mlplatform.cli import policing

    policing.list_rules(cloud)


@app.command()
def explain(rule: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Say what a rule asks, why, how to mend it, and where it comes from."""
    from mlplatform.cli import policing

    policing.explain(rule)


@app.command()
def exemptions(file: ExemptionsFile = None, as_of: AsOf = None) -> None:
    """List every exemption; exit code 4 when one has expired."""
    from mlplatform.cli import policing

    raise typer.Exit(policing.list_exemptions(file, as_of))


@app.command()
def docs(
    stale: Annotated[bool, typer.Option("--check", help="Only say what is stale.")] = False,
) -> None:
    """Write the generated pages, profiles and schema anew."""
    from mlplatform.cli import policing

    raise typer.Exit(policing.docs(stale=stale))
