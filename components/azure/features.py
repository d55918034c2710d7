"""Feature sets in a feature store, by version.

Creates, for a component named ``NAME``, an entity version ``E`` and a set version ``V``:

==================  =====================================  ======
child               type                                   when
==================  =====================================  ======
``NAME-entity-E``   mlgap:azure:FeaturestoreEntityVersion  always
``NAME-spec-V``     azure-native:storage:Blob              always
``NAME-set-V``      mlgap:azure:FeaturesetVersion          always
==================  =====================================  ======

A version's name is made of what it fixes, its columns, keys and source, so a change of those is a
new version. The old one is kept in the store, since models that were trained on it ask for it by
that name, and is taken up again when the group goes back to it. Stores and schedule change in
place. Azure ML makes the set and the entity with their first version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import yaml
from pulumi_azure_native import storage as native

from components.azure.feature_store import FeatureStore
from components.azure.storage import CONTAINER
from components.core.base import MlComponent
from mlplatform.gaps.sdk import azure as mlgap

_VERSION_DIGITS = 8


@dataclass(frozen=True, kw_only=True)
class MaterializationArgs:
    """When rows are computed and kept."""

    frequency: str
    """``Day`` or ``Week``."""
    hours: Sequence[int]
    minutes: Sequence[int]
    week_days: Sequence[str] = ()
    instance_type: str = "standard_e8s_v3"


@dataclass(frozen=True, kw_only=True)
class FeaturesArgs:
    """One feature group."""

    store: FeatureStore
    group: str
    record_id: str
    event_time: str
    columns: Mapping[str, str]
    """Name to type, as a feature set's specification writes it."""
    source_uri: str
    """Where rows come from: a folder of Parquet files."""
    description: str = ""
    online: bool = False
    offline: bool = True
    materialization: MaterializationArgs | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def specification(self) -> str:
        """FeatureSetSpec.yaml ("Feature set specification YAML schema")."""
        keys = (self.record_id, self.event_time)
        return yaml.safe_dump(
            {
                "$schema": "http://azureml/sdk-2-0/FeatureSetSpec.json",
                "source": {
                    "type": "parquet",
                    "path": self.source_uri,
                    "timestamp_column": {"name": self.event_time},
                },
                "features": [
                    {"name": name, "type": kind}
                    for name, kind in self.columns.items()
                    if name not in keys
                ],
                "index_columns": [{"name": self.record_id, "type": self.columns[self.record_id]}],
            },
            sort_keys=False,
        )

    @property
    def version(self) -> str:
        """Stands for everything that a version fixes: its columns, keys and source.

        When and where rows are kept changes in place: a new version would begin without any.
        """
        return hashlib.sha256(self.specification().encode()).hexdigest()[:_VERSION_DIGITS]


class Features(MlComponent):
    """One feature set and the entity that its rows are about."""

    kind = "azure:Features"

    featureset: str
    version: str

    def __init__(
        self,
        name: str,
        args: FeaturesArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        store, place = args.store, args.store.place
        self.featureset, self.version = args.group, args.version
        where = {
            "resource_group_name": place.resource_group,
            "workspace_name": store.store_name,
            "name": args.group,
        }
        ready = [*after, store]
        # Never deleted, nor what a version says: models that were trained on it ask for it.
        kept = pulumi.ResourceOptions(retain_on_delete=True)
        # Protected is the entity, which a new column leaves alone: another version takes over.
        passing = pulumi.ResourceOptions(retain_on_delete=True, protect=False)
        index = args.columns[args.record_id]
        key = hashlib.sha256(f"{args.record_id}|{index}".encode()).hexdigest()[:_VERSION_DIGITS]
        entity = mlgap.FeaturestoreEntityVersion(
            self._child("entity", key),
            version=key,
            properties={
                "description": f"What rows of {args.group} are about",
                "indexColumns": [{"columnName": args.record_id, "dataType": index.capitalize()}],
                "stage": "Production",
            },
            **where,
            opts=pulumi.ResourceOptions.merge(self._opts(depends_on=ready), kept),
        )
        folder = f"features/{args.group}/{self.version}"
        specification = native.Blob(
            self._child("spec", self.version),
            resource_group_name=place.resource_group,
            account_name=store.storage.account_name,
            container_name=CONTAINER,
            blob_name=f"{folder}/FeatureSetSpec.yaml",
            source=pulumi.StringAsset(args.specification()),
            opts=pulumi.ResourceOptions.merge(self._opts(depends_on=[store.storage]), passing),
        )
        said: dict[str, Any] = {
            "description": args.description or f"Features of {args.group}",
            "entities": [f"azureml:{args.group}:{key}"],
            "specification": {"path": f"{store.storage.container_url}/{folder}"},
            "stage": "Production",
        }
        materialization = _materialization(args)
        if materialization:
            said["materializationSettings"] = materialization
        mlgap.FeaturesetVersion(
            self._child("set", self.version),
            version=self.version,
            properties=said,
            **where,
            opts=pulumi.ResourceOptions.merge(
                self._opts(depends_on=[*ready, entity, specification]), passing
            ),
        )
        self.register_outputs({"featureset": self.featureset, "version": self.version})


def _materialization(args: FeaturesArgs) -> dict[str, Any]:
    """Where rows are kept and when they are computed; nothing without a store of either kind."""
    if not (args.offline or args.online):
        return {}
    both = args.offline and args.online
    settings: dict[str, Any] = {
        "storeType": "OnlineAndOffline" if both else "Online" if args.online else "Offline"
    }
    every = args.materialization
    if every is not None:
        times: dict[str, Any] = {"hours": list(every.hours), "minutes": list(every.minutes)}
        if every.week_days:
            times["weekDays"] = list(every.week_days)
        settings["resource"] = {"instanceType": every.instance_type}
        settings["schedule"] = {
            "triggerType": "Recurrence",
            "frequency": every.frequency,
            "interval": 1,
            "timeZone": "UTC",
            "schedule": times,
        }
    return settings
