"""`python -m mlplatform.sandbox.clouds.gcp --dir DIR`: serve the local Google Cloud.

`public` in DIR/address.json is what a person's script needs; `environ` is what the providers and
the vendor's clients read:

- GOOGLE_APPLICATION_CREDENTIALS, GOOGLE_CLOUD_PROJECT: application default credentials;
- GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: gRPC trusts the sandbox's authority, so that a client with
  `client_options={"api_endpoint": "localhost:PORT"}` works as it is;
- STORAGE_EMULATOR_HOST: google-cloud-storage goes to the sandbox;
- MLGAP_GCP_*: other addresses for mlgap; MLP_SANDBOX_GCP_*: for the stand-in provider.
"""

from __future__ import annotations

import os

from mlplatform.sandbox.clouds import frame
from mlplatform.sandbox.clouds.gcp import credentials
from mlplatform.sandbox.clouds.gcp.cloud import GoogleCloud
from mlplatform.sandbox.clouds.gcp.fronts import Grpc, Rest

PROJECT_VARIABLE = "MLP_SANDBOX_GCP_PROJECT"
DEFAULT_PROJECT = "ml-dev"
DEFAULT_LOCATION = "us-central1"


def main() -> int:
    """Serve until SIGTERM."""
    project = os.environ.get(PROJECT_VARIABLE) or DEFAULT_PROJECT
    with frame.opened() as options:
        former = {n: frame.former_port(options.directory, n) for n in ("http", "grpc", "tls")}
        listener = frame.listen(former["http"])
        origin = f"http://{frame.LOOPBACK}:{listener.getsockname()[1]}"
        cloud = GoogleCloud(options.directory, options.delay_s, origin)
        key, chain, authority = credentials.server_certificate(options.directory)
        rest = Rest(cloud)
        http = frame.HttpServer(cloud.control.wrap(rest), listener)
        grpc = Grpc(cloud, (former["grpc"], former["tls"]), (key, chain))
        adc = credentials.adc_file(options.directory, project, origin)
        public = {
            "rest_endpoint": origin,
            "grpc_endpoint": f"{frame.LOOPBACK}:{grpc.port}",
            "grpc_tls_endpoint": f"localhost:{grpc.tls_port}",
            "ca_certificate": str(authority),
            "credentials_file": str(adc),
            "token": credentials.TOKEN,
            "project": project,
            "location": DEFAULT_LOCATION,
        }
        environ = {
            "GOOGLE_APPLICATION_CREDENTIALS": str(adc),
            "GOOGLE_CLOUD_PROJECT": project,
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(authority),
            "STORAGE_EMULATOR_HOST": origin,
            "MLP_SANDBOX_GCP_REST_ENDPOINT": origin,
            "MLGAP_GCP_API_ENDPOINT": f"localhost:{grpc.tls_port}",
            "MLGAP_GCP_RESOURCE_MANAGER_ENDPOINT": origin,
            "MLGAP_GCP_CLOUD_QUOTAS_ENDPOINT": origin,
        }
        ports = {"http": http.port, "grpc": grpc.port, "tls": grpc.tls_port}
        return frame.run(options, [http, grpc], ports=ports, public=public, environ=environ)


if __name__ == "__main__":
    raise SystemExit(main())
