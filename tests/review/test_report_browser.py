"""The report in a real browser: keyboard, search, filters, light and dark, a phone, no network."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlplatform.review import events, model, report
from mlplatform.review.model import Review
from tests.review import browser, logs

DATA = Path(__file__).parent / "data"
pytestmark = pytest.mark.skipif(
    browser.executable() is None,
    reason="no Chromium on PATH and none named by MLP_CHROMIUM: the report was not looked at",
)
HOSTILE = "<img src=https://evil.example/x.png onerror=alert(1)>"
SHOWN = "Array.from(document.querySelectorAll('details.change')).filter(c => !c.hidden).length"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    folder = tmp_path_factory.mktemp("report")
    stacks = [
        model.read(events.load(DATA / f"dangers_{cloud}.jsonl"), name=cloud)
        for cloud in ("aws", "gcp", "azure")
    ]
    stacks.append(
        logs.stack(logs.step("update", "aws:x/y:Y", HOSTILE, old={"a": HOSTILE}, new={"a": 1}))
    )
    file = folder / "report.html"
    file.write_text(report.page(Review(title="head against base", stacks=tuple(stacks))))
    with browser.opened(file, profile=folder / "profile") as made:
        made.show(width=1200, height=900)
        yield made


def test_the_page_loads_nothing_and_nothing_in_it_fails(page: browser.Page) -> None:
    assert all(url.startswith(("file://", "about:")) for url in page.requests)
    assert page.errors == []
    assert page.value("document.images.length") == 0
    assert page.value("document.body.textContent.includes('onerror=alert')")


def test_text_has_letters(page: browser.Page) -> None:
    width = "document.querySelector('h1').firstChild"
    page.value(f"window.range = document.createRange(), range.selectNodeContents({width})")
    assert page.value("range.getBoundingClientRect().width") > 20, "the machine has no font"


def test_search_and_filters_leave_what_is_asked_for(page: browser.Page) -> None:
    every = page.value(SHOWN)
    page.press("/")
    page.write("dangers-old")
    assert page.value(SHOWN) == 1
    assert page.value("count.value") == f"1 of {every}"
    page.press("Escape")
    assert page.value(SHOWN) == every
    page.value("document.querySelector('[data-cloud=gcp]').click()")
    assert 0 < page.value(SHOWN) < every
    page.value("document.querySelector('[data-cloud=gcp]').click()")


def test_keys_go_from_change_to_change_and_open_them(page: browser.Page) -> None:
    page.value("document.activeElement.blur()")
    page.press("j")
    assert page.value("document.activeElement.tagName") == "SUMMARY"
    page.press("Enter")
    assert page.value("document.activeElement.parentElement.open")
    page.press("j")
    first = "document.querySelector('details.change summary')"
    assert page.value(f"document.activeElement !== {first}")
    page.press("k")
    assert page.value(f"document.activeElement === {first}")


def test_the_picture_marks_what_is_added_changed_replaced_and_removed(page: browser.Page) -> None:
    words = page.value("Array.from(document.querySelectorAll('svg title')).map(t => t.textContent)")
    for said in ("added", "changed", "replaced", "removed"):
        assert any(f": {said}" in word for word in words)
    assert page.value("document.querySelectorAll('svg .chip.replace').length") >= 1


@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_is_wider_than_the_window(page: browser.Page, width: int) -> None:
    page.show(width=width, height=800)
    page.value("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.value("document.documentElement.scrollWidth") <= width
    page.show(width=1200, height=900)


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground_in_light_and_dark(page: browser.Page, dark: bool) -> None:
    page.show(width=1200, height=900, dark=dark)
    ground = _light(page.value("getComputedStyle(document.body).backgroundColor"))
    assert (ground < 0.2) is dark
    for selector in ("body", ".quiet", ".tag.update", ".tag.delete", ".tag.replace"):
        colour = page.value(f"getComputedStyle(document.querySelector('{selector}')).color")
        low, high = sorted((ground, _light(colour)))
        # WCAG 2.2, 1.4.3: 4.5 to 1 for text.
        assert (high + 0.05) / (low + 0.05) >= 4.5, selector
    assert struct.unpack(">II", page.picture()[16:24]) == (1200, 900)


def _light(colour: str) -> float:
    """Relative luminance of `rgb(r, g, b)` (WCAG 2.2)."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
