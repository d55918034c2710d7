"""The compiled data: up to date, complete, and light at run time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mlplatform.contracts.compile import aws as compiler
from mlplatform.contracts.compile import aws_match as match
from mlplatform.contracts.compile import aws_vendor_model as vendor
from mlplatform.contracts.compile.provider_model import Property

_RUN = """
import sys, json
from mlplatform import contracts
token = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
problems = contracts.check(token, {"productionVariants": [{"instanceType": "x"}]})
wanted = ("pulumi_aws", "pulumi", "botocore", "boto3", "regex", "grpc")
heavy = [m for m in wanted if m in sys.modules]
print(json.dumps([len(problems), heavy]))
"""


def test_the_data_and_the_coverage_table_are_up_to_date_with_the_locked_sdks() -> None:
    stale = [
        str(path.relative_to(compiler.ROOT))
        for path, text in compiler.files().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == []


def test_a_check_imports_no_vendor_sdk() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _RUN], capture_output=True, text=True, check=True, cwd=compiler.ROOT
    )
    problems, heavy = json.loads(done.stdout)
    assert problems > 0
    assert heavy == []


@pytest.mark.parametrize(
    ("pattern", "accepted", "refused"),
    [
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "Größe 5/a+b", "a#b"),
        (r"\p{Print}+", "a b~", "a\x07"),
        (
            "[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*",
            "a\U0001f600",
            "\x00",
        ),
        (r"arn:[\p{Alnum}\-]+:x", "arn:aws-cn:x", "arn:aws!:x"),
    ],
)
def test_patterns_of_javas_dialect_are_translated(
    pattern: str, accepted: str, refused: str
) -> None:
    import re

    translated = vendor.translate(pattern)
    assert translated is not None
    assert re.fullmatch(translated, accepted)
    assert not re.fullmatch(translated, refused)


def test_a_name_that_fits_two_members_or_none_is_not_guessed() -> None:
    shape = vendor.operation("sagemaker", "CreateModel").input_shape
    members = vendor.members(shape)
    text = Property("string")
    assert match.find("executionRoleArn", text, ["model"], members) == (
        "ExecutionRoleArn",
        "same name",
    )
    assert match.find("name", text, ["model"], members) == ("ModelName", "noun")
    assert match.find("displayName", text, ["model"], members) is None


def test_an_unmapped_property_stops_the_compiler() -> None:
    from mlplatform.contracts.compile.aws_type import compile_type

    entry = {"id": "{bucket}", "create": "PutBucketVersioning", "members": {"bucket": "Nothing"}}
    with pytest.raises(LookupError, match="has no member Nothing"):
        compile_type("s3", "BucketVersioning", entry, {"service": "s3"})
    with pytest.raises(LookupError, match="unknown table keys"):
        compile_type("s3", "BucketVersioning", {**entry, "replaces": {}}, {"service": "s3"})
