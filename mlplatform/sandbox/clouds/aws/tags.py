"""Tags of SageMaker resources that this cloud keeps itself; moto has the others."""

from __future__ import annotations

from mlplatform.sandbox.clouds.aws.errors import invalid
from mlplatform.sandbox.clouds.aws.registry import handles
from mlplatform.sandbox.clouds.aws.state import Call, Json

MOST_TAGS = 50
_OWN_KINDS = frozenset(
    {
        *(
            "model",
            "endpoint-config",
            "endpoint",
            "feature-group",
            "inference-component",
            "monitoring-schedule",
        ),
        *("training-job", "hyper-parameter-tuning-job"),
        *("data-quality-job-definition", "model-quality-job-definition"),
        *("model-bias-job-definition", "model-explainability-job-definition"),
    }
)


def begin(call: Call, arn: str) -> None:
    """The tags of a create call."""
    call.home.tags[arn] = {}
    _add(call, arn, call.params.get("Tags") or [])


@handles("sagemaker", "AddTags")
def add(call: Call) -> Json | None:
    arn = _own(call)
    if arn is None:
        return None
    _add(call, arn, call.params["Tags"])
    return {"Tags": _shown(call, arn)}


@handles("sagemaker", "ListTags")
def list_all(call: Call) -> Json | None:
    arn = _own(call)
    return None if arn is None else {"Tags": _shown(call, arn)}


@handles("sagemaker", "DeleteTags")
def delete(call: Call) -> Json | None:
    arn = _own(call)
    if arn is None:
        return None
    for key in call.params["TagKeys"]:
        call.home.tags[arn].pop(key, None)
    return {}


def _own(call: Call) -> str | None:
    """The resource's ARN as this cloud writes it; None when the resource is none of ours."""
    parts = call.params["ResourceArn"].split(":", 5)
    kind, _, name = parts[-1].partition("/")
    if kind not in _OWN_KINDS:
        return None
    arn = ":".join([*parts[:-1], f"{kind}/{name.lower()}"])
    if arn not in call.home.tags:
        noun = kind.replace("-config", " configuration")
        raise invalid(f'Could not find {noun} "{arn}".')
    return arn


def _add(call: Call, arn: str, given: list[Json]) -> None:
    wanted = {tag["Key"]: tag["Value"] for tag in given}
    reserved = [key for key in wanted if key.lower().startswith("aws:")]
    if reserved:
        raise invalid(f"aws: prefixed tag key names are not allowed for external use: {reserved}")
    after = {**call.home.tags[arn], **wanted}
    if len(after) > MOST_TAGS:
        raise invalid(f"The number of tags exceeds the limit of {MOST_TAGS}.")
    call.home.tags[arn] = after


def _shown(call: Call, arn: str) -> list[Json]:
    return [{"Key": key, "Value": value} for key, value in call.home.tags[arn].items()]
