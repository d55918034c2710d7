"""Prints the credential configuration with which Google's SDKs use a CI job's own token.

``python google_credentials.py TOKEN_FILE``; it reads GCP_WORKLOAD_IDENTITY_PROVIDER
(``projects/N/locations/global/workloadIdentityPools/POOL/providers/PROVIDER``) and
GCP_SERVICE_ACCOUNT. The form is that of "Workload identity federation with deployment
pipelines"; it holds no secret, only where the token lies.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def configuration(token_file: Path, provider: str, service_account: str) -> dict[str, object]:
    """What GOOGLE_APPLICATION_CREDENTIALS may point to."""
    return {
        "type": "external_account",
        "audience": f"//iam.googleapis.com/{provider}",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(token_file)},
        "service_account_impersonation_url": (
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
            f"{service_account}:generateAccessToken"
        ),
    }


if __name__ == "__main__":
    made = configuration(
        Path(sys.argv[1]).resolve(),
        os.environ["GCP_WORKLOAD_IDENTITY_PROVIDER"],
        os.environ["GCP_SERVICE_ACCOUNT"],
    )
    print(json.dumps(made, indent=1))
