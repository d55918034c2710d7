"""Service accounts, buckets, keys and the network on Google Cloud."""

from __future__ import annotations

from collections.abc import Iterator

from ml_policies.checks import both, each, equals, is_set
from ml_policies.finding import Finding
from ml_policies.making import DROP, rule
from ml_policies.resource import ABSENT, Resource, absent
from ml_policies.rule import Check, Example, Rule, Setting, Settings, Severity
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

MEMBERS = (
    "gcp:projects/iAMMember:IAMMember",
    "gcp:projects/iAMBinding:IAMBinding",
    "gcp:folder/iAMMember:IAMMember",
    "gcp:organizations/iAMMember:IAMMember",
    "gcp:serviceaccount/iAMMember:IAMMember",
    "gcp:storage/bucketIAMMember:BucketIAMMember",
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
    "gcp:bigquery/datasetIamMember:DatasetIamMember",
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
)
ACCOUNT_KEY = "gcp:serviceaccount/key:Key"
BUCKET = "gcp:storage/bucket:Bucket"
CRYPTO_KEY = "gcp:kms/cryptoKey:CryptoKey"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
WIDE = (
    *("roles/owner", "roles/editor", "roles/viewer", "roles/aiplatform.admin"),
    *("roles/iam.serviceAccountTokenCreator", "roles/storage.admin", "roles/bigquery.admin"),
    "roles/iam.serviceAccountKeyAdmin",
)
_DEFAULT = "-compute@developer.gserviceaccount.com"
DAY_S = 86400


def _bound(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    if resource.type == ACCOUNT_KEY:
        yield Finding(problem="a key of a service account never expires; allowed: none at all")
        return
    role, members = resource.get("role"), [resource.get("member"), resource.get("members")]
    if is_unknown(role):
        yield Finding(problem="", path="role", undecided=True)
    elif role in WIDE:
        yield Finding(problem="allowed: a role that names what is needed", path="role", got=role)
    for found in members:
        for member in found if isinstance(found, list) else [found]:
            if absent(member):
                continue
            if not is_unknown(member) and (
                str(member).endswith(_DEFAULT) or "@appspot.gserviceaccount.com" in str(member)
            ):
                yield Finding(problem="allowed: an account of its own", path="member", got=member)
            elif member in ("allUsers", "allAuthenticatedUsers"):
                yield Finding(problem="allowed: named members", path="member", got=member)


def _rotation(value: object, settings: Settings) -> str | None:
    allowed = f"allowed: at most {settings['max_days']:g} days, in seconds: 7776000s"
    if value is ABSENT:
        return allowed
    seconds = str(value).removesuffix("s")
    if not seconds.replace(".", "").isdigit():
        return allowed
    return None if float(seconds) <= float(settings["max_days"]) * DAY_S else allowed


RULES = (
    Rule(
        id="gcp-sa-least-priv",
        severity=Severity.CRITICAL,
        types=(*MEMBERS, ACCOUNT_KEY),
        check=Check(run=_bound),
        summary="Service accounts have narrow roles, are nobody's default, and have no keys.",
        rationale="Who takes over a container gets everything that its account may do.",
        remediation="Grant a narrow role on the bucket, key or dataset; components/gcp/access.py.",
        sources=(
            *("CKV_GCP_41", "CKV_GCP_42", "CKV_GCP_46", "CKV_GCP_49", "CKV_GCP_117"),
            *("GCP-0004", "GCP-0006", "GCP-0007", "GCP-0008", "GCP-0011"),
        ),
        good=Example(
            props={
                "role": "roles/aiplatform.user",
                "member": "serviceAccount:ml@p.iam.gserviceaccount.com",
            }
        ),
        bad=(
            Example(props={"role": "roles/editor", "member": "serviceAccount:a@b"}),
            Example(
                props={"role": "roles/aiplatform.user", "member": f"serviceAccount:1{_DEFAULT}"}
            ),
            Example(props={"role": "roles/storage.objectViewer", "member": "allUsers"}),
            Example(type=ACCOUNT_KEY, props={"serviceAccountId": "a"}),
        ),
        unknown=Example(props={"role": UNKNOWN, "member": "serviceAccount:a@b"}),
    ),
    rule(
        "gcp-gcs-secure",
        Severity.HIGH,
        BUCKET,
        both(
            equals("uniformBucketLevelAccess", True),
            equals("publicAccessPrevention", "enforced"),
            is_set("encryption.defaultKmsKeyName", "a Cloud KMS key"),
            equals("versioning.enabled", True),
        ),
        "Buckets are uniform, never public, versioned and encrypted with a key of yours.",
        "Models and training data lie in them.",
        "Use components/gcp/storage.py, or set the property.",
        good={
            "uniformBucketLevelAccess": True,
            "publicAccessPrevention": "enforced",
            "encryption": {"defaultKmsKeyName": "k"},
            "versioning": {"enabled": True},
        },
        bad=[
            {"uniformBucketLevelAccess": False},
            {"publicAccessPrevention": "inherited"},
            {"encryption": DROP},
            {"versioning.enabled": False},
        ],
        unknown="publicAccessPrevention",
        sources=("CKV_GCP_29", "CKV_GCP_78", "CKV_GCP_114", "GCP-0001", "GCP-0002", "GCP-0066"),
    ),
    rule(
        "gcp-kms-rotate",
        Severity.MEDIUM,
        CRYPTO_KEY,
        each("rotationPeriod", _rotation, fix="7776000s"),
        "Keys rotate at least every ninety days.",
        "A key that never changes protects everything it ever protected with one secret.",
        'Set rotation_period="7776000s".',
        good={"rotationPeriod": "7776000s"},
        bad=[{"rotationPeriod": "31536000s"}, {"rotationPeriod": DROP}],
        unknown="rotationPeriod",
        settings={
            "max_days": Setting(
                default=90,
                schema={"type": "number", "minimum": 1, "maximum": 365},
                says="Longest time between two rotations, in days.",
            )
        },
        sources=("CKV_GCP_43", "CKV_GCP_82", "GCP-0065"),
    ),
    rule(
        "gcp-subnet",
        Severity.LOW,
        SUBNETWORK,
        both(
            equals("privateIpGoogleAccess", True, safe=True),
            is_set("logConfig", "flow logs"),
        ),
        "Subnets reach Google privately and keep flow logs.",
        "Without them, what has no public address reaches nothing, and nobody sees what it tried.",
        "Set private_ip_google_access=True and log_config.",
        good={"privateIpGoogleAccess": True, "logConfig": {"flowSampling": 0.5}},
        bad=[{"privateIpGoogleAccess": False}, {"logConfig": DROP}],
        unknown="privateIpGoogleAccess",
        sources=("CKV_GCP_26", "CKV_GCP_74", "GCP-0029", "GCP-0075"),
    ),
)
