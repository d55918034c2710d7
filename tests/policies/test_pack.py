"""The pack around its rules: exemptions, configuration, profiles, generated files, reports."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.validators import validator_for  # type: ignore[import-untyped]

from ml_policies import configuration, exemptions, pack, profiles
from ml_policies.published import published
from ml_policies.rule import Example, Rule, StackRule
from ml_policies.rules import all_rules
from ml_policies.running import Runner
from mlplatform.cli import formats, policing
from mlplatform.cli.verdicts import Verdict
from mlplatform.contracts.unknown import UNKNOWN
from tests.policies.analyzer import Analyzer, served

DATA = Path(__file__).parent / "data"
DAY = dt.date(2026, 11, 21)
RULES = {rule.id: rule for rule in all_rules()}
EVERY = [*RULES.values(), *pack.OWN]
NO_ROOT = "aws-sm-notebook-no-root"
NOTEBOOK = "aws:sagemaker/notebookInstance:NotebookInstance"
ROOT_USER = Example(props={"rootAccess": "Enabled"}, stack="prod")


def write(folder: Path, *entries: dict[str, Any]) -> Path:
    path = folder / "exemptions.yaml"
    path.write_text(json.dumps(entries))  # JSON is YAML
    return path


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "rule": NO_ROOT,
        "resource": "*",
        "owner": "ml-team",
        "reason": "Its users build drivers.",
        **changes,
    }


def dated(folder: Path, expires: str, **changes: Any) -> Path:
    path = write(folder)
    lines = [f"{key}: {json.dumps(value)}" for key, value in entry(**changes).items()]
    path.write_text("- " + "\n  ".join([*lines, f"expires: {expires}"]))
    return path


@pytest.fixture
def notebook_rule() -> Rule:
    rule = RULES[NO_ROOT]
    assert isinstance(rule, Rule)
    return rule


def with_exemptions(rule: Rule, path: Path, day: dt.date) -> Iterator[Analyzer]:
    found = exemptions.read(path, rules=RULES, as_of=day)
    with served(Runner([rule], exemptions=found)) as analyzer:
        yield analyzer


def said(rule: Rule, path: Path, day: dt.date) -> tuple[list[str], list[str]]:
    """(what is said of a notebook with root, what is said of the whole stack)."""
    for analyzer in with_exemptions(rule, path, day):
        one = [found.policyName for found in analyzer.resource(NOTEBOOK, ROOT_USER)]
        whole = [found.policyName for found in analyzer.stack([])]
        return one, whole
    raise AssertionError


def test_an_exemption_covers_its_rule_through_its_last_day(
    tmp_path: Path, notebook_rule: Rule
) -> None:
    path = dated(tmp_path, "2026-12-31")
    assert said(notebook_rule, path, dt.date(2026, 12, 31)) == ([], [])


def test_an_expired_exemption_covers_nothing_and_is_told(
    tmp_path: Path, notebook_rule: Rule
) -> None:
    path = dated(tmp_path, "2026-12-31")
    one, whole = said(notebook_rule, path, dt.date(2027, 1, 1))
    assert one == [NO_ROOT]
    assert whole == [pack.EXPIRED.id]


def test_an_exemption_covers_no_other_resource(tmp_path: Path, notebook_rule: Rule) -> None:
    path = dated(tmp_path, "2026-12-31", resource="another-notebook")
    assert said(notebook_rule, path, DAY) == ([NO_ROOT], [])


def test_a_wrong_file_of_exemptions_is_one_list_of_everything(tmp_path: Path) -> None:
    path = write(tmp_path, entry(rule="aws-nothing", reason=" ", expires="soon"), {"rulle": 1})
    with pytest.raises(exemptions.ExemptionError) as error:
        exemptions.read(path, rules=RULES, as_of=DAY)
    problems = "\n".join(error.value.problems)
    for part in ("[0].rule: got 'aws-nothing'", "[0].reason", "[0].expires", "[1].rulle"):
        assert part in problems


def test_an_exemption_ends_within_a_year(tmp_path: Path) -> None:
    with pytest.raises(exemptions.ExemptionError, match="at most a year"):
        exemptions.read(dated(tmp_path, "2030-01-01"), rules=RULES, as_of=DAY)


def test_the_report_lists_every_exemption_and_fails_for_an_expired_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dated(tmp_path, "2026-12-31")
    assert policing.list_exemptions(path, "2026-12-31") == 0
    assert "in force  until 2026-12-31" in capsys.readouterr().out
    assert policing.list_exemptions(path, "2027-01-01") == policing.VIOLATION
    shown = capsys.readouterr().out
    assert shown.startswith("EXPIRED")
    assert "ml-team" in shown and "drivers" in shown


def test_a_wrong_configuration_is_one_list_of_everything() -> None:
    given = {
        "aws-sm-notebok-no-root": "mandatory",
        NO_ROOT: "strict",
        "aws-sm-domain-idle": {"enforcementLevel": "loud", "minutes_max": 5},
    }
    problems = configuration.problems(given, EVERY)
    assert len(problems) == 4
    assert f"nearest: {NO_ROOT}" in problems[0]
    assert all("allowed" in one or "nearest" in one or "list" in one for one in problems)


@pytest.mark.parametrize("name", profiles.PROFILES)
def test_each_profile_is_a_configuration_by_the_schema(name: str) -> None:
    schema = configuration.schema(EVERY)
    Draft202012Validator.check_schema(schema)
    made = profiles.configuration(name, EVERY)
    assert list(Draft202012Validator(schema).iter_errors(made)) == []
    assert configuration.problems(made, EVERY) == []


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.id)
def test_every_default_is_a_value_that_the_schema_allows(rule: Any) -> None:
    settings = {name: setting.default for name, setting in rule.settings.items()}
    assert configuration.problems({rule.id: settings}, EVERY) == []
    Draft202012Validator(configuration.schema(EVERY)).validate({rule.id: settings})


def test_dev_advises_and_prod_refuses() -> None:
    dev = profiles.configuration("dev", EVERY)
    prod = profiles.configuration("prod", EVERY)
    assert dev[NO_ROOT] == {"enforcementLevel": "advisory"}
    assert prod[NO_ROOT] == {"enforcementLevel": "mandatory"}
    assert profiles.configuration("remediate", EVERY)[NO_ROOT] == {"enforcementLevel": "remediate"}
    for profile in profiles.PROFILES:
        refused = profiles.configuration(profile, EVERY)["vendor-contract"]
        assert refused == {"enforcementLevel": "mandatory"}


def test_what_is_undecided_is_advice_but_for_the_strict() -> None:
    levels = {
        name: profiles.configuration(name, EVERY)[profiles.UNDECIDED]["enforcementLevel"]
        for name in profiles.PROFILES
    }
    assert levels == {
        "dev": "advisory",
        "prod": "advisory",
        "strict": "mandatory",
        "remediate": "advisory",
    }


def test_a_threshold_of_the_configuration_is_the_one_that_judges() -> None:
    rule = RULES["aws-sm-training-bounded"]
    assert isinstance(rule, Rule)
    (name,) = rule.settings
    with served(Runner([rule])) as analyzer:
        token = rule.types[0]
        assert analyzer.resource(token, rule.good) == []
        analyzer.configure({rule.id: {name: 0.001}})
        assert [one.policyName for one in analyzer.resource(token, rule.good)] == [rule.id]


def test_the_generated_pages_profiles_and_schema_are_fresh() -> None:
    stale = [path.name for path, text in policing.generated().items() if path.read_text() != text]
    assert stale == [], "run ./mlp policy docs"


def test_every_published_check_has_a_rule_or_a_reason() -> None:
    sources = {source for rule in RULES.values() for source in rule.sources}
    for one in published():
        assert (one.id in sources) is not bool(one.why_not), one.id


VERDICTS = [
    Verdict(
        rule=NO_ROOT,
        level="mandatory",
        severity="high",
        urn=f"urn:pulumi:prod::p::{NOTEBOOK}::nb",
        what='nb: rootAccess: got "Enabled", allowed: "Disabled".',
        why="Users are not root.",
        fix="Set it.",
    ),
    Verdict(rule="of-another-pack", level="advisory", severity="", urn="", what="a\x1b[0m <b> & c"),
]


def test_the_sarif_report_is_valid_by_its_published_schema() -> None:
    schema = json.loads((DATA / "sarif-schema-2.1.0.json").read_text())
    text = formats.sarif(VERDICTS, known=RULES, file="Pulumi.prod.yaml")
    document = json.loads(text)
    assert list(validator_for(schema)(schema).iter_errors(document)) == []
    (run,) = document["runs"]
    assert [one["level"] for one in run["results"]] == ["error", "warning"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [
        one["ruleId"] for one in run["results"]
    ]


def test_the_junit_report_has_a_case_for_each_rule_and_fails_for_what_is_mandatory() -> None:
    suite = ElementTree.fromstring(formats.junit(VERDICTS, passed=sorted(RULES)))
    cases = {case.attrib["name"]: case for case in suite}
    assert len(cases) == len(RULES) + 1 == int(suite.attrib["tests"])
    assert suite.attrib["failures"] == "1"
    failure = cases[NO_ROOT].find("failure")
    assert failure is not None and "rootAccess" in (failure.text or "")
    assert cases["of-another-pack"].find("failure") is None


def test_the_table_says_what_where_why_and_how_to_mend() -> None:
    shown = "\n".join(formats.table(VERDICTS, every=False))
    assert f"MANDATORY  high  {NO_ROOT}  nb" in shown
    for part in ("rootAccess", "why   Users are not root.", "fix   Set it."):
        assert part in shown
    assert shown.endswith("policies: 1 mandatory, 1 advisory")


def test_explain_says_why_how_to_mend_and_from_where(capsys: pytest.CaptureFixture[str]) -> None:
    policing.explain(NO_ROOT)
    shown = capsys.readouterr().out
    rule = RULES[NO_ROOT]
    for part in (rule.summary, rule.rationale, rule.remediation, *rule.sources):
        assert part in shown


def test_the_list_has_every_rule_of_a_cloud(capsys: pytest.CaptureFixture[str]) -> None:
    policing.list_rules("gcp")
    shown = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert shown == [rule.id for rule in RULES.values() if rule.cloud == "gcp"]


def test_a_rule_about_relations_knows_what_was_declared_though_no_output_repeats_it() -> None:
    rule = RULES["az-ml-ws-diagnostics"]
    assert isinstance(rule, StackRule)
    workspace, logs = rule.good
    unknown = dataclasses.replace(workspace, props={"workspaceName": UNKNOWN})
    silent = dataclasses.replace(logs, props={"workspaceId": UNKNOWN})
    with served(Runner([rule])) as analyzer:
        (found,) = analyzer.stack([unknown, silent])
        assert found.policyName == pack.UNDECIDED.id
        for one in rule.good:
            assert analyzer.resource(one.type, one) == []
        assert analyzer.stack([unknown, silent]) == []
