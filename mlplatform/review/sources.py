"""Where in the stack's file a name comes from: file, line and, on a code host, an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

_WORKLOADS = "mlplatform:workloads"


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Lines of the keys of one file. url: of the file at the head's commit; empty for none."""

    file: str = ""
    url: str = ""
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)

    def line(self, path: str, owner: str) -> int | None:
        """The line of the deepest key on the way to ``path``, else of the workload ``owner``."""
        for keys in (_keys(path), (_WORKLOADS, owner)):
            while len(keys) > 1:
                if keys in self.lines:
                    return self.lines[keys]
                keys = keys[:-1]
        return None


def read(file: Path, *, name: str, url: str = "") -> Sources:
    """The lines of a stack file; none when it is not there or not YAML."""
    try:
        node = yaml.compose(file.read_text())
    except (OSError, yaml.YAMLError):
        return Sources()
    found: dict[tuple[str, ...], int] = {}
    config = _child(node, "config") if node is not None else None
    if config is not None:
        _walk(config, (), found)
    return Sources(file=name, url=url, lines=found)


def url_of(environ: Mapping[str, str], file: str, commit: str) -> str:
    """The address of a file at a commit, from what the CI job's environment says of its host."""
    if repository := environ.get("GITHUB_REPOSITORY"):
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{repository}/blob/{commit}/{file}"
    if project := environ.get("CI_PROJECT_URL"):
        return f"{project}/-/blob/{commit}/{file}"
    if repository := environ.get("BUILD_REPOSITORY_URI"):
        return f"{repository}?path=/{file}&version=GC{commit}"
    return ""


def link(url: str, line: int) -> str:
    """The address of one line."""
    if "?path=" in url:
        return f"{url}&line={line}&lineEnd={line + 1}&lineStartColumn=1&lineEndColumn=1"
    return f"{url}#L{line}"


def _child(node: yaml.Node, key: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                found: yaml.Node = value
                return found
    return None


def _walk(node: yaml.Node, path: tuple[str, ...], found: dict[tuple[str, ...], int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            here = (*path, str(name.value))
            found[here] = name.start_mark.line + 1
            _walk(value, here, found)


def _keys(path: str) -> tuple[str, ...]:
    if not path:
        return ()
    namespaced = path if path.startswith("mlplatform:") else f"mlplatform:{path}"
    return tuple(re.split(r"[.\[\]\"]+", namespaced.rstrip("]")))
