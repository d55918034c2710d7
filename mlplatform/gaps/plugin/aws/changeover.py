"""Takes a serving endpoint to another configuration, without losing what autoscaling reached.

Each step may be the last one before a kill. The order makes every one of them safe to come back
to: snapshots are parked before anything is taken off, nothing is un-parked before all is back on,
and a second run starts from what it finds (see docs/adr/0004).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from mlplatform.gaps.plugin.aws import parking, scaling, variants
from mlplatform.gaps.plugin.aws.cloud import AwsCloud, AwsError
from mlplatform.gaps.plugin.aws.waiting import MOVING, Deadline, Description, settled
from mlplatform.provider.model import Context, ProviderError

_START_TURNS = 10
"""Looks at an endpoint that shows no sign of an accepted update, before it counts as refused."""


class Changeover:
    """One update of one endpoint that is settled and not Failed.

    Args:
        describe: DescribeEndpoint of it; None when it is gone.
        configuration: DescribeEndpointConfig by name; None when there is none.
    """

    def __init__(
        self,
        ctx: Context,
        cloud: AwsCloud,
        deadline: Deadline,
        describe: Callable[[], Description | None],
        configuration: Callable[[str | None], dict[str, Any] | None],
    ) -> None:
        self._ctx = ctx
        self._cloud = cloud
        self._deadline = deadline
        self._describe = describe
        self._configuration = configuration

    def run(
        self,
        endpoint: Description,
        wanted: str,
        present: dict[str, str],
        rollout: dict[str, Any] | None = None,
    ) -> Description:
        """Bring ``endpoint`` to the configuration ``wanted`` and autoscaling back on.

        Args:
            present: the endpoint's tags; changed along.
            rollout: how to shift the traffic (DeploymentConfig); left out where SageMaker cannot.

        Raises:
            ProviderError: SageMaker refused the update or rolled it back. Autoscaling is back on,
                except on an endpoint that is Failed now.
        """
        failure = None
        if (
            endpoint.get("EndpointConfigName") != wanted
            or endpoint["EndpointStatus"] != "InService"
        ):
            configuration = self._configuration(wanted)
            if configuration is None:
                raise ProviderError(f"there is no endpoint configuration {wanted}")
            new = variants.of_configuration(configuration)
            served = self._configuration(endpoint.get("EndpointConfigName"))
            old = None if served is None else variants.of_configuration(served)
            try:
                scaled = self._take_off(endpoint, old, new, present)
                recounted = variants.recounted(old, new, scaled)
                how = self._rollout(old, new, rollout)
                before = self._update(endpoint, recounted, scaled, wanted, how)
            except AwsError as error:
                failure = str(error)
            else:
                # Errors from here on leave all parked: the endpoint may still be moving.
                endpoint = self._after(before)
                failure = _failure(before, endpoint, wanted)
        if endpoint["EndpointStatus"] != "Failed":
            try:
                self._put_back(endpoint, present)
            except ProviderError as error:
                if failure is None:
                    raise
                failure = f"{failure}; then autoscaling could not be put back: {error}"
        if failure:
            raise ProviderError(failure)
        return endpoint

    def _take_off(
        self,
        endpoint: Description,
        old: variants.Variants | None,
        new: variants.Variants,
        present: dict[str, str],
    ) -> set[str]:
        """Park and deregister what stands in the way; the variants that autoscaling moves."""
        parked = parking.read(present)
        names = {*variants.of_endpoint(endpoint), *(old or {})}
        found = scaling.registered(self._cloud, endpoint["EndpointName"], names)
        off = variants.to_park(old, new, found)
        # What is parked is whole; what is registered beside it may be half restored.
        fresh = {name: scaling.snapshot(self._cloud, found[name]) for name in off - parked.keys()}
        if fresh:
            parking.store(self._cloud, endpoint["EndpointArn"], fresh, present)
        for name in sorted(off):
            self._ctx.status(f"autoscaling of variant {name} is parked")
            scaling.deregister(self._cloud, found[name])
        return {*found, *parked}

    def _rollout(
        self,
        old: variants.Variants | None,
        new: variants.Variants,
        rollout: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """The parameter of UpdateEndpoint; none where the update falls back to all at once."""
        if rollout is None:
            return {}
        if old is None or not variants.shiftable(old, new):
            self._ctx.warn(
                "the traffic goes over at once, without a rollback alarm: SageMaker shifts it step "
                "by step only between the same variants on instances"
            )
            return {}
        return {"DeploymentConfig": rollout}

    def _update(
        self,
        endpoint: Description,
        recounted: dict[str, int],
        scaled: set[str],
        wanted: str,
        how: dict[str, Any],
    ) -> Description:
        """Have SageMaker accept the update; the endpoint as it was before that."""
        # Weights and data capture are declared in the configuration; counts are autoscaling's.
        exclude = ["DesiredWeight", "DataCaptureConfig"]
        if recounted and not scaled:
            exclude.append("DesiredInstanceCount")
        elif recounted:
            # Retaining holds for all variants alike, so declared counts go ahead of the update. A
            # second run sees them done: it compares with the live counts.
            endpoint = self._recount(endpoint, recounted)
        for _ in self._deadline.pauses(f"endpoint {endpoint['EndpointName']}"):
            try:
                self._cloud.call(
                    "sagemaker",
                    "update_endpoint",
                    EndpointName=endpoint["EndpointName"],
                    EndpointConfigName=wanted,
                    RetainAllVariantProperties=True,
                    ExcludeRetainedVariantProperties=[
                        {"VariantPropertyType": kind} for kind in exclude
                    ],
                    **how,
                )
            except AwsError as error:
                # Autoscaling or AWS itself may have started to move it since it was looked at.
                if "in-progress" not in error.detail:
                    raise
                endpoint = self._settled(endpoint["EndpointName"])
            else:
                return endpoint
        raise AssertionError("pauses end by raising")

    def _recount(self, endpoint: Description, counts: dict[str, int]) -> Description:
        live = variants.of_endpoint(endpoint)
        wanted = [
            {"VariantName": variant, "DesiredInstanceCount": count}
            for variant, count in sorted(counts.items())
            if live.get(variant) != count
        ]
        if not wanted:
            return endpoint
        self._cloud.call(
            "sagemaker",
            "update_endpoint_weights_and_capacities",
            EndpointName=endpoint["EndpointName"],
            DesiredWeightsAndCapacities=wanted,
        )
        return self._settled(endpoint["EndpointName"])

    def _after(self, before: Description) -> Description:
        """The endpoint once the update has ended, one way or the other."""
        name = before["EndpointName"]
        for turn, _ in enumerate(self._deadline.pauses(f"the update of endpoint {name}")):
            now = self._describe()
            if now is None or now["EndpointStatus"] in MOVING:
                break
            # Until one of them differs, the answer may be from before the update was accepted.
            telling = ("EndpointConfigName", "EndpointStatus", "FailureReason", "LastModifiedTime")
            if turn >= _START_TURNS or any(now.get(t) != before.get(t) for t in telling):
                return now
        return self._settled(name)

    def _settled(self, name: str) -> Description:
        found = settled(self._ctx, self._deadline, self._describe, name)
        if found is None:
            raise ProviderError(f"endpoint {name} was deleted while it was updated")
        return found

    def _put_back(self, endpoint: Description, present: dict[str, str]) -> None:
        """Register again what is parked, on the variants that the endpoint has now."""
        parked = parking.read(present)
        if parked:
            served = self._configuration(endpoint.get("EndpointConfigName"))
            kinds = {} if served is None else variants.of_configuration(served)
            live = variants.of_endpoint(endpoint)
            now = datetime.datetime.now(datetime.UTC)
            # A variant that the program removed takes its autoscaling along.
            for name in sorted(parked.keys() & live.keys()):
                fits = [
                    entry
                    for entry in parked[name]
                    if name not in kinds or kinds[name].takes(entry["dimension"])
                ]
                self._ctx.status(f"autoscaling of variant {name} is put back")
                scaling.restore(self._cloud, endpoint["EndpointName"], name, fits, now)
        parking.drop(self._cloud, endpoint["EndpointArn"], parking.keys(present), present)


def _failure(before: Description, after: Description, wanted: str) -> str | None:
    """Why the update counts as failed; None when the endpoint went over."""
    status, serves = after["EndpointStatus"], after.get("EndpointConfigName")
    told = after.get("FailureReason")
    if status == "InService" and serves == wanted:
        # A reason that was there before is about an older update.
        if not told or told == before.get("FailureReason"):
            return None
        return f"endpoint {after['EndpointName']} serves {wanted}, but SageMaker reports: {told}"
    return (
        f"endpoint {after['EndpointName']} did not go to configuration {wanted}: it is {status} "
        f"with configuration {serves}: {told or 'SageMaker gives no reason'}"
    )
