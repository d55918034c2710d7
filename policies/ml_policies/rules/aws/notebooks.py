"""SageMaker notebooks and Studio domains."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from ml_policies.checks import among, any_set, at_most, both, equals, is_set
from ml_policies.finding import Finding
from ml_policies.making import DROP, rule
from ml_policies.resource import Resource, absent
from ml_policies.rule import Check, Setting, Settings, Severity
from mlplatform.contracts.unknown import is_unknown

NOTEBOOK = "aws:sagemaker/notebookInstance:NotebookInstance"
LIFECYCLE = (
    "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration"
)
DOMAIN = "aws:sagemaker/domain:Domain"
PLATFORMS = ("notebook-al2-v3", "notebook-al2023-v1")
_IDLE = "defaultUserSettings.jupyterLabAppSettings.appLifecycleManagement.idleSettings"
_METADATA = "instanceMetadataServiceConfiguration.minimumInstanceMetadataServiceVersion"
SECRETS = re.compile(
    r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|ghp_[A-Za-z0-9]{36}"
    r"|(?i:(password|secret|token|api_?key))\s*=\s*['\"]?[^\s'\"$]{6,}"
)
"""What looks like a credential in a script: AWS access keys, private keys, GitHub tokens, literals
that are assigned to names that say what they are."""


def _script_secrets(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    for path in ("onCreate", "onStart"):
        value = resource.get(path)
        if is_unknown(value):
            yield Finding(problem="", path=path, undecided=True)
        elif not absent(value) and SECRETS.search(_decoded(str(value))):
            # The script is named, never shown.
            yield Finding(problem=f"{path} holds what looks like a credential")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return text


RULES = (
    rule(
        "aws-sm-notebook-no-internet",
        Severity.HIGH,
        NOTEBOOK,
        equals("directInternetAccess", "Disabled"),
        "Notebook instances have no direct internet access.",
        "Data and credentials leave by a route that nobody watches.",
        'Set direct_internet_access="Disabled" and give subnet_id and security_groups.',
        good={"directInternetAccess": "Disabled", "subnetId": "subnet-1"},
        bad=[{"directInternetAccess": "Enabled"}, {"directInternetAccess": DROP}],
        unknown="directInternetAccess",
        sources=("SageMaker.1", "CKV_AWS_122"),
    ),
    rule(
        "aws-sm-notebook-vpc",
        Severity.HIGH,
        NOTEBOOK,
        is_set("subnetId", "a subnet of your own VPC"),
        "Notebook instances run in your own VPC.",
        "In Amazon's own network no security group of yours applies.",
        "Set subnet_id and security_groups.",
        good={"subnetId": "subnet-1"},
        bad={"subnetId": DROP},
        unknown="subnetId",
        sources=("SageMaker.2", "CKV_AWS_306"),
    ),
    rule(
        "aws-sm-notebook-no-root",
        Severity.HIGH,
        NOTEBOOK,
        equals("rootAccess", "Disabled", safe=True),
        "Users of a notebook instance are not root.",
        "Root can read every key on the instance and change what is installed for others.",
        'Set root_access="Disabled".',
        good={"rootAccess": "Disabled"},
        bad=[{"rootAccess": "Enabled"}, {"rootAccess": DROP}],
        unknown="rootAccess",
        sources=("SageMaker.3", "CKV_AWS_307"),
    ),
    rule(
        "aws-sm-notebook-cmk",
        Severity.HIGH,
        NOTEBOOK,
        is_set("kmsKeyId", "a KMS key"),
        "A notebook's volume is encrypted with a key of yours.",
        "Notebooks collect copies of data; without your own key you cannot cut access to them.",
        "Set kms_key_id.",
        good={"kmsKeyId": "alias/ml"},
        bad={"kmsKeyId": DROP},
        unknown="kmsKeyId",
        sources=("CKV_AWS_22", "CKV_AWS_187"),
    ),
    rule(
        "aws-sm-notebook-imdsv2",
        Severity.MEDIUM,
        NOTEBOOK,
        equals(_METADATA, "2", safe=True),
        "Notebook instances take version 2 of the metadata service only.",
        "Version 1 hands the role's credentials to any request that a page can forge.",
        "Set instance_metadata_service_configuration.minimum_instance_metadata_service_version to "
        '"2".',
        good={
            "instanceMetadataServiceConfiguration": {"minimumInstanceMetadataServiceVersion": "2"}
        },
        bad=[{_METADATA: "1"}, {"instanceMetadataServiceConfiguration": DROP}],
        unknown=_METADATA,
        sources=("CKV_AWS_371",),
    ),
    rule(
        "aws-sm-notebook-platform",
        Severity.MEDIUM,
        NOTEBOOK,
        among("platformIdentifier", *PLATFORMS),
        "Notebook instances run a platform that is still supported.",
        "An unsupported platform gets no security fixes.",
        f"Set platform_identifier to one of {', '.join(PLATFORMS)}.",
        good={"platformIdentifier": PLATFORMS[0]},
        bad=[{"platformIdentifier": "notebook-al1-v1"}, {"platformIdentifier": DROP}],
        unknown="platformIdentifier",
        sources=("SageMaker.8",),
    ),
    rule(
        "aws-sm-notebook-lifecycle-no-secrets",
        Severity.HIGH,
        LIFECYCLE,
        Check(run=_script_secrets),
        "Scripts of a notebook's life cycle hold no credentials.",
        "Everybody who may describe the configuration can read them.",
        "Read the secret in the script from Secrets Manager, with the instance's role.",
        good={"onStart": "ZWNobyBoZWxsbw=="},
        bad=[
            # export PASSWORD=hunter2secret
            {"onStart": "ZXhwb3J0IFBBU1NXT1JEPWh1bnRlcjJzZWNyZXQ="},
            {"onCreate": "aws configure set aws_access_key_id AKIAIOSFODNN7EXAMPLE"},
        ],
        unknown="onStart",
        sources=("prowler sagemaker_notebook_instance_lifecycle_config_no_secrets",),
    ),
    rule(
        "aws-sm-notebook-autostop",
        Severity.MEDIUM,
        NOTEBOOK,
        any_set(
            "a life-cycle configuration that stops it when idle, or the tag AutoShutdown",
            "lifecycleConfigName",
            "tags.AutoShutdown",
        ),
        "Notebook instances stop when nobody uses them.",
        "A forgotten GPU notebook costs thousands a month.",
        "Set lifecycle_config_name, or the tag AutoShutdown if something else stops it.",
        good={"lifecycleConfigName": "stop-when-idle"},
        bad={"lifecycleConfigName": DROP},
        unknown="lifecycleConfigName",
        sources=("FinOps",),
    ),
    rule(
        "aws-sm-domain-vpconly",
        Severity.HIGH,
        DOMAIN,
        equals("appNetworkAccessType", "VpcOnly", safe=True),
        "Studio domains reach the network through your VPC only.",
        "Otherwise Studio's traffic goes over the public internet.",
        'Set app_network_access_type="VpcOnly".',
        good={"appNetworkAccessType": "VpcOnly"},
        bad=[
            {"appNetworkAccessType": "PublicInternetOnly"},
            {"appNetworkAccessType": DROP},
        ],
        unknown="appNetworkAccessType",
        sources=("sagemaker-domain-in-vpc",),
    ),
    rule(
        "aws-sm-domain-cmk",
        Severity.MEDIUM,
        DOMAIN,
        is_set("kmsKeyId", "a KMS key"),
        "A Studio domain's file system is encrypted with a key of yours.",
        "Home folders hold copies of data; without your own key you cannot cut access to them.",
        "Set kms_key_id; a domain that exists has to be made anew.",
        good={"kmsKeyId": "alias/ml"},
        bad={"kmsKeyId": DROP},
        unknown="kmsKeyId",
        sources=("CKV_AWS_187",),
    ),
    rule(
        "aws-sm-domain-sso",
        Severity.MEDIUM,
        DOMAIN,
        equals("authMode", "SSO"),
        "People enter production Studio domains by single sign-on.",
        "IAM users outlive the people who had them.",
        'Set auth_mode="SSO".',
        good={"authMode": "SSO"},
        bad={"authMode": "IAM"},
        unknown="authMode",
        sources=("prowler sagemaker_domain_sso_configured",),
        production_only=True,
    ),
    rule(
        "aws-sm-domain-idle",
        Severity.MEDIUM,
        DOMAIN,
        both(
            equals(f"{_IDLE}.lifecycleManagement", "ENABLED", safe=True),
            at_most(f"{_IDLE}.idleTimeoutInMinutes", "max_idle_minutes", needed=True, safe=True),
        ),
        "Studio apps stop when nobody uses them.",
        "A forgotten GPU app costs thousands a month.",
        "Set idle_settings of the domain's default_user_settings.jupyter_lab_app_settings.",
        good={
            "defaultUserSettings": {
                "jupyterLabAppSettings": {
                    "appLifecycleManagement": {
                        "idleSettings": {
                            "lifecycleManagement": "ENABLED",
                            "idleTimeoutInMinutes": 60,
                        }
                    }
                }
            }
        },
        bad=[
            {f"{_IDLE}.lifecycleManagement": "DISABLED"},
            {f"{_IDLE}.idleTimeoutInMinutes": 6000},
            {"defaultUserSettings": DROP},
        ],
        unknown=f"{_IDLE}.idleTimeoutInMinutes",
        sources=("SageMaker developer guide, idle shutdown",),
        settings={
            "max_idle_minutes": Setting(
                default=120,
                schema={"type": "number", "minimum": 60, "maximum": 525600},
                says="Longest time that an app may be idle.",
            )
        },
    ),
)
