"""The provider's wire protocol: gRPC requests in, calls of a ``Provider``, gRPC answers out.

Facts that this file rests on, read in pulumi/pulumi's provider_plugin.go and step_generator.go:

* a provider that accepts secrets gets them signed, and has to sign them in what it answers; one
  that answered Handshake is not asked again by Configure;
* an error that carries ErrorResourceInitFailed in its status details makes the engine keep id and
  outputs in its state and call Update again next time; any other error keeps the old state;
* an empty id in the answer of Read means that the resource is gone;
* a replace needs an entry in ``replaces``; the kind in ``detailedDiff`` alone is only shown.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2

# Not pulumi's own copy of it: a process that also loads a Google client cannot hold both.
from google.rpc import status_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from mlplatform.provider import paths
from mlplatform.provider.log import EngineLog
from mlplatform.provider.model import (
    DEFAULT_TIMEOUT_S,
    Cancelled,
    Change,
    Context,
    Failure,
    NotFound,
    Partial,
    Provider,
    ProviderError,
)
from mlplatform.provider.secrets import Hidden, mark, mark_all
from mlplatform.provider.values import decode_config, from_struct, to_struct

_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
}


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine for one provider.

    Attributes:
        cancelled: set by Cancel; every call's context carries it.
    """

    def __init__(self, provider: Provider, log: EngineLog) -> None:
        self._provider = provider
        self._log = log
        self.cancelled = threading.Event()

    # The provider itself

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802 - names of the protocol
        del context
        self._log.connect(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802
        del context
        self._log.connect(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        del request, context
        return plugin_pb2.PluginInfo(version=self._provider.version)

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        del request, context
        schema = {"name": self._provider.name, "version": self._provider.version}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        hidden = Hidden(request.news)

        def answer() -> Any:
            failures = self._provider.check_config(decode_config(from_struct(request.news)))
            # The request's own Struct goes back: it still holds the marks of secret settings.
            return provider_pb2.CheckResponse(
                inputs=request.news, failures=_failures(failures, hidden)
            )

        return self._answer(context, "CheckConfig", hidden, answer)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        del context
        old = from_struct(request.old_inputs if request.HasField("old_inputs") else request.olds)
        new = from_struct(request.news)
        changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
        # Never a replace: that would replace every resource of the provider with it.
        some = provider_pb2.DiffResponse.DIFF_SOME
        none = provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some if changed else none, diffs=changed)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        def answer() -> Any:
            self._provider.configure(decode_config(from_struct(request.args)))
            return provider_pb2.ConfigureResponse(supportsPreview=True, acceptSecrets=True)

        return self._answer(context, "Configure", Hidden(request.args), answer)

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        del request, context
        self.cancelled.set()
        return empty_pb2.Empty()

    # Resources

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        hidden = Hidden(request.news, request.olds)

        def answer() -> Any:
            old = from_struct(request.olds) or None
            around = self._around(request, hidden, seed=bytes(request.randomSeed))
            inputs, failures = self._provider.check(around, from_struct(request.news), old)
            return provider_pb2.CheckResponse(
                inputs=mark(to_struct(inputs), request.news), failures=_failures(failures, hidden)
            )

        return self._answer(context, "Check", hidden, answer)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        hidden = Hidden(request.news, request.olds, request.old_inputs)

        def answer() -> Any:
            ignored = list(request.ignoreChanges)
            old = from_struct(request.old_inputs)
            new = paths.restore(from_struct(request.news), old, ignored)
            found = self._provider.diff(
                self._around(request, hidden), request.id, old, from_struct(request.olds), new
            )
            # A change seen against the state (drift) is not undone by restoring the inputs.
            changes = [
                change
                for change in found.changes
                if not any(paths.covers(pattern, change.path) for pattern in ignored)
            ]
            return _diff_response(changes, found.delete_before_replace, old, new)

        return self._answer(context, "Diff", hidden, answer)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        given = request.properties
        hidden = Hidden(given)

        def answer() -> Any:
            around = self._around(request, hidden, preview=request.preview)
            id_, state = self._provider.create(around, from_struct(given))
            return provider_pb2.CreateResponse(id=id_, properties=mark(to_struct(state), given))

        return self._answer(context, "Create", hidden, answer, given)

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        hidden = Hidden(request.inputs, request.properties)

        def answer() -> Any:
            try:
                id_, inputs, state = self._provider.read(
                    self._around(request, hidden),
                    request.id,
                    from_struct(request.inputs),
                    from_struct(request.properties),
                )
            except NotFound:
                return provider_pb2.ReadResponse(id="")
            return provider_pb2.ReadResponse(
                id=id_,
                properties=mark(to_struct(state), request.properties),
                inputs=mark(to_struct(inputs), request.inputs),
            )

        given, before = request.inputs, request.properties
        return self._answer(context, "Read", hidden, answer, given, before)

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        hidden = Hidden(request.news, request.olds, request.old_inputs)

        def answer() -> Any:
            old = from_struct(request.old_inputs)
            new = paths.restore(from_struct(request.news), old, request.ignoreChanges)
            state = self._provider.update(
                self._around(request, hidden, preview=request.preview),
                request.id,
                old,
                from_struct(request.olds),
                new,
            )
            return provider_pb2.UpdateResponse(properties=mark(to_struct(state), request.news))

        return self._answer(context, "Update", hidden, answer, request.news)

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        hidden = Hidden(request.old_inputs, request.properties)

        def answer() -> Any:
            with contextlib.suppress(NotFound):
                self._provider.delete(
                    self._around(request, hidden),
                    request.id,
                    from_struct(request.old_inputs),
                    from_struct(request.properties),
                )
            return empty_pb2.Empty()

        return self._answer(context, "Delete", hidden, answer)

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        def answer() -> Any:
            result = to_struct(self._provider.invoke(request.tok, from_struct(request.args)))
            return provider_pb2.InvokeResponse(**{"return": mark_all(result, request.args)})

        return self._answer(context, "Invoke", Hidden(request.args), answer)

    # Shared

    def _around(
        self, request: Any, hidden: Hidden, *, preview: bool = False, seed: bytes = b""
    ) -> Context:
        urn: str = request.urn
        log = self._log.for_resource(urn)
        return Context(
            urn=urn,
            # urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>
            token=request.type or urn.split("::")[2].rpartition("$")[2],
            name=request.name or urn.split("::", 3)[3],
            preview=preview,
            timeout_s=getattr(request, "timeout", 0.0) or DEFAULT_TIMEOUT_S,
            cancelled=self.cancelled,
            seed=seed,
            log=lambda level, message: log(level, hidden.mask(message)),
        )

    def _answer(
        self,
        context: Any,
        call: str,
        hidden: Hidden,
        answer: Callable[[], Any],
        inputs: struct_pb2.Struct | None = None,
        state: struct_pb2.Struct | None = None,
    ) -> Any:
        """Do it, or say why not without a secret.

        inputs, state: where the secrets are in what an unfinished resource leaves; without a state
        the inputs tell.
        """
        try:
            return answer()
        except Partial as error:
            detail = _init_failed(error, hidden)
            if inputs is not None:
                mark(detail.inputs, inputs)
                mark(detail.properties, inputs if state is None else state)
            _abort(context, grpc.StatusCode.UNKNOWN, hidden.mask(str(error)), detail)
        except Cancelled as error:
            _abort(context, grpc.StatusCode.CANCELLED, hidden.mask(str(error)))
        except ProviderError as error:
            _abort(context, grpc.StatusCode.FAILED_PRECONDITION, hidden.mask(str(error)))
        except Exception as error:
            # The engine shows the line below; the traceback is for its log of the plugin's stderr.
            print(hidden.mask(traceback.format_exc()), file=sys.stderr)
            text = hidden.mask(" ".join(f"{type(error).__name__}: {error}".split()))
            name = self._provider.name
            _abort(context, grpc.StatusCode.UNKNOWN, f"{name} {call} failed unexpectedly: {text}")


def _abort(context: Any, code: grpc.StatusCode, message: str, detail: Any = None) -> NoReturn:
    if detail is not None:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status = status_pb2.Status(code=code.value[0], message=message, details=[packed])
        trailer = ("grpc-status-details-bin", status.SerializeToString())
        context.set_trailing_metadata((trailer,))
    context.abort(code, message)
    raise AssertionError("abort raises")


def _init_failed(error: Partial, hidden: Hidden) -> Any:
    return provider_pb2.ErrorResourceInitFailed(
        id=error.id,
        properties=to_struct(error.state),
        inputs=to_struct(error.inputs),
        reasons=[hidden.mask(reason) for reason in error.reasons],
    )


def _failures(failures: list[Failure], hidden: Hidden) -> list[Any]:
    return [
        provider_pb2.CheckFailure(property=f.path, reason=hidden.mask(f.reason)) for f in failures
    ]


def _diff_response(
    changes: list[Change],
    delete_before_replace: bool,
    old: dict[str, Any],
    new: dict[str, Any],
) -> Any:
    if not changes:
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_NONE, deleteBeforeReplace=delete_before_replace
        )
    replaces = sorted({paths.top(change.path) for change in changes if change.replace})
    detailed = {
        change.path: provider_pb2.PropertyDiff(
            kind=_KINDS[change.kind, change.replace],
            # False = drift: the engine then shows the old output, not the old input.
            inputDiff=paths.get(old, change.path) != paths.get(new, change.path),
        )
        for change in changes
    }
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME,
        diffs=sorted({paths.top(change.path) for change in changes}),
        replaces=replaces,
        deleteBeforeReplace=delete_before_replace,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )
