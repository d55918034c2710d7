"""The provider functions (data sources) that programs use most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.gcp.encode import Request
from mlplatform.provider.model import ProviderError
from mlplatform.sandbox.providers.gcp_rest import Rest

CALLER = "sandbox-user"


def invoke(
    rest: Rest, token: str, args: Mapping[str, Any], project: str, region: str
) -> dict[str, Any]:
    """The result of one function; ProviderError for a function that is not served here."""
    wanted = str(args.get("projectId") or args.get("project") or project)
    if token == "gcp:organizations/getProject:getProject":
        found = rest.call(None, Request(method="GET", path=f"/v1/projects/{wanted}"))
        return {
            "id": f"projects/{found['projectId']}",
            "projectId": found["projectId"],
            "number": found["projectNumber"],
            "name": found["name"],
            "labels": {},
            "effectiveLabels": {},
            "pulumiLabels": {},
            "tags": {},
            "autoCreateNetwork": True,
            "billingAccount": "",
            "deletionPolicy": "PREVENT",
            "folderId": "",
            "orgId": "",
        }
    if token == "gcp:storage/getProjectServiceAccount:getProjectServiceAccount":
        path = f"/storage/v1/projects/{wanted}/serviceAccount"
        email = rest.call(None, Request(method="GET", path=path))["email_address"]
        member = f"serviceAccount:{email}"
        return {"id": email, "emailAddress": email, "member": member, "project": wanted}
    if token == "gcp:bigquery/getDefaultServiceAccount:getDefaultServiceAccount":
        path = f"/bigquery/v2/projects/{wanted}/serviceAccount"
        email = rest.call(None, Request(method="GET", path=path))["email"]
        return {
            "id": email,
            "email": email,
            "member": f"serviceAccount:{email}",
            "project": wanted,
        }
    if token == "gcp:organizations/getClientConfig:getClientConfig":
        shown = {"id": f"projects/{wanted}/regions/{region}/zones/", "accessToken": "local-sandbox"}
        return {**shown, "project": wanted, "region": region, "zone": "", "defaultLabels": {}}
    if token == "gcp:organizations/getClientOpenIdUserInfo:getClientOpenIdUserInfo":
        email = f"{CALLER}@{wanted}.iam.gserviceaccount.com"
        return {"id": email, "email": email}
    raise ProviderError(f"the sandbox's stand-in for gcp has no function {token}")
