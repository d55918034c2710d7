"""The environment of all that the sandbox starts: hermetic, with credentials of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_FOREIGN = (
    "AWS_",
    "GOOGLE_",
    "CLOUDSDK_",
    "GCLOUD_",
    "GCP_",
    "ARM_",
    "AZURE_",
    "MSI_",
    "IDENTITY_",
    "PULUMI_",
)
"""A user's own credentials, endpoints and backends, which must not reach a sandboxed run."""

_KEPT = (
    "PULUMI_PYTHON_CMD",
    "PULUMI_PARALLEL",
    "PULUMI_DEBUG_GRPC",
    "PULUMI_ENABLE_STREAMING_JSON_PREVIEW",
    "PULUMI_EXPERIMENTAL",
)
"""Settings that lead to nobody's account and that people set to look closer."""

_WINNING = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ENDPOINT_URL_",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "GOOGLE_APPLICATION_CREDENTIALS",
)

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_LOOPBACK = "127.0.0.1,localhost"

HERMETIC = {
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
    "PULUMI_SUPPRESS_NEO_LINK": "true",
    "PULUMI_SKIP_CONFIRMATIONS": "true",
    # A real provider on PATH would win over a stand-in.
    "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
    "PULUMI_DEBUG_COMMANDS": "true",  # allows --event-log
    "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
    # The sandbox's state holds no secret of anybody: it encrypts because Pulumi always does.
    "PULUMI_CONFIG_PASSPHRASE": "sandbox",
    # Never ask a metadata service of the machine for credentials.
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_GCE_CHECK": "true",
}
"""No network, no questions, no second copies."""


def scrubbed(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` without a user's own cloud credentials and Pulumi settings."""
    return {
        name: value
        for name, value in environ.items()
        if name in _KEPT or not name.startswith(_FOREIGN)
    }


def in_the_way(environ: Mapping[str, str], exported: Mapping[str, str]) -> list[str]:
    """Variables of a user's shell that would win over the exported ones, to be unset."""
    return sorted(name for name in environ if name.startswith(_WINNING) and name not in exported)


def past_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables that keep loopback traffic off a proxy; none when there is no proxy."""
    if not any(environ.get(name) for name in _PROXIES):
        return {}
    return {
        name: ",".join(part for part in (environ.get(name), _LOOPBACK) if part)
        for name in ("NO_PROXY", "no_proxy")
    }


def hermetic(environ: Mapping[str, str], *, home: Path, state: Path) -> dict[str, str]:
    """The environment of all that runs in the sandbox, before the clouds' addresses are added.

    ``home`` stands in for the user's own folders of Pulumi and of the vendors' tools, so that
    profiles and cached tokens are not found either.
    """
    return {
        **scrubbed(environ),
        **past_proxies(environ),
        **HERMETIC,
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": state.resolve().as_uri(),
        "AWS_CONFIG_FILE": str(home / "aws" / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "aws" / "credentials"),
        "CLOUDSDK_CONFIG": str(home / "gcloud"),
        "AZURE_CONFIG_DIR": str(home / "azure"),
    }
