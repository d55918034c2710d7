"""One operation on one SageMaker endpoint: from whatever is there to what is wanted."""

from __future__ import annotations

import contextlib
from typing import Any

from mlplatform.gaps.plugin.aws import parking, scaling, tags, variants
from mlplatform.gaps.plugin.aws.changeover import Changeover
from mlplatform.gaps.plugin.aws.cloud import AwsCloud, AwsError
from mlplatform.gaps.plugin.aws.waiting import Deadline, Description, settled
from mlplatform.provider.model import Context, ProviderError


class EndpointWork:
    """One operation, within the time that the program allows it.

    Attributes:
        name: the endpoint's name.
        last: the endpoint as it was last seen; None while there is none.
        touched: whether anything may have been changed, so that the engine must remember it.
    """

    def __init__(self, ctx: Context, cloud: AwsCloud, name: str) -> None:
        self._ctx = ctx
        self._cloud = cloud
        self._deadline = Deadline(ctx)
        self.name = name
        self.last: Description | None = None
        self.touched = False

    def describe(self) -> Description | None:
        """The endpoint now; None when there is none."""
        try:
            self.last = self._cloud.call("sagemaker", "describe_endpoint", EndpointName=self.name)
        except AwsError as error:
            if not _not_there(error):
                raise
            self.last = None
        return self.last

    def outputs(self) -> dict[str, Any]:
        """The outputs that the endpoint has now, as far as it can still be asked."""
        with contextlib.suppress(ProviderError):
            self.describe()
        if self.last is None:
            return {}
        serves = self.last.get("EndpointConfigName")  # a create that failed serves nothing
        return {"arn": self.last["EndpointArn"]} | (
            {"endpointConfigName": serves} if serves else {}
        )

    def converge(
        self,
        wanted: str,
        declared: dict[str, str],
        rollout: dict[str, Any] | None = None,
        *,
        expected: bool,
    ) -> Description:
        """Make the endpoint serve the configuration ``wanted``, with the tags ``declared``.

        Args:
            rollout: DeploymentConfig of an update.
            expected: whether the engine thinks that the endpoint is there.
        """
        marked = {**declared, tags.OWNER_KEY: tags.owner(self._ctx.urn)}
        found = self._settled()
        if found is not None and found["EndpointStatus"] == "Failed":
            self._clear_failed(found, wanted)
            found = None
        elif found is None and expected:
            self._ctx.warn(
                f"endpoint {self.name} is gone and is made anew; "
                "'pulumi refresh' tells whether its autoscaling went too"
            )
        if found is None:
            found = self._create(wanted, marked)
        else:
            self.touched = True
        present = tags.of(self._cloud, found["EndpointArn"])
        if parking.keys(present):
            # They may have come here by way of the configuration: see _clear_failed.
            self._forget_parked_on(wanted)
        found = Changeover(
            self._ctx, self._cloud, self._deadline, self.describe, self._configuration
        ).run(found, wanted, present, rollout)
        arn = found["EndpointArn"]
        tags.remove(self._cloud, arn, tags.declared(present).keys() - marked.keys())
        changed = {key: value for key, value in marked.items() if present.get(key) != value}
        tags.add(self._cloud, arn, changed, marked)
        return found

    def delete(self) -> None:
        """Delete the endpoint and wait until it is gone."""
        for _ in self._deadline.pauses(f"the deletion of endpoint {self.name}"):
            if self._settled() is None:
                return
            try:
                self._cloud.call("sagemaker", "delete_endpoint", EndpointName=self.name)
            except AwsError as error:
                # Gone already, or it started to move again: look once more.
                if not _not_there(error) and "in-progress" not in error.detail:
                    raise

    def _create(self, wanted: str, marked: dict[str, str]) -> Description:
        """Create the endpoint, with what a Failed one before it left parked on ``wanted``."""
        _, present = self._required(wanted)
        first = {**marked, **{key: present[key] for key in parking.keys(present)}}
        if len(first) > tags.LIMIT:
            raise ProviderError(
                f"endpoint {self.name} would have {len(first)} tags, allowed: {tags.LIMIT}"
            )
        self._cloud.call(
            "sagemaker",
            "create_endpoint",
            EndpointName=self.name,
            EndpointConfigName=wanted,
            Tags=tags.as_list(first),
        )
        self.touched = True
        found = self._settled()
        if found is None:
            raise ProviderError(f"endpoint {self.name} was deleted while it was created")
        if found["EndpointStatus"] != "InService":
            reason = found.get("FailureReason") or "SageMaker gives no reason"
            raise ProviderError(f"endpoint {self.name} is {found['EndpointStatus']}: {reason}")
        return found

    def _clear_failed(self, found: Description, wanted: str) -> None:
        """Delete a Failed endpoint: nothing serves there, and nothing else can be done with it.

        Source: DescribeEndpoint, EndpointStatus. Its autoscaling is deleted with it ("Delete
        endpoints configured for auto scaling"), so it is parked where the next endpoint looks.
        """
        arn, present = self._required(wanted)
        parked = parking.read(tags.of(self._cloud, found["EndpointArn"]))
        served = self._configuration(found.get("EndpointConfigName")) or {}
        names = {*variants.of_endpoint(found), *variants.of_configuration(served)}
        live = scaling.registered(self._cloud, self.name, names)
        for variant in sorted(live.keys() - parked.keys()):
            parked[variant] = scaling.snapshot(self._cloud, live[variant])
        self.touched = True
        if parked:
            parking.store(self._cloud, arn, parked, present)
        self._ctx.status(f"endpoint {self.name} is Failed and is made anew")
        self.delete()

    def _forget_parked_on(self, configuration: str) -> None:
        arn, present = self._required(configuration)
        parking.drop(self._cloud, arn, parking.keys(present), present)

    def _required(self, configuration: str) -> tuple[str, dict[str, str]]:
        """ARN and tags of an endpoint configuration that must be there."""
        found = self._configuration(configuration)
        if found is None:
            raise ProviderError(f"there is no endpoint configuration {configuration}")
        arn: str = found["EndpointConfigArn"]
        return arn, tags.of(self._cloud, arn)

    def _configuration(self, name: str | None) -> dict[str, Any] | None:
        if not name:
            return None
        try:
            return self._cloud.call(
                "sagemaker", "describe_endpoint_config", EndpointConfigName=name
            )
        except AwsError as error:
            if _not_there(error):
                return None
            raise

    def _settled(self) -> Description | None:
        return settled(self._ctx, self._deadline, self.describe, self.name)


def _not_there(error: AwsError) -> bool:
    # SageMaker has no code of its own for it: ValidationException, "Could not find endpoint ...".
    return error.code == "ResourceNotFound" or (
        error.code == "ValidationException" and "Could not find" in error.detail
    )
