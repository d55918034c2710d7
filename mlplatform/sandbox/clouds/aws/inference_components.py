"""SageMaker inference components: create, update, count copies, delete.

Source: botocore, ``CreateInferenceComponent`` and its neighbours. What one is at a moment follows
from the times of its calls, as for endpoints.
"""

from __future__ import annotations

from mlplatform.sandbox.clouds.aws import endpoints, models, tags
from mlplatform.sandbox.clouds.aws.errors import invalid
from mlplatform.sandbox.clouds.aws.registry import handles
from mlplatform.sandbox.clouds.aws.state import ARN, GONE_AT, Call, Home, Json, listed

_CHANGE, _UNTIL, _BEFORE = "-change", "-until", "-before"
_OWN = frozenset({ARN, GONE_AT, _CHANGE, _UNTIL, _BEFORE})
_FAILED = "The container of the inference component did not pass the health check."


def arn(home: Home, name: str) -> str:
    return home.arn("sagemaker", f"inference-component/{name.lower()}")


def find(home: Home, name: str) -> Json:
    if name not in home.inference_components:
        raise invalid(f'Could not find inference component "{arn(home, name)}".')
    return home.inference_components[name]


def of_endpoint(home: Home, endpoint: str) -> list[str]:
    """Names of the components that an endpoint hosts."""
    found = home.inference_components.items()
    return sorted(name for name, one in found if one["EndpointName"] == endpoint)


def copies(home: Home, name: str) -> int:
    return int(find(home, name)["RuntimeConfig"]["DesiredCopyCount"])


def set_copies(call: Call, name: str, count: int) -> None:
    """Begin to run another number of copies."""
    component = find(call.home, name)
    component["RuntimeConfig"] = {"DesiredCopyCount": count, "CurrentCopyCount": count}
    _begin(call, component, "update", fails=False)


@handles("sagemaker", "CreateInferenceComponent")
def create(call: Call) -> Json:
    name, own = (
        call.params["InferenceComponentName"],
        arn(call.home, call.params["InferenceComponentName"]),
    )
    if name in call.home.inference_components:
        raise invalid(f'Cannot create already existing inference component "{own}".')
    endpoint = endpoints.find(call.home, call.params["EndpointName"])
    serves = endpoint.serves
    variants = {v.name: v for v in serves.variants} if serves is not None else {}
    variant = variants.get(call.params.get("VariantName", ""))
    if endpoint.status != "InService" or variant is None:
        raise invalid(
            f'Could not find variant "{call.params.get("VariantName")}" of endpoint '
            f'"{endpoint.arn}" in service.'
        )
    if variant.model is not None:
        raise invalid(
            f'Endpoint "{endpoint.arn}" does not host inference components: its variants have '
            "models of their own."
        )
    _require_specification(call.home, call.params.get("Specification"))
    count = (call.params.get("RuntimeConfig") or {}).get("CopyCount")
    if count is None:
        raise invalid("RuntimeConfig is required for an inference component with a model.")
    component: Json = {
        **{k: v for k, v in call.params.items() if k not in ("Tags", "RuntimeConfig")},
        "InferenceComponentArn": own,
        "EndpointArn": endpoint.arn,
        "RuntimeConfig": {"DesiredCopyCount": count, "CurrentCopyCount": count},
        "CreationTime": call.now,
        "LastModifiedTime": call.now,
        ARN: own,
    }
    call.home.inference_components[name] = component
    _begin(call, component, "create", fails=call.outcome == "fail_create")
    tags.begin(call, own)
    return {"InferenceComponentArn": own}


@handles("sagemaker", "DescribeInferenceComponent")
def describe(call: Call) -> Json:
    component = find(call.home, call.params["InferenceComponentName"])
    status = _status(component, call.now)
    shown = {key: value for key, value in component.items() if key not in _OWN}
    if status == "InService" and component.get(_BEFORE):
        # The update was taken back.
        shown |= {"Specification": component[_BEFORE], "FailureReason": _FAILED}
    if status == "Failed":
        shown["FailureReason"] = _FAILED
    return {**shown, "InferenceComponentStatus": status}


@handles("sagemaker", "UpdateInferenceComponent")
def update(call: Call) -> Json:
    component = _idle(call)
    wanted = call.params.get("Specification")
    if wanted is not None:
        _require_specification(call.home, wanted)
        fails = call.outcome == "rollback"
        live = component.get(_BEFORE) or component["Specification"]
        component[_BEFORE] = live if fails else None
        component["Specification"] = wanted
    if runtime := call.params.get("RuntimeConfig"):
        count = runtime["CopyCount"]
        component["RuntimeConfig"] = {"DesiredCopyCount": count, "CurrentCopyCount": count}
    _begin(call, component, "update", fails=False)
    return {"InferenceComponentArn": component[ARN]}


@handles("sagemaker", "UpdateInferenceComponentRuntimeConfig")
def count_copies(call: Call) -> Json:
    component = _idle(call)
    set_copies(
        call, component["InferenceComponentName"], call.params["DesiredRuntimeConfig"]["CopyCount"]
    )
    return {"InferenceComponentArn": component[ARN]}


@handles("sagemaker", "DeleteInferenceComponent")
def delete(call: Call) -> Json:
    name = call.params["InferenceComponentName"]
    component = find(call.home, name)
    if _status(component, call.now) in ("Creating", "Updating", "Deleting"):
        raise invalid(f'Cannot delete in-progress inference component "{component[ARN]}".')
    component[GONE_AT] = call.now + call.delay_s
    call.home.settle(call.now)
    return {}


@handles("sagemaker", "ListInferenceComponents")
def list_all(call: Call) -> Json:
    endpoint, status = call.params.get("EndpointNameEquals"), call.params.get("StatusEquals")
    members = ("InferenceComponentName", "InferenceComponentArn", "EndpointName", "EndpointArn")
    items = (
        {
            **{key: one[key] for key in members},
            "VariantName": one["VariantName"],
            "CreationTime": one["CreationTime"],
            "LastModifiedTime": one["LastModifiedTime"],
            "InferenceComponentStatus": _status(one, call.now),
        }
        for one in call.home.inference_components.values()
        if endpoint in (None, one["EndpointName"]) and status in (None, _status(one, call.now))
    )
    return listed(
        items,
        call.params,
        name="InferenceComponentName",
        created="CreationTime",
        key="InferenceComponents",
    )


def _idle(call: Call) -> Json:
    component = find(call.home, call.params["InferenceComponentName"])
    status = _status(component, call.now)
    if status != "InService":
        raise invalid(f'Cannot update inference component "{component[ARN]}" in status {status}.')
    return component


def _begin(call: Call, component: Json, change: str, *, fails: bool) -> None:
    component[_CHANGE] = "fail" if fails else change
    component[_UNTIL] = call.now + call.delay_s
    component["LastModifiedTime"] = call.now


def _status(component: Json, now: float) -> str:
    if GONE_AT in component:
        return "Deleting"
    change, over = component[_CHANGE], now >= component[_UNTIL]
    if change == "fail":
        return "Failed" if over else "Creating"
    return "InService" if over else {"create": "Creating", "update": "Updating"}[change]


def _require_specification(home: Home, given: Json | None) -> None:
    if given is None:
        raise invalid("Specification is required for an inference component.")
    if ("ModelName" in given) == ("Container" in given):
        raise invalid("A specification needs either ModelName or Container.")
    if "ModelName" in given:
        models.find(home, given["ModelName"])
    if "ComputeResourceRequirements" not in given:
        raise invalid("ComputeResourceRequirements is required for a base inference component.")
