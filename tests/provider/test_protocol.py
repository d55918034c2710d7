"""The protocol over real gRPC: a stub provider on one side, the engine's calls on the other."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2, empty_pb2
from google.protobuf.struct_pb2 import Struct
from google.rpc import status_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from mlplatform.provider.model import (
    Cancelled,
    Change,
    Context,
    Diff,
    Failure,
    NotFound,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import SIGNATURE, UNKNOWN, from_struct
from tests.provider.stub import URN, Stub, served, struct

DIFF = provider_pb2.DiffResponse
KIND = provider_pb2.PropertyDiff


def raising(error: Exception) -> Any:
    def act(ctx: Context) -> None:
        del ctx
        raise error

    return act


def refused(call: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def test_it_introduces_itself() -> None:
    with served(Stub()) as client:
        assert client.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"
        assert json.loads(client.GetSchema(provider_pb2.GetSchemaRequest()).schema) == {
            "name": "stub",
            "version": "1.2.3",
        }
        client.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:9"))
        shake = client.Handshake(
            provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:9")
        )
        assert shake.accept_secrets, "else no message could leave them out"


def test_configuration_is_decoded_and_secrets_are_bare() -> None:
    stub = Stub()
    secret = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": '{"token": "t"}'}
    with served(stub) as client:
        answer = client.Configure(provider_pb2.ConfigureRequest(args=struct(aws=secret)))
        assert answer.supportsPreview is True
    assert stub.config == {"aws": {"token": "t"}}


def test_checked_configuration_keeps_its_secret_marks() -> None:
    stub = Stub()
    stub.failures = [Failure(path="aws.region", reason="no such region")]
    secret = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": "v"}
    with served(stub) as client:
        answer = client.CheckConfig(provider_pb2.CheckRequest(urn=URN, news=struct(aws=secret)))
    assert answer.inputs == struct(aws=secret)
    assert stub.seen == [{"aws": "v"}]
    assert [(f.property, f.reason) for f in answer.failures] == [("aws.region", "no such region")]


def test_a_changed_configuration_is_an_update_never_a_replace() -> None:
    with served(Stub()) as client:
        request = provider_pb2.DiffRequest(old_inputs=struct(a="1"), news=struct(a="2"))
        answer = client.DiffConfig(request)
        same = client.DiffConfig(provider_pb2.DiffRequest(olds=struct(a="1"), news=struct(a="1")))
    assert (answer.changes, list(answer.diffs), list(answer.replaces)) == (
        DIFF.DIFF_SOME,
        ["a"],
        [],
    )
    assert same.changes == DIFF.DIFF_NONE


def test_check_returns_filled_inputs_and_every_failure() -> None:
    stub = Stub()
    stub.failures = [Failure(path="a", reason="one"), Failure(path="b[0].c", reason="two")]
    with served(stub) as client:
        answer = client.Check(
            provider_pb2.CheckRequest(urn=URN, news=struct(a=UNKNOWN, n=2.0), randomSeed=b"seed")
        )
    assert from_struct(answer.inputs) == {"a": UNKNOWN, "n": 2, "filled": True}
    assert [(f.property, f.reason) for f in answer.failures] == [("a", "one"), ("b[0].c", "two")]
    (ctx,) = stub.contexts
    assert (ctx.token, ctx.name, ctx.urn, ctx.seed) == ("stub:test:Thing", "a::b", URN, b"seed")
    assert stub.seen == [({"a": UNKNOWN, "n": 2}, None)], "no old inputs is None, not empty"


def test_diff_without_changes_is_none() -> None:
    with served(Stub()) as client:
        answer = client.Diff(provider_pb2.DiffRequest(urn=URN, news=struct(a=1)))
    assert answer.changes == DIFF.DIFF_NONE


def test_diff_tells_kinds_replaces_and_drift() -> None:
    stub = Stub()
    stub.found = Diff(
        changes=(
            Change(path="size", kind="update"),
            Change(path="name", kind="update", replace=True),
            Change(path="tags.x", kind="add"),
            Change(path="tags.y", kind="delete"),
            Change(path="state", kind="update"),
        ),
        delete_before_replace=True,
    )
    old = struct(size=1, name="a", tags={"y": "1"}, state="on")
    new = struct(size=2, name="b", tags={"x": "1"}, state="on")
    with served(stub) as client:
        answer = client.Diff(
            provider_pb2.DiffRequest(id="i", urn=URN, olds=struct(live=1), old_inputs=old, news=new)
        )
    assert answer.changes == DIFF.DIFF_SOME
    assert list(answer.diffs) == ["name", "size", "state", "tags"]
    assert list(answer.replaces) == ["name"]
    assert answer.deleteBeforeReplace is True
    assert answer.hasDetailedDiff is True
    assert {k: (v.kind, v.inputDiff) for k, v in answer.detailedDiff.items()} == {
        "size": (KIND.UPDATE, True),
        "name": (KIND.UPDATE_REPLACE, True),
        "tags.x": (KIND.ADD, True),
        "tags.y": (KIND.DELETE, True),
        "state": (KIND.UPDATE, False),
    }
    assert stub.seen[0][2] == {"live": 1}


def test_delete_before_replace_is_told_even_without_changes() -> None:
    # A user can demand a replace of what has not changed.
    stub = Stub()
    stub.found = Diff(delete_before_replace=True)
    with served(stub) as client:
        answer = client.Diff(provider_pb2.DiffRequest(urn=URN, news=struct(a=1)))
    assert (answer.changes, answer.deleteBeforeReplace) == (DIFF.DIFF_NONE, True)


def test_ignored_changes_reach_neither_the_provider_nor_the_answer() -> None:
    stub = Stub()
    stub.found = Diff(changes=(Change(path="tags.live", kind="update"),))
    with served(stub) as client:
        diff = client.Diff(
            provider_pb2.DiffRequest(
                urn=URN,
                old_inputs=struct(a=1, tags={"live": "1"}),
                news=struct(a=2, tags={"live": "2"}),
                ignoreChanges=["a", "tags"],
            )
        )
        updated = client.Update(
            provider_pb2.UpdateRequest(
                urn=URN, old_inputs=struct(a=1), news=struct(a=2), ignoreChanges=["a"]
            )
        )
    assert stub.seen[0][3] == {"a": 1, "tags": {"live": "1"}}
    assert diff.changes == DIFF.DIFF_NONE
    assert from_struct(updated.properties) == {"a": 1}


def test_create_in_a_preview_may_answer_unknowns_without_an_id() -> None:
    with served(Stub()) as client:
        answer = client.Create(
            provider_pb2.CreateRequest(urn=URN, properties=struct(a=UNKNOWN), preview=True)
        )
    assert answer.id == ""
    assert from_struct(answer.properties) == {"a": UNKNOWN}


def test_the_time_limit_of_the_program_reaches_the_provider() -> None:
    stub = Stub()
    with served(stub) as client:
        client.Create(provider_pb2.CreateRequest(urn=URN, properties=struct(), timeout=90))
        client.Create(provider_pb2.CreateRequest(urn=URN, properties=struct()))
    assert [ctx.timeout_s for ctx in stub.contexts] == [90, 3600]


def test_a_partial_failure_carries_id_state_and_reasons() -> None:
    stub = Stub()
    stub.act = raising(
        Partial(id="x", state={"arn": "y"}, inputs={"a": 1}, reasons=["too slow", "still Creating"])
    )
    with served(stub) as client:
        error = refused(
            lambda: client.Create(provider_pb2.CreateRequest(urn=URN, properties=struct()))
        )
    status = status_pb2.Status.FromString(
        dict(error.trailing_metadata())["grpc-status-details-bin"]
    )
    (detail,) = status.details
    assert isinstance(detail, any_pb2.Any)
    failed = provider_pb2.ErrorResourceInitFailed()
    assert detail.Unpack(failed)
    assert (failed.id, list(failed.reasons)) == ("x", ["too slow", "still Creating"])
    assert (from_struct(failed.properties), from_struct(failed.inputs)) == ({"arn": "y"}, {"a": 1})


def test_a_provider_error_is_its_message_alone() -> None:
    stub = Stub()
    stub.act = raising(ProviderError("the account is another one"))
    with served(stub) as client:
        error = refused(
            lambda: client.Create(provider_pb2.CreateRequest(urn=URN, properties=struct()))
        )
    assert error.details() == "the account is another one"
    assert "grpc-status-details-bin" not in dict(error.trailing_metadata())


def test_an_unexpected_error_is_one_line_and_its_traceback_goes_to_stderr(
    capfd: pytest.CaptureFixture[str],
) -> None:
    stub = Stub()
    stub.act = raising(KeyError("line one\nline two"))
    with served(stub) as client:
        error = refused(lambda: client.Update(provider_pb2.UpdateRequest(urn=URN, news=struct())))
    assert error.details() == r"stub Update failed unexpectedly: KeyError: 'line one\nline two'"
    assert "Traceback" in capfd.readouterr().err


def test_read_of_what_is_gone_answers_an_empty_id() -> None:
    stub = Stub()
    with served(stub) as client:
        there = client.Read(provider_pb2.ReadRequest(urn=URN, id="x", properties=struct(a=1)))
        stub.act = raising(NotFound("gone"))
        gone = client.Read(provider_pb2.ReadRequest(urn=URN, id="x", properties=struct(a=1)))
    assert (there.id, from_struct(there.properties)) == ("x", {"a": 1})
    assert gone.id == ""


def test_delete_of_what_is_gone_succeeds() -> None:
    stub = Stub()
    stub.act = raising(NotFound("gone"))
    with served(stub) as client:
        client.Delete(
            provider_pb2.DeleteRequest(urn=URN, id="x", properties=struct(a=1), old_inputs=struct())
        )
    assert stub.seen == [({}, {"a": 1})]


def test_invoke_answers_the_result() -> None:
    with served(Stub()) as client:
        answer = client.Invoke(provider_pb2.InvokeRequest(tok="stub:a:get", args=struct(b=1)))
    assert from_struct(getattr(answer, "return")) == {"token": "stub:a:get", "b": 1}


def test_cancel_ends_a_wait_at_once() -> None:
    stub = Stub()
    with served(stub) as client:
        stub.act = lambda ctx: ctx.wait(60)
        waiting = client.Create.future(provider_pb2.CreateRequest(urn=URN, properties=struct()))
        client.Cancel(empty_pb2.Empty())
        error = refused(lambda: waiting.result(timeout=10))
    assert error.details() == "stopped: the update was cancelled"


def test_a_wait_after_cancel_raises_at_once() -> None:
    ctx = Context(urn=URN, token="t", name="n")
    ctx.cancelled.set()
    with pytest.raises(Cancelled):
        ctx.wait(60)


def test_a_message_of_many_megabytes_passes() -> None:
    text = "x" * (20 * 1024 * 1024)
    with served(Stub()) as client:
        answer = client.Update(provider_pb2.UpdateRequest(urn=URN, news=struct(a=text)))
    assert isinstance(answer.properties, Struct)
    assert len(answer.properties["a"]) == len(text)
