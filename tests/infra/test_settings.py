"""What is read of a stack's configuration."""

from __future__ import annotations

import pulumi
import pytest

from infra.settings import read_settings
from mlplatform.spec import SpecError
from tests.spec.stacks import ROOT


def test_an_encrypted_value_in_the_spec_is_refused_alone_and_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulumi, "get_project", lambda: "mlplatform")
    pulumi.runtime.set_all_config(
        {"mlplatform:workloads": '{"a": {"token": "hunter2"}}', "other:password": "hunter3"},
        ["mlplatform:workloads", "other:password"],
    )
    try:
        with pytest.raises(SpecError) as refused:
            read_settings(ROOT)
    finally:
        pulumi.runtime.set_all_config({}, [])
    (problem,) = refused.value.problems
    assert problem.path == "mlplatform:workloads"
    assert "keep it in the cloud's own store" in str(problem)
    assert "hunter" not in str(refused.value)
