"""POST actions and the few reads that are no resources: keys, secrets, uploads, name checks."""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from mlplatform.sandbox.clouds.azure import pages
from mlplatform.sandbox.clouds.azure.address import parse
from mlplatform.sandbox.clouds.azure.answer import Answer, not_found
from mlplatform.sandbox.clouds.azure.kinds import deleted, jobs, vault
from mlplatform.sandbox.clouds.azure.kinds.storage import account_key
from mlplatform.sandbox.clouds.azure.regions import regions
from mlplatform.sandbox.clouds.azure.tokens import access_token
from mlplatform.sandbox.clouds.azure.world import Json, World

_ML = "microsoft.machinelearningservices/workspaces"
_LOGS = "Microsoft.OperationalInsights/workspaces"
_UPLOADS = ("startpendingupload", "createorgetstartpendingupload")
_SAS_HOURS = 24


def post(world: World, path: str, body: Any) -> Answer:
    """A POST: `.../resource/action`."""
    target, _, action = path.rpartition("/")
    low = action.lower()
    if low == "purge" and "/deletedvaults/" in path.lower():
        vault.purge(world, target.rsplit("/", 1)[-1])
        return Answer(status=200)
    if low == "checknameavailability":
        return Answer(status=200, body=_availability(world, path, body or {}))
    if low in _UPLOADS:
        return Answer(status=200, body=_upload(world, target))
    resource = world.get(target)
    if resource is None:
        raise not_found(target)
    return Answer(status=200, body=_of_resource(world, resource, low, body or {}))


def get(world: World, path: str, query: Mapping[str, str], url: str) -> Answer | None:
    """A GET that is no resource; None when it is one. url: what was asked, without its query."""
    parts = [part for part in path.split("/") if part]
    low = [part.lower() for part in parts]
    if low[-1:] == ["locations"] and len(parts) == 3:
        value = [{"name": name, "displayName": name} for name in regions()]
        return Answer(status=200, body={"value": value})
    if "deletedvaults" in low:
        rows = [vault.deleted_vault(row) for _, row in world.store.items(vault.DELETED)]
        if low[-1] == "deletedvaults":
            return Answer(status=200, body={"value": rows})
        found = [row for row in rows if str(row["name"]).lower() == low[-1]]
        if not found:
            raise not_found(path)
        return Answer(status=200, body=found[0])
    if low[-1] == "deletedworkspaces" and "microsoft.operationalinsights" in low:
        return Answer(status=200, body={"value": deleted.rows(world, _LOGS)})
    if low[-1:] == ["skus"] and "deployments" in low:
        capacity = {"minimum": 1, "maximum": 50, "default": 1, "scaleType": "Automatic"}
        sku = {"sku": {"name": "Default"}, "resourceType": _ML, "capacity": capacity}
        return Answer(status=200, body={"value": [sku]})
    if low[-1:] == ["resources"] and len(low) in (3, 5):
        scope = "/".join(["", *parts[:-1]])
        value = [r for r in world.inside(scope) if "/providers/" in str(r["id"]).lower()]
        return pages.page(value, query, url)
    if len(low) == 4 and low[2] == "providers":
        body = {"namespace": parts[3], "registrationState": "Registered", "resourceTypes": []}
        return Answer(status=200, body=body)
    return None


def _of_resource(world: World, resource: Json, action: str, body: Json) -> Any:
    name, kind = str(resource["name"]), str(resource["type"]).lower()
    if kind == "microsoft.storage/storageaccounts" and action == "listkeys":
        value = account_key(name)
        keys = [{"keyName": f"key{n}", "value": value, "permissions": "FULL"} for n in (1, 2)]
        return {"keys": keys}
    if kind == f"{_ML}/jobs" and action == "cancel":
        jobs.cancel(world, resource)
        return {}
    if action in ("listaccountsas", "listservicesas"):
        return {f"{action[4:-3]}SasToken": sas(name)}
    if action == "listcredentials":
        return {"username": name, "passwords": [{"name": "password", "value": _secret(name)}]}
    if action in ("sharedkeys", "listkeys", "regeneratekeys"):
        return {
            "primarySharedKey": _secret(name),
            "primaryKey": _secret(name, "primary"),
            "secondaryKey": _secret(name, "secondary"),
        }
    if action == "token":
        return {"accessToken": access_token(), "tokenType": "Bearer", "expiryTimeUtc": 0}
    if action == "getlogs":
        return {"content": f"sandbox: no container runs for {name}\n"}
    if action == "listsecrets":
        return _datastore_secrets(resource, body)
    return {}


def _datastore_secrets(resource: Json, body: Json) -> Json:
    account = str(resource["properties"].get("accountName"))
    if body.get("expirableSecret"):
        return {"secretsType": "Sas", "sasToken": sas(account)}
    return {"secretsType": "AccountKey", "key": account_key(account)}


def _upload(world: World, target: str) -> Json:
    """Where a client may put the files of an asset before the asset exists."""
    address = parse(target)
    workspace = target.lower().find("/codes/")
    for noun in ("/models/", "/data/", "/environments/", "/components/"):
        workspace = workspace if workspace >= 0 else target.lower().find(noun)
    store = world.get(f"{target[:workspace]}/datastores/workspaceblobstore")
    if address is None or store is None:
        raise not_found(target)
    account = store["properties"]["accountName"]
    container = store["properties"]["containerName"]
    folder = hashlib.sha256(target.lower().encode()).hexdigest()[:16]
    uri = f"{world.blob_endpoint}/{account}/{container}"
    credential = {"credentialType": "SAS", "sasUri": f"{uri}?{sas(str(account))}"}
    return {
        "pendingUploadId": folder,
        "pendingUploadType": "TemporaryBlobReference",
        "blobReferenceForConsumption": {
            "blobUri": uri,
            "storageAccountArmId": _account_id(world, str(account)),
            "credential": credential,
        },
    }


def _account_id(world: World, name: str) -> str | None:
    found = world.of_type("Microsoft.Storage/storageAccounts")
    return next((str(r["id"]) for r in found if r["name"] == name), None)


def sas(account: str) -> str:
    """A shared access signature for everything in an account, in Azure's form."""
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=_SAS_HOURS)
    given = {
        "sv": "2024-11-04",
        "ss": "b",
        "srt": "sco",
        "sp": "rwdlac",
        "se": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sig": _secret(account, "sas"),
    }
    return urlencode(given)


def _availability(world: World, path: str, body: Json) -> Json:
    name = str(body.get("name", ""))
    types = {
        "microsoft.storage": "Microsoft.Storage/storageAccounts",
        "microsoft.keyvault": "Microsoft.KeyVault/vaults",
        "microsoft.containerregistry": "Microsoft.ContainerRegistry/registries",
    }
    found = next((t for space, t in types.items() if space in path.lower()), "")
    taken = any(str(r["name"]).lower() == name.lower() for r in world.of_type(found))
    held = found.endswith("vaults") and world.store.get(vault.DELETED, name.lower()) is not None
    if taken or held:
        return {"nameAvailable": False, "reason": "AlreadyExists", "message": f"{name} is taken."}
    return {"nameAvailable": True}


def _secret(*parts: str) -> str:
    text = hashlib.sha256("/".join(("sandbox", *parts)).encode()).digest()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
