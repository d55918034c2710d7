"""Training: machines and accelerators of jobs and pools, run times, searches, bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog import gcp as catalog
from mlplatform.catalog import gcp_training
from mlplatform.catalog.nearest import allowed
from mlplatform.contracts.gcp import validate
from mlplatform.contracts.gcp.rules.endpoint import display_name
from mlplatform.contracts.gcp.rules.grammar import (
    GCS_URI,
    IMAGE_URI,
    KMS_KEY,
    PROJECT,
    SERVICE_ACCOUNT_EMAIL,
    Grammar,
    check_all,
    same_location,
)
from mlplatform.contracts.gcp.rules.machines import accelerators
from mlplatform.contracts.gcp.rules.model import MODEL_ID
from mlplatform.contracts.gcp.scalars import as_number
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

POOL_ID = Grammar(
    pattern=r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    words="up to 63 lower-case letters, digits and dashes, first a letter, last no dash",
    source="aiplatform persistentResources.create persistentResourceId",
)
TASK = Grammar(
    pattern=r"gs://google-cloud-aiplatform/schema/trainingjob/definition/[a-z0-9_.]+\.yaml",
    words="gs://google-cloud-aiplatform/schema/trainingjob/definition/NAME.yaml",
    source="aiplatform TrainingPipeline.trainingTaskDefinition",
)
_SHORT = {name: short for short, name in catalog.ACCELERATORS.items()}
_KEY = "encryptionSpec.kmsKeyName"


def custom_job(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """One run."""
    yield from display_name(inputs.get("displayName"))
    yield from KMS_KEY.check(_KEY, _at(inputs, _KEY))
    yield from _job_spec("jobSpec", inputs.get("jobSpec"))


def search(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """One search for hyperparameters."""
    yield from display_name(inputs.get("displayName"))
    yield from KMS_KEY.check(_KEY, _at(inputs, _KEY))
    yield from _job_spec("trialJobSpec", inputs.get("trialJobSpec"))
    most, parallel = (as_number(inputs.get(k)) for k in ("maxTrialCount", "parallelTrialCount"))
    if most is not None and parallel is not None and not 1 <= parallel <= most:
        message = f"allowed: 1 to maxTrialCount, {most}"
        source = "aiplatform HyperparameterTuningJob.parallelTrialCount"
        yield Problem(path="parallelTrialCount", got=parallel, message=message, source=source)
    for index, one in enumerate(_list(inputs, "studySpec.parameters")):
        for spec in ("doubleValueSpec", "integerValueSpec"):
            low, high = (as_number(_at(one, f"{spec}.{k}")) for k in ("minValue", "maxValue"))
            path = f"studySpec.parameters[{index}].{spec}"
            source = "aiplatform StudySpec.ParameterSpec"
            if low is not None and high is not None and low >= high:
                message = f"allowed: below maxValue, {high}"
                yield Problem(path=f"{path}.minValue", got=low, message=message, source=source)
            if low is not None and low <= 0 and one.get("scaleType") == "UNIT_LOG_SCALE":
                message = "allowed with UNIT_LOG_SCALE: above 0"
                yield Problem(path=f"{path}.minValue", got=low, message=message, source=source)


def pipeline(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """One run whose model may be registered. Inputs of a custom task are the spec of a job."""
    yield from display_name(inputs.get("displayName"))
    yield from KMS_KEY.check(_KEY, _at(inputs, _KEY))
    definition, task = inputs.get("trainingTaskDefinition"), inputs.get("trainingTaskInputs")
    yield from TASK.check("trainingTaskDefinition", definition)
    if isinstance(definition, str) and definition == gcp_training.CUSTOM_TASK:
        yield from validate.message("mlgap:gcp:CustomJob", "jobSpec", task, "trainingTaskInputs")
        yield from _job_spec("trainingTaskInputs", task)
    yield from MODEL_ID.check("modelId", inputs.get("modelId"))
    upload = inputs.get("modelToUpload")
    if not isinstance(upload, Mapping) or is_unknown(upload):
        return
    yield from display_name(upload.get("displayName"), "modelToUpload.displayName")
    path = "modelToUpload.containerSpec.imageUri"
    image = _at(upload, "containerSpec.imageUri")
    if definition == gcp_training.CUSTOM_TASK and image is None:
        source = "aiplatform TrainingPipeline.modelToUpload"
        yield Problem(path=path, got=None, message="required with a custom task", source=source)
    yield from IMAGE_URI.check(path, image)


def pool(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Machines that are kept between runs."""
    yield from check_all(inputs, {"name": POOL_ID, "project": PROJECT})
    yield from display_name(inputs.get("displayName"))
    yield from KMS_KEY.check(_KEY, _at(inputs, _KEY))
    yield from same_location(_KEY, _at(inputs, _KEY), inputs.get("location"))
    for index, one in enumerate(_list(inputs, "resourcePools")):
        at = f"resourcePools[{index}]"
        yield from machine(f"{at}.machineSpec", one.get("machineSpec"))
        low, high, count = (
            as_number(_at(one, path))
            for path in (
                "autoscalingSpec.minReplicaCount",
                "autoscalingSpec.maxReplicaCount",
                "replicaCount",
            )
        )
        if low is not None and high is not None and low >= high:
            message = f"allowed: above minReplicaCount, {low}"
            path = f"{at}.autoscalingSpec.maxReplicaCount"
            source = "aiplatform ResourcePool.AutoscalingSpec.maxReplicaCount"
            yield Problem(path=path, got=high, message=message, source=source)
        if count is not None and high is not None and count > high:
            message = f"allowed: at most maxReplicaCount, {high}"
            source = "aiplatform ResourcePool.AutoscalingSpec.maxReplicaCount"
            yield Problem(path=f"{at}.replicaCount", got=count, message=message, source=source)


def machine(at: str, spec: Any) -> Iterator[Problem]:
    """A machine and its accelerators, by the tables of training."""
    if not isinstance(spec, Mapping) or is_unknown(spec):
        return
    name, kind = spec.get("machineType"), spec.get("acceleratorType") or None
    count = as_number(spec.get("acceleratorCount")) or 0
    if not isinstance(name, str) or any(is_unknown(v) for v in spec.values()):
        return
    known = (*catalog.machine_types(), "cloud-tpu")
    tpu = name == "cloud-tpu" or name.startswith(("ct5lp-", "ct6e-", "tpu7x-"))
    if tpu:
        return
    if name not in known:
        message = allowed(known, name, noun="machine types of training")
        yield Problem(
            path=f"{at}.machineType", got=name, message=message, source=gcp_training.SOURCE
        )
        return
    if kind is None and not count:
        return
    if kind is None or not count:
        field = "acceleratorType" if kind is None else "acceleratorCount"
        message = "allowed: acceleratorType and acceleratorCount together, or neither"
        yield Problem(path=f"{at}.{field}", got=None, message=message, source=gcp_training.SOURCE)
        return
    if kind not in accelerators():
        return  # the shape names what there is; retired ones are told below
    counts = gcp_training.accelerator_counts(name, _SHORT[kind])
    if count not in counts:
        listed = ", ".join(map(str, counts)) or "none"
        message = f"allowed with {kind} on {name}: {listed}"
        path = f"{at}.acceleratorCount"
        yield Problem(path=path, got=count, message=message, source=gcp_training.SOURCE)


def _job_spec(at: str, spec: Any) -> Iterator[Problem]:
    if not isinstance(spec, Mapping) or is_unknown(spec):
        return
    account = spec.get("serviceAccount")
    yield from SERVICE_ACCOUNT_EMAIL.check(f"{at}.serviceAccount", account)
    output = "baseOutputDirectory.outputUriPrefix"
    yield from GCS_URI.check(f"{at}.{output}", _at(spec, output))
    pools = _list(spec, "workerPoolSpecs")
    for index, one in enumerate(pools):
        path = f"{at}.workerPoolSpecs[{index}]"
        yield from machine(f"{path}.machineSpec", one.get("machineSpec"))
        image = _at(one, "containerSpec.imageUri")
        yield from IMAGE_URI.check(f"{path}.containerSpec.imageUri", image)
        count = as_number(one.get("replicaCount"))
        if index == 0 and count is not None and count != 1:
            message = "allowed: 1, for the first pool is the chief"
            source = "aiplatform CustomJobSpec.workerPoolSpecs"
            yield Problem(path=f"{path}.replicaCount", got=count, message=message, source=source)
    if spec.get("persistentResourceId") and _at(spec, "scheduling.strategy") == "SPOT":
        message = "allowed on a persistent resource: no spot capacity"
        source = "aiplatform Scheduling.Strategy"
        yield Problem(path=f"{at}.scheduling.strategy", got="SPOT", message=message, source=source)


def _list(value: Any, path: str) -> list[Mapping[str, Any]]:
    found = _at(value, path)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
