"""Local artifacts: keyed by content, whatever their name or time."""

from __future__ import annotations

import json
import os
import pickle
import runpy
import tarfile
import zipfile
from pathlib import Path

import pytest

from mlplatform.spec import Artifact, artifacts
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.artifact import ModelModel
from tests.spec.stacks import ROOT

SHIPPED = {
    "bankchurn": ["inference.py", "model.joblib"],
    "resnet50": ["code/inference.py", "code/layout.py", "weights.npz"],
}
LARGEST_BYTES = {"bankchurn": 200_000, "resnet50": 600_000}


def resolve(root: Path, given: str, cloud: str = "gcp") -> tuple[Artifact | None, Findings]:
    findings = Findings(strict=False)
    model = ModelModel.model_validate({"artifact": given})
    found = artifacts.resolve(
        model, cloud=cloud, workload="w", root=root, at="workloads.w.model", findings=findings
    )
    return found, findings


def test_another_content_is_another_key_and_another_time_is_not(tmp_path: Path) -> None:
    file = tmp_path / "m.tar.gz"
    file.write_bytes(b"one")
    first, _ = resolve(tmp_path, "m.tar.gz")
    os.utime(file, (1, 1))
    again, _ = resolve(tmp_path, "m.tar.gz")
    file.write_bytes(b"two")
    other, _ = resolve(tmp_path, "m.tar.gz")
    assert first == again
    assert first is not None
    assert other is not None
    assert first.object_key != other.object_key


def test_a_folder_is_uploaded_file_by_file_under_one_hash(tmp_path: Path) -> None:
    (tmp_path / "m" / "code").mkdir(parents=True)
    (tmp_path / "m" / "model.joblib").write_bytes(b"1")
    (tmp_path / "m" / "code" / "score.py").write_bytes(b"2")
    found, _ = resolve(tmp_path, "m")
    assert found is not None
    names = [key.removeprefix(f"{found.object_key}/") for key, _ in found.files]
    assert names == ["code/score.py", "model.joblib"]


def test_sagemaker_takes_no_folder(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    found, findings = resolve(tmp_path, "m", "aws")
    assert found is None
    assert "the only form that SageMaker unpacks" in str(findings.problems[0])


def test_files_that_would_be_one_resource_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "m" / "a").mkdir(parents=True)
    for name in ("a/b.py", "a-b.py"):
        (tmp_path / "m" / name).write_bytes(b"1")
    found, findings = resolve(tmp_path, "m")
    assert found is None
    assert "(here a/b.py and a-b.py)" in findings.problems[0].message


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    found, findings = resolve(tmp_path, "m")
    assert found is None
    assert "at least one file" in str(findings.problems[0])


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_archive_holds_the_sources_beside_it(name: str) -> None:
    folder = ROOT / "models" / name
    with tarfile.open(folder / "model.tar.gz") as archive:
        assert archive.getnames() == SHIPPED[name]
        assert {(m.mtime, m.uid, m.gid, m.mode) for m in archive} == {(0, 0, 0, 0o644)}
        for member in SHIPPED[name]:
            content = archive.extractfile(member)
            assert content is not None
            if member.endswith(".py"):
                source = content.read()
                compile(source, member, "exec")
                beside = folder if (folder / member).exists() else folder / "code"
                assert source == (beside / member).read_bytes(), "run models/make.py again"


def test_vertex_gets_the_same_model_as_sagemaker() -> None:
    churn = ROOT / "models" / "bankchurn"
    with tarfile.open(churn / "model.tar.gz") as archive:
        stored = archive.extractfile("model.joblib")
        assert stored is not None
        assert stored.read() == (churn / "vertex" / "model.joblib").read_bytes()


def test_the_torchserve_archive_names_a_handler_that_it_holds() -> None:
    resnet = ROOT / "models" / "resnet50"
    with zipfile.ZipFile(resnet / "vertex" / "model.mar") as archive:
        manifest = json.loads(archive.read("MAR-INF/MANIFEST.json"))
        handler = manifest["model"]["handler"]
        assert archive.read(handler) == (resnet / handler).read_bytes(), "run models/make.py again"
        for source in ("inference.py", "layout.py"):
            assert archive.read(source) == (resnet / "code" / source).read_bytes()
        assert "weights.npz" in archive.namelist()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_archive_is_small(name: str) -> None:
    assert (ROOT / "models" / name / "model.tar.gz").stat().st_size < LARGEST_BYTES[name]


def test_the_shipped_handlers_have_the_four_functions_that_sagemaker_calls() -> None:
    for handler in ("bankchurn/code/inference.py", "resnet50/code/inference.py"):
        source = (ROOT / "models" / handler).read_text()
        for function in ("model_fn", "input_fn", "predict_fn", "output_fn"):
            assert f"def {function}(" in source


def test_a_plan_can_be_copied_to_another_process() -> None:
    found, _ = resolve(ROOT, "models/bankchurn/model.tar.gz", "aws")
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize("name", SHIPPED)
def test_the_training_programs_find_their_places_on_every_cloud(name: str) -> None:
    program = runpy.run_path(str(ROOT / "models" / name / "code" / "train.py"))
    for environment, model in (
        ({"SM_CHANNEL_TRAIN": "/opt/ml/input/data/train", "SM_MODEL_DIR": "/m"}, "/m"),
        ({"MLP_DATA_TRAIN": "gs://b/data", "AIP_MODEL_DIR": "gs://b/m"}, "/gcs/b/m"),
        ({"SM_CHANNEL_TRAIN": "/d"}, None),
    ):
        if model is None:
            with pytest.raises(SystemExit, match="--model-dir"):
                program["places"](environment, None, None)
        else:
            assert program["places"](environment, None, None).model == Path(model)
            assert program["places"](environment, "/in", "/out").model == Path(
                "/out" if name == "bankchurn" else "/in"
            )


def test_the_training_data_has_the_columns_that_the_handler_reads_and_the_label() -> None:
    folder = ROOT / "models" / "bankchurn"
    header = (folder / "customers.csv").read_text().splitlines()[0].split(",")
    source = (folder / "code" / "inference.py").read_text()
    assert header[0] == "customer_id"
    assert header[-1] == "Exited"
    assert [name for name in header[1:-1] if f'"{name}"' not in source] == []
