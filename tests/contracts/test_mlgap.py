"""The contracts of mlgap's own types: AWS's endpoint here, the others at their clouds."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import contracts
from mlplatform.contracts.aws.plan import plan
from mlplatform.contracts.unknown import UNKNOWN

ENDPOINT = "mlgap:aws:Endpoint"
GOOD: dict[str, Any] = {
    "endpointName": "shop",
    "endpointConfigName": "shop-1",
    "tags": {"Team": "ml"},
}


def said(**bent: Any) -> dict[str, str]:
    return {p.path: str(p) for p in contracts.check(ENDPOINT, {**GOOD, **bent})}


def changes(**new: Any) -> dict[str, str]:
    return {c.path: c.kind for c in contracts.changes(ENDPOINT, GOOD, {**GOOD, **new})}


@pytest.mark.parametrize(
    ("token", "tags"),
    [
        (ENDPOINT, "tags"),
        ("mlgap:azure:OnlineEndpoint", "tags"),
        ("mlgap:azure:OnlineDeployment", "tags"),
        ("mlgap:azure:EndpointTraffic", None),
        ("mlgap:azure:Job", None),
        ("mlgap:azure:MonitorSchedule", None),
        ("mlgap:azure:FeaturesetVersion", None),
        ("mlgap:azure:FeaturestoreEntityVersion", None),
        ("mlgap:azure:VaultKey", "tags"),
        ("mlgap:azure:WorkspacePurge", None),
        ("mlgap:gcp:Model", "labels"),
        ("mlgap:gcp:EndpointDeployments", None),
    ],
)
def test_every_type_of_mlgap_is_covered(token: str, tags: str | None) -> None:
    assert contracts.covers(token)
    assert contracts.taggable(token) == tags
    assert contracts.check(token, {"nonsense": 1}) != []


@pytest.mark.parametrize("token", ["mlgap:aws:Model", "mlgap:aws:", "mlgap:oci:Endpoint", "mlgap"])
def test_other_tokens_are_not_covered(token: str) -> None:
    assert not contracts.covers(token)
    assert contracts.check(token, {"nonsense": 1}) == []
    with pytest.raises(LookupError):
        contracts.changes(token, {}, {})


@pytest.mark.parametrize("bent", [{}, {"tags": {}}, {"tags": None}, {"__defaults": []}])
def test_good_inputs_pass(bent: dict[str, Any]) -> None:
    assert said(**bent) == {}


def test_unknown_values_are_skipped() -> None:
    assert said(endpointName=UNKNOWN, endpointConfigName=UNKNOWN, tags=UNKNOWN) == {}
    assert said(tags={"Team": UNKNOWN}) == {}


def test_a_name_that_breaks_the_grammar_is_told_in_words() -> None:
    assert said(endpointName="under_score")["endpointName"] == (
        "endpointName: got 'under_score', allowed: 1 to 63 letters, digits and hyphens that stand "
        "inside (botocore sagemaker CreateEndpoint, shape EndpointName)"
    )


def test_the_words_for_names_say_what_the_shapes_say() -> None:
    properties = plan("aws:sagemaker/endpoint:Endpoint").properties
    for name in ("name", "endpointConfigName"):
        shape = properties[name].shape
        assert shape is not None
        assert (shape.pattern, shape.max) == ("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", 63)


@pytest.mark.parametrize("name", [None, "", "-a", "a-", 7, "a" * 64, "a b", "a\n", ["a"]])
@pytest.mark.parametrize("property_", ["endpointName", "endpointConfigName"])
def test_other_bad_names_are_refused(property_: str, name: Any) -> None:
    assert said(**{property_: name}).keys() == {property_}


def test_an_unknown_property_names_its_nearest() -> None:
    assert "nearest: endpointConfigName" in said(endpointConfig="x")["endpointConfig"]


def test_all_wrong_tags_are_told_at_once() -> None:
    found = said(
        tags={"mlgap:urn": "x", "ok": "v" * 257, "n": 3, "AWS:x": "1", "a;b": "1", "k" * 129: "1"}
    )
    assert found.keys() == {
        'tags["mlgap:urn"]',
        "tags.ok",
        "tags.n",
        'tags["AWS:x"]',
        'tags["a;b"]',
        f"tags.{'k' * 129}",
    }
    assert "docs/adr/0004" in found['tags["mlgap:urn"]']
    assert "AWS tag naming" in found['tags["AWS:x"]']


def test_one_tag_is_left_to_mlgap() -> None:
    assert said(tags={f"k{n}": "v" for n in range(49)}) == {}
    assert "allowed: 49 tags" in said(tags={f"k{n}": "v" for n in range(50)})["tags"]


def test_tags_that_are_no_map_are_refused() -> None:
    assert "allowed: a map of strings" in said(tags=["a"])["tags"]


def test_a_name_replaces_and_the_rest_changes_in_place() -> None:
    assert changes() == {}
    assert changes(endpointName="b") == {"endpointName": "replace"}
    assert changes(endpointConfigName=UNKNOWN) == {"endpointConfigName": "update"}
    assert changes(tags={"Team": "x", "a/b": "c"}) == {
        "tags.Team": "update",
        'tags["a/b"]': "update",
    }
    assert changes(tags=None) == {"tags.Team": "update"}


SHIFT: dict[str, Any] = {"type": "CANARY", "waitIntervalInSeconds": 600}


@pytest.mark.parametrize(
    ("rollout", "at", "words"),
    [
        (
            {"trafficRoutingConfiguration": {**SHIFT, "type": "SLOWLY"}},
            ".trafficRoutingConfiguration.type",
            "ALL_AT_ONCE, CANARY, LINEAR",
        ),
        (
            {"trafficRoutingConfiguration": {**SHIFT, "waitIntervalInSeconds": 4000}},
            ".trafficRoutingConfiguration.waitIntervalInSeconds",
            "0 to 3600",
        ),
        (
            {
                "trafficRoutingConfiguration": {
                    **SHIFT,
                    "canarySize": {"type": "CAPACITY_PERCENT", "value": 60},
                }
            },
            ".trafficRoutingConfiguration.canarySize.value",
            "0 to 50 percent",
        ),
        (
            {"trafficRoutingConfiguration": SHIFT, "maximumExecutionTimeoutInSeconds": 60},
            ".maximumExecutionTimeoutInSeconds",
            "600 to 28800",
        ),
    ],
)
def test_a_rollout_is_judged_as_the_ordinary_endpoints_is(
    rollout: dict[str, Any], at: str, words: str
) -> None:
    found = said(deploymentConfig={"blueGreenUpdatePolicy": rollout})
    assert words in found[f"deploymentConfig.blueGreenUpdatePolicy{at}"]


def test_a_rollout_holds_from_the_next_update_on() -> None:
    good = {"blueGreenUpdatePolicy": {"trafficRoutingConfiguration": SHIFT}}
    assert said(deploymentConfig=good) == {}
    assert set(changes(deploymentConfig=good).values()) == {"update"}
