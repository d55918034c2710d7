"""Predefined roles of Google Cloud that the platform gives: what each allows, in full.

Source: iann0036/iam-dataset on GitHub, which mirrors Google's role reference
(cloud.google.com/iam/docs/roles-permissions), as read in 2026. The role
for datasets is narrowed to BigQuery's own permissions.
"""

from __future__ import annotations

READ_OBJECTS = "roles/storage.objectViewer"
WRITE_OBJECTS = "roles/storage.objectUser"
WRITE_LOGS = "roles/logging.logWriter"
WRITE_METRICS = "roles/monitoring.metricWriter"
PULL_IMAGES = "roles/artifactregistry.reader"
USE_KEY = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
READ_TABLES = "roles/bigquery.dataViewer"
WRITE_TABLES = "roles/bigquery.dataEditor"
OWN_TABLES = "roles/bigquery.dataOwner"
FEDERATED = "roles/iam.workloadIdentityUser"
ACT_AS = "roles/iam.serviceAccountUser"
BASIC = frozenset({"roles/owner", "roles/editor", "roles/viewer", "roles/browser"})
"""Roles over whole projects: given to nobody here."""


def _all(prefix: str, verbs: str) -> set[str]:
    return {f"{prefix}.{verb}" for verb in verbs.split()}


_PROJECTS = _all("resourcemanager.projects", "get list")
_SEE_OBJECTS = (
    _all("storage.objects", "get list")
    | _all("storage.folders", "get list")
    | _all("storage.managedFolders", "get list")
    | _PROJECTS
)
_SEE_TABLES = (
    _all("bigquery.datasets", "get getIamPolicy")
    | _all("bigquery.models", "export getData getMetadata list")
    | _all("bigquery.routines", "get list")
    | _all("bigquery.tables", "createSnapshot export get getData getIamPolicy list")
    | _PROJECTS
)
_CHANGE_TABLES = (
    _all("bigquery.datasets", "create updateTag")
    | _all("bigquery.models", "create delete updateData updateMetadata updateTag")
    | _all("bigquery.routines", "create delete update updateTag")
    | _all(
        "bigquery.tables",
        "create createIndex delete deleteIndex replicateData restoreSnapshot update updateData "
        "updateIndex updateTag",
    )
)
PREDEFINED: dict[str, frozenset[str]] = {
    FEDERATED: frozenset(_all("iam.serviceAccounts", "get getAccessToken getOpenIdToken list")),
    ACT_AS: frozenset(_all("iam.serviceAccounts", "actAs get list") | _PROJECTS),
    READ_OBJECTS: frozenset(_SEE_OBJECTS),
    WRITE_OBJECTS: frozenset(
        _SEE_OBJECTS
        | _all("storage.objects", "create delete move restore update")
        | _all("storage.folders", "create delete rename")
        | _all("storage.managedFolders", "create delete")
        | _all("storage.multipartUploads", "abort create list listParts")
        | {"orgpolicy.policy.get"}
    ),
    WRITE_LOGS: frozenset({"logging.logEntries.create"}),
    WRITE_METRICS: frozenset(
        _all("monitoring.metricDescriptors", "create get list")
        | _all("monitoring.monitoredResourceDescriptors", "get list")
        | {"monitoring.timeSeries.create"}
    ),
    PULL_IMAGES: frozenset(
        _all("artifactregistry.dockerimages", "get list")
        | _all("artifactregistry.files", "get list")
        | _all("artifactregistry.locations", "get list")
        | _all("artifactregistry.mavenartifacts", "get list")
        | _all("artifactregistry.npmpackages", "get list")
        | _all("artifactregistry.packages", "get list")
        | {"artifactregistry.projectsettings.get"}
        | _all("artifactregistry.pythonpackages", "get list")
        | _all(
            "artifactregistry.repositories",
            "downloadArtifacts get list listEffectiveTags listTagBindings readViaVirtualRepository",
        )
        | _all("artifactregistry.tags", "get list")
        | _all("artifactregistry.versions", "get list")
    ),
    USE_KEY: frozenset(
        _all("cloudkms.cryptoKeyVersions", "useToDecrypt useToEncrypt")
        | _all("cloudkms.locations", "get list")
        | {"resourcemanager.projects.get"}
    ),
    READ_TABLES: frozenset(_SEE_TABLES),
    WRITE_TABLES: frozenset(_SEE_TABLES | _CHANGE_TABLES),
    OWN_TABLES: frozenset(
        _SEE_TABLES
        | _CHANGE_TABLES
        | _all("bigquery.datasets", "delete setIamPolicy update")
        | {"bigquery.tables.setIamPolicy"}
    ),
}
"""Role to its permissions. A role that is not here is refused where it is judged, never guessed."""
