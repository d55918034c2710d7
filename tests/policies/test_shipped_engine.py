"""The shipped stacks under the real engine: they pass, and one wrong thing in them does not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ml_policies.resource import Resource
from ml_policies.rule import Example, Rule, StackRule
from ml_policies.rules import all_rules
from ml_policies.running import Runner
from ml_policies.types import unversioned
from mlplatform.cli.places import ROOT
from mlplatform.review import events
from tests.policies.test_rules import SETTINGS, changed, merged, right

pytestmark = [pytest.mark.engine]

RULES = {rule.id: rule for rule in all_rules()}
RUNNER = Runner(
    RULES.values(), settings={rule: said for rule, said in SETTINGS.items() if rule != "x-budget"}
)
"""As in the examples, but without their small budget, which any larger machine would break."""
NOT_ABOUT_ONE_PROPERTY = {"vendor-contract", "x-tags"}
"""Examples hold what a rule reads, not all that a vendor asks for."""

IN_PROD = {
    # What else a change breaks because of what stands beside it in prod.
    "x-sku-announced[0]": ["x-sku-allow"],  # the list of the example's settings is short
    "gcp-vx-endpoint-logging[0]": ["x-parity"],  # the same endpoint on AWS keeps its requests
    "aws-kms-rotate[2]": ["x-no-wildcard-public"],  # a key for everybody is public reach
    "gcp-sa-least-priv[2]": ["x-no-wildcard-public"],
}


ONE_IN_THE_STACK = {"aws-vpc-endpoints", "az-ml-ws-private-link"}
"""Rules that ask whether there is one, whichever: prod's own are taken away first."""


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """A sandbox for the shipped project, and what the engine told of stack prod in it."""

    folder: Path
    code: int
    log: Path

    def mlp(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "mlplatform.cli", *arguments],
            cwd=ROOT,
            env={**os.environ, "MLP_SANDBOX_DIR": str(self.folder / ".sandbox")},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    @property
    def resources(self) -> list[Resource]:
        """Stack prod as recorded, in one order whatever the engine was done with first."""
        found = [
            Resource(
                type=step.type,
                name=step.name,
                urn=step.urn,
                props=step.new.inputs,
                protect=step.new.protect,
            )
            for step in events.load(self.log).steps
            if step.new is not None and step.new.custom and not step.type.startswith("pulumi:")
        ]
        return sorted(found, key=lambda one: one.urn)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("shipped")
    asked = Shipped(folder=folder, code=-1, log=folder / "events.jsonl")
    profile = ROOT / "policies" / "profiles" / "prod.json"
    done = asked.mlp(
        *("sandbox", "preview", "--stack", "prod", "--"),
        *("--policy-pack-config", str(profile), "--event-log", str(asked.log)),
    )
    try:
        yield replace(asked, code=done.returncode)
    finally:
        asked.mlp("sandbox", "reset")
        shutil.rmtree(folder / ".sandbox", ignore_errors=True)


def test_prod_passes_and_its_reports_say_so(shipped: Shipped) -> None:
    assert shipped.code == 0
    sarif, junit = shipped.folder / "p.sarif", shipped.folder / "p.xml"
    done = shipped.mlp(
        *("policy", "check", "--event-log", str(shipped.log)),
        *("--sarif", str(sarif), "--junit", str(junit)),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "policies: 0 mandatory" in done.stdout
    (run,) = json.loads(sarif.read_text())["runs"]
    assert "error" not in [one["level"] for one in run["results"]]
    assert ElementTree.parse(junit).getroot().attrib["failures"] == "0"


def test_dev_passes(shipped: Shipped) -> None:
    done = shipped.mlp("policy", "check", "--stack", "dev")
    assert done.returncode == 0, done.stdout + done.stderr


def test_prod_fails_on_the_day_after_its_exemptions_end(shipped: Shipped) -> None:
    done = shipped.mlp("policy", "check", "--stack", "prod", "--as-of", "2027-06-01")
    assert done.returncode == 4, done.stdout + done.stderr
    for part in ("exemptions-in-force", "expired on 2027-05-31", "az-ml-ws-uai", "  fix   "):
        assert part in done.stdout


def tripped(own: Sequence[Resource], whole: Sequence[Resource]) -> Counter[tuple[str, str]]:
    """(rule, resource) of all that is wrong for certain: with some of the stack, and its whole."""
    outcomes = [outcome for one in own for outcome in RUNNER.resource(one)]
    outcomes += RUNNER.stack(whole)
    assert not [one for one in outcomes if one.failure]
    return Counter(
        (one.rule.id, one.resource.name)
        for one in outcomes
        if one.finding is not None and not one.finding.undecided
    )


def new_rules(
    common: Sequence[Resource], before: Sequence[Resource], after: Sequence[Resource]
) -> set[str]:
    """The rules that the stack breaks with `after` and not with `before` in it."""
    more = tripped(after, [*common, *after]) - tripped(before, [*common, *before])
    return {rule for rule, _ in more} - {"vendor-contract"}


def as_resource(rule: Rule, example: Example, props: Any) -> Resource:
    token = example.type or rule.types[0]
    return Resource(
        type=token,
        name="added",
        urn=f"urn:pulumi:{example.stack}::mlplatform::{token}::added",
        props=props,
        protect=rule.id != "x-protect",
    )


def test_one_wrong_thing_in_prod_trips_exactly_the_rules_declared_for_it(shipped: Shipped) -> None:
    """A recorded resource is changed where prod has one of the type; else one is added."""
    prod = shipped.resources
    first: dict[str, Resource] = {}
    for one in prod:
        first.setdefault(unversioned(one.type), one)
    wrong: dict[str, Any] = {}
    for rule in RULES.values():
        if not isinstance(rule, Rule) or rule.id in NOT_ABOUT_ONE_PROPERTY:
            continue
        for number, bad in enumerate(rule.bad):
            token = bad.type or (*rule.types, "")[0]
            good = rule.good.type or (*rule.types, "")[0]
            if token != good or not token:
                continue
            base = first.get(token)
            right_props = merged(right(token), dict(rule.good.props))
            before = (
                replace(base, props=merged(dict(base.props), dict(rule.good.props)))
                if base is not None
                else as_resource(rule, rule.good, right_props)
            )
            props = changed(dict(before.props), dict(rule.good.props), dict(bad.props))
            after = replace(before, props=props)
            if rule.id == "x-protect":
                before, after = replace(before, protect=True), replace(after, protect=False)
            others = [one for one in prod if one is not base]
            found = new_rules(others, [before], [after])
            case = f"{rule.id}[{number}]"
            if found != {rule.id, *rule.also, *IN_PROD.get(case, ())}:
                wrong[case] = sorted(found)
    assert wrong == {}, wrong


def test_a_bad_relation_beside_prod_trips_its_rule(shipped: Shipped) -> None:
    prod = shipped.resources
    silent = []
    for rule in RULES.values():
        if not isinstance(rule, StackRule):
            continue
        added = [
            Resource(
                type=one.type,
                name=one.name,
                urn=f"urn:pulumi:{one.stack}::mlplatform::{one.type}::{one.name}",
                props=one.props,
                protect=one.protect,
                provider=one.provider,
            )
            for one in rule.bad
        ]
        alone = Runner([rule], settings=SETTINGS)
        taken = {one.type for one in rule.good} if rule.id in ONE_IN_THE_STACK else set()
        rest = [one for one in prod if unversioned(one.type) not in taken]
        before = Counter(str(one.finding) for one in alone.stack(rest))
        if not Counter(str(one.finding) for one in alone.stack([*rest, *added])) - before:
            silent.append(rule.id)
    assert silent == []
