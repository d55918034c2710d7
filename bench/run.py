"""The ratios that the project promises, measured side by side in one run.

Marginal cost is the slope between two sizes of the same program, so that start-up cancels.
``--full`` adds the sizes of 500 and 5,000 resources, which take a quarter of an hour.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import programs, review  # noqa: E402 - the folder above must be on the path first

CLOUDS = ("aws", "gcp", "azure")
SMALL, MIDDLE, LARGE = (2, 12), (14, 20), (150, 156)
"""Copies of the shipped workloads between which the slope is taken; about 500 and 5,000 resources
at the two larger ones."""

INERT = {"MLP_SANDBOX_STAND_INS": "inert"}


@dataclass(frozen=True)
class Variant:
    """How the program is written, and whether it is judged."""

    style: programs.Style
    policies: bool = False


FLAT, COMPONENTS = Variant("flat"), Variant("components")
WITH_POLICIES = Variant("components", policies=True)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one command took."""

    wall_s: float
    processor_s: float
    """Of all its processes, but for the local clouds."""
    registered: int
    """What a preview was to create, components included; 0 for other commands."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One promise: what is divided by what, the figure, and its limit."""

    name: str
    figure: float
    limit: float
    unit: str = "x"

    def line(self) -> str:
        kept = "kept" if self.figure <= self.limit else "NOT KEPT"
        return f"{self.name:<66} {self.figure:6.2f}{self.unit:<2} {self.limit:6.2f}  {kept}"


class Bench:
    """Runs the sandbox's command line on generated projects and takes the times."""

    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder = folder
        self.rounds = rounds

    def project(self, cloud: str, variant: Variant, copies: int) -> Path:
        name = self.folder / f"{cloud}-{variant.style}-{variant.policies}-{copies}"
        return programs.write(
            name,
            cloud=cloud,
            style=variant.style,
            copies=copies,
            root=ROOT,
            policies=variant.policies,
        )

    def run(self, project: Path, *command: str, environ: Mapping[str, str]) -> Taken:
        """What one command takes on a sandbox of the project's own."""
        started, used = time.perf_counter(), _processor_s()
        done = subprocess.run(
            [sys.executable, "-m", "mlplatform.cli", "sandbox", *command, "--cwd", str(project)],
            env={**os.environ, **environ, "MLP_SANDBOX_DIR": str(project / ".sandbox")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}")
        found = re.search(r"\+ (\d+) to create", done.stdout)
        return Taken(
            wall_s=time.perf_counter() - started,
            processor_s=_processor_s() - used,
            registered=int(found[1]) if found else 0,
        )

    def reset(self, project: Path) -> None:
        self.run(project, "reset", environ={})

    def slopes(
        self, cloud: str, variants: Sequence[Variant], small: int, large: int
    ) -> dict[Variant, float]:
        """Processor seconds for one more registration in a preview, between two sizes.

        Every variant has its turn in each round, so that what else the machine does hits all.
        """
        projects = {
            (variant, copies): self.project(cloud, variant, copies)
            for variant in variants
            for copies in (small, large)
        }
        command = ("preview", "--stack", f"dev-{cloud}")
        warm = {one: self.run(at, *command, environ=INERT) for one, at in projects.items()}
        rounds = [
            {one: self.run(at, *command, environ=INERT) for one, at in projects.items()}
            for _ in range(self.rounds)
        ]
        for at in projects.values():
            self.reset(at)
        used = {one: statistics.median(r[one].processor_s for r in rounds) for one in projects}
        return {
            variant: (used[variant, large] - used[variant, small])
            / (warm[variant, large].registered - warm[variant, small].registered)
            for variant in variants
        }


def _processor_s() -> float:
    """What all processes took that this one and its children started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(bench: Bench, *, full: bool) -> Iterator[Row]:
    """Every promise in turn, as soon as it is measured."""
    for cloud in CLOUDS:
        yield from half_stack(bench, cloud)
    if full:
        growth = _growth(bench)
        yield Row(
            name="growth of that cost, 5,000 / 500 resources: components / flat",
            figure=growth[COMPONENTS] / growth[FLAT],
            limit=1.2,
        )
    yield from up(bench)
    yield Row(
        name="review of 5,000 resources, one in ten changed / parsing their log",
        figure=review.ratio(ROOT, rounds=bench.rounds),
        limit=review.LIMIT,
    )


def _growth(bench: Bench) -> dict[Variant, float]:
    """By how much one more registration costs more in the larger stack."""
    at_500, at_5000 = (bench.slopes("aws", (FLAT, COMPONENTS), *sizes) for sizes in (MIDDLE, LARGE))
    return {variant: at_5000[variant] / at_500[variant] for variant in at_500}


def half_stack(bench: Bench, cloud: str) -> list[Row]:
    """One cloud's half of stack dev, several times over: what components and policies cost."""
    cost = bench.slopes(cloud, (FLAT, COMPONENTS, WITH_POLICIES), *SMALL)
    return [
        Row(
            name=f"{cloud}: processor time of one more registration: components / flat",
            figure=cost[COMPONENTS] / cost[FLAT],
            limit=1.10,
        ),
        Row(
            name=f"{cloud}: processor time of one more registration: policies / none",
            figure=cost[WITH_POLICIES] / cost[COMPONENTS],
            limit=1.15,
        ),
    ]


def up(bench: Bench) -> list[Row]:
    """Stack dev as shipped, against the same resources with providers that do nothing."""
    idle = bench.project(programs.ALL, COMPONENTS, 1)
    shipped = programs.shipped(bench.folder / "shipped", root=ROOT)
    real: list[float] = []
    inert: list[float] = []
    start: list[float] = []
    for _ in range(bench.rounds):
        bench.run(shipped, "env", environ={})
        bench.run(shipped, "stop", environ={})
        start.append(bench.run(shipped, "env", environ={}).wall_s)
        real.append(bench.run(shipped, "up", environ={}).wall_s)
        bench.reset(shipped)
        inert.append(bench.run(idle, "up", environ=INERT).wall_s)
        bench.reset(idle)
    return [
        Row(
            name="time of up, three clouds: sandbox / providers that do nothing",
            figure=statistics.median(real) / statistics.median(inert),
            limit=2.0,
        ),
        Row(
            name="start of three local clouds", figure=statistics.median(start), limit=3.0, unit="s"
        ),
    ]


def main() -> int:
    """Print the table; 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="also 500 and 5,000 resources")
    parser.add_argument("--rounds", type=int, default=3, help="counted runs of each (default 3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mlp-bench-") as folder:
        print(f"{'ratio':<66} {'figure':>8} {'limit':>6}", flush=True)
        kept = True
        for row in measure(Bench(Path(folder), options.rounds), full=options.full):
            print(row.line(), flush=True)
            kept = kept and row.figure <= row.limit
    return int(not kept)


if __name__ == "__main__":
    raise SystemExit(main())
