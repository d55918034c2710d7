"""A headless Chromium, spoken to over its own pipe (Chrome DevTools Protocol), nothing in between.

`MLP_CHROMIUM` names its executable; otherwise it is looked for on PATH. A machine without one can
unpack npm's `@sparticuz/chromium`, which needs no installation.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
TIMEOUT_S = 30
FLAGS = (
    "--headless",
    "--no-sandbox",  # containers have no user namespaces, and the page is our own
    "--no-zygote",
    "--single-process",
    "--in-process-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--remote-debugging-pipe",
)


def executable() -> str | None:
    """Where a Chromium is; None when there is none."""
    named = os.environ.get("MLP_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One open page."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._buffer = b""
        self._number = 0
        self._session = ""
        self.requests: list[str] = []
        self.errors: list[str] = []

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer; events on the way are kept."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                found: dict[str, Any] = answer["result"]
                return found
            self._take(answer)

    def open(self, file: Path) -> None:
        """Open a file in a page of its own and wait until it is loaded."""
        made = self.call("Target.createTarget", url="about:blank")
        self._session = self.call("Target.attachToTarget", targetId=made["targetId"], flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=file.as_uri())
        ends = time.monotonic() + TIMEOUT_S
        while self.value("document.readyState") != "complete" or not self.value("count.value"):
            assert time.monotonic() < ends, "the page does not load"
            time.sleep(0.05)

    def value(self, expression: str) -> Any:
        """What an expression gives in the page; None for one that throws."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)[
            "result"
        ].get("value")

    def press(self, key: str) -> None:
        """One key, as a person presses it."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = {"Enter": 13, "Tab": 9, "Escape": 27}.get(key, ord(key.upper()[0]))
        about = {"key": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **about, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def write(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def show(self, *, width: int, height: int, dark: bool = False) -> None:
        """The size of the window in CSS pixels, and what the reader prefers."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self) -> bytes:
        """PNG of what is to be seen."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def _take(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        if event.get("method") == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif event.get("method") == "Runtime.exceptionThrown":
            self.errors.append(str(parameters["exceptionDetails"].get("text")))
        elif event.get("method") == "Log.entryAdded":
            self.errors.append(str(parameters["entry"].get("text")))

    def _next(self) -> dict[str, Any]:
        ends = time.monotonic() + TIMEOUT_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._from], [], [], max(0.0, ends - time.monotonic()))
            assert ready, "the browser does not answer"
            found = os.read(self._from, 1 << 16)
            assert found, "the browser ended"
            self._buffer += found
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message


@contextmanager
def opened(file: Path, *, profile: Path) -> Iterator[Page]:
    """A page that shows a file. profile: an empty folder for the browser's own things."""
    program = executable()
    assert program is not None
    read_commands, to_browser = os.pipe()
    from_browser, write_answers = os.pipe()
    # The browser reads from 3 and writes to 4; a shell puts them there.
    line = f'exec "$0" "$@" 3<&{read_commands} 4>&{write_answers}'
    home = {**os.environ, "HOME": str(profile)}
    fonts = Path(program).parent / "fonts"
    if fonts.is_dir():  # unpacked beside it, with a configuration for another place
        profile.mkdir(parents=True, exist_ok=True)
        configuration = profile / "fonts.conf"
        configuration.write_text(
            f"<fontconfig><dir>{fonts}</dir><dir>/usr/share/fonts</dir>"
            f"<cachedir>{profile / 'fonts'}</cachedir></fontconfig>"
        )
        home["FONTCONFIG_FILE"] = str(configuration)
    child = subprocess.Popen(
        ["bash", "-c", line, program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        env=home,
        pass_fds=(read_commands, write_answers),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read_commands)
    os.close(write_answers)
    try:
        page = Page(to_browser, from_browser)
        page.open(file)
        yield page
    finally:
        child.kill()
        child.wait()
        os.close(to_browser)
        os.close(from_browser)
