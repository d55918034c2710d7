"""Everything that is wrong is refused, in one list, in the words of the file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlplatform import spec
from mlplatform.spec.models.base import INSTANCES_MAX
from tests.spec.stacks import DELETE, ROOT, aws_only, changed, config, problems

DEV = aws_only(config(ROOT / "Pulumi.dev.yaml"))
RESNET = "workloads.resnet50.endpoint"
CHURN = "workloads.bankchurn.endpoint"


def refused(changes: dict[str, Any]) -> dict[str, str]:
    return problems(changed(DEV, changes))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (f"{RESNET}.scaling.max", "ten", "got 'ten'; allowed: a whole number"),
        (f"{RESNET}.scaling.max", True, "a whole number"),
        (f"{RESNET}.scaling.max", 0, "1 or more"),
        (f"{RESNET}.scaling.maxx", 3, "nearest: max"),
        (f"{RESNET}.scaling.max", DELETE, "this key is needed"),
        (f"{RESNET}.scaling.scale_in_cooldown_s", -1, "0 or more"),
        (f"{RESNET}.scaling", [2, 10], "a mapping"),
        (f"{RESNET}.variants.v1.weight", 120, "100 or less"),
        (f"{RESNET}.variants.v1.weight", float("nan"), "a finite number"),
        (f"{RESNET}.variants.V_1", {"weight": 0}, "lower-case letters"),
        (f"{RESNET}.aws.target.cpu_percents", 70, "nearest: cpu_percent"),
        (f"{RESNET}.aws.target.invocations_per_instance_per_minute", 0, "above 0"),
        (f"{RESNET}.aws.target.invocations_per_instance_per_minute", float("inf"), "finite"),
        (f"{RESNET}.aws", DELETE, "invocations_per_instance_per_minute"),
        (f"{RESNET}.aws.instance_type", "ml.g4dn.xlarg", "nearest: ml.g4dn.xlarge"),
        (f"{RESNET}.aws.instance_type", "ml.p3.2xlarge", "use ml.g5.2xlarge"),
        (f"{RESNET}.aws.instance_type", "ml.m5.large", "it has no accelerator, asked for: T4"),
        (f"{RESNET}.accelerator", {"want": "T4", "orr": "L4"}, "no such key; nearest: or"),
        (f"{CHURN}.aws.instance_type", "ml.t2.medium", "burstable types cannot be autoscaled"),
        ("workloads.bankchurn.model.version", 1.2, "put it in quotes"),
        ("workloads.bankchurn.model.version", "9.9", "allowed: 0.23, 1.0, 1.2"),
        ("workloads.bankchurn.model.framework", "sklearn", "nearest: scikit-learn"),
        ("workloads.bankchurn.model.artifact", "models/nothing.tar.gz", "no such file"),
        ("workloads.bankchurn.model.artifact", "models/make.py", ".tar.gz"),
        ("workloads.bankchurn.model.artifact", "gs://bucket/m.tar.gz", "s3://"),
        ("workloads.bankchurn.model.artifact", "s3://bucket/model.joblib", ".tar.gz"),
        ("workloads.bankchurn.model.artifact", 5, "allowed: text (put it in quotes), or a mapping"),
        ("workloads.bankchurn.clouds", ["aws", "gpc"], "nearest: gcp"),
        ("workloads.bankchurn.clouds", [], "allowed: 1 or more"),
        ("workloads.Bad_Name", {}, "lower-case letters"),
        ("worklods", {}, "nearest: workloads"),
        ("clouds.aws.account_id", "12345", "12 digits"),
        ("clouds.aws.account_id", 123456789012, "put it in quotes"),
        ("clouds.aws.account_id", DELETE, "this key is needed"),
        ("clouds.aws.region", "us-east-9", "nearest: us-east-"),
        ("labels.owner", DELETE, "this key is needed"),
        ("labels.data_class", "secrett", "public"),
        ("clouds.aws", None, "leave the key out"),
        ("strict", "yes", "true or false"),
    ],
)
def test_one_wrong_value_gives_one_problem_at_its_path(path: str, value: Any, said: str) -> None:
    found = refused({path: value})
    assert len(found) == 1, found
    ((place, line),) = found.items()
    assert place.startswith(path)
    assert line.startswith(f"mlplatform:{path}")
    assert said in line


def test_min_above_max_is_refused_at_min() -> None:
    found = refused({f"{RESNET}.scaling.min": 20})
    assert found.keys() == {f"{RESNET}.scaling.min"}
    assert "at most max, which is 10" in found[f"{RESNET}.scaling.min"]


def test_weights_that_sum_to_90_are_refused() -> None:
    found = refused({f"{RESNET}.variants.v1.weight": 80})
    assert "weights sum to 90, allowed: 100" in found[f"{RESNET}.variants"]


def test_every_problem_is_in_one_list_sorted_by_path() -> None:
    bad = changed(
        DEV,
        {
            "labels.owner": DELETE,
            "clouds.aws.account_id": 123,
            f"{RESNET}.scaling.min": 20,
            f"{RESNET}.variants.v1.weight": 80,
            f"{RESNET}.aws.instance_type": "ml.p3.2xlarge",
            f"{CHURN}.scaling.max": "five",
            f"{CHURN}.scalling": {},
            f"{CHURN}.aws.instance_type": "ml.t2.medium",
            "workloads.bankchurn.budget": {"limit": 4},
        },
    )
    with pytest.raises(spec.SpecError) as caught:
        spec.read(bad, stack="dev", root=ROOT)
    paths = [problem.path for problem in caught.value.problems]
    assert paths == sorted(paths)
    assert len(paths) == 9
    head, *lines = str(caught.value).splitlines()
    assert "9 problems" in head
    assert lines == [f"  {problem}" for problem in caught.value.problems]


def test_a_stand_in_for_a_wrong_value_raises_no_problem_of_its_own() -> None:
    assert refused({f"{RESNET}.variants.v1.weight": "most"}).keys() == {
        f"{RESNET}.variants.v1.weight"
    }


@pytest.mark.parametrize("path", ["workloads.bankchurn.budget", "workloads.bankchurn.registry"])
def test_what_is_known_but_not_built_is_refused_as_such(path: str) -> None:
    found = refused({path: {"create": True}})
    assert "does not build it yet" in found[path]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("workloads.bankchurn.training", {"max_nodes": 4}),
        ("workloads.bankchurn.endpoint.private", True),
        ("workloads.resnet50.endpoint.variants.v2.shadow_percent", 10.0),
    ],
)
def test_what_one_cloud_does_not_build_is_refused_there(
    path: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlplatform.spec.aws.BUILT", frozenset())
    assert "does not build it on aws" in refused({path: value})[path]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("clouds.aws.secret_access_key", "hunter2"),
        ("clouds.aws.auth", {"password": "hunter2"}),
        ("clouds.aws.auth", [{"api_key": "hunter2"}]),
        ("workloads.bankchurn.budget", {"connection_string": "hunter2"}),
    ],
)
def test_values_of_keys_that_look_secret_are_not_echoed(path: str, value: Any) -> None:
    (line,) = refused({path: value}).values()
    assert "hunter2" not in line
    assert "not shown" in line


@pytest.mark.parametrize("stack", ["Dev", "d", "dev_1", "a-name-that-is-too-long-for-names", "x."])
def test_a_stack_whose_name_cannot_be_in_physical_names_is_refused(stack: str) -> None:
    with pytest.raises(spec.SpecError, match="every physical name holds it"):
        spec.read(DEV, stack=stack, root=ROOT)


def test_a_split_stack_needs_its_cloud_in_the_file() -> None:
    assert "clouds.gcp" in problems(DEV, stack="dev-gcp")


def test_names_that_leave_no_room_for_a_physical_name_are_refused() -> None:
    long = "a" * 32
    given_config = changed(DEV, {f"{RESNET}.variants": {long: {"weight": 100}}})
    assert problems(given_config, stack="dev") == {}
    found = problems(given_config, stack="integration-test")
    assert "shorten" in found[f"{RESNET}.variants.{long}"]


PERCENT = st.integers(0, 100)


@settings(max_examples=60, deadline=None)
@given(low=st.integers(-2, 12), high=st.integers(-2, 12))
def test_bounds_are_accepted_exactly_when_they_are_in_order(low: int, high: int) -> None:
    accepted = not refused({f"{RESNET}.scaling.min": low, f"{RESNET}.scaling.max": high})
    assert accepted == (1 <= low <= high <= INSTANCES_MAX)


@settings(max_examples=60, deadline=None)
@given(weights=st.lists(PERCENT, min_size=1, max_size=4) | PERCENT.map(lambda n: [n, 100 - n]))
def test_weights_are_accepted_exactly_when_they_sum_to_100(weights: list[int]) -> None:
    variants = {f"v{n}": {"weight": weight} for n, weight in enumerate(weights)}
    assert (not refused({f"{RESNET}.variants": variants})) == (sum(weights) == 100)


def test_thirds_sum_to_100() -> None:
    thirds = {"a1": {"weight": 33.3}, "a2": {"weight": 33.3}, "a3": {"weight": 33.4}}
    assert refused({f"{RESNET}.variants": thirds}) == {}


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
PLACES = st.sampled_from(
    [
        *("labels", "labels.owner", "clouds", "clouds.aws", "clouds.aws.region", "clouds.gcp"),
        *("workloads", "workloads.resnet50", "workloads.resnet50.model", "workloads.x1"),
        *("workloads.resnet50.model.artifact", "workloads.resnet50.clouds", RESNET),
        *(f"{RESNET}.accelerator", f"{RESNET}.scaling", f"{RESNET}.variants", f"{RESNET}.aws"),
        *(f"{RESNET}.variants.v1", f"{RESNET}.variants.v1.model", f"{RESNET}.aws.target"),
        *("workloads.bankchurn.training", "workloads.bankchurn.features", "strict"),
        *("workloads.bankchurn.monitoring", f"{CHURN}.rollout", f"{CHURN}.scaling.schedules"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(place=PLACES, value=JUNK)
def test_whatever_is_written_the_answer_is_a_plan_or_the_list(place: str, value: Any) -> None:
    given_config = changed(DEV, {place: value})
    try:
        spec.read(given_config, stack="dev", root=ROOT)
    except spec.SpecError as error:
        assert error.problems
