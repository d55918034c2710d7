"""Takes docs/images/report-*.png: `MLP_CHROMIUM=... python -m tests.review.recording.pictures`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mlplatform.review import events, model, report
from mlplatform.review.model import Review
from tests.review import browser
from tests.review.recording.record import CLOUDS, DATA

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
SIZES = {"light": (1100, 760, False), "dark": (1100, 760, True), "phone": (390, 760, True)}


def take() -> None:
    """One picture in each size, of the dangers that the engine's logs hold."""
    stacks = [
        model.read(events.load(DATA / f"dangers_{cloud}.jsonl"), name=f"dev-{cloud}")
        for cloud in CLOUDS
    ]
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(report.page(Review(title="head against base", stacks=tuple(stacks))))
        with browser.opened(file, profile=Path(folder) / "profile") as page:
            for name, (width, height, dark) in SIZES.items():
                page.show(width=width, height=height, dark=dark)
                (IMAGES / f"report-{name}.png").write_bytes(page.picture())
            page.show(width=1100, height=760)
            page.value("document.querySelector('.graph').scrollIntoView(); scrollBy(0, -90)")
            (IMAGES / "report-graph.png").write_bytes(page.picture())


if __name__ == "__main__":
    take()
