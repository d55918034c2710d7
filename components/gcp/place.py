"""Where things are in Google Cloud, and the names that follow from it.

Names of accounts, agents and resources are built from the configured project and region, so that
bindings can be read, and judged, in a preview. Formats: AIP-122 resource names; IAM "Service
agents".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """One project and region."""

    project: str
    """The project's id."""
    project_number: str
    """Google's own number of the project: service agents are named by it."""
    region: str

    @property
    def parent(self) -> str:
        return f"projects/{self.project}/locations/{self.region}"

    def endpoint(self, endpoint_id: str) -> str:
        return f"{self.parent}/endpoints/{endpoint_id}"

    def account_email(self, account_id: str) -> str:
        return f"{account_id}@{self.project}.iam.gserviceaccount.com"

    @property
    def vertex_agent(self) -> str:
        """The account by which Vertex AI reads artifacts and uses keys."""
        return f"service-{self.project_number}@gcp-sa-aiplatform.iam.gserviceaccount.com"

    @property
    def storage_agent(self) -> str:
        """The account by which Cloud Storage uses keys."""
        return f"service-{self.project_number}@gs-project-accounts.iam.gserviceaccount.com"

    @property
    def registry_agent(self) -> str:
        """The account by which Artifact Registry uses keys."""
        return f"service-{self.project_number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"

    @property
    def bigquery_agent(self) -> str:
        """The account by which BigQuery uses keys."""
        return f"bq-{self.project_number}@bigquery-encryption.iam.gserviceaccount.com"


def member(email: str) -> str:
    """A service account as IAM policies write it."""
    return f"serviceAccount:{email}"
