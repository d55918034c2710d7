"""The stack's configuration as the sandbox runs it: a copy, with no secret of a real stack.

Pulumi writes its encryption salt into the file that it is given, so it never gets the
committed one. Encrypted values belong to a real stack's key and become typed placeholders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mlplatform.sandbox.errors import UserError

PLACEHOLDER = "sandbox-placeholder"
_PLACEHOLDERS: dict[str, Any] = {"integer": 0, "boolean": False, "array": [], "object": {}}
"""What stands for an encrypted value that the project declares as something else than text."""
_NOT_COPIED = ("encryptionsalt", "encryptedkey", "secretsprovider", "environment")
"""Keys of a real stack's secrets, and imports from Pulumi's own service."""
_SPLIT = re.compile(r"(?P<environment>.+)-(?P<cloud>aws|gcp|azure)")
_STACK_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
CLOUDS_KEY = "mlplatform:clouds"


class StackFileError(UserError):
    """The stack file cannot be used; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """A stack's configuration, loaded."""

    stack: str
    source: Path | None
    content: dict[str, Any]

    def cloud(self, name: str) -> dict[str, Any]:
        """The settings of one cloud in ``mlplatform:clouds``; empty when there are none."""
        clouds = self._clouds()
        found = clouds.get(name) if clouds is not None else None
        return found if isinstance(found, dict) else {}

    def clouds(self) -> set[str] | None:
        """Names of the clouds that the stack enables; ``None`` when it says nothing of clouds."""
        clouds = self._clouds()
        if clouds is None:
            return None
        split = _SPLIT.fullmatch(self.stack)
        return set(clouds) & {split["cloud"]} if split else set(clouds)

    def _clouds(self) -> dict[str, Any] | None:
        config = self.content.get("config")
        clouds = config.get(CLOUDS_KEY) if isinstance(config, dict) else None
        return clouds if isinstance(clouds, dict) else None


def path_of(folder: Path, stack: str) -> Path | None:
    """``Pulumi.<stack>.yaml``; for ``dev-aws`` without one, ``Pulumi.dev.yaml``."""
    split = _SPLIT.fullmatch(stack)
    names = [stack, *([split["environment"]] if split else [])]
    for name in names:
        for suffix in ("yaml", "yml"):
            if (found := folder / f"Pulumi.{name}.{suffix}").is_file():
                return found
    return None


def load(folder: Path, stack: str, types: Mapping[str, str]) -> StackFile:
    """Read the stack's file; a stack without one has no configuration.

    ``types`` are the declared types of the configuration keys. Raises ``StackFileError`` when
    the stack's name or its file cannot be used.
    """
    if not _STACK_NAME.fullmatch(stack):
        raise StackFileError(f"stack: got {stack!r}, allowed: letters, digits, '-', '_', '.'")
    source = path_of(folder, stack)
    if source is None:
        return StackFile(stack=stack, source=None, content={})
    try:
        content = yaml.safe_load(source.read_text()) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise StackFileError(
            f"{source.name}{where}: not YAML: {getattr(error, 'problem', None) or error}"
        ) from None
    if not isinstance(content, dict):
        raise StackFileError(f"{source.name}: got {type(content).__name__}, allowed: a mapping")
    kept = {key: value for key, value in content.items() if key not in _NOT_COPIED}
    return StackFile(stack=stack, source=source, content=without_secrets(kept, types))


def without_secrets(content: dict[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """``content`` with every encrypted value replaced by a placeholder of its declared type."""
    config = content.get("config")
    if not isinstance(config, dict):
        return content
    replaced = {
        key: _PLACEHOLDERS.get(types.get(key, ""), PLACEHOLDER)
        if _is_secret(value)
        else _inner_secrets_replaced(value)
        for key, value in config.items()
    }
    return {**content, "config": replaced}


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def _inner_secrets_replaced(value: Any) -> Any:
    if _is_secret(value):
        return PLACEHOLDER
    if isinstance(value, dict):
        return {key: _inner_secrets_replaced(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_inner_secrets_replaced(inner) for inner in value]
    return value


def write_copy(file: StackFile, salt_file: Path, target: Path) -> None:
    """Write what the engine gets: the configuration, with the sandbox's own encryption salt."""
    salt = yaml.safe_load(salt_file.read_text()) if salt_file.exists() else None
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(yaml.safe_dump({**file.content, **(salt or {})}, sort_keys=False))
