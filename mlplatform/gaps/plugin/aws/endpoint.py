"""``mlgap:aws:Endpoint``: who owns a SageMaker endpoint, from create to delete.

Every operation starts from what AWS shows, never from what the last run meant to do, so that it
can be called again after a kill at any point. Why mlgap owns endpoints: docs/adr/0004.
"""

from __future__ import annotations

from typing import Any

from mlplatform import judged
from mlplatform.contracts.aws import encode
from mlplatform.contracts.aws.plan import plan
from mlplatform.gaps.plugin.aws import parking, tags
from mlplatform.gaps.plugin.aws.cloud import AwsCloud
from mlplatform.gaps.plugin.aws.lifecycle import EndpointWork
from mlplatform.gaps.plugin.by_contract import ByContract
from mlplatform.provider.model import (
    Context,
    Diff,
    NotFound,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import UNKNOWN, is_unknown

_ORDINARY = "aws:sagemaker/endpoint:Endpoint"
"""Its compiled plan knows the members of a deployment configuration."""


class Endpoint(ByContract[AwsCloud]):
    """Answers for one endpoint; made once for each call."""

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        del id
        # Against the outputs: after a rollback they tell what the endpoint really serves.
        serves = old_state.get("endpointConfigName", old_inputs.get("endpointConfigName"))
        before = _with_tags({**old_inputs, "endpointConfigName": serves})
        after = _with_tags(inputs)
        changes = judged.changes(ctx.token, before, after)
        renamed = any(change.replace for change in changes)
        # Two endpoints of one name cannot be: whoever forces a replace gets delete first.
        return Diff(changes=tuple(changes), delete_before_replace=not renamed)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        name = inputs["endpointName"]
        if ctx.preview:
            return "", {**inputs, "arn": self._arn(name)}
        work = EndpointWork(ctx, self._cloud, name)
        found = work.describe()
        if found is not None and found["EndpointStatus"] != "Deleting":
            mark = tags.of(self._cloud, found["EndpointArn"]).get(tags.OWNER_KEY)
            if mark != tags.owner(ctx.urn):
                raise ProviderError(
                    f"endpoint {name} exists already and this stack did not make it; choose "
                    f"another name, or take it over with 'pulumi import mlgap:aws:Endpoint "
                    f"{ctx.name} {name}'"
                )
            ctx.status(f"endpoint {name} is from an interrupted run of this stack")
        return name, self._converged(work, inputs, {}, expected=False)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        del old_inputs
        if ctx.preview:
            return {**inputs, "arn": old_state.get("arn", self._arn(id))}
        work = EndpointWork(ctx, self._cloud, id)
        return self._converged(work, inputs, old_state, expected=True)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        del state
        found = EndpointWork(ctx, self._cloud, id).describe()
        if found is None or found["EndpointStatus"] == "Deleting":
            raise NotFound(f"there is no endpoint {id}")
        all_tags = tags.of(self._cloud, found["EndpointArn"])
        # A create that failed serves nothing; what was asked for is all that is known then.
        serves = found.get("EndpointConfigName", inputs.get("endpointConfigName", ""))
        seen: dict[str, Any] = {"endpointName": found["EndpointName"], "endpointConfigName": serves}
        if "deploymentConfig" in inputs:
            # SageMaker shows how the last update went, not how the next one will.
            seen["deploymentConfig"] = inputs["deploymentConfig"]
        declared = tags.declared(all_tags)
        if declared or "tags" in inputs:
            seen["tags"] = declared
        now = {**seen, "arn": found["EndpointArn"]}
        wrong = []
        if found["EndpointStatus"] == "Failed":
            wrong.append(
                f"endpoint {id} is Failed: {found.get('FailureReason', 'no reason given')}"
            )
        if parking.keys(all_tags):
            wrong.append(f"an interrupted update of endpoint {id} left autoscaling parked")
        if wrong:
            # As Partial, so that the next update mends it though no input changed.
            raise Partial(id=id, state=now, inputs=seen, reasons=wrong)
        return id, seen, now

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        EndpointWork(ctx, self._cloud, id).delete()

    def _converged(
        self, work: EndpointWork, inputs: dict[str, Any], old: dict[str, Any], *, expected: bool
    ) -> dict[str, Any]:
        """The outputs once the endpoint is as ``inputs`` say."""
        try:
            found = work.converge(
                inputs["endpointConfigName"],
                inputs.get("tags") or {},
                _rollout(inputs),
                expected=expected,
            )
        except ProviderError as error:
            exists = work.last is not None
            if not (exists and work.touched):
                raise
            state = {**old, **inputs, **work.outputs()}
            raise Partial(id=work.name, state=state, inputs=inputs, reasons=[str(error)]) from error
        return {**inputs, "arn": found["EndpointArn"]}

    def _arn(self, name: str) -> str:
        # SageMaker writes names in ARNs in lower case, not all of its look-alikes do: known only
        # where both agree.
        if is_unknown(name) or name != name.lower():
            return UNKNOWN
        return self._cloud.arn("sagemaker", f"endpoint/{name}")


def _rollout(inputs: dict[str, Any]) -> dict[str, Any] | None:
    """``deploymentConfig`` as UpdateEndpoint takes it."""
    given = inputs.get("deploymentConfig")
    if given is None:
        return None
    made: dict[str, Any] = encode.encode(plan(_ORDINARY).properties["deploymentConfig"], given)
    return made


def _with_tags(inputs: dict[str, Any]) -> dict[str, Any]:
    """No tags and an empty map are the same, and each tag is a change of its own."""
    return {**inputs, "tags": inputs.get("tags") or {}}
