"""Runs the local Azure: `python -m mlplatform.sandbox.clouds.azure --dir DIR`.

Two services in one process, both over TLS: Resource Manager (with the control API) and blobs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from mlplatform.sandbox.clouds import frame
from mlplatform.sandbox.clouds.azure import demands, listening, server, tls
from mlplatform.sandbox.clouds.azure.existing import existing
from mlplatform.sandbox.clouds.azure.tokens import CLOUD, access_token
from mlplatform.sandbox.clouds.azure.world import SUBSCRIPTION, TENANT, World
from mlplatform.sandbox.clouds.control import Control
from mlplatform.sandbox.clouds.request_log import RequestLog

_LOCATION = os.environ.get("MLP_SANDBOX_AZURE_LOCATION", "westeurope")


def main() -> int:
    """Serve until the process is told to end."""
    with frame.opened() as options:
        folder = options.directory.resolve()
        arm_socket = frame.listen(frame.former_port(folder, "arm"))
        blob_socket = frame.listen(frame.former_port(folder, "blob"))
        tls.prepare(folder / "tls")
        context = tls.server_context(folder / "tls")
        world = World(folder, delay_s=options.delay_s)
        faults, log = demands.faults(), RequestLog()
        control = Control(
            faults=faults, log=log, resources=lambda: existing(world), reset=world.reset
        )
        arm = listening.TlsServer(
            arm_socket, context, server.arm_handler(world, faults, log, control)
        )
        blob = listening.TlsServer(blob_socket, context, server.blob_handler(world, log))
        world.arm_endpoint = f"https://localhost:{arm.port}"
        world.blob_endpoint = f"https://localhost:{blob.port}"
        public, environ = addresses(folder, world.arm_endpoint, world.blob_endpoint)
        ports = {"arm": arm.port, "blob": blob.port}
        return frame.run(options, [arm, blob], ports=ports, public=public, environ=environ)


def addresses(folder: Path, arm: str, blob: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What people need to reach the services, and what the providers need."""
    metadata = f"{arm}/metadata/endpoints?api-version=2019-05-01"
    authority = str(tls.authority(folder / "tls"))
    token = access_token()
    public = {
        "arm_endpoint": arm,
        "blob_endpoint": blob,
        "ca_certificate": authority,
        "cloud": CLOUD,
        "location": _LOCATION,
        "metadata_url": metadata,
        "subscription_id": SUBSCRIPTION,
        "tenant_id": TENANT,
        "token": token,
    }
    environ = {
        # Where azure-ai-ml, and the providers that know sovereign clouds, find this one.
        "ARM_CLOUD_METADATA_URL": metadata,
        "ARM_METADATA_HOSTNAME": arm.removeprefix("https://"),
        "ARM_SUBSCRIPTION_ID": SUBSCRIPTION,
        "ARM_TENANT_ID": TENANT,
        "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
        "REQUESTS_CA_BUNDLE": str(tls.bundle(folder / "tls")),
        # DefaultAzureCredential takes its token as on a machine with a managed identity, and from
        # nowhere else.
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
        "IDENTITY_ENDPOINT": f"{arm}/msi/token",
        "IDENTITY_HEADER": "sandbox",
        "MLP_SANDBOX_AZURE_ARM_ENDPOINT": arm,
        "MLP_SANDBOX_AZURE_BLOB_ENDPOINT": blob,
        "MLP_SANDBOX_AZURE_CA": authority,
        "MLP_SANDBOX_AZURE_TOKEN": token,
    }
    return public, environ


if __name__ == "__main__":
    sys.exit(main())
