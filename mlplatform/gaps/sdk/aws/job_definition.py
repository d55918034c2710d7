"""``mlgap:aws:Model*JobDefinition``: the monitoring job definitions that pulumi-aws lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

import pulumi

from mlplatform.gaps.sdk.options import with_version

Members = pulumi.Input[Mapping[str, Any]]
"""An object of the API with camelCase names."""


class _JobDefinition(pulumi.CustomResource):
    """A definition: immutable, so a changed one needs a new name to stand beside the old one.

    The import id is the definition's name.

    Args:
        job_definition_name: at most 63 letters, digits and inner hyphens.
        role_arn: the role that the job runs under.
        app_specification: image, and what the kind of job needs to know.
        job_input: ``endpointInput`` or ``batchTransformInput``, and where what came true is.
        job_output_config: ``monitoringOutputs`` and ``kmsKeyId``.
        job_resources: ``clusterConfig``.
        baseline_config: ``constraintsResource`` or ``baseliningJobName``.
        network_config: isolation, encryption between containers, ``vpcConfig``.
        stopping_condition: ``maxRuntimeInSeconds``.
        tags: at most 49; keys that start with ``mlgap:`` or ``aws:`` are taken.
    """

    kind: ClassVar[str]
    """Start of the API's member names: modelQuality, modelBias or modelExplainability."""

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        job_definition_name: pulumi.Input[str] | None = None,
        role_arn: pulumi.Input[str] | None = None,
        app_specification: Members | None = None,
        job_input: Members | None = None,
        job_output_config: Members | None = None,
        job_resources: Members | None = None,
        baseline_config: Members | None = None,
        network_config: Members | None = None,
        stopping_condition: Members | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        needed = {
            "job_definition_name": job_definition_name,
            "role_arn": role_arn,
            "app_specification": app_specification,
            "job_input": job_input,
            "job_output_config": job_output_config,
            "job_resources": job_resources,
        }
        missing = [name for name, value in needed.items() if value is None]
        existing = opts is not None and (opts.id is not None or opts.urn is not None)
        if missing and not existing:
            raise TypeError(f"{self.token()} {resource_name!r} needs {' and '.join(missing)}")
        properties: dict[str, Any] = {
            "jobDefinitionName": job_definition_name,
            "roleArn": role_arn,
            f"{self.kind}AppSpecification": app_specification,
            f"{self.kind}JobInput": job_input,
            f"{self.kind}JobOutputConfig": job_output_config,
            "jobResources": job_resources,
            f"{self.kind}BaselineConfig": baseline_config,
            "networkConfig": network_config,
            "stoppingCondition": stopping_condition,
            "tags": tags,
            "arn": None,
        }
        # camelCase from here on, in and out: the SDK translates names of declared input types only.
        super().__init__(self.token(), resource_name, properties, with_version(opts))

    @classmethod
    def token(cls) -> str:
        """The Pulumi type."""
        return f"mlgap:aws:{cls.kind[0].upper()}{cls.kind[1:]}JobDefinition"

    @property
    def arn(self) -> pulumi.Output[str]:
        """The definition's ARN."""
        return cast("pulumi.Output[str]", pulumi.get(self, "arn"))

    @property
    def job_definition_name(self) -> pulumi.Output[str]:
        """The definition's name."""
        return cast("pulumi.Output[str]", pulumi.get(self, "jobDefinitionName"))


class ModelQualityJobDefinition(_JobDefinition):
    """Predictions against what came true. See the arguments of the base class."""

    kind = "modelQuality"


class ModelBiasJobDefinition(_JobDefinition):
    """Whether predictions treat groups alike. See the arguments of the base class."""

    kind = "modelBias"


class ModelExplainabilityJobDefinition(_JobDefinition):
    """How much each feature counts. See the arguments of the base class."""

    kind = "modelExplainability"
