"""The ratios that the project promises, measured side by side in one run.

Marginal cost is the slope between two sizes of the same program, so that start-up cancels.
``--full`` adds the sizes of 500 and 5,000 resources, which take a quarter of an hour.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import programs, review  # noqa: E402 - the folder above must be on the path first

CLOUDS = ("aws", "gcp", "azure")
STYLES: tuple[programs.Style, ...] = ("components", "flat")
SMALL, MIDDLE, LARGE = (2, 12), (14, 20), (150, 156)
"""Copies of the shipped workloads between which the slope is taken; about 500 and 5,000 resources
at the two larger ones."""

INERT = {"MLP_SANDBOX_STAND_INS": "inert"}


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
    """Runs the sandbox's command line on generated projects and takes the time."""

    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder = folder
        self.rounds = rounds
        self.registered = 0
        """What the last preview was to create, components included."""

    def project(self, cloud: str, style: programs.Style, copies: int) -> Path:
        name = self.folder / f"{cloud}-{style}-{copies}"
        return programs.write(name, cloud=cloud, style=style, copies=copies, root=ROOT)

    def seconds(
        self, project: Path, *command: str, environ: Mapping[str, str], policies: bool = False
    ) -> float:
        """Wall time of one command on a sandbox of the project's own."""
        pack = project / "policies"
        if not policies:
            pack.unlink(missing_ok=True)
        elif not pack.exists():
            pack.symlink_to(ROOT / "policies")
        started = time.perf_counter()
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
        taken = time.perf_counter() - started
        if found := re.search(r"\+ (\d+) to create", done.stdout):
            self.registered = int(found[1])
        return taken

    def reset(self, project: Path) -> None:
        self.seconds(project, "reset", environ={})

    def slope(
        self, cloud: str, style: programs.Style, small: int, large: int, *, policies: bool = False
    ) -> float:
        """Seconds for one more registration in a preview, between two sizes."""
        times: list[float] = []
        counts: list[int] = []
        for copies in (small, large):
            project = self.project(cloud, style, copies)
            command = ("preview", "--stack", f"dev-{cloud}")
            self.seconds(project, *command, environ=INERT, policies=policies)  # warm
            counts.append(self.registered)
            times.append(
                statistics.median(
                    self.seconds(project, *command, environ=INERT, policies=policies)
                    for _ in range(self.rounds)
                )
            )
            self.reset(project)
        return (times[1] - times[0]) / (counts[1] - counts[0])


def measure(bench: Bench, *, full: bool) -> Iterator[Row]:
    """Every promise in turn, as soon as it is measured."""
    for cloud in CLOUDS:
        yield from half_stack(bench, cloud)
    if full:
        growth = {
            style: bench.slope("aws", style, *LARGE) / bench.slope("aws", style, *MIDDLE)
            for style in STYLES
        }
        yield Row(
            name="growth of that cost, 5,000 / 500 resources: components / flat",
            figure=growth["components"] / growth["flat"],
            limit=1.2,
        )
    yield from up(bench)
    yield Row(
        name="review of 5,000 resources, one in ten changed / parsing their log",
        figure=review.ratio(ROOT, rounds=bench.rounds),
        limit=review.LIMIT,
    )


def half_stack(bench: Bench, cloud: str) -> list[Row]:
    """One cloud's half of stack dev, several times over: what components and policies cost."""
    flat = bench.slope(cloud, "flat", *SMALL)
    components = bench.slope(cloud, "components", *SMALL)
    with_policies = bench.slope(cloud, "components", *SMALL, policies=True)
    return [
        Row(
            name=f"{cloud}: preview, one more registration: components / flat",
            figure=components / flat,
            limit=1.10,
        ),
        Row(
            name=f"{cloud}: preview, one more registration: with policies / without",
            figure=with_policies / components,
            limit=1.15,
        ),
    ]


def up(bench: Bench) -> list[Row]:
    """Stack dev as shipped, against the same resources with providers that do nothing."""
    idle = bench.project(programs.ALL, "components", 1)
    shipped = programs.shipped(bench.folder / "shipped", root=ROOT)
    real: list[float] = []
    inert: list[float] = []
    start: list[float] = []
    for _ in range(bench.rounds):
        bench.seconds(shipped, "env", environ={})
        bench.seconds(shipped, "stop", environ={})
        start.append(bench.seconds(shipped, "env", environ={}))
        real.append(bench.seconds(shipped, "up", environ={}))
        bench.reset(shipped)
        inert.append(bench.seconds(idle, "up", environ=INERT))
        bench.reset(idle)
    return [
        Row(
            name="up of stack dev, three clouds: sandbox / providers that do nothing",
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
