"""Service Quotas of SageMaker: values, requests, and their approval a moment later."""

from __future__ import annotations

from mlplatform.catalog import aws_quotas as catalog
from mlplatform.sandbox.clouds.aws.errors import ServiceError
from mlplatform.sandbox.clouds.aws.registry import handles
from mlplatform.sandbox.clouds.aws.state import Call, Home, Json, page

USUAL = 4.0
"""Of a type without accelerator, here; AWS's differ by type and account."""
_APPROVED_AT = "-approved-at"
_SERVICE_NAME = "Amazon SageMaker"


@handles("service-quotas", "GetServiceQuota")
def get(call: Call) -> Json | None:
    code = _code(call)
    return None if code is None else {"Quota": _quota(call.home, code, call.now)}


@handles("service-quotas", "GetAWSDefaultServiceQuota")
def get_default(call: Call) -> Json | None:
    code = _code(call)
    return None if code is None else {"Quota": _described(call.home, code, _usual(code))}


@handles("service-quotas", "ListServiceQuotas")
def list_all(call: Call) -> Json | None:
    if call.params["ServiceCode"] != catalog.SERVICE:
        return None
    codes = sorted(catalog.by_code())
    found = [_quota(call.home, code, call.now) for code in codes]
    return page(found, call.params, key="Quotas")


@handles("service-quotas", "RequestServiceQuotaIncrease")
def request(call: Call) -> Json | None:
    """Refused when it asks for less. As much as there is changes nothing: the ordinary provider
    compares first and then does not call, the sandbox's calls.
    """
    code = _code(call)
    if code is None:
        return None
    wanted, present = call.params["DesiredValue"], _value(call.home, code, call.now)
    if wanted < present:
        raise ServiceError(
            "IllegalArgumentException",
            "You must provide a quota value greater than the current quota value.",
        )
    if any(_status(r, call.now) == "PENDING" for r in _requests(call.home, code)):
        raise ServiceError("ResourceAlreadyExistsException", "Only one open request is allowed.")
    made = {
        "Id": call.uuid().replace("-", ""),
        "ServiceCode": catalog.SERVICE,
        "ServiceName": _SERVICE_NAME,
        "QuotaCode": code,
        "QuotaName": catalog.by_code()[code],
        "DesiredValue": wanted,
        "Created": call.now,
        "LastUpdated": call.now,
        "QuotaArn": _arn(call.home, code),
        "GlobalQuota": False,
        "Unit": "None",
        _APPROVED_AT: call.now + call.delay_s,
    }
    call.home.quota_requests.append(made)
    return {"RequestedQuota": _shown(made, call.now)}


@handles("service-quotas", "ListRequestedServiceQuotaChangeHistoryByQuota")
def history_of_quota(call: Call) -> Json | None:
    code = _code(call)
    if code is None:
        return None
    found = [_shown(r, call.now) for r in _requests(call.home, code)]
    wanted = call.params.get("Status")
    return page(
        [r for r in found if wanted in (None, r["Status"])], call.params, key="RequestedQuotas"
    )


@handles("service-quotas", "ListRequestedServiceQuotaChangeHistory")
def history(call: Call) -> Json | None:
    if call.params.get("ServiceCode", catalog.SERVICE) != catalog.SERVICE:
        return None
    found = [_shown(r, call.now) for r in call.home.quota_requests]
    return page(found, call.params, key="RequestedQuotas")


def _code(call: Call) -> str | None:
    """The known code of a quota of SageMaker; None for another service, which moto has."""
    if call.params["ServiceCode"] != catalog.SERVICE:
        return None
    code: str = call.params["QuotaCode"]
    if code not in catalog.by_code():
        raise ServiceError(
            "NoSuchResourceException", f"The request failed because the quota {code} is unknown."
        )
    return code


def _requests(home: Home, code: str) -> list[Json]:
    return [request for request in home.quota_requests if request["QuotaCode"] == code]


def _status(request: Json, now: float) -> str:
    return "PENDING" if now < request[_APPROVED_AT] else "APPROVED"


def _shown(request: Json, now: float) -> Json:
    shown = {key: value for key, value in request.items() if key != _APPROVED_AT}
    return {**shown, "Status": _status(request, now)}


def _value(home: Home, code: str, now: float) -> float:
    approved = [r for r in _requests(home, code) if _status(r, now) == "APPROVED"]
    return max([_usual(code), *(float(r["DesiredValue"]) for r in approved)])


def _usual(code: str) -> float:
    instance_type = catalog.by_code()[code].partition(" ")[0]
    return 0.0 if catalog.begins_at_nothing(instance_type) else USUAL


def _quota(home: Home, code: str, now: float) -> Json:
    return _described(home, code, _value(home, code, now))


def _described(home: Home, code: str, value: float) -> Json:
    return {
        "ServiceCode": catalog.SERVICE,
        "ServiceName": _SERVICE_NAME,
        "QuotaArn": _arn(home, code),
        "QuotaCode": code,
        "QuotaName": catalog.by_code()[code],
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


def _arn(home: Home, code: str) -> str:
    return home.arn("servicequotas", f"{catalog.SERVICE}/{code}")
