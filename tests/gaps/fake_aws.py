"""A small AWS behind real boto3 clients: they check and write each request, this answers it.

It knows just what the endpoint resource touches, and is strict where SageMaker is: an endpoint
that moves takes no change, a registered variant keeps its instance type, what autoscaling hangs on
goes with what it hangs on. ``kill_at`` ends the calling process, as far as a test can, at the n-th
call, before or after the call had its effect.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

from mlplatform.gaps.plugin.aws.cloud import AwsCloud
from mlplatform.provider.model import Context

REGION, ACCOUNT = "us-east-1", "123456789012"
URN = "urn:pulumi:dev::ml::mlplatform:aws:Endpoint$mlgap:aws:Endpoint::shop"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
MOVING = {"Creating", "Updating", "Deleting"}


class Killed(BaseException):
    """The process is gone; nothing may catch this."""


class Refused(Exception):  # noqa: N818 - reads as what happens
    """What a call is answered with instead of its result."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FastContext(Context):
    """Waits take no time; the fake moves on with every look at it."""

    def wait(self, seconds: float) -> None:
        super().wait(min(seconds, 0))


def context(**changes: Any) -> FastContext:
    known = {"urn": URN, "token": "mlgap:aws:Endpoint", "name": "shop"}
    return FastContext(**{**known, **changes})


class Aws:
    """The account's SageMaker and Application Auto Scaling."""

    def __init__(self) -> None:
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.configs: dict[str, list[dict[str, Any]]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.targets: dict[tuple[str, str], dict[str, Any]] = {}
        self.calls: list[str] = []
        self.writes: list[tuple[str, dict[str, Any]]] = []
        self.kill_at: int | None = None
        self.kill_after_effect = False
        self.refuse: dict[str, list[Refused]] = {}
        self.outcome: list[str] = []
        """What the next creates and updates end with: a failure reason; none is success."""
        self.afterwards: dict[str, Callable[[], None]] = {}
        """Run when a call has had its effect."""
        self._clock = 0

    # A test's own hand

    def config(self, name: str, **variants: tuple[str | None, int, float]) -> None:
        self.configs[name] = [
            {
                "VariantName": variant,
                "ModelName": "m",
                "InitialVariantWeight": weight,
                **(
                    {"InstanceType": kind, "InitialInstanceCount": count}
                    if kind
                    else {"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 5}}
                ),
            }
            for variant, (kind, count, weight) in variants.items()
        ]
        self.tags[self.arn("endpoint-config", name)] = {"Team": "ml"}

    def scale(self, endpoint: str, variant: str) -> None:
        """Register a variant with all that can be registered."""
        self.targets[f"endpoint/{endpoint}/variant/{variant}", DIMENSION] = {
            "MinCapacity": 2,
            "MaxCapacity": 10,
            "SuspendedState": {"ScheduledScalingSuspended": True},
            "Tags": {"Team": "ml"},
            "policies": {
                "track": {
                    "PolicyName": "track",
                    "PolicyType": "TargetTrackingScaling",
                    "TargetTrackingScalingPolicyConfiguration": {
                        "TargetValue": 70.5,
                        "ScaleInCooldown": 300,
                        "PredefinedMetricSpecification": {
                            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                        },
                    },
                }
            },
            "actions": {
                "night": {
                    "ScheduledActionName": "night",
                    "Schedule": "cron(0 22 * * ? *)",
                    "ScalableTargetAction": {"MinCapacity": 0, "MaxCapacity": 1},
                }
            },
        }

    def live(self, endpoint: str) -> dict[str, tuple[int | None, float, str | None]]:
        return {
            name: (v["count"], v["weight"], v["type"])
            for name, v in self.endpoints[endpoint]["variants"].items()
        }

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name}"

    # The wire

    def answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        number = len(self.calls)
        self.calls.append(operation)
        if number == self.kill_at and not self.kill_after_effect:
            raise Killed(operation)
        try:
            if self.refuse.get(operation):
                raise self.refuse[operation].pop(0)
            result: dict[str, Any] = getattr(self, f"_{operation}")(request) or {}
        except Refused as error:
            if number == self.kill_at:
                raise Killed(operation) from error
            raise
        if not operation.startswith(("Describe", "List")):
            self.writes.append((operation, request))
        if operation in self.afterwards:
            self.afterwards[operation]()
        if number == self.kill_at:
            raise Killed(operation)
        return result

    def _endpoint(self, name: str) -> dict[str, Any]:
        if name not in self.endpoints:
            raise Refused("ValidationException", f'Could not find endpoint "{name}".')
        return self.endpoints[name]

    def _variants(self, config: str) -> list[dict[str, Any]]:
        if config not in self.configs:
            text = f'Could not find endpoint configuration "{config}".'
            raise Refused("ValidationException", text)
        return self.configs[config]

    def _not_moving(self, endpoint: dict[str, Any]) -> None:
        if endpoint["status"] in MOVING:
            raise Refused("ValidationException", "Cannot update in-progress endpoint")

    def _move(self, endpoint: dict[str, Any], status: str, then: Callable[[], None]) -> None:
        self._clock += 1
        endpoint.update(status=status, looks=2, then=then, modified=self._clock)

    def _DescribeEndpoint(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name = r["EndpointName"]
        endpoint = self._endpoint(name)
        if endpoint["status"] in MOVING:
            endpoint["looks"] -= 1
            if endpoint["looks"] < 0:
                endpoint["then"]()
                endpoint = self._endpoint(name)
        answer = {
            "EndpointName": name,
            "EndpointArn": self.arn("endpoint", name),
            "EndpointConfigName": endpoint["config"],
            "EndpointStatus": endpoint["status"],
            "LastModifiedTime": endpoint["modified"],
            "ProductionVariants": [
                {"VariantName": variant, "DesiredInstanceCount": v["count"]}
                for variant, v in endpoint["variants"].items()
            ],
        }
        if endpoint["status"] == "Failed" and not endpoint["variants"]:
            del answer["EndpointConfigName"], answer["ProductionVariants"]
        if endpoint.get("reason"):
            answer["FailureReason"] = endpoint["reason"]
        return answer

    def _DescribeEndpointConfig(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name = r["EndpointConfigName"]
        return {
            "EndpointConfigName": name,
            "EndpointConfigArn": self.arn("endpoint-config", name),
            "ProductionVariants": self._variants(name),
        }

    def _CreateEndpoint(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name, config = r["EndpointName"], r["EndpointConfigName"]
        if name in self.endpoints:
            text = "Cannot create already existing endpoint"
            raise Refused("ValidationException", text)
        variants = self._variants(config)
        endpoint: dict[str, Any] = {"config": config, "variants": {}}

        def done() -> None:
            if self.outcome and (reason := self.outcome.pop(0)):
                endpoint.update(status="Failed", reason=reason)
            else:
                endpoint.update(status="InService", variants=self._fresh(variants))

        self._move(endpoint, "Creating", done)
        self.endpoints[name] = endpoint
        self.tags[self.arn("endpoint", name)] = {}
        self._AddTags({"ResourceArn": self.arn("endpoint", name), "Tags": r.get("Tags", [])})
        return {"EndpointArn": self.arn("endpoint", name)}

    def _UpdateEndpoint(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name, config = r["EndpointName"], r["EndpointConfigName"]
        endpoint = self._endpoint(name)
        self._not_moving(endpoint)
        if endpoint["status"] == "Failed":
            raise Refused("ValidationException", "Cannot update a Failed endpoint")
        fresh, live = self._fresh(self._variants(config)), endpoint["variants"]
        for variant, old in live.items():
            changed = variant not in fresh or fresh[variant]["type"] != old["type"]
            if changed and (f"endpoint/{name}/variant/{variant}", DIMENSION) in self.targets:
                text = f"variant {variant} is registered with Application Auto Scaling"
                raise Refused("ValidationException", text)
        exclude = {e["VariantPropertyType"] for e in r.get("ExcludeRetainedVariantProperties", [])}
        for variant in fresh.keys() & live.keys():
            if r.get("RetainAllVariantProperties"):
                if "DesiredInstanceCount" not in exclude:
                    fresh[variant]["count"] = live[variant]["count"]
                if "DesiredWeight" not in exclude:
                    fresh[variant]["weight"] = live[variant]["weight"]

        def done() -> None:
            if self.outcome and (reason := self.outcome.pop(0)):
                endpoint.update(status="InService", reason=reason)
            else:
                endpoint.update(status="InService", variants=fresh, config=config, reason=None)

        self._move(endpoint, "Updating", done)
        return {"EndpointArn": self.arn("endpoint", name)}

    def _UpdateEndpointWeightsAndCapacities(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name = r["EndpointName"]
        endpoint = self._endpoint(name)
        self._not_moving(endpoint)
        for wanted in r["DesiredWeightsAndCapacities"]:
            endpoint["variants"][wanted["VariantName"]]["count"] = wanted["DesiredInstanceCount"]
        self._move(endpoint, "Updating", lambda: endpoint.update(status="InService"))
        return {"EndpointArn": self.arn("endpoint", name)}

    def _DeleteEndpoint(self, r: dict[str, Any]) -> None:  # noqa: N802
        name = r["EndpointName"]
        endpoint = self._endpoint(name)
        self._not_moving(endpoint)
        for key in [k for k in self.targets if k[0].startswith(f"endpoint/{name}/")]:
            del self.targets[key]
        del self.tags[self.arn("endpoint", name)]

        def done() -> None:
            del self.endpoints[name]

        self._move(endpoint, "Deleting", done)

    @staticmethod
    def _fresh(variants: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {
            v["VariantName"]: {
                "count": v.get("InitialInstanceCount"),
                "weight": v["InitialVariantWeight"],
                "type": v.get("InstanceType"),
            }
            for v in variants
        }

    def _ListTags(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        """Two a page, so that pages are read."""
        items = sorted(self.tags[r["ResourceArn"]].items())
        start = int(r.get("NextToken", "0"))
        page = [{"Key": k, "Value": v} for k, v in items[start : start + 2]]
        more = {"NextToken": str(start + 2)} if start + 2 < len(items) else {}
        return {"Tags": page, **more}

    def _AddTags(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        tags = self.tags[r["ResourceArn"]]
        new = {t["Key"]: t["Value"] for t in r["Tags"]}
        if len({*tags, *new}) > 50 or any(len(v) > 256 for v in new.values()):
            raise Refused("ValidationException", "too many tags, or too long")
        tags.update(new)
        return {"Tags": r["Tags"]}

    def _DeleteTags(self, r: dict[str, Any]) -> None:  # noqa: N802
        for key in r["TagKeys"]:
            self.tags[r["ResourceArn"]].pop(key, None)

    def _target(self, r: dict[str, Any]) -> dict[str, Any]:
        key = r["ResourceId"], r["ScalableDimension"]
        if key not in self.targets:
            raise Refused("ObjectNotFoundException", f"No scalable target found for {key}")
        return self.targets[key]

    def _DescribeScalableTargets(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {
            "ScalableTargets": [
                {
                    "ServiceNamespace": "sagemaker",
                    "ResourceId": id_,
                    "ScalableDimension": dimension,
                    "RoleARN": "arn:aws:iam::1:role/aws-service-role/sagemaker.x/AWSServiceRole",
                    "ScalableTargetARN": self._target_arn(id_),
                    **{k: t[k] for k in ("MinCapacity", "MaxCapacity", "SuspendedState")},
                }
                for (id_, dimension), t in self.targets.items()
                if id_ in r["ResourceIds"]
            ]
        }

    @staticmethod
    def _target_arn(id_: str) -> str:
        return f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/{id_}"

    def _RegisterScalableTarget(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if "RoleARN" in r:
            raise Refused("ValidationException", "only AWS uses its service-linked role")
        _, name, _, variant = r["ResourceId"].split("/")
        if variant not in self._endpoint(name)["variants"]:
            raise Refused("ValidationException", f"no such variant: {variant}")
        self._not_moving(self._endpoint(name))
        key = r["ResourceId"], r["ScalableDimension"]
        target = self.targets.setdefault(key, {"Tags": {}, "policies": {}, "actions": {}})
        target.update({k: r[k] for k in ("MinCapacity", "MaxCapacity", "SuspendedState")})
        return {"ScalableTargetARN": self._target_arn(r["ResourceId"])}

    def _DeregisterScalableTarget(self, r: dict[str, Any]) -> None:  # noqa: N802
        self._target(r)
        del self.targets[r["ResourceId"], r["ScalableDimension"]]

    def _by_arn(self, arn: str) -> dict[str, Any]:
        return next(t for (id_, _), t in self.targets.items() if self._target_arn(id_) == arn)

    def _ListTagsForResource(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Tags": self._by_arn(r["ResourceARN"])["Tags"]}

    def _TagResource(self, r: dict[str, Any]) -> None:  # noqa: N802
        self._by_arn(r["ResourceARN"])["Tags"].update(r["Tags"])

    def _DescribeScalingPolicies(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        made = {"PolicyARN": "arn", "Alarms": [{"AlarmName": "a", "AlarmARN": "b"}]}
        return {"ScalingPolicies": [{**made, **p} for p in self._target(r)["policies"].values()]}

    def _PutScalingPolicy(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._put(r, "policies", "PolicyName")
        return {"PolicyARN": "arn"}

    def _DescribeScheduledActions(self, r: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"ScheduledActions": list(self._target(r)["actions"].values())}

    def _PutScheduledAction(self, r: dict[str, Any]) -> None:  # noqa: N802
        self._put(r, "actions", "ScheduledActionName")

    def _put(self, r: dict[str, Any], kind: str, name: str) -> None:
        where = {"ServiceNamespace", "ResourceId", "ScalableDimension"}
        self._target(r)[kind][r[name]] = {k: v for k, v in r.items() if k not in where}


class _Response:
    def __init__(self, status_code: int) -> None:
        self.status_code = status_code
        self.headers: dict[str, str] = {}
        self.content = b""


_current: list[Aws] = []


def _intercept(model: Any, params: dict[str, Any], **_: Any) -> tuple[_Response, dict[str, Any]]:
    try:
        answer = _current[-1].answer(model.name, json.loads(params["body"]))
    except Refused as error:
        told = {"Code": error.code, "Message": str(error)}
        return _Response(400), {"Error": told, "ResponseMetadata": {}}
    return _Response(200), {**answer, "ResponseMetadata": {}}


@functools.cache
def _client(service: str) -> Any:
    client = boto3.session.Session("AKID", "secret", region_name=REGION).client(
        service, config=Config(retries={"total_max_attempts": 1})
    )
    client.meta.events.register("before-call", _intercept)
    return client


class FakeCloud(AwsCloud):
    """The real cloud object, with clients that reach ``aws``."""

    def __init__(self, aws: Aws) -> None:
        super().__init__({"region": REGION, "account_id": ACCOUNT})
        self._account_verified = True
        _current[:] = [aws]

    def client(self, service: str) -> Any:
        return _client(service)
