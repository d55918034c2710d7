"""Vertex AI online endpoints: names, networks that exclude each other, logging, traffic."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.gcp.rules.grammar import (
    KMS_KEY,
    PROJECT,
    Grammar,
    check_all,
    same_location,
)
from mlplatform.contracts.gcp.scalars import as_number
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

ENDPOINT_ID = Grammar(
    pattern=r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|[1-9]\d{0,9}",
    words=(
        "up to 63 lower-case letters, digits and dashes, first a letter, last no dash; "
        "or a number of at most 10 digits without leading zero"
    ),
    source="aiplatform endpoints.create endpointId",
)
_LONGEST_DISPLAY_NAME = 128
_BIGQUERY = Grammar(
    pattern=r"bq://[^.\s/]+(?:\.[^.\s]+){0,2}",
    words="bq://PROJECT, bq://PROJECT.DATASET or bq://PROJECT.DATASET.TABLE",
    source="aiplatform BigQueryDestination.outputUri",
)
_EXCLUSIVE = (
    ("network", "privateServiceConnectConfig"),
    ("dedicatedEndpointEnabled", "privateServiceConnectConfig"),
)


def endpoint(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """An endpoint without its deployed models."""
    yield from check_all(inputs, {"name": ENDPOINT_ID, "project": PROJECT})
    yield from display_name(inputs.get("displayName"))
    encryption = inputs.get("encryptionSpec")
    key = encryption.get("kmsKeyName") if isinstance(encryption, Mapping) else None
    yield from KMS_KEY.check("encryptionSpec.kmsKeyName", key)
    yield from same_location("encryptionSpec.kmsKeyName", key, inputs.get("location"))
    for one, other in _EXCLUSIVE:
        if inputs.get(one) and inputs.get(other):
            message = f"allowed: only one of {one} and {other}"
            yield Problem(path=one, got=inputs[one], message=message, source="aiplatform Endpoint")
    yield from _logging(inputs.get("predictRequestResponseLoggingConfig"))
    yield from _traffic(inputs.get("trafficSplit"))
    location, region = inputs.get("location"), inputs.get("region")
    known = isinstance(location, str) and isinstance(region, str)
    if known and not is_unknown(location) and not is_unknown(region) and location != region:
        message = f"allowed: the same as location, {location}"
        yield Problem(path="region", got=region, message=message, source="pulumi_gcp AiEndpoint")


def display_name(value: Any, path: str = "displayName") -> Iterator[Problem]:
    """A display name: any characters, at most 128."""
    if isinstance(value, str) and not is_unknown(value) and len(value) > _LONGEST_DISPLAY_NAME:
        message = f"allowed: at most {_LONGEST_DISPLAY_NAME} characters"
        yield Problem(path=path, got=value, message=message, source="aiplatform displayName")


def _logging(config: Any) -> Iterator[Problem]:
    if not isinstance(config, Mapping):
        return
    rate = as_number(config.get("samplingRate"))
    if rate is not None and not 0 < rate <= 1:
        path = "predictRequestResponseLoggingConfig.samplingRate"
        source = "aiplatform PredictRequestResponseLoggingConfig.samplingRate"
        yield Problem(path=path, got=rate, message="allowed: above 0, at most 1", source=source)
    target = config.get("bigqueryDestination")
    if isinstance(target, Mapping):
        path = "predictRequestResponseLoggingConfig.bigqueryDestination.outputUri"
        yield from _BIGQUERY.check(path, target.get("outputUri"))


def _traffic(text: Any) -> Iterator[Problem]:
    if not isinstance(text, str) or is_unknown(text):
        return
    try:
        split = json.loads(text)
    except ValueError:
        return
    if not isinstance(split, dict):
        return
    source = "aiplatform Endpoint.trafficSplit"
    for key in split:
        if not re.fullmatch(r"\d{1,19}", key):
            message = "allowed: ids of deployed models, which are numbers"
            yield Problem(path="trafficSplit", got=key, message=message, source=source)
    shares = [as_number(value) for value in split.values()]
    whole = [share for share in shares if isinstance(share, int) and 0 <= share <= 100]
    if len(whole) != len(shares) or (shares and sum(whole) != 100):
        message = "allowed: whole percentages that add up to 100, or {} for no traffic"
        yield Problem(path="trafficSplit", got=text, message=message, source=source)
