"""Whose account the sandbox plays: that of the stack's configuration, so that any id works.

The stack says ``mlplatform:clouds: {aws: {account_id: ...}}``; the sandbox's credentials belong
to that very account, project and subscription. A variable of the environment sets another one,
which shows how credentials of a wrong account are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mlplatform.sandbox.errors import UserError

ACCESS_KEY_PREFIX = "MLPSANDBOX"
"""The local AWS reads the account from the access key: this prefix and twelve digits."""
_ACCOUNT = re.compile(r"[0-9]{12}")

_VARIABLES: dict[str, dict[str, str]] = {
    "aws": {"account_id": "MLP_SANDBOX_AWS_ACCOUNT_ID", "region": "MLP_SANDBOX_AWS_REGION"},
    "gcp": {"project": "MLP_SANDBOX_GCP_PROJECT", "region": "MLP_SANDBOX_GCP_REGION"},
    "azure": {
        "subscription_id": "MLP_SANDBOX_AZURE_SUBSCRIPTION_ID",
        "tenant_id": "MLP_SANDBOX_AZURE_TENANT_ID",
        "location": "MLP_SANDBOX_AZURE_LOCATION",
    },
}
_KEY_FILES = ("GOOGLE_APPLICATION_CREDENTIALS", "credentials_file")
_PUBLIC_NAMES = {"region": {"gcp": "location"}}
"""Where a vendor's client calls a setting otherwise than the stack file does."""


OVERRIDES = frozenset(v for variables in _VARIABLES.values() for v in variables.values())
"""Variables that win over a stack's configuration: never to be left behind in a user's shell."""


class IdentityError(UserError):
    """A variable names an account that cannot exist."""


def settings(cloud: str, config: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Account, region and the like of one cloud: the environment's word, else the stack's.

    Nonsense in the stack's file is left out here: the spec refuses it, with all else that is
    wrong. Raises ``IdentityError`` for nonsense in a variable.
    """
    found: dict[str, str] = {}
    for name, variable in _VARIABLES[cloud].items():
        override = environ.get(variable)
        if override is not None:
            if name == "account_id" and not _ACCOUNT.fullmatch(override):
                raise IdentityError(f"{variable}: got {override!r}, allowed: 12 digits")
            found[name] = override
            continue
        value = config.get(name)
        if not isinstance(value, str) or not value:
            continue
        if name == "account_id" and not _ACCOUNT.fullmatch(value):
            continue
        found[name] = value
    return found


def environ(cloud: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Variables that carry ``settings`` to the local cloud, the stand-ins and ``mlgap``."""
    variables = {_VARIABLES[cloud][name]: value for name, value in chosen.items()}
    if cloud == "aws":
        if "account_id" in chosen:
            variables["AWS_ACCESS_KEY_ID"] = ACCESS_KEY_PREFIX + chosen["account_id"]
        if "region" in chosen:
            variables["AWS_REGION"] = variables["AWS_DEFAULT_REGION"] = chosen["region"]
    if cloud == "azure":
        # The local Azure may have been started for another stack.
        if "tenant_id" in chosen:
            variables["ARM_TENANT_ID"] = chosen["tenant_id"]
            # The local Azure gives tokens of the tenant that this names.
            variables["IDENTITY_HEADER"] = chosen["tenant_id"]
        if "subscription_id" in chosen:
            for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
                variables[name] = chosen["subscription_id"]
    return variables


def own_credentials(
    cloud: str, chosen: Mapping[str, str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """``values`` in which Google's key file is that of the chosen project.

    The local Google Cloud wrote one for the project that it was started with, but it serves
    stacks of any project; a copy beside it belongs to this stack's.
    """
    project = chosen.get("project")
    if cloud != "gcp" or project is None:
        return dict(values)
    return {
        name: _key_file(value, project) if name in _KEY_FILES else value
        for name, value in values.items()
    }


def _key_file(value: Any, project: str) -> Any:
    file = Path(value)
    content = json.loads(file.read_text())
    former, name = content["project_id"], quote(project, safe="")
    if former == project:
        return value
    origin = content["token_uri"].removesuffix(f"/{former}")
    account = content["client_email"].partition("@")[0]
    content |= {
        "project_id": project,
        "client_email": f"{account}@{project}.iam.gserviceaccount.com",
        "token_uri": f"{origin}/{name}",
    }
    own = file.with_name(f"{file.stem}.{name}.json")
    own.touch(mode=0o600)
    own.write_text(json.dumps(content, indent=2) + "\n")
    return str(own)


def public(cloud: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """What of ``settings`` a vendor's client must be told, by the names of ``sandbox env``."""
    if cloud == "aws":
        shown = {"region": chosen["region"]} if "region" in chosen else {}
        if "account_id" in chosen:
            shown["access_key_id"] = ACCESS_KEY_PREFIX + chosen["account_id"]
        return shown
    return {_PUBLIC_NAMES.get(name, {}).get(cloud, name): v for name, v in chosen.items()}
