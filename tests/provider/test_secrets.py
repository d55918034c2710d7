"""Secrets over the wire: bare for the provider, marked in every answer, in no message."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from google.rpc import status_pb2
from pulumi.runtime.proto import provider_pb2

from mlplatform.contracts.problem import show
from mlplatform.provider.log import EngineLog
from mlplatform.provider.model import Context, Failure, Partial, ProviderError
from mlplatform.provider.secrets import Hidden
from mlplatform.provider.values import SECRET, SIGNATURE, UNKNOWN, Secret, from_struct
from tests.provider.stub import URN, Stub, served, struct

PLAIN = "hunter2-of-the-job"


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


GIVEN = struct(
    name="run",
    token=secret(PLAIN),
    labels={"owner": "ml", "code": secret(PLAIN)},
    env=[{"name": "TOKEN", "value": secret(PLAIN)}],
    later=secret(UNKNOWN),
)
"""What a program gives: secrets at the top, in an object, in a list."""


def marked(answer: Struct) -> dict[str, bool]:
    """Which properties are secret as a whole."""
    found = {}
    for name, value in answer.fields.items():
        signed = value.struct_value.fields.get(SIGNATURE) if value.struct_value else None
        found[name] = signed is not None and signed.string_value == SECRET
    return found


EVERYWHERE = {"name": False, "token": True, "labels": False, "env": True, "later": True}


def saying(words: str) -> Any:
    def act(ctx: Context) -> None:
        ctx.warn(words)
        raise ProviderError(words)

    return act


def refused(call: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def test_a_provider_sees_what_a_secret_is_and_quotes_it_as_hidden() -> None:
    plain = from_struct(GIVEN)
    assert plain["token"] == PLAIN
    assert plain["env"] == [{"name": "TOKEN", "value": PLAIN}]
    assert plain["later"] == UNKNOWN
    assert isinstance(plain["token"], Secret)
    assert show(plain["token"]) == "[secret]"
    assert PLAIN[:8] not in show(plain["env"])


def test_every_answer_marks_what_the_request_marked() -> None:
    with served(Stub()) as client:
        checked = client.Check(provider_pb2.CheckRequest(urn=URN, news=GIVEN))
        made = client.Create(provider_pb2.CreateRequest(urn=URN, properties=GIVEN))
        changed = client.Update(provider_pb2.UpdateRequest(urn=URN, id="x", news=GIVEN))
        read = client.Read(
            provider_pb2.ReadRequest(urn=URN, id="x", inputs=GIVEN, properties=GIVEN)
        )
    assert marked(checked.inputs) == {**EVERYWHERE, "filled": False}
    for answer in (made.properties, changed.properties, read.inputs, read.properties):
        assert marked(answer) == EVERYWHERE
        assert marked(answer.fields["labels"].struct_value) == {"owner": False, "code": True}
        assert from_struct(answer) == from_struct(GIVEN)


def test_a_function_of_a_secret_is_secret() -> None:
    request = provider_pb2.InvokeRequest(tok="stub:index:f", args=struct(key=secret(PLAIN)))
    with served(Stub()) as client:
        answer = getattr(client.Invoke(request), "return")
        open_ = client.Invoke(provider_pb2.InvokeRequest(tok="t", args=struct(key="k")))
    assert marked(answer) == {"token": True, "key": True}
    assert marked(getattr(open_, "return")) == {"token": False, "key": False}


def test_what_an_unfinished_resource_leaves_is_marked_too() -> None:
    stub, reason = Stub(), f"the service did not like {PLAIN}"

    def act(ctx: Context) -> None:
        del ctx
        plain = from_struct(GIVEN)
        raise Partial(id="x", state=plain, inputs=plain, reasons=[reason])

    stub.act = act
    with served(stub) as client:
        error = refused(
            lambda: client.Create(provider_pb2.CreateRequest(urn=URN, properties=GIVEN))
        )
    trailers = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    left = provider_pb2.ErrorResourceInitFailed()
    status.details[0].Unpack(left)
    assert marked(left.properties) == marked(left.inputs) == EVERYWHERE
    assert list(left.reasons) == ["the service did not like [secret]"]
    assert PLAIN not in error.details()


@pytest.mark.parametrize(
    "words",
    [f"400: {PLAIN} is no token", f"refused {{'token': {PLAIN!r}}}", f'got {{"t": "{PLAIN}"}}'],
)
def test_neither_an_error_nor_a_line_of_the_log_repeats_a_secret(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(EngineLog, "send", lambda *given: told.append(given[2]))
    stub = Stub()
    stub.act = saying(words)
    calls = {
        "Create": provider_pb2.CreateRequest(urn=URN, properties=GIVEN),
        "Update": provider_pb2.UpdateRequest(urn=URN, id="x", news=GIVEN),
        "Read": provider_pb2.ReadRequest(urn=URN, id="x", inputs=GIVEN, properties=GIVEN),
        "Delete": provider_pb2.DeleteRequest(urn=URN, id="x", properties=GIVEN),
    }
    with served(stub) as client:
        for name, request in calls.items():
            error = refused(lambda name=name, request=request: getattr(client, name)(request))
            assert error.details() == words.replace(PLAIN, "[secret]")
    assert told == [words.replace(PLAIN, "[secret]")] * len(calls)


def test_an_unforeseen_error_hides_it_too(capfd: pytest.CaptureFixture[str]) -> None:
    stub = Stub()

    def act(ctx: Context) -> None:
        del ctx
        raise KeyError(PLAIN)

    stub.act = act
    with served(stub) as client:
        error = refused(
            lambda: client.Create(provider_pb2.CreateRequest(urn=URN, properties=GIVEN))
        )
    assert "KeyError" in error.details()
    assert PLAIN not in error.details() + capfd.readouterr().err


def test_a_reason_to_refuse_does_not_show_it() -> None:
    stub = Stub()
    stub.failures = [Failure(path="token", reason=f"got {PLAIN!r}, allowed: 12 digits")]
    with served(stub) as client:
        answer = client.Check(provider_pb2.CheckRequest(urn=URN, news=GIVEN))
    assert [f.reason for f in answer.failures] == ["got '[secret]', allowed: 12 digits"]


def test_the_longest_is_hidden_first_and_short_words_stay() -> None:
    hidden = Hidden(struct(a=secret("abc"), b=secret("abcdef"), c=secret("no"), d=secret(12345)))
    assert hidden.mask("abcdef abc no 12345 x") == "[secret] [secret] no [secret] x"
    assert Hidden(struct(a=secret('a"b\n'))).mask("'a\"b\\n' a\\\"b\\n") == "'[secret]' [secret]"


def test_labels_that_a_provider_repeats_as_secret_do_not_hide_words_of_names() -> None:
    state = struct(labels={"env": "dev"}, effectiveLabels=secret({"env": "dev", "by": "pulumi"}))
    assert Hidden(state).mask("endpoint ml-dev") == "endpoint ml-dev"
    told = struct(labels=secret({"code": PLAIN}), pulumiLabels=secret({"code": PLAIN}))
    assert PLAIN not in Hidden(told).mask(f"label {PLAIN}")
