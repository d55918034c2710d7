"""The parts that the contracts of all clouds share."""

from __future__ import annotations

import pytest

from mlplatform import contracts
from mlplatform.catalog.nearest import allowed, nearest, unknown_property
from mlplatform.contracts.paths import Difference, differences, join, names, split
from mlplatform.contracts.problem import Problem, render
from mlplatform.contracts.unknown import MARKERS, UNKNOWN, has_unknown, is_unknown


def test_a_problem_reads_as_one_line_with_path_value_allowed_and_source() -> None:
    problem = Problem(path="a[0].b", got=3.0, message="allowed: 1 to 2", source="the model")
    assert str(problem) == "a[0].b: got 3, allowed: 1 to 2 (the model)"
    assert render([problem, problem]).count("\n") == 1


@pytest.mark.parametrize("got", ["instance_type", "InstanceType", "instance-type", "instanceTyp"])
def test_other_spellings_find_the_property(got: str) -> None:
    assert nearest(got, ["instanceType", "modelName"]) == "instanceType"


def test_what_resembles_nothing_has_no_nearest_match() -> None:
    assert nearest("zzz", ["instanceType", "modelName"]) is None


def test_long_sets_are_counted_and_short_ones_listed() -> None:
    assert allowed(["b", "a"], "x") == "allowed: a, b"
    many = [f"ml.m5.{n}xlarge" for n in range(2, 30)]
    text = allowed(many, "ml.m5.2xlarg", noun="instance types")
    assert text == "allowed: one of 28 instance types; nearest: ml.m5.2xlarge"


def test_an_unknown_property_names_its_nearest() -> None:
    assert unknown_property("model_name", ["modelName"]) == "no such property; nearest: modelName"


@pytest.mark.parametrize("marker", sorted(MARKERS))
def test_every_marker_of_the_engine_is_unknown(marker: str) -> None:
    assert is_unknown(marker)
    assert has_unknown({"a": [{"b": marker}]})


def test_text_built_around_a_marker_is_unknown_and_other_text_is_not() -> None:
    assert is_unknown(f"s3://{UNKNOWN}/model.tar.gz")
    assert not is_unknown("s3://bucket/a-key-that-is-longer-than-a-marker/model.tar.gz")


def test_differences_go_as_deep_as_the_structures_agree() -> None:
    old = {"a": [{"b": 1}, {"b": 2}], "gone": 1, "same": None, "__defaults": ["x"]}
    new = {"a": [{"b": 1}, {"b": 3}, {"b": 4}], "tags": {"x/y": "z"}}
    assert set(differences(old, new)) == {
        Difference(path="a[1].b", kind="update"),
        Difference(path="a[2]", kind="add"),
        Difference(path="gone", kind="delete"),
        Difference(path="tags", kind="add"),
    }


def test_true_differs_from_one() -> None:
    assert [d.path for d in differences({"a": True}, {"a": 1})] == ["a"]


def test_paths_survive_joining_and_splitting() -> None:
    path = join(join(join("", "tags"), "x/y"), 0)
    assert path == 'tags["x/y"][0]'
    assert split(path) == ("tags", "x/y", 0)
    assert names("a[0].b") == ("a", "b")


def test_a_package_without_contract_is_not_covered_and_has_no_changes_to_tell() -> None:
    assert not contracts.covers("random:index/randomId:RandomId")
    assert contracts.check("random:index/randomId:RandomId", {"any": 1}) == []
    with pytest.raises(LookupError, match="no contract covers"):
        contracts.changes("random:index/randomId:RandomId", {}, {})
