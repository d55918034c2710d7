"""Stack prod as shipped, on three clouds: up, read back, protected, and gone when lifted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import boto3
import pytest

from tests.engine.azure_client import azure_clients
from tests.engine.conftest import ROOT, Project
from tests.engine.gcp_client import Google

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore")]

PROD = ("--stack", "prod")


def read_back(project: Project) -> list[tuple[str, ...]]:
    """Cloud, endpoint and weight of what the vendors' SDKs show, by examples/read_back.py."""
    env = project.folder / "env.json"
    env.write_text(json.dumps(project.addresses("prod")))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "examples" / "read_back.py"), str(env)],
        capture_output=True,
        text=True,
        check=False,
        cwd=project.folder,
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    return sorted((row[0], row[1].split("-")[2], row[-1]) for row in rows)


@pytest.fixture(scope="module")
def up(project: Project) -> Iterator[str]:
    project.ship_stack_files()
    yield project.run("sandbox", "up", *PROD).text


def test_every_endpoint_of_prod_is_read_back_on_every_cloud(project: Project, up: str) -> None:
    assert "ml-prod-bankchurn" in up
    assert read_back(project) == sorted(
        (cloud, name, weight)
        for cloud in ("aws", "gcp", "azure")
        for name, weight in (("bankchurn", "100"), ("resnet50", "90"), ("resnet50", "10"))
    )


@pytest.mark.usefixtures("up")
def test_nothing_of_prod_answers_or_calls_on_the_public_network(project: Project) -> None:
    aws = project.addresses("prod")["aws"]
    sagemaker = boto3.client(
        "sagemaker",
        endpoint_url=aws["endpoint_url"],
        region_name=aws["region"],
        aws_access_key_id=aws["access_key_id"],
        aws_secret_access_key=aws["secret_access_key"],
    )
    models = [one["ModelName"] for one in sagemaker.list_models()["Models"]]
    assert len(models) == 3
    for name in models:
        assert sagemaker.describe_model(ModelName=name)["VpcConfig"]["Subnets"], name
    google = Google(project, "prod")
    endpoints = list(google.endpoints.list_endpoints(parent=google.parent))
    assert len(endpoints) == 2
    for one in endpoints:
        assert one.private_service_connect_config.enable_private_service_connect, one.name
    with azure_clients(project.addresses("prod")["azure"], "ml-prod") as azure:
        workspace = azure.ml.workspaces.get("ml-prod")
        assert workspace.public_network_access == "Disabled"
        assert workspace.managed_network.isolation_mode == "AllowOnlyApprovedOutbound"
        assert workspace.customer_managed_key.key_vault
        listed = list(azure.ml.online_endpoints.list())
        assert [one.public_network_access for one in listed] == ["Disabled", "Disabled"]


@pytest.mark.usefixtures("up")
def test_the_second_preview_of_prod_shows_no_change(project: Project) -> None:
    project.run("sandbox", "preview", *PROD, "--", "--expect-no-changes")


@pytest.mark.usefixtures("up")
def test_what_holds_data_in_prod_outlives_a_stack_file_that_lost_it(project: Project) -> None:
    shipped = project.stack_file("prod")
    lost = json.loads(json.dumps(shipped))
    workloads = lost["config"]["mlplatform:workloads"]
    del workloads["bankchurn"]["features"]
    workloads["bankchurn"]["model"]["artifact"] = workloads["resnet50"]["model"]["artifact"]
    project.write_stack_file(lost, "prod")
    refused = project.run("sandbox", "preview", *PROD, expect=None)
    project.write_stack_file(shipped, "prod")
    assert refused.code != 0
    kept = re.findall(r"state unprotect 'urn:\S+?::mlplatform:(\w+):Features\$", refused.text)
    assert set(kept) == {"aws", "gcp", "azure"}
    assert "because it is protected" in refused.text
    held = re.findall(r"state unprotect 'urn:\S+?::(\S+)::", refused.text)
    assert not [one for one in held if one.endswith(("Blob", "Object", "Objectv2"))], "a new model"


@pytest.mark.usefixtures("up")
def test_destroy_with_protection_lifted_leaves_no_endpoint(project: Project) -> None:
    project.run("sandbox", "destroy", *PROD)
    assert read_back(project) == []
