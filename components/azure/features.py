"""Feature sets in a feature store, by version.

Creates, for a component named ``NAME``, an entity version ``E`` and a set version ``V``:

==================  ===================================================================  ======
child               type                                                                 when
==================  ===================================================================  ======
``NAME-entity``     azure-native:machinelearningservices:FeaturestoreEntityContainer...  always
``NAME-entity-E``   azure-native:machinelearningservices:FeaturestoreEntityVersion       always
``NAME-spec-V``     azure-native:storage:Blob                                            always
``NAME-set``        azure-native:machinelearningservices:FeaturesetContainerEntity       always
``NAME-set-V``      azure-native:machinelearningservices:FeaturesetVersion               always
==================  ===================================================================  ======

A version's name is made of what it says, so a change is a new version. The old one is kept in the
store, since models that were trained on it ask for it by that name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import pulumi
import yaml
from pulumi_azure_native import machinelearningservices as ml
from pulumi_azure_native import storage as native

from components.azure.feature_store import FeatureStore
from components.azure.storage import CONTAINER
from components.core.base import MlComponent

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
        """Stands for everything that a version fixes."""
        said = json.dumps(
            [
                self.specification(),
                self.online,
                self.offline,
                asdict(self.materialization) if self.materialization else None,
            ],
            sort_keys=True,
        )
        return hashlib.sha256(said.encode()).hexdigest()[:_VERSION_DIGITS]


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
        }
        ready = [*after, store]
        # A version is never deleted, nor what it says: models that were trained on it ask for it.
        kept = pulumi.ResourceOptions(retain_on_delete=True)
        entity = ml.FeaturestoreEntityContainerEntity(
            self._child("entity"),
            name=args.group,
            properties=ml.FeaturestoreEntityContainerPropertiesArgs(
                description=f"What rows of {args.group} are about"
            ),
            **where,
            opts=self._opts(depends_on=ready),
        )
        index = args.columns[args.record_id]
        key = hashlib.sha256(f"{args.record_id}|{index}".encode()).hexdigest()[:_VERSION_DIGITS]
        entity_version = ml.FeaturestoreEntityVersion(
            self._child("entity", key),
            name=entity.name,
            version=key,
            properties=ml.FeaturestoreEntityVersionPropertiesArgs(
                index_columns=[
                    ml.IndexColumnArgs(column_name=args.record_id, data_type=index.capitalize())
                ],
                stage="Production",
            ),
            **where,
            opts=pulumi.ResourceOptions.merge(self._opts(), kept),
        )
        folder = f"features/{args.group}/{self.version}"
        specification = native.Blob(
            self._child("spec", self.version),
            resource_group_name=place.resource_group,
            account_name=store.storage.account_name,
            container_name=CONTAINER,
            blob_name=f"{folder}/FeatureSetSpec.yaml",
            source=pulumi.StringAsset(args.specification()),
            opts=pulumi.ResourceOptions.merge(self._opts(depends_on=[store.storage]), kept),
        )
        featureset = ml.FeaturesetContainerEntity(
            self._child("set"),
            name=args.group,
            properties=ml.FeaturesetContainerPropertiesArgs(
                description=args.description or f"Features of {args.group}"
            ),
            **where,
            opts=self._opts(depends_on=ready),
        )
        ml.FeaturesetVersion(
            self._child("set", self.version),
            name=featureset.name,
            version=self.version,
            properties=ml.FeaturesetVersionPropertiesArgs(
                description=args.description or f"Features of {args.group}",
                entities=[f"azureml:{args.group}:{key}"],
                specification=ml.FeaturesetSpecificationArgs(
                    path=f"{store.storage.container_url}/{folder}"
                ),
                materialization_settings=_materialization(args),
                stage="Production",
            ),
            **where,
            opts=pulumi.ResourceOptions.merge(
                self._opts(depends_on=[entity_version, specification]), kept
            ),
        )
        self.register_outputs({"featureset": self.featureset, "version": self.version})


def _materialization(args: FeaturesArgs) -> ml.MaterializationSettingsArgs | None:
    """Where rows are kept and when they are computed; none without an offline or online store."""
    if not (args.offline or args.online):
        return None
    both = args.offline and args.online
    every = args.materialization
    return ml.MaterializationSettingsArgs(
        store_type="OnlineAndOffline" if both else "Online" if args.online else "Offline",
        resource=ml.MaterializationComputeResourceArgs(instance_type=every.instance_type)
        if every is not None
        else None,
        schedule=ml.RecurrenceTriggerArgs(
            trigger_type="Recurrence",
            frequency=every.frequency,
            interval=1,
            time_zone="UTC",
            schedule=ml.RecurrenceScheduleArgs(
                hours=list(every.hours),
                minutes=list(every.minutes),
                week_days=list(every.week_days) or None,
            ),
        )
        if every is not None
        else None,
    )
