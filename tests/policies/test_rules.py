from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from ml_policies.core import Resource, Rule, plain
from ml_policies.rules import all_rules
from mlplatform.contracts.unknown import UNKNOWN

RULES: dict[str, Rule] = {rule.id: rule for rule in all_rules()}
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
TAGS = {"Project": "p", "Environment": "dev", "Owner": "o", "CostCenter": "c"}
VARIANT = {
    "modelName": "m",
    "variantName": "v1",
    "instanceType": "ml.m5.large",
    "initialInstanceCount": 1,
}

Example = tuple[str, dict[str, Any]]
GOOD: dict[str, list[Example]] = {
    "vendor-contract": [
        (CONFIG, {"name": "c", "productionVariants": [VARIANT]}),
        ("pulumi:providers:aws", {"region": "nowhere"}),
    ],
    "required-tags": [(CONFIG, {"tags": TAGS}), ("pulumi:providers:aws", {})],
}
UNKNOWN_EXAMPLES: dict[str, list[Example]] = {
    "vendor-contract": [
        (
            CONFIG,
            {
                "name": UNKNOWN_STRING_VALUE,
                "productionVariants": [{**VARIANT, "modelName": UNKNOWN_STRING_VALUE}],
            },
        )
    ],
    "required-tags": [(CONFIG, {"tags": UNKNOWN_STRING_VALUE})],
}
BAD: dict[str, list[Example]] = {
    "vendor-contract": [
        (CONFIG, {"name": "c", "productionVariants": [{**VARIANT, "instanceType": "ml.p99"}]}),
        # An unknown elsewhere must not hide what is known and wrong.
        (
            CONFIG,
            {
                "name": UNKNOWN_STRING_VALUE,
                "productionVariants": [{**VARIANT, "instanceType": "ml.p99"}],
            },
        ),
    ],
    "required-tags": [(CONFIG, {"tags": {"Project": "p"}}), (CONFIG, {})],
}


def check(rule_id: str, example: Example) -> list[str]:
    type_, props = example
    resource = Resource(type=type_, name="r", props=plain(unknown_checking_proxy(props)))
    return list(RULES[rule_id].check(resource))


def cases(table: dict[str, list[Example]]) -> list[tuple[str, Example]]:
    return [(rule_id, example) for rule_id, examples in table.items() for example in examples]


def test_every_rule_has_all_three_kinds_of_example() -> None:
    assert RULES.keys() == GOOD.keys() == BAD.keys() == UNKNOWN_EXAMPLES.keys()


@pytest.mark.parametrize(("rule_id", "example"), cases(GOOD))
def test_good_example_is_silent(rule_id: str, example: Example) -> None:
    assert check(rule_id, example) == []


@pytest.mark.parametrize(("rule_id", "example"), cases(UNKNOWN_EXAMPLES))
def test_unknown_example_is_not_held_against_it(rule_id: str, example: Example) -> None:
    assert check(rule_id, example) == []


@pytest.mark.parametrize(("rule_id", "example"), cases(BAD))
def test_bad_example_is_reported_once(rule_id: str, example: Example) -> None:
    assert len(check(rule_id, example)) == 1


def test_unknowns_become_markers_and_hide_nothing_beside_them() -> None:
    proxied = unknown_checking_proxy({"a": {"b": UNKNOWN_STRING_VALUE, "c": [1, "x"]}})
    assert plain(proxied) == {"a": {"b": UNKNOWN, "c": [1, "x"]}}


def test_a_file_is_judged_as_the_engine_sends_it() -> None:
    found = plain({"source": pulumi.FileAsset("model.tar.gz")})
    assert found["source"]["path"] == "model.tar.gz"
    upload = "gcp:storage/bucketObject:BucketObject"
    resource = Resource(type=upload, name="r", props={**found, "bucket": "b", "name": "n"})
    assert list(RULES["vendor-contract"].check(resource)) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_rule_becomes_a_mandatory_policy_that_says_how_to_mend(rule: Rule) -> None:
    policy = rule.policy()
    assert policy.name == rule.id
    assert policy.severity is rule.severity
    assert rule.remediation in (policy.remediation_steps or "")
