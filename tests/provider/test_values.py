from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlplatform.provider.values import (
    SIGNATURE,
    UNKNOWN,
    UNKNOWNS,
    decode_config,
    from_struct,
    has_unknown,
    is_unknown,
    to_struct,
)

SECRET = "1b47061264138c4ac30d75fd1eb44270"
ASSET = "c44067f5952c0a294b673a41bacd8c17"

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.text()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON.filter(lambda v: not (isinstance(v, float) and v == 0))))
def test_every_json_value_comes_back_equal(values: dict[str, Any]) -> None:
    assert from_struct(to_struct(values)) == values


def test_an_integral_number_is_an_int() -> None:
    back = from_struct(to_struct({"count": 2.0, "share": 0.5, "list": [3.0], "flag": True}))
    assert type(back["count"]) is int
    assert type(back["list"][0]) is int
    assert type(back["share"]) is float
    assert back["flag"] is True


def test_a_number_beyond_exact_integers_stays_a_float() -> None:
    assert type(from_struct(to_struct({"n": 1e300}))["n"]) is float


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 2**53 + 1, 10**400])
def test_a_number_that_the_engine_cannot_keep_is_refused_with_its_path(bad: float) -> None:
    with pytest.raises(ValueError, match=r"^a\.b\[1\]: "):
        to_struct({"a": {"b": [1, bad]}})


def test_a_foreign_type_is_refused_with_its_path() -> None:
    with pytest.raises(ValueError, match=r"^when: a object cannot be sent"):
        to_struct({"when": object()})


def test_a_secret_is_its_bare_value_at_any_depth() -> None:
    wire = to_struct({"a": [{"key": {SIGNATURE: SECRET, "value": {"b": 1}}}]})
    assert from_struct(wire) == {"a": [{"key": {"b": 1}}]}


def test_an_output_without_a_value_is_unknown() -> None:
    wire = to_struct({"a": {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}})
    assert from_struct(wire) == {"a": UNKNOWN}


def test_an_asset_passes_untouched() -> None:
    asset = {SIGNATURE: ASSET, "hash": "00", "path": "a.txt"}
    assert from_struct(to_struct({"source": asset})) == {"source": asset}


@pytest.mark.parametrize("marker", sorted(UNKNOWNS))
def test_each_marker_is_unknown_and_seen_in_depth(marker: str) -> None:
    assert is_unknown(marker)
    assert has_unknown({"a": [{"b": (marker,)}]})


def test_an_ordinary_value_is_known() -> None:
    assert not is_unknown("us-east-1")
    assert not is_unknown(None)
    assert not has_unknown({"a": [1, {"b": "c"}]})


def test_objects_in_configuration_are_decoded_and_text_stays_text() -> None:
    config = {"aws": '{"region": "r"}', "account": "123", "list": "[1]", "odd": "{not json"}
    assert decode_config(config) == {
        "aws": {"region": "r"},
        "account": "123",
        "list": [1],
        "odd": "{not json",
    }
