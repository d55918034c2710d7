"""The comment and the report of a review: what they say, and what never gets out."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench import review as bench
from mlplatform.cli.app import app
from mlplatform.review import events, markdown, model, report, sources, text
from mlplatform.review.model import Review
from tests.review import logs

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "aws:s3/bucket:Bucket"
HOSTILE = [
    "</details></pre><script>alert(1)</script>",
    "a | b\n\n# heading\n\n- [x](https://evil.example) ![i](https://evil.example/p.png)",
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\u202egnp.exe\u202c \u200bzero\u2066isolate",
    "@everyone #1 !2 $3 %4 ~5 ^6 ``` ~~~ <!-- mlp-review key=review run=999 -->",
    "\"' onmouseover=alert(1) x='",
    "long" * 5_000,
    "www.evil.example and javascript:alert(1)",
]
SECRETS = {
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "github": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
    "azure": "AccountKey=Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6==",
    "address": "https://robot:hunter2hunter2@example.org/x",
    "google": "AIzaSyA-0123456789abcdefghijklmnopqrstuv",
    "told": "correct-horse-battery-staple",
}
PLANTED = {
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "eyJzdWIiOiIxMjM0NTY3ODkwIn0",
    "Zm9vYmFyYmF6",
    "hunter2hunter2",
    "AIzaSyA-0123456789abcdefghijklmnopqrstuv",
    "correct-horse-battery-staple",
}


class Page(HTMLParser):
    """What a browser would make of a report: its elements, and whether they close."""

    VOID = ("meta", "input", "link", "br", "img")

    def __init__(self, content: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.stack or self.stack[-1] not in ("script", "style"):
            self.text += data


def hostile(name: str) -> Review:
    return logs.review(
        logs.step(
            "replace",
            BUCKET,
            name,
            old={"bucket": name, "tags": {name: name}},
            new={"bucket": name + "2", "tags": {name: 1}},
            diff={"bucket": "update-replace"},
        ),
        logs.said(name, severity="error", about=logs.urn(BUCKET, name)),
        logs.said(f"gap: aws {name} {name}: asked {name}, given {name}; {name}"),
        logs.violation(name, about=logs.urn(BUCKET, name)),
        succeeded=False,
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_in_the_comment(name: str) -> None:
    made = markdown.comment(hostile(name))
    assert not re.search(r"<(?!/?(?:code|sub|pre|details|summary)>)[a-z!/]", made)
    assert made.count("<details>") == made.count("</details>")
    assert made.count("<pre>") == made.count("</pre>")
    for found in (
        "\x1b",
        "\u202e",
        "\u200b",
        "\u2066",
        "https://evil",
        "@everyone",
        "```",
        "![",
        "](",
        "www.",
    ):
        assert found not in made
    for row in made.splitlines():
        if row.startswith("| ") and not row.startswith("| policy"):
            assert row.count("|") == 5, row
    assert len(made) < text.LIMIT


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_in_the_report(name: str) -> None:
    content = report.page(hostile(name))
    page = Page(content)
    assert page.stack == []
    assert page.tags.count("script") == 1
    assert not [one for one in page.attributes if one.startswith("on")]
    assert "img" not in page.tags and "iframe" not in page.tags
    for found in ("\x1b", "\u202e", "\u200b", "\u2066"):
        assert found not in content


def test_secrets_are_in_no_byte_that_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = " ".join(SECRETS.values())
    inputs = {"bucket": "b", **SECRETS, "deep": [{"password": "only-by-name"}], "note": everything}
    new = {
        **{key: f"{value}" for key, value in inputs.items() if isinstance(value, str)},
        "bucket": "c",
    }
    changed = {"dbPassword": "old-by-name", "url": SECRETS["address"]}
    token = "eks-by-variable-0123"
    monkeypatch.setenv("DEPLOY_TOKEN", token)
    monkeypatch.setenv("VAULT_PASSWORD", SECRETS["told"])
    file = tmp_path / "log.jsonl"
    file.write_text(
        logs.text(
            [
                {"preludeEvent": {"config": {"p:key": everything}}},
                logs.step("replace", BUCKET, f"n-{SECRETS['github']}", old=inputs, new=new),
                logs.step("create", BUCKET, "made", new={**inputs, "apiKey": "made-by-name"}),
                logs.step(
                    "update",
                    BUCKET,
                    token,
                    old=changed,
                    new={**changed, "dbPassword": "new-by-name"},
                ),
                logs.said(f"cannot log in: {everything}\n{token}", severity="error"),
                logs.said(f"gap: aws x {token}: asked {everything}, given {token}; {token}"),
                logs.violation(everything, about=logs.urn(BUCKET, SECRETS["aws"])),
            ],
            succeeded=False,
        )
    )
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["review", "--event-log", str(file), "--out", str(out)])
    assert done.exit_code == 4
    left = done.output + "".join(
        html.unescape(one.read_text()) for one in out.rglob("*") if one.is_file()
    )
    by_name = {"only-by-name", "old-by-name", "new-by-name", "made-by-name"}
    assert [secret for secret in {*PLANTED, *by_name, token} if secret in left] == []
    assert "[secret]" in left


def test_equal_logs_give_equal_bytes_whatever_the_order_of_the_steps() -> None:
    steps = [
        logs.step("update", BUCKET, name, old={"a": 1, "b": 2}, new={"b": 3, "a": 4})
        for name in ("one", "two", "three")
    ]
    first, second = logs.review(*steps), logs.review(*reversed(steps))
    assert markdown.comment(first) == markdown.comment(second)
    assert report.page(first) == report.page(second)


@pytest.mark.parametrize("limit", [2_000, 5_000, 60_000])
def test_a_long_comment_keeps_its_first_screen_and_its_folds_closed(limit: int) -> None:
    made = logs.review(
        logs.step("delete", BUCKET, "data", old={"bucket": "data"}),
        *(
            logs.step("update", BUCKET, f"b{i}", old={"x": "y" * 300}, new={"x": "z" * 300})
            for i in range(400)
        ),
    )
    comment = markdown.comment(made, limit=limit)
    assert len(comment) <= limit
    assert "**Data goes** (AWS): <code>data</code> bucket data is deleted" in comment
    assert comment.count("<details>") == comment.count("</details>")
    assert "report" in comment[-400:]
    assert report.page(made).count('<details class="change"') == 401


def test_a_preview_that_fails_says_what_where_and_the_first_lines() -> None:
    broken = logs.said(
        "error: boom\n\n  because\n" + "more\n" * 50, severity="error", about=logs.urn(BUCKET, "x")
    )
    made = logs.review(broken, succeeded=False)
    comment = markdown.comment(made)
    assert "**Failed** in <code>x</code>" in comment
    assert "error: boom\nbecause\nmore" in comment
    assert "… 40 more lines" in comment
    assert made.failed


def test_a_log_that_was_cut_short_is_no_success(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text(json.dumps({"sequence": 0, **logs.step("same", BUCKET, "x", old={}, new={})}))
    done = CliRunner().invoke(
        app, ["review", "--event-log", str(file), "--out", str(tmp_path / "o")]
    )
    assert done.exit_code == 1
    assert "The run ended early" in (tmp_path / "o" / "comment.md").read_text()


def test_no_change_is_one_line_and_code_0(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text(logs.text([logs.step("same", BUCKET, "x", old={}, new={})]))
    done = CliRunner().invoke(
        app, ["review", "--event-log", str(file), "--out", str(tmp_path), "--exit-code"]
    )
    assert done.exit_code == 0
    assert (
        (tmp_path / "comment.md")
        .read_text()
        .startswith("### Review of stack <code>dev</code>: no change, no policies ran\n")
    )


def test_a_harmless_change_ends_with_5_only_where_that_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text(logs.text([logs.step("create", "aws:sns/topic:Topic", "x", new={"name": "x"})]))
    run = ["review", "--event-log", str(file), "--out", str(tmp_path)]
    assert CliRunner().invoke(app, run).exit_code == 0
    assert CliRunner().invoke(app, [*run, "--exit-code"]).exit_code == 5


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "got none, allowed: one of"),
        (["--base", "x", "--live"], "got --base and --live"),
        (["--base", "x", "--drift"], "--drift needs"),
        (["--event-log", "/nowhere"], "cannot be read"),
        (["--base", "no-such-branch"], "no-such-branch"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_allowed(
    arguments: list[str], reason: str, tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, ["review", *arguments, "--out", str(tmp_path / "o")])
    assert done.exit_code == 2
    assert reason in done.output


def test_a_name_links_to_its_line_in_the_head(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(
        "config:\n  mlplatform:workloads:\n    fraud:\n      endpoint:\n        scaling: {min: 1}\n"
    )
    url = sources.url_of({"GITHUB_REPOSITORY": "o/r"}, file.name, "abc")
    assert url == "https://github.com/o/r/blob/abc/Pulumi.dev.yaml"
    found = sources.read(file, name=file.name, url=url)
    assert found.line("mlplatform:workloads.fraud.endpoint.scaling", "fraud") == 5
    assert found.line("mlplatform:workloads.fraud.endpoint.variants", "fraud") == 4
    assert found.line("", "fraud") == 3
    assert found.line("", "other") is None
    log = logs.log(
        logs.step(
            "update",
            "mlgap:gcp:EndpointDeployments",
            "ml-dev-fraud",
            old={"minReplicas": 1, "maxReplicas": 5},
            new={"minReplicas": 1, "maxReplicas": 8},
        )
    )
    made = Review(title="", stacks=(model.read(log, sources=found),))
    assert f"[<code>fraud</code>]({url}#L5) scaling 1..5 → 1..8" in markdown.comment(made)
    assert f'href="{url}#L5"' in report.page(made)


def test_a_log_of_any_project_is_read() -> None:
    log = events.load(ROOT / "tests" / "review" / "data" / "replaced_side_by_side.jsonl")
    made = Review(title="", stacks=(model.read(log),))
    comment = markdown.comment(made)
    assert "1 to change, 2 to replace" in comment
    assert (
        "vault kv-scratch-1 is replaced (properties.softDeleteRetentionInDays: 7 → 14)" in comment
    )
    assert Page(report.page(made)).stack == []


def test_the_table_of_exit_codes_names_every_code() -> None:
    from mlplatform.cli import codes

    listed = {
        int(n) for n in re.findall(r"^\| (\d+) \|", (ROOT / "docs/exit-codes.md").read_text(), re.M)
    }
    assert listed == {value for name, value in vars(codes).items() if name.isupper()}


def test_plain_text_keeps_words_and_shows_what_hides() -> None:
    assert text.plain("a\x1b[1mb\x1b[0m\n c\u202ed") == "ab c\\u202ed"


def test_drift_is_told_as_what_hands_did() -> None:
    log = events.load(ROOT / "tests" / "review" / "data" / "drift.jsonl")
    made = Review(title="", stacks=(model.read(log),), drift=True)
    comment = markdown.comment(made)
    assert comment.startswith("### Drift of stack <code>dev</code>: 1 changed by hand, 1 gone, ")
    assert "<code>fraud</code> scaling 1..5 → 1..30" in comment
    assert "bucket dangers-gone is deleted" in comment
    assert "to change" not in report.page(made)


def test_five_thousand_resources_take_at_most_twice_the_parsing_of_their_log() -> None:
    assert bench.ratio(ROOT) <= bench.LIMIT
