"""``mlgap:aws:Model*JobDefinition``: the monitoring job definitions that pulumi-aws lacks."""

from typing import Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Message, Shown


class JobDefinitionArgs(TypedDict, total=False):
    """Arguments of a definition.

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

    job_definition_name: Required[pulumi.Input[str]]
    role_arn: Required[pulumi.Input[str]]
    app_specification: Required[Message]
    job_input: Required[Message]
    job_output_config: Required[Message]
    job_resources: Required[Message]
    baseline_config: Message | None
    network_config: Message | None
    stopping_condition: Message | None
    tags: Labels | None


class _JobDefinition(GapResource):
    """A definition: immutable, so a changed one needs a new name to stand beside the old one.

    The import id is the definition's name.
    """

    ARGS = JobDefinitionArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[JobDefinitionArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    arn = Shown[str]()
    """The definition's ARN."""
    job_definition_name = Shown[str]()


def _names(kind: str) -> dict[str, str]:
    """The members whose names in the API start with the kind of definition."""
    return {
        "app_specification": f"{kind}AppSpecification",
        "job_input": f"{kind}JobInput",
        "job_output_config": f"{kind}JobOutputConfig",
        "baseline_config": f"{kind}BaselineConfig",
    }


class ModelQualityJobDefinition(_JobDefinition):
    """Predictions against what came true."""

    TOKEN = "mlgap:aws:ModelQualityJobDefinition"
    NAMES = _names("modelQuality")


class ModelBiasJobDefinition(_JobDefinition):
    """Whether predictions treat groups alike."""

    TOKEN = "mlgap:aws:ModelBiasJobDefinition"
    NAMES = _names("modelBias")


class ModelExplainabilityJobDefinition(_JobDefinition):
    """How much each feature counts."""

    TOKEN = "mlgap:aws:ModelExplainabilityJobDefinition"
    NAMES = _names("modelExplainability")
