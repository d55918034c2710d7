from __future__ import annotations

from typing import Any

import pytest

from mlplatform.provider import paths


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("tags", ("tags",)),
        ("a.b[0].c", ("a", "b", 0, "c")),
        ('tags["a.b"]', ("tags", "a.b")),
        ('tags.["a\\"b"].c', ("tags", 'a"b', "c")),
        ("a[*].b", ("a", "*", "b")),
        ("a.*", ("a", "*")),
        ("*", ("*",)),
    ],
)
def test_path_splits_into_segments(text: str, segments: tuple[Any, ...]) -> None:
    assert paths.parse(text) == segments


@pytest.mark.parametrize("text", ["a[", 'a["b', "a[-1]", "a]"])
def test_text_that_is_no_path_is_told(text: str) -> None:
    assert paths.parse(text) is None


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("tags", "tags.team", True),
        ("tags", "tags", True),
        ("tags.team", "tags", False),
        ("a[*].b", "a[3].b.c", True),
        ("a[*].b", "a[3].c", False),
        ("tag", "tags", False),
    ],
)
def test_a_path_covers_what_lies_inside_it(pattern: str, path: str, covered: bool) -> None:
    assert paths.covers(pattern, path) is covered


@pytest.mark.parametrize(
    ("new", "old", "ignored", "restored"),
    [
        ({"a": 2}, {"a": 1}, "a", {"a": 1}),
        ({"a": 2}, {}, "a", {}),
        ({}, {"a": 1}, "a", {"a": 1}),
        ({"a": {"b": 2, "c": 2}}, {"a": {"b": 1, "c": 1}}, "a.b", {"a": {"b": 1, "c": 2}}),
        ({"a": [2, 2]}, {"a": [1, 1]}, "a[1]", {"a": [2, 1]}),
        ({"a": [{"b": 2}]}, {"a": [{"b": 1}]}, "a[*].b", {"a": [{"b": 1}]}),
        ({"a": 2, "b": 3}, {"a": 1, "c": 4}, "*", {"a": 1, "c": 4}),
        ({"a": [2]}, {"a": [1, 1]}, "a[1]", {"a": [2]}),
        ({"a": "x"}, {"a": {"b": 1}}, "a.b", {"a": "x"}),
    ],
)
def test_an_ignored_path_is_as_it_was(
    new: dict[str, Any], old: dict[str, Any], ignored: str, restored: dict[str, Any]
) -> None:
    before = repr(new)
    assert paths.restore(new, old, [ignored]) == restored
    assert repr(new) == before, "the argument must not change"
