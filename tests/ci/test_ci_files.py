"""The CI files: valid by the published schemas of their formats, pinned, and with few rights.

None of the three hosts can be reached from here, so no pipeline has run: docs/ci.md says so.
"""

from __future__ import annotations

import json
import re
import runpy
import shlex
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import google.auth.identity_pool
import jsonschema  # type: ignore[import-untyped]
import pytest
import typer
import yaml

from mlplatform.cli.app import app
from tests.engine.conftest import ROOT

CI = ROOT / "ci"
GITHUB = sorted((CI / "github").glob("*.yml"))
AZURE = sorted((CI / "azure-devops").glob("*.yml"))
GITLAB = CI / "gitlab" / ".gitlab-ci.yml"
EVERY = [*GITHUB, *AZURE, GITLAB]
NAMES = [path.relative_to(CI).as_posix() for path in EVERY]


class Github(yaml.SafeLoader):
    """``on`` is a key there, not a truth value."""


class Azure(yaml.SafeLoader):
    """Every scalar is a string to Azure Pipelines, but for truth values."""


def _keep(loader: type[yaml.SafeLoader], dropped: set[str]) -> None:
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag.rsplit(":", 1)[1] not in dropped]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_keep(Github, {"bool"})
_keep(Azure, {"int", "float"})


def schema(name: str) -> dict[str, Any]:
    """As published; the check-jsonschema distribution carries a copy of each."""
    folder = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found


def violations(name: str, document: Any) -> list[str]:
    validator = jsonschema.validators.validator_for(schema(name))(schema(name))
    return [error.message[:200] for error in validator.iter_errors(document)]


def truthful(node: Any) -> Any:
    """A document read without truth values, with those that are no keys put back."""
    if isinstance(node, dict):
        return {key: truthful(value) for key, value in node.items()}
    if isinstance(node, list):
        return [truthful(value) for value in node]
    return {"true": True, "false": False}.get(node, node) if isinstance(node, str) else node


def workflow(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = truthful(yaml.load(path.read_text(), Github))
    return found


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_a_github_workflow_is_valid_by_its_schema(path: Path) -> None:
    assert violations("github-workflows", workflow(path)) == []
    broken = {**workflow(path), "permisions": {}}
    assert violations("github-workflows", broken) != []


def test_the_gitlab_file_is_valid_by_its_schema() -> None:
    document = yaml.safe_load(GITLAB.read_text())
    assert violations("gitlab-ci", document) == []
    document["review"]["artifact"] = document["review"].pop("artifacts")
    document["review"]["script"] = {"not": "a script"}
    assert violations("gitlab-ci", document) != []


@pytest.mark.parametrize("path", AZURE, ids=lambda path: path.name)
def test_an_azure_pipeline_is_valid_by_its_schema(path: Path) -> None:
    text = path.read_text().replace("${{ parameters.stack }}", "dev")
    document = yaml.load(text, Azure)
    assert violations("azure-pipelines", document) == []
    assert violations("azure-pipelines", {**document, "job": "x", "stage": "y"}) != []


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(path: Path) -> None:
    for line in re.findall(r"uses: (.+)", path.read_text()):
        local = line.startswith("./.github/workflows/")
        assert local or re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_only_what_posts_may_write_and_it_runs_no_code_of_the_pull_request() -> None:
    review = workflow(CI / "github" / "review.yml")
    assert review["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in review["jobs"].values())
    posting = workflow(CI / "github" / "review-comment.yml")
    assert list(posting["on"]) == ["workflow_run"]
    checkouts = [
        step
        for job in posting["jobs"].values()
        for step in job["steps"]
        if "checkout" in step.get("uses", "")
    ]
    assert all("ref" not in step["with"] for step in checkouts)
    writing = {name for name, right in posting["permissions"].items() if right == "write"}
    assert writing == {"pull-requests", "security-events"}
    for path in GITHUB:
        assert "pull_request_target" not in path.read_text()


@pytest.mark.parametrize("path", EVERY, ids=NAMES)
def test_no_key_is_stored_and_no_text_of_a_stranger_is_put_into_a_script(path: Path) -> None:
    text = path.read_text()
    assert "secrets." not in text
    assert "persist-credentials: true" not in text
    for script in scripts(path):
        assert "${{ github.event" not in script
        assert "${{ steps." not in script


@pytest.mark.parametrize("path", EVERY, ids=NAMES)
def test_every_script_is_one_that_bash_can_read(path: Path) -> None:
    found = scripts(path)
    assert found or path.name in ("deploy.yml",)
    for script in found:
        plain = re.sub(r"\$\{\{.*?\}\}|\$\((codes|[A-Z][\w.]+)\)", "x", script)
        done = subprocess.run(
            ["bash", "-n", "-c", plain], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_production_waits_for_dev_applies_the_plan_and_has_one_run_at_a_time() -> None:
    deploy = workflow(CI / "github" / "deploy.yml")
    assert deploy["jobs"]["prod"]["needs"] == "dev"
    stack = workflow(CI / "github" / "deploy-stack.yml")
    assert stack["concurrency"] == {
        "group": "deploy-${{ inputs.stack }}",
        "cancel-in-progress": False,
    }
    assert stack["jobs"]["apply"]["needs"] == "plan"
    assert stack["jobs"]["apply"]["environment"] == "${{ inputs.stack }}"
    for path in (CI / "github" / "deploy-stack.yml", GITLAB, CI / "azure-devops" / "stack.yml"):
        assert "--save-plan" in path.read_text()
        assert re.search(r"pulumi up --yes --skip-preview --plan \S+", path.read_text())


def test_googles_own_library_takes_the_credentials_that_ci_writes(tmp_path: Path) -> None:
    program = runpy.run_path(str(CI / "google_credentials.py"))
    provider = "projects/1/locations/global/workloadIdentityPools/ci/providers/gitlab"
    made = program["configuration"](tmp_path / "token", provider, "ci@p.iam.gserviceaccount.com")
    credentials = google.auth.identity_pool.Credentials.from_info(made)
    assert credentials.service_account_email == "ci@p.iam.gserviceaccount.com"


def scripts(path: Path) -> list[str]:
    """Every shell script in a file."""
    found: list[str] = []

    def look(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("run", "bash", "inlineScript") and isinstance(value, str):
                    found.append(value)
                elif key in ("script", "before_script") and isinstance(value, list):
                    found.append("\n".join(value))
                else:
                    look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look(yaml.safe_load(path.read_text()))
    return found


def test_every_command_of_ours_that_a_pipeline_runs_exists_with_its_options() -> None:
    main: Any = typer.main.get_command(app)
    seen = 0
    for path in EVERY:
        for line in re.findall(r"\./mlp ([^\n;|&]+)", path.read_text()):
            words = shlex.split(line.replace("$?", ""))
            command = main
            while hasattr(command, "commands"):
                assert words[0] in command.commands, f"{path.name}: ./mlp {line}"
                command = command.commands[words.pop(0)]
            known = {name for option in command.params for name in option.opts}
            given = {word.split("=")[0] for word in words if word.startswith("--")}
            assert given <= known, f"{path.name}: ./mlp {line}"
            seen += 1
    assert seen > 8
