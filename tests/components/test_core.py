from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.labels import LabelValue, lower_labels, pascal_tags
from components.core.naming import physical_name

LABELS: dict[str, LabelValue] = {
    "cost_center": "Data Science",
    "auto_shutdown": True,
    "data_class": None,
}


def test_tags_are_spelled_as_aws_and_azure_people_spell_them() -> None:
    assert pascal_tags(LABELS, "dev") == {
        "AutoShutdown": "true",
        "CostCenter": "Data Science",
        "Environment": "dev",
        "ManagedBy": "pulumi",
    }


def test_google_labels_are_lower_case_with_no_spaces() -> None:
    assert lower_labels(LABELS, "dev")["cost_center"] == "data-science"


def test_a_short_name_is_left_as_it_is() -> None:
    assert physical_name("dev", "resnet50", max_length=63) == "ml-dev-resnet50"


@given(st.text("abcdef", min_size=1, max_size=80), st.integers(12, 63))
def test_names_never_exceed_the_limit(part: str, limit: int) -> None:
    assert len(physical_name("dev", part, max_length=limit)) <= limit


def test_long_names_that_begin_alike_stay_apart() -> None:
    one, two = (physical_name("dev", "x" * 70 + end, max_length=40) for end in "ab")
    assert one != two


def test_a_limit_without_room_for_a_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="max_length"):
        physical_name("development", "fraud", max_length=8)
