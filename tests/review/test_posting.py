"""One comment on a pull request, on each of three hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mlplatform.cli.app import app
from mlplatform.review import hosts, posting
from tests.review.code_hosts import TOKEN, CodeHosts, environment, served

NAMES = sorted(hosts.HOSTS)


@pytest.fixture
def there() -> Iterator[tuple[CodeHosts, str]]:
    with served() as found:
        yield found


@pytest.mark.parametrize("name", NAMES)
def test_the_second_run_replaces_the_comment_behind_two_hundred_others(
    name: str, there: tuple[CodeHosts, str]
) -> None:
    state, url = there
    state.texts = [f"comment of a person, {number}" for number in range(200)]
    host = hosts.connect(environment(name, url))
    assert host.name == name
    assert posting.post(host, "one", key="dev", run=1) == "created"
    assert posting.post(host, "two", key="dev", run=2) == "replaced"
    assert posting.post(host, "two", key="dev", run=2) == "unchanged"
    assert len(state.texts) == 201
    assert state.texts[-1].endswith("\ntwo")


@pytest.mark.parametrize("name", NAMES)
def test_an_overtaken_run_leaves_the_newer_comment_alone(
    name: str, there: tuple[CodeHosts, str]
) -> None:
    state, url = there
    host = hosts.connect(environment(name, url))
    posting.post(host, "newer", key="dev", run=9)
    assert posting.post(host, "older", key="dev", run=8) == "overtaken"
    assert state.texts == ["<!-- mlp-review key=dev run=9 -->\nnewer"]


def test_two_reviews_of_one_pull_request_keep_a_comment_each(there: tuple[CodeHosts, str]) -> None:
    state, url = there
    host = hosts.connect(environment("github", url))
    for key in ("dev", "prod"):
        assert posting.post(host, key, key=key, run=1) == "created"
    assert len(state.texts) == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_refusal_of_the_host_names_the_request_and_not_the_token(
    name: str, there: tuple[CodeHosts, str]
) -> None:
    state, url = there
    state.refuse = 403
    with pytest.raises(hosts.HostError) as caught:
        posting.post(hosts.connect(environment(name, url)), "text", key="dev", run=1)
    assert "403" in str(caught.value)
    assert "may the token write comments?" in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_each_variable_that_a_host_needs_is_named_when_it_is_absent(name: str) -> None:
    whole = environment(name, "http://127.0.0.1:9")
    for variable in whole:
        lacking = {k: v for k, v in whole.items() if k != variable}
        if variable in ("GITHUB_API_URL", "CI_API_V4_URL"):
            continue  # these have a public default
        with pytest.raises(hosts.HostError) as caught:
            hosts.connect(lacking)
        said = "no CI job" if variable in ("GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD") else variable
        assert said in str(caught.value) or "--pull-request" in str(caught.value)


def test_a_comment_over_the_limit_is_cut_between_lines_with_folds_closed() -> None:
    line = "a line of the review\n"
    text = line * 10 + "<details><summary>s</summary>\n\n```\n" + line * 100 + "```\n</details>\n"
    made = posting.marked(text, key="k", run=1, limit=1000)
    assert len(made) <= 1000
    assert made.endswith(posting.CUT)
    assert made.count("<details") == made.count("</details>")
    assert made.count("```") % 2 == 0
    assert made.count(line) >= 10


def test_a_dry_run_prints_the_comment_and_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("GITHUB_RUN_NUMBER", "CI_PIPELINE_IID", "BUILD_BUILDID"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "comment.md").write_text("# Review\n")
    done = CliRunner().invoke(app, ["comment", str(tmp_path / "comment.md"), "--dry-run"])
    assert done.exit_code == 0
    assert done.stdout == "<!-- mlp-review key=review run=0 -->\n# Review\n\n"
