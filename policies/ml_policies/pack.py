"""The pack as the engine runs it: every rule is a policy, and each resource is read once.

pulumi-policy's own server decodes each resource anew for every policy, which with a hundred of them
costs more than the preview itself. So its two judging calls are overridden (docs/adr/0011); its
metadata, levels, configuration and remediation stay its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pulumi_policy
import pulumi_policy.policy as machinery
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    ResourceValidationPolicy,
    StackValidationPolicy,
)

from ml_policies import exemptions, profiles
from ml_policies.dates import today
from ml_policies.resource import Resource, unwrapped
from ml_policies.rule import AnyRule, Described, Rule, Severity
from ml_policies.rules import all_rules
from ml_policies.running import Outcome, Runner

NAME = "ml-platform"
EXEMPTIONS = "MLP_POLICY_EXEMPTIONS"
"""The file of exemptions, where it is not beside the pack."""

UNDECIDED = Described(
    id="decidable-before-apply",
    severity=Severity.LOW,
    summary="Every rule can be decided before apply.",
    rationale="What a preview cannot judge reaches the cloud unjudged.",
    remediation="Compute the value from configuration, so that a preview knows it.",
)
FAILED = Described(
    id="every-rule-runs",
    severity=Severity.HIGH,
    summary="Every rule runs to its end.",
    rationale="A rule that broke has judged nothing, and nobody would know.",
    remediation="Report the rule and the resource's type; exempt nothing meanwhile.",
)
EXPIRED = Described(
    id="exemptions-in-force",
    severity=Severity.MEDIUM,
    summary="Every exemption is in force.",
    rationale="An exemption that nobody renews is a hole that nobody answers for.",
    remediation="Mend the resource, or renew the exemption with its reason.",
)
OWN = (UNDECIDED, FAILED, EXPIRED)
"""What the pack says of itself, beside its rules."""


def run(folder: Path, *, rules: Iterable[AnyRule] | None = None) -> None:
    """Serve the pack to the engine. Blocks; call it from the pack's ``__main__.py`` only.

    ``folder``: where ``exemptions.yaml`` is, if there is one.
    """
    chosen = tuple(all_rules() if rules is None else rules)
    file = Path(os.environ.get(EXEMPTIONS) or folder / "exemptions.yaml")
    ids = {rule.id for rule in (*chosen, *OWN)}
    runner = Runner(chosen, exemptions=exemptions.read(file, rules=ids, as_of=today()))
    machinery._PolicyAnalyzerServicer = servicer(runner)  # type: ignore[misc]
    pulumi_policy.PolicyPack(
        name=NAME,
        enforcement_level=EnforcementLevel.ADVISORY,
        policies=policies(runner),
    )


def policies(runner: Runner) -> list[Policy]:
    """Every rule as pulumi-policy knows one, then what the pack says of itself."""
    own = [StackValidationPolicy(validate=_nothing, **_words(one)) for one in OWN]
    return [*(_policy(rule) for rule in runner.rules), *own]


def servicer(runner: Runner) -> type[machinery._PolicyAnalyzerServicer]:
    """pulumi-policy's server with a judging of its own."""

    declared: dict[str, Resource] = {}
    """By URN, as ``Analyze`` saw it: the engine tells ``AnalyzeStack`` outputs only."""

    class OnceServicer(machinery._PolicyAnalyzerServicer):
        """Reads each resource once."""

        def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
            runner.configure(
                {
                    rule: json_format.MessageToDict(found.properties)
                    for rule, found in request.policyConfig.items()
                }
            )
            return super().Configure(request, context)  # type: ignore[no-untyped-call]

        def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802
            del context
            response = proto.AnalyzeResponse()
            resource = declared[request.urn] = resource_of(request)
            for outcome in runner.resource(resource):
                self._say(response, outcome, urn="")
            return response

        def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: N802
            del context
            response = proto.AnalyzeResponse()
            resources = [resource_of(one).over(declared.get(one.urn)) for one in request.resources]
            for outcome in runner.stack(resources):
                self._say(response, outcome, urn=outcome.resource.urn)
            for one in runner.exemptions.expired:
                self._report(
                    response,
                    EXPIRED,
                    f"{one.rule} of {one.resource}: expired on {one.expires}, owner {one.owner}: "
                    f"{one.reason}",
                    urn="",
                )
            return response

        def Remediate(self, request: Any, context: Any) -> Any:  # noqa: N802
            del context
            response = proto.RemediateResponse()
            # As they came, marks of secrets and unknowns included: only what is mended changes.
            props = json_format.MessageToDict(request.properties)
            for rule in runner.about(request.type):
                if self._level(rule) != EnforcementLevel.REMEDIATE:
                    continue
                mended = runner.mended(rule, resource_of(request), props)
                if mended == props:
                    continue
                props = mended
                found = response.remediations.add(
                    policyName=rule.id,
                    policyPackName=NAME,
                    policyPackVersion=self._PolicyAnalyzerServicer__policy_pack_version,
                    description=rule.summary,
                )
                found.properties.update(mended)
            return response

        def _say(self, response: Any, outcome: Outcome, *, urn: str) -> None:
            if outcome.exempted_by:
                return
            about: Described = outcome.rule
            if outcome.failure:
                about = FAILED
            elif outcome.finding is not None and outcome.finding.undecided:
                about = UNDECIDED
            prefix = f"{outcome.rule.id}: " if about is not outcome.rule else ""
            self._report(response, about, prefix + outcome.message, urn=urn)

        def _report(self, response: Any, about: Described, message: str, *, urn: str) -> None:
            level = self._level(about)
            if level == EnforcementLevel.DISABLED:
                return
            if level == EnforcementLevel.REMEDIATE:
                # It was remediated and is still wrong.
                level = EnforcementLevel.MANDATORY
            response.diagnostics.append(
                proto.AnalyzeDiagnostic(
                    policyName=about.id,
                    policyPackName=NAME,
                    policyPackVersion=self._PolicyAnalyzerServicer__policy_pack_version,
                    message=f"{about.summary} {about.rationale}\n{message}",
                    urn=urn,
                    description=about.summary,
                    enforcementLevel=self._map_enforcement_level(level),
                    severity=self._map_severity(_SEVERITIES[about.severity]),
                )
            )

        def _level(self, about: Described) -> EnforcementLevel:
            configured: Mapping[str, EnforcementLevel] = (
                self._PolicyAnalyzerServicer__policy_pack_config_enforcement_level
            )
            return configured.get(about.id, _LEVELS[profiles.default(about)])

    return OnceServicer


def resource_of(request: Any) -> Resource:
    """One resource of the engine's request."""
    props, secrets = unwrapped(json_format.MessageToDict(request.properties))
    # Names with a leading ``__`` are the engine's own notes to the provider.
    props = {key: value for key, value in props.items() if not key.startswith("__")}
    provider = json_format.MessageToDict(request.provider.properties)
    return Resource(
        type=request.type,
        name=request.name,
        urn=request.urn,
        props=props,
        secrets=secrets,
        protect=request.options.protect,
        parent=getattr(request, "parent", "") or request.options.parent,
        provider=provider,
    )


_SEVERITIES = {
    Severity.CRITICAL: pulumi_policy.Severity.CRITICAL,
    Severity.HIGH: pulumi_policy.Severity.HIGH,
    Severity.MEDIUM: pulumi_policy.Severity.MEDIUM,
    Severity.LOW: pulumi_policy.Severity.LOW,
}
_LEVELS = {
    "advisory": EnforcementLevel.ADVISORY,
    "mandatory": EnforcementLevel.MANDATORY,
    "remediate": EnforcementLevel.REMEDIATE,
    "disabled": EnforcementLevel.DISABLED,
}


def _words(about: Described) -> dict[str, Any]:
    schema = {
        name: {**setting.schema, "default": setting.default, "description": setting.says}
        for name, setting in about.settings.items()
    }
    return {
        "name": about.id,
        "description": f"{about.summary} {about.rationale}",
        "severity": _SEVERITIES[about.severity],
        "enforcement_level": _LEVELS[profiles.default(about)],
        "remediation_steps": about.remediation,
        "config_schema": PolicyConfigSchema(properties=schema) if schema else None,
        "tags": [about.cloud, *about.sources],
    }


def _policy(rule: AnyRule) -> Policy:
    """For its metadata only: what judges is ``servicer``."""
    if isinstance(rule, Rule):
        return ResourceValidationPolicy(validate=_nothing, **_words(rule))
    return StackValidationPolicy(validate=_nothing, **_words(rule))


def _nothing(args: Any, report: Any) -> None:
    del args, report
