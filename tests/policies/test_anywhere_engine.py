"""The pack as a wheel of its own, on a program that is not ours, under the real engine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from mlplatform.cli.places import ROOT
from mlplatform.review import events
from tests.sandbox import small_programs
from tests.sandbox.small_programs import Outcome, run

pytestmark = [pytest.mark.engine]

PROGRAM = """
import pulumi
from pulumi_aws import sagemaker

config = pulumi.Config()
sagemaker.NotebookInstance(
    "notebook",
    name="notebook",
    role_arn="arn:aws:iam::123456789012:role/notebook",
    instance_type="ml.t3.medium",
    platform_identifier="notebook-al2-v3",
    direct_internet_access="Disabled",
    subnet_id=config.get("subnet") or "subnet-0a1b2c3d",
    security_groups=["sg-0a1b2c3d"],
    kms_key_id="arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    lifecycle_config_name="stop-when-idle",
    root_access="Enabled",
    tags={
        "Project": "p",
        "Environment": "dev",
        "Owner": "o",
        "CostCenter": "c",
        "Note": config.require_secret("note"),
    },
)
"""
PACK = """from pathlib import Path

from ml_policies import pack

pack.run(Path(__file__).resolve().parent)
"""
NO_ROOT, IMDS = "aws-sm-notebook-no-root", "aws-sm-notebook-imdsv2"
AWS = {"aws:region": "us-east-1", "aws:skipCredentialsValidation": "true"}


@dataclass(frozen=True, kw_only=True)
class Project:
    """Somebody else's project, with a virtual environment that holds the wheel alone of ours."""

    folder: Path
    python: Path

    def profile(self, name: str) -> str:
        """A profile as a file, as the wheel prints it."""
        path = self.folder / f"{name}.json"
        path.write_text(self.asked("-m", "ml_policies", "profile", name))
        return str(path)

    def asked(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(self.python), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def preview(self, *flags: str) -> Outcome:
        return run(self.folder, "preview", "--", "--event-log", "events.jsonl", *flags)

    def log(self) -> events.EventLog:
        return events.load(self.folder / "events.jsonl")


def wheel(folder: Path) -> Path:
    """The wheel, built from a copy, so that no leftovers stay among the sources."""
    shutil.copytree(ROOT / "policies", folder / "policies")
    shutil.copytree(ROOT / "mlplatform", folder / "mlplatform")
    command = [sys.executable, "-m", "uv", "build", "-q", "--wheel", "--offline"]
    command += ["--no-build-isolation", "--python", sys.executable]
    command += ["--out-dir", str(folder / "out"), str(folder / "policies")]
    subprocess.run(command, check=True)
    (found,) = (folder / "out").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    place = tmp_path_factory.mktemp("anywhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "venv")], check=True)
    (site,) = (place / "venv").glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel(place)).extractall(site)
    # What the wheel depends on, from here; files of this folder that lead further are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    folder = small_programs.write(
        place / "project",
        PROGRAM,
        virtualenv=str(place / "venv"),
        config={**AWS, "tiny:note": "hunter2"},
    )
    (folder / "policies").mkdir()
    (folder / "policies" / "__main__.py").write_text(PACK)
    about = {"runtime": {"name": "python", "options": {"virtualenv": str(place / "venv")}}}
    (folder / "policies" / "PulumiPolicy.yaml").write_text(yaml.safe_dump(about))
    try:
        yield Project(folder=folder, python=place / "venv" / "bin" / "python")
    finally:
        run(folder, "reset")


def test_the_wheel_holds_the_pack_and_what_it_judges_by_alone(project: Project) -> None:
    script = (
        "import importlib.util as u, ml_policies, mlplatform.contracts as c;"
        "print(ml_policies.__file__, u.find_spec('mlplatform.sandbox') is None, "
        "u.find_spec('components') is None, "
        "c.covers('aws:sagemaker/endpointConfiguration:EndpointConfiguration'))"
    )
    where, *others = project.asked("-c", script).split()
    assert where.startswith(str(project.python.parents[1]))
    assert others == ["True", "True", "True"]


def test_a_preview_is_refused_and_says_what_where_why_and_how_to_mend(project: Project) -> None:
    done = project.preview("--policy-pack-config", project.profile("prod"))
    assert done.code != 0
    found = {one.policy: one for one in project.log().violations if one.level == "mandatory"}
    assert set(found) == {NO_ROOT, IMDS}, done.text
    for part in (NO_ROOT, "notebook: rootAccess: got 'Enabled'", "'Disabled'", "Fix: "):
        assert part in done.text
    assert "hunter2" not in done.text + str(project.log().violations)


def test_a_remediated_preview_passes_with_the_mended_properties(project: Project) -> None:
    done = project.preview(
        "--policy-pack-config", project.profile("remediate"), "--show-policy-remediations"
    )
    assert done.code == 0, done.text
    (step,) = [s for s in project.log().steps if s.type.endswith(":NotebookInstance")]
    assert step.new is not None
    assert step.new.inputs["rootAccess"] == "Disabled"
    mended = step.new.inputs["instanceMetadataServiceConfiguration"]
    assert mended["minimumInstanceMetadataServiceVersion"] == "2"
    # What was not mended came through as it was, the secret as a secret.
    assert step.new.inputs["tags"]["Note"] == events.SECRET
    assert step.new.inputs["subnetId"] == "subnet-0a1b2c3d"
    assert NO_ROOT in done.text
    assert not [one for one in project.log().violations if one.level == "mandatory"]


def test_the_engine_refuses_a_wrong_configuration(project: Project) -> None:
    path = project.folder / "wrong.json"
    path.write_text(json.dumps({"aws-sm-domain-idle": {"max_idle_minutes": "soon"}}))
    done = project.preview("--policy-pack-config", str(path))
    assert done.code != 0
    assert "max_idle_minutes" in done.text


def test_an_exemption_lets_through_what_it_names_and_an_expired_one_fails(
    project: Project,
) -> None:
    path = project.folder / "policies" / "exemptions.yaml"
    entries = [
        f"- rule: {rule}\n  resource: notebook\n  owner: ml-team\n  reason: Old image.\n"
        "  expires: 2026-12-31\n"
        for rule in (NO_ROOT, IMDS)
    ]
    path.write_text("".join(entries))
    prod = project.profile("prod")
    try:
        for day, passes in (("2026-12-31", True), ("2027-01-01", False)):
            done = run(
                project.folder,
                "preview",
                "--",
                "--policy-pack-config",
                prod,
                environ={"MLP_POLICY_AS_OF": day},
            )
            assert (done.code == 0) is passes, done.text
            assert ("expired on 2026-12-31, owner ml-team" in done.text) is not passes
    finally:
        path.unlink()
