"""One Google Cloud project and region: its settings, whether it is ours, and Vertex AI's clients.

The clients are the library's own GAPIC clients with application default credentials. The library
takes seconds to import, so that happens with the first call, never in a preview.

MLGAP_GCP_API_ENDPOINT (host:port) names another address of Vertex AI, as the client option
`api_endpoint` does; MLGAP_GCP_RESOURCE_MANAGER_ENDPOINT (a URL) another one of Resource Manager.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlplatform.gaps.plugin.fields import Text, check_texts, unknown_names
from mlplatform.gaps.plugin.gcp.pace import Pace
from mlplatform.provider.model import Failure, ProviderError

_SETTINGS = {
    "project": Text(
        pattern=r"(?:[a-z][a-z0-9.-]*[a-z0-9]:)?[a-z][a-z0-9-]{4,28}[a-z0-9]",
        longest=63,
        allowed="a project id, such as ml-dev",
        source="cloud.google.com/resource-manager/docs/creating-managing-projects",
    ),
    "region": Text(
        pattern=r"[a-z]+(-[a-z]+)+\d+",
        longest=32,
        allowed="a region, such as us-central1",
        source="aiplatform discovery document, endpoints",
    ),
}
_VERTEX_VARIABLE = "MLGAP_GCP_API_ENDPOINT"
_MANAGER_VARIABLE = "MLGAP_GCP_RESOURCE_MANAGER_ENDPOINT"
_MANAGER = "https://cloudresourcemanager.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_IDENTITY_TIMEOUT_S = 5
_WELL_KNOWN_FILE = "~/.config/gcloud/application_default_credentials.json"


class WrongProjectError(ProviderError):
    """The credentials cannot see the project that the settings name."""


class GcpCloud:
    """Settings and clients of one project and region; safe for many threads."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.project: str = config["project"]
        self.region: str = config["region"]
        self.pace = Pace()
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._verified = False

    @staticmethod
    def check(config: Mapping[str, Any]) -> list[Failure]:
        """All that is wrong with the settings."""
        return [*unknown_names(config, _SETTINGS, "gcp."), *check_texts(config, _SETTINGS, "gcp.")]

    @property
    def parent(self) -> str:
        """The location that everything here belongs to."""
        return f"projects/{self.project}/locations/{self.region}"

    def verify(self, warn: Callable[[str], None]) -> None:
        """Refuse credentials that cannot see the project, where there are any to look with."""
        if not _credentials_seem_present():
            return
        try:
            self._verify_project()
        except WrongProjectError:
            raise
        except ProviderError as error:
            # A preview may go on without an account; the first real call asks again.
            warn(f"mlgap could not ask Google Cloud for project {self.project}: {error}")

    def verify_project(self) -> None:
        """Refuse credentials that cannot see the project; asked once."""
        self._verify_project()

    def client(self, name: str, *, beta: bool = False) -> Any:
        """A GAPIC client of `aiplatform_v1`, or of `aiplatform_v1beta1`."""
        self._verify_project()
        key = f"{name} beta" if beta else name
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(name, beta)
            return self._clients[key]

    def _new_client(self, name: str, beta: bool) -> Any:
        from google.auth import exceptions as auth

        library = beta_types() if beta else types()
        address = os.environ.get(_VERTEX_VARIABLE) or f"{self.region}-aiplatform.googleapis.com"
        try:
            return getattr(library, name)(client_options={"api_endpoint": address})
        except auth.GoogleAuthError as error:
            raise ProviderError(f"no credentials for Google Cloud: {error}") from error

    def _verify_project(self) -> None:
        with self._lock:
            if self._verified:
                return
            status = self._project_status()
            if status in (403, 404):
                raise WrongProjectError(
                    f"the Google credentials cannot see project {self.project}, which this stack "
                    "is for; nothing was changed"
                )
            if status != 200:
                raise ProviderError(f"Resource Manager answered {status} for {self.project}")
            self._verified = True

    def _project_status(self) -> int:
        import google.auth
        from google.auth import exceptions as auth
        from google.auth.transport.requests import AuthorizedSession
        from requests.exceptions import RequestException

        base = os.environ.get(_MANAGER_VARIABLE) or _MANAGER
        url = f"{base}/v1/projects/{self.project}"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                credentials, _ = google.auth.default(scopes=[_SCOPE])
            answer = AuthorizedSession(credentials).get(url, timeout=_IDENTITY_TIMEOUT_S)
        except (auth.GoogleAuthError, RequestException) as error:
            raise ProviderError(str(error)) from error
        return int(answer.status_code)


def types() -> Any:
    """`google.cloud.aiplatform_v1`, imported at the first use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # speaks of Python versions, not of us
        from google.cloud import aiplatform_v1

    return aiplatform_v1


def beta_types() -> Any:
    """`google.cloud.aiplatform_v1beta1`, imported at the first use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        from google.cloud import aiplatform_v1beta1

    return aiplatform_v1beta1


def _credentials_seem_present() -> bool:
    if os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return True
    configured = os.environ.get("CLOUDSDK_CONFIG")
    usual = f"{configured}/application_default_credentials.json" if configured else _WELL_KNOWN_FILE
    return Path(usual).expanduser().is_file()
