"""The pack behind the real protocol: pulumi-policy's server in a thread, the SDK's own stub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel

from ml_policies import pack
from ml_policies.rule import AnyRule, Example, Rule
from ml_policies.running import Runner

LEVELS = {
    "advisory": proto.ADVISORY,
    "mandatory": proto.MANDATORY,
    "disabled": proto.DISABLED,
    "remediate": proto.REMEDIATE,
}


class Analyzer:
    """What the engine would ask, and what it would be told."""

    def __init__(self, stub: Any) -> None:
        self.stub = stub

    def configure(self, configuration: Mapping[str, Any]) -> None:
        """In the form of ``--policy-pack-config``."""
        request = proto.ConfigureAnalyzerRequest()
        for rule, said in configuration.items():
            found = request.policyConfig[rule]
            found.enforcementLevel = LEVELS[said.get("enforcementLevel", "mandatory")]
            found.properties.update({k: v for k, v in said.items() if k != "enforcementLevel"})
        self.stub.Configure(request)

    def resource(self, token: str, example: Example) -> list[Any]:
        return list(self.stub.Analyze(_request(proto.AnalyzeRequest, token, example)).diagnostics)

    def stack(self, examples: Sequence[Example]) -> list[Any]:
        request = proto.AnalyzeStackRequest(
            resources=[_request(proto.AnalyzerResource, one.type, one) for one in examples]
        )
        return list(self.stub.AnalyzeStack(request).diagnostics)

    def remediate(self, token: str, example: Example) -> list[Any]:
        request = _request(proto.AnalyzeRequest, token, example)
        return list(self.stub.Remediate(request).remediations)

    def judge(self, rule: AnyRule, examples: Sequence[Example]) -> list[Any]:
        """One example of a rule, by the call that the rule is asked with."""
        if isinstance(rule, Rule):
            (example,) = examples
            return self.resource(example.type or (*rule.types, "")[0], example)
        return self.stack(examples)


def _request(kind: Any, token: str, example: Example) -> Any:
    properties = struct_pb2.Struct()
    properties.update(example.props)
    provider = struct_pb2.Struct()
    provider.update(example.provider)
    return kind(
        type=token,
        name=example.name,
        urn=f"urn:pulumi:{example.stack}::project::{token}::{example.name}",
        properties=properties,
        options=proto.AnalyzerResourceOptions(protect=example.protect),
        provider=proto.AnalyzerProviderResource(properties=provider),
    )


@contextmanager
def served(runner: Runner) -> Iterator[Analyzer]:
    """The pack's server with these rules."""
    servicer = pack.servicer(runner)(
        pack.NAME, "1.0.0", pack.policies(runner), EnforcementLevel.ADVISORY
    )
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Analyzer(analyzer_pb2_grpc.AnalyzerStub(channel))
    finally:
        server.stop(None)
