"""What containers of Azure ML deployments may call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ml_policies.finding import Finding
from ml_policies.resource import Resource
from ml_policies.rule import Example, Settings, Severity, StackRule
from ml_policies.rules.azure.serving import DEPLOYMENTS
from ml_policies.rules.azure.workspaces import WORKSPACE
from ml_policies.types import unversioned
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

APPROVED = "AllowOnlyApprovedOutbound"


def _contained(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    """A managed network of the workspace takes the place of the deployment's own flag."""
    del settings
    modes = {
        one.get("workspaceName"): one.get("managedNetwork.isolationMode")
        for one in resources
        if unversioned(one.type) == WORKSPACE
    }
    for deployment in resources:
        if unversioned(deployment.type) not in DEPLOYMENTS:
            continue
        path = f"{DEPLOYMENTS[unversioned(deployment.type)]}.egressPublicNetworkAccess"
        flag, mode = deployment.get(path), modes.get(deployment.get("workspaceName"))
        if flag == "Disabled" or mode == APPROVED:
            continue
        if is_unknown(flag) or is_unknown(mode):
            yield Finding(problem="", path=path, undecided=True, resource=deployment)
        else:
            yield Finding(
                problem="allowed: 'Disabled', or a workspace that lets out only what was approved",
                path=path,
                got=flag,
                resource=deployment,
            )


def _example(flag: object, mode: object = "AllowInternetOutbound") -> tuple[Example, ...]:
    return (
        Example(
            type=WORKSPACE,
            name="workspace",
            props={"workspaceName": "w", "managedNetwork": {"isolationMode": mode}},
        ),
        Example(
            type=next(iter(DEPLOYMENTS)),
            name="deployment",
            props={"workspaceName": "w", "properties": {"egressPublicNetworkAccess": flag}},
        ),
    )


RULES = (
    StackRule(
        id="az-ml-deployment-egress",
        severity=Severity.MEDIUM,
        check=_contained,
        summary="Containers of production deployments cannot call out.",
        rationale="A container that can call out can carry data out.",
        remediation="Set clouds.azure.network.isolation: approved_outbound, or, where there is no "
        "managed network, endpoint.azure.egress: workspace.",
        sources=(
            "Azure ML documentation, network isolation of managed online endpoints: the flag of a "
            "deployment no longer applies in a managed network",
        ),
        production_only=True,
        good=_example("Enabled", APPROVED),
        bad=_example("Enabled"),
        unknown=_example(UNKNOWN),
    ),
)
