"""An endpoint as DescribeEndpoint shows it; pure.

Source: botocore, ``DescribeEndpoint``, ``ProductionVariantSummary``, ``PendingDeploymentSummary``.
"""

from __future__ import annotations

from mlplatform.sandbox.clouds.aws import models
from mlplatform.sandbox.clouds.aws.endpoint_life import Deployment, Endpoint, Variant
from mlplatform.sandbox.clouds.aws.state import Json


def shown(endpoint: Endpoint) -> Json:
    """The answer of DescribeEndpoint."""
    move, serves = endpoint.move, endpoint.serves
    answer: Json = {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointStatus": endpoint.status,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
    }
    if endpoint.failure:
        answer["FailureReason"] = endpoint.failure
    if endpoint.deployment_config:
        answer["LastDeploymentConfig"] = endpoint.deployment_config
    target = move.to if move else None
    if serves is not None:
        # While only weights and counts move, the numbers wanted show beside the live ones.
        moving = target if move and move.kind == "capacity" else None
        answer |= _deployment(endpoint, moving or serves)
    else:
        answer["EndpointConfigName"] = endpoint.first_config
    if move is not None and target is not None and move.kind in ("create", "update"):
        answer["PendingDeploymentSummary"] = _pending(target, move.start)
    return answer


def _deployment(endpoint: Endpoint, seen: Deployment) -> Json:
    answer: Json = {
        "EndpointConfigName": seen.config_name,
        "ProductionVariants": [_summary(v, endpoint.created) for v in seen.variants],
        **seen.settings,
    }
    if seen.shadows:
        answer["ShadowProductionVariants"] = [_summary(v, endpoint.created) for v in seen.shadows]
    if seen.data_capture:
        capture = seen.data_capture
        on = capture.get("EnableCapture", True)
        answer["DataCaptureConfig"] = {
            "EnableCapture": on,
            "CaptureStatus": "Started" if on else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    return answer


def _pending(deployment: Deployment, start: float) -> Json:
    answer: Json = {
        "EndpointConfigName": deployment.config_name,
        "ProductionVariants": [_pending_summary(v, start) for v in deployment.variants],
        "StartTime": start,
    }
    if deployment.shadows:
        answer["ShadowProductionVariants"] = [
            _pending_summary(v, start) for v in deployment.shadows
        ]
    return answer


def _pending_summary(variant: Variant, start: float) -> Json:
    machine = {"InstanceType": variant.instance_type} if variant.instance_type else {}
    return {**_summary(variant, start), **machine}


def _summary(variant: Variant, resolved_at: float) -> Json:
    settings = dict(variant.settings)
    serverless = settings.pop("ServerlessConfig", None)
    answer: Json = {
        "VariantName": variant.name,
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.desired_weight,
        **settings,
    }
    if variant.image:
        answer["DeployedImages"] = [
            {
                "SpecifiedImage": variant.image,
                "ResolvedImage": models.resolved(variant.image),
                "ResolutionTime": resolved_at,
            }
        ]
    if variant.count is not None:
        answer["CurrentInstanceCount"] = variant.count
        answer["DesiredInstanceCount"] = variant.desired_count
    if serverless:
        answer["CurrentServerlessConfig"] = serverless
        answer["DesiredServerlessConfig"] = serverless
    return answer
