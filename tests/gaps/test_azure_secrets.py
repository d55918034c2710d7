"""A secret that a program gives to a kind of mlgap on Azure, from the wire to Azure and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2

from mlplatform.gaps.plugin.provider import Gaps
from mlplatform.provider.log import EngineLog
from mlplatform.provider.values import SECRET, SIGNATURE
from tests.gaps.test_azure_every_kind import DECLARED, put
from tests.gaps.test_azure_every_kind import azure as azure
from tests.provider.stub import served, struct
from tests.sandbox.azure_local import ML, LocalAzure

PLAIN = "hunter2-of-the-bank"
PLANTED = {
    "BatchDefault": ("endpointTags.rev", f"{ML}/batchEndpoints/write"),
    "FeaturesetVersion": ("properties.description", f"{ML}/featuresets/versions/write"),
    "FeaturestoreEntityVersion": (
        "properties.description",
        f"{ML}/featurestoreEntities/versions/write",
    ),
    "Job": ("definition.environmentVariables", f"{ML}/jobs/write"),
    "MonitorSchedule": ("properties.description", f"{ML}/schedules/write"),
    "OnlineDeployment": (
        "properties.environmentVariables",
        f"{ML}/onlineEndpoints/deployments/write",
    ),
    "OnlineEndpoint": ("properties.description", f"{ML}/onlineEndpoints/write"),
    "VaultKey": ("tags.Owner", "Microsoft.KeyVault/vaults/keys/write"),
}
"""Where each kind takes free text, and the call that carries it."""


def given(noun: str) -> Struct:
    """The inputs with the secret in its place, as the engine sends them."""
    path, _ = PLANTED[noun]
    text: Any = {SIGNATURE: SECRET, "value": PLAIN}
    value = {"TOKEN": text} if path.endswith("environmentVariables") else text
    return struct(**put(DECLARED[noun], path, value))


def in_the_clear(answer: Struct) -> str:
    """All of an answer but what is marked as a secret."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get(SIGNATURE) == SECRET:
                return None
            return {name: without(one) for name, one in value.items()}
        return [without(one) for one in value] if isinstance(value, list) else value

    return json.dumps(without(MessageToDict(answer)))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every line of the log and of progress."""
    lines: list[str] = []
    monkeypatch.setattr(EngineLog, "send", lambda *sent: lines.append(sent[2]))
    return lines


@pytest.fixture
def client(azure: LocalAzure, told: list[str]) -> Iterator[Any]:
    del told  # the log is heard by then
    gaps = Gaps()
    tenant = azure.public["tenant_id"]
    gaps.configure({"azure": {"subscription_id": azure.subscription, "tenant_id": tenant}})
    with served(gaps) as stub:
        yield stub


def urn(noun: str) -> str:
    return f"urn:pulumi:dev::p::mlgap:azure:{noun}::m"


def test_every_kind_that_takes_free_text_is_in_these_tests() -> None:
    assert set(DECLARED) - set(PLANTED) == {"EndpointTraffic", "WorkspacePurge"}


@pytest.mark.parametrize("noun", sorted(PLANTED))
def test_a_secret_reaches_azure_and_stays_marked_in_every_answer(
    azure: LocalAzure, client: Any, told: list[str], noun: str
) -> None:
    azure.world.delay_s = 0.05  # so that it tells what it waits for
    name, inputs = urn(noun), given(noun)
    checked = client.Check(provider_pb2.CheckRequest(urn=name, news=inputs))
    assert not checked.failures
    request = provider_pb2.CreateRequest(urn=name, properties=checked.inputs, preview=True)
    foreseen = client.Create(request).properties
    made = client.Create(provider_pb2.CreateRequest(urn=name, properties=checked.inputs))
    seen = client.Read(
        provider_pb2.ReadRequest(
            urn=name, id=made.id, inputs=checked.inputs, properties=made.properties
        )
    )
    if noun != "BatchDefault":  # whose tags are the endpoint's, set by the endpoint itself
        assert PLAIN in json.dumps(list(azure.world.resources()))
    for answer in (checked.inputs, foreseen, made.properties, seen.inputs, seen.properties):
        assert PLAIN in json.dumps(MessageToDict(answer)), "it is there, and marked"
        assert PLAIN not in in_the_clear(answer)
    assert PLAIN not in "".join(told)


@pytest.mark.parametrize("noun", sorted(PLANTED))
def test_a_refusal_of_azure_that_repeats_a_secret_is_told_without_it(
    azure: LocalAzure, client: Any, told: list[str], noun: str
) -> None:
    fault = {"status": 400, "code": "BadRequest", "message": f"the value {PLAIN!r} is no good"}
    azure.faults.add({"operation": PLANTED[noun][1], **fault, "times": 100})
    request = provider_pb2.CreateRequest(urn=urn(noun), properties=given(noun))
    with pytest.raises(grpc.RpcError) as caught:
        client.Create(request)
    assert "the value '[secret]' is no good" in caught.value.details()
    assert PLAIN not in caught.value.details() + "".join(told)
