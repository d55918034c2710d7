from __future__ import annotations

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.base import MlComponent
from components.core.labels import LabelValue, lower_labels, pascal_tags
from components.core.naming import physical_name
from tests import recorder

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


class Thing(pulumi.CustomResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("test:index:Thing", name, None, opts)


class Store(MlComponent):
    """Takes things after its constructor, as a bucket takes uploads."""

    kind = "test:Store"

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        Thing(self._child("bucket"), self._opts())
        self.register_outputs({})

    def put(self, suffix: str) -> None:
        Thing(self._child(suffix), self._opts())


class Stores(MlComponent):
    kind = "test:Stores"

    def __init__(self, name: str) -> None:
        super().__init__(name, None)
        self.inner = Store(self._child("inner"), self._opts())
        self.register_outputs({})


class User(MlComponent):
    kind = "test:User"

    def __init__(self, name: str, store: pulumi.Resource) -> None:
        super().__init__(name, None)
        Thing(self._child("thing"), self._opts(depends_on=[store]))
        self.register_outputs({})


def test_who_depends_on_a_component_waits_for_what_its_constructor_made_and_not_for_more() -> None:
    def program() -> None:
        stores = Stores("all")
        for number in range(3):
            stores.inner.put(f"upload-{number}")
            User(f"user-{number}", stores)

    made = recorder.run(program)
    bucket = made.one("test:index:Thing", "all-inner-bucket").urn
    for number in range(3):
        user = made.one("test:index:Thing", f"user-{number}-thing")
        assert list(user.request.dependencies) == [bucket]
