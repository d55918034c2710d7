"""The ratios that the project promises, measured side by side in one run.

Marginal cost is the slope between two sizes of the same program, so that start-up cancels.
``--full`` adds the sizes of 500 and 5,000 resources, which take a quarter of an hour.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import programs  # noqa: E402 - the folder above must be on the path first

AS_MANY_ENDPOINTS = 13
"""With their components as many registrations as the shipped stack has, about 120."""

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

    def project(self, style: str, endpoints: int) -> Path:
        name = self.folder / f"{style}-{endpoints}"
        return programs.write(name, style=style, endpoints=endpoints, root=ROOT)

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
        return time.perf_counter() - started

    def reset(self, project: Path) -> None:
        self.seconds(project, "reset", environ={})

    def slope(self, style: str, small: int, large: int, *, policies: bool = False) -> float:
        """Seconds for one more resource in a preview, between two sizes."""
        sizes = {n: self.project(style, n) for n in (small, large)}
        times: dict[int, list[float]] = {small: [], large: []}
        for size, project in sizes.items():
            self.seconds(project, "preview", environ=INERT, policies=policies)  # warm
            for _ in range(self.rounds):
                times[size].append(
                    self.seconds(project, "preview", environ=INERT, policies=policies)
                )
            self.reset(project)
        medians = {size: statistics.median(taken) for size, taken in times.items()}
        more = (large - small) * programs.RESOURCES_PER_ENDPOINT
        return (medians[large] - medians[small]) / more


def registered(style: str) -> float:
    """Registrations per cloud resource: a component is registered too."""
    own = programs.COMPONENTS_PER_ENDPOINT if style == "components" else 0
    return (programs.RESOURCES_PER_ENDPOINT + own) / programs.RESOURCES_PER_ENDPOINT


def measure(bench: Bench, *, full: bool) -> list[Row]:
    """Every promise in turn."""
    small, large = 15, 75
    flat = bench.slope("flat", small, large)
    components = bench.slope("components", small, large)
    with_policies = bench.slope("components", small, large, policies=True)
    rows = [
        Row(
            name="preview, one more resource: components / flat",
            figure=components / registered("components") / flat,
            limit=1.10,
        ),
        Row(
            name="preview, one more resource: with policies / without",
            figure=with_policies / components,
            limit=1.15,
        ),
    ]
    if full:
        growth = {
            style: bench.slope(style, 643, 714) / bench.slope(style, 64, 135)
            for style in ("components", "flat")
        }
        rows.append(
            Row(
                name="growth of that cost, 5,000 / 500 resources: components / flat",
                figure=growth["components"] / growth["flat"],
                limit=1.2,
            )
        )
    rows += up(bench)
    return rows


def up(bench: Bench) -> list[Row]:
    """Stack dev as shipped, three clouds together, against as many resources that do nothing.

    The shipped program needs answers that only a cloud gives, so the other side is generated.
    """
    plain = bench.project("components", AS_MANY_ENDPOINTS)
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
        inert.append(bench.seconds(plain, "up", environ=INERT))
        bench.reset(plain)
    return [
        Row(
            name="up of stack dev, three clouds: sandbox / as many that do nothing",
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
        rows = measure(Bench(Path(folder), options.rounds), full=options.full)
    print(f"{'ratio':<66} {'figure':>8} {'limit':>6}")
    for row in rows:
        print(row.line())
    return int(any(row.figure > row.limit for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
