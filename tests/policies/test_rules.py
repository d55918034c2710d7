"""Three examples of every rule, by the protocol that the engine speaks."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import json_format

from ml_policies import pack
from ml_policies.resource import Resource
from ml_policies.rule import AnyRule, Check, Example, Rule, Severity
from ml_policies.rules import all_rules
from ml_policies.running import Runner
from mlplatform import contracts
from mlplatform.contracts.unknown import UNKNOWN
from tests.policies.analyzer import Analyzer, served

RULES: dict[str, AnyRule] = {rule.id: rule for rule in all_rules()}
SETTINGS = {
    rule.id: {"enforcementLevel": "mandatory", **rule.example_settings} for rule in RULES.values()
}


def ways(rule: AnyRule) -> list[list[Example]]:
    """Each bad example: one resource, or the resources of one stack."""
    return [[one] for one in rule.bad] if isinstance(rule, Rule) else [list(rule.bad)]


BAD = [
    pytest.param(rule, bad, id=f"{rule.id}-{number}")
    for rule in RULES.values()
    for number, bad in enumerate(ways(rule))
]


@pytest.fixture(scope="module")
def analyzer() -> Iterator[Analyzer]:
    with served(Runner(RULES.values())) as found:
        found.configure(SETTINGS)
        yield found


def policies(found: list[Any], rule: AnyRule) -> list[str]:
    """Which policies spoke; of the undecided ones only those of this rule."""
    return [
        one.policyName
        for one in found
        if one.policyName != pack.UNDECIDED.id or f"\n{rule.id}: " in one.message
    ]


def good(rule: AnyRule) -> list[Example]:
    return [rule.good] if isinstance(rule, Rule) else list(rule.good)


def unknown(rule: AnyRule) -> list[Example]:
    return [rule.unknown] if isinstance(rule, Rule) else list(rule.unknown)


def test_there_are_at_least_the_rules_of_the_catalogue() -> None:
    assert len(RULES) >= 75
    for cloud, least in (("aws", 33), ("gcp", 19), ("az", 15), ("x", 8)):
        assert sum(name.split("-")[0] == cloud for name in RULES) >= least, cloud


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_good_example_is_silent(rule: AnyRule, analyzer: Analyzer) -> None:
    assert rule.id not in policies(analyzer.judge(rule, good(rule)), rule)
    assert pack.UNDECIDED.id not in policies(analyzer.judge(rule, good(rule)), rule)


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_the_bad_example_is_refused(
    rule: AnyRule, example: list[Example], analyzer: Analyzer
) -> None:
    found = analyzer.judge(rule, example)
    mine = [one for one in found if one.policyName == rule.id]
    assert mine, f"{rule.id} let its bad example pass"
    assert rule.remediation in mine[0].message
    assert rule.summary in mine[0].message
    assert mine[0].message.splitlines()[-1].startswith(tuple(one.name for one in example))


@pytest.mark.parametrize("way", ["spot", "preemptible"])
def test_a_tpu_that_may_be_taken_away_is_cheap_by_either_name(way: str, analyzer: Analyzer) -> None:
    props = {"acceleratorType": "v5litepod-8", "schedulingConfig": {way: True}}
    rule = RULES["x-spot-dev"]
    example = Example(type="gcp:tpu/v2Vm:V2Vm", props=props, stack="dev")
    assert rule.id not in policies(analyzer.judge(rule, [example]), rule)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_unknown_example_has_a_verdict_of_its_own(rule: AnyRule, analyzer: Analyzer) -> None:
    found = policies(analyzer.judge(rule, unknown(rule)), rule)
    assert rule.id not in found
    assert (pack.UNDECIDED.id in found) is not rule.ignores_unknown


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_no_rule_breaks_on_another_resource(rule: AnyRule, analyzer: Analyzer) -> None:
    odd = Example(props={"a": UNKNOWN, "b": [UNKNOWN, {"c": None}], "tags": 5, "policy": []})
    for token in (rule.types if isinstance(rule, Rule) else ()) or ("pulumi:providers:aws",):
        found = analyzer.resource(token, odd)
        assert pack.FAILED.id not in [one.policyName for one in found], found


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES.values() if isinstance(rule, Rule) and rule.check.fix],
    ids=lambda rule: rule.id,
)
def test_what_is_remediated_passes_afterwards(rule: Rule, analyzer: Analyzer) -> None:
    analyzer.configure({**SETTINGS, rule.id: {"enforcementLevel": "remediate"}})
    try:
        mended = 0
        for bad in rule.bad:
            token = bad.type or rule.types[0]
            for done in analyzer.remediate(token, bad):
                assert done.policyName == rule.id
                props = json_format.MessageToDict(done.properties)
                again = Example(props=props, stack=bad.stack)
                if rule.id not in [one.policyName for one in analyzer.resource(token, again)]:
                    mended += 1
        assert mended
        assert analyzer.remediate(rule.types[0], rule.good) == []
    finally:
        analyzer.configure(SETTINGS)


def test_every_rule_says_what_why_and_how_to_mend_it() -> None:
    for rule in RULES.values():
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.id)
        for text in (rule.summary, rule.rationale, rule.remediation):
            assert text.endswith("."), rule.id
        assert rule.sources, rule.id


def test_every_property_in_an_example_is_one_of_the_provider() -> None:
    wrong = set()
    for rule in RULES.values():
        for example in (*good(rule), *rule.bad):
            token = example.type or (rule.types[0] if isinstance(rule, Rule) else "")
            if known := properties(token):
                wrong |= {f"{rule.id}: {token} {name}" for name in set(example.props) - known}
    assert wrong == set()


def properties(token: str) -> set[str]:
    """The inputs of a provider's class, in camelCase; empty for a type without a class."""
    package, module, name = token.split(":")
    if package not in ("aws", "gcp", "azure-native"):
        return set()
    found = importlib.import_module(f"pulumi_{package.replace('-', '_')}.{module.split('/')[0]}")
    arguments = inspect.signature(getattr(found, name)._internal_init).parameters
    return {re.sub(r"_(\w)", lambda m: m[1].upper(), argument) for argument in arguments}


def test_a_rule_that_breaks_is_a_failed_rule_and_the_others_go_on() -> None:
    def broken(resource: Resource, settings: Any) -> Iterator[Any]:
        del settings
        raise KeyError(resource.props["password"])

    first = RULES["aws-sm-notebook-no-root"]
    assert isinstance(first, Rule)
    bad = Rule(
        id="broken-rule",
        severity=Severity.LOW,
        summary="It breaks.",
        rationale="It is broken.",
        remediation="Mend it.",
        types=first.types,
        check=Check(run=broken),
        good=first.good,
        bad=first.bad,
        unknown=first.unknown,
    )
    with served(Runner([bad, first])) as found:
        said = found.resource(
            first.types[0], Example(props={"rootAccess": "Enabled", "password": "hunter2"})
        )
    assert [one.policyName for one in said] == [pack.FAILED.id, first.id]
    assert "broken-rule failed (KeyError)" in said[0].message
    assert "hunter2" not in str(said)


def test_no_message_holds_a_secret_or_a_whole_document(analyzer: Analyzer) -> None:
    secret = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": "hunter2",
    }
    document = '{"Statement": [{"Effect": "Allow", "Action": "*", "Sid": "' + "x" * 400 + '"}]}'
    for rule in RULES.values():
        if not isinstance(rule, Rule):
            continue
        for bad in rule.bad:
            for key in bad.props:
                example = Example(props={**bad.props, key: secret})
                for one in analyzer.resource(bad.type or (*rule.types, "x:y:z")[0], example):
                    assert "hunter2" not in one.message, rule.id
    for one in analyzer.resource(
        "aws:iam/role:Role", Example(props={"assumeRolePolicy": document})
    ):
        assert "x" * 100 not in one.message


TAGS = {"Project": "p", "Environment": "prod", "Owner": "o", "CostCenter": "c"}


def right(token: str) -> dict[str, Any]:
    """A resource of a type with which every rule about it is content."""
    made: dict[str, Any] = {}
    for rule in RULES.values():
        if isinstance(rule, Rule) and token == (rule.good.type or (*rule.types, "")[0]):
            made = merged(made, dict(rule.good.props))
    name = contracts.taggable(token)
    return merged(made, {name: TAGS}) if name else made


def merged(base: Any, more: Any) -> Any:
    """More laid over base, element by element."""
    if isinstance(base, dict) and isinstance(more, dict):
        both = base.keys() & more.keys()
        return {**base, **more, **{key: merged(base[key], more[key]) for key in both}}
    if isinstance(base, list) and isinstance(more, list) and len(base) == len(more):
        return [merged(one, other) for one, other in zip(base, more, strict=True)]
    return more


def changed(base: Any, old: Any, new: Any) -> Any:
    """The base with what differs between old and new."""
    if all(isinstance(one, dict) for one in (base, old, new)):
        made = {k: v for k, v in base.items() if k in new or k not in old}
        for key in new:
            if key not in old or old[key] != new[key]:
                made[key] = changed(base.get(key), old.get(key), new[key])
        return made
    if all(isinstance(one, list) and len(one) == len(new) for one in (base, old, new)):
        return [changed(*three) for three in zip(base, old, new, strict=True)]
    return new


MUTATIONS = [
    pytest.param(rule, bad, id=f"{rule.id}-{number}")
    for rule in RULES.values()
    if isinstance(rule, Rule) and rule.types
    for number, bad in enumerate(rule.bad)
]


@pytest.mark.parametrize(("rule", "bad"), MUTATIONS)
def test_one_wrong_thing_trips_exactly_the_rules_declared_for_it(
    rule: Rule, bad: Example, analyzer: Analyzer
) -> None:
    token = bad.type or rule.types[0]
    first = rule.good.type or rule.types[0]
    base = merged(right(token), dict(rule.good.props)) if token == first else right(token)
    before = Example(props=base, stack=bad.stack, protect=True)
    props = changed(base, dict(rule.good.props), dict(bad.props)) if token == first else bad.props
    after = Example(props=props, stack=bad.stack, protect=rule.id != "x-protect")
    # An example says what its rules read, not all that a vendor asks for.
    ignored = {"vendor-contract", pack.UNDECIDED.id}
    was = {one.policyName for one in analyzer.resource(token, before)} - ignored
    now = {one.policyName for one in analyzer.resource(token, after)} - ignored
    if token == first:
        assert now - was == {rule.id, *rule.also}
    else:  # another type: the example is all there is of it
        assert rule.id in now
