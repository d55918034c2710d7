"""Monitoring of one endpoint: job definitions, schedules, and alarms that tell people.

Creates, for a component named ``NAME`` and each monitor ``M``:

========================  ==========================================  =========================
child                     type                                        when
========================  ==========================================  =========================
``NAME-alerts``           aws:sns/topic:Topic                         always
``NAME-alerts-ADDRESS``   aws:sns/topicSubscription:...               for each address
``NAME-M-constraints``    aws:s3/bucketObjectv2:BucketObjectv2        constraints are given
``NAME-M-analysis``       aws:s3/bucketObjectv2:BucketObjectv2        Clarify's monitors
``NAME-M``                aws:sagemaker/dataQualityJobDefinition:...  data quality
``NAME-M``                mlgap:aws:Model...JobDefinition             the three others
``NAME-M-schedule``       aws:sagemaker/monitoringSchedule:...        always
``NAME-M-violations``     aws:cloudwatch/eventRule:EventRule          always
``NAME-M-violated``       aws:cloudwatch/metricAlarm:MetricAlarm      always
``NAME-M-ALARM``          aws:cloudwatch/metricAlarm:MetricAlarm      for each threshold
========================  ==========================================  =========================

A definition is immutable. Each is named by its content, so that a changed one stands beside the
old one until the schedule has moved over. Why three of them are ``mlgap``'s: docs/adr/0017.

The topic has no key of the platform: CloudWatch could not publish to it without being let into
the key's policy, and an alarm holds a name and a number.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.aws import monitoring_jobs as jobs
from components.aws.monitoring_alarms import metric_alarm, violations
from components.aws.monitoring_jobs import SLUGS, MonitorArgs, MonitoringArgs
from components.core.base import MlComponent
from components.core.naming import physical_name
from mlplatform.gaps.sdk import aws as mlgap

_DEFINITIONS = {
    "ModelQuality": mlgap.ModelQualityJobDefinition,
    "ModelBias": mlgap.ModelBiasJobDefinition,
    "ModelExplainability": mlgap.ModelExplainabilityJobDefinition,
}


class Monitoring(MlComponent):
    """The monitors of one endpoint."""

    kind = "aws:Monitoring"

    schedule_names: dict[str, str]
    """Monitor to its schedule; known at preview."""
    topic_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: MonitoringArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        self._args, self._after = args, after
        topic = aws.sns.Topic(
            self._child("alerts"),
            name=physical_name(args.endpoint_name, "alerts", max_length=256).removeprefix("ml-"),
            tags=dict(args.tags),
            opts=self._opts(),
        )
        self.topic_arn = topic.arn
        for address in args.alert_emails:
            aws.sns.TopicSubscription(
                self._child("alerts", address),
                topic=topic.arn,
                protocol="email",
                endpoint=address,
                opts=self._opts(),
            )
        self.schedule_names = {}
        for monitor in args.monitors:
            self._monitor(monitor)
        self.register_outputs({"schedule_names": self.schedule_names, "topic_arn": self.topic_arn})

    def _monitor(self, monitor: MonitorArgs) -> None:
        args, slug = self._args, SLUGS[monitor.kind]
        name, definition = self._definition(monitor, slug)
        schedule_name = jobs.schedule_name(args, monitor)
        schedule = aws.sagemaker.MonitoringSchedule(
            self._child(slug, "schedule"),
            name=schedule_name,
            monitoring_schedule_config=aws.sagemaker.MonitoringScheduleMonitoringScheduleConfigArgs(
                monitoring_job_definition_name=name,
                monitoring_type=monitor.kind,
                schedule_config=aws.sagemaker.MonitoringScheduleMonitoringScheduleConfigScheduleConfigArgs(
                    schedule_expression=monitor.schedule
                ),
            ),
            tags=dict(args.tags),
            # By a plain name: where the definition was skipped because its endpoint failed, it has
            # no outputs, and a schedule without a name would be refused and stop the other clouds.
            opts=self._opts(depends_on=[*self._after, definition]),
        )
        self.schedule_names[slug] = schedule_name
        opts = self._opts(depends_on=[schedule])
        violations(self._child(slug), schedule_name, self.topic_arn, tags=args.tags, opts=opts)
        for alarm in monitor.alarms:
            metric_alarm(
                self._child(slug, alarm.name),
                alarm,
                endpoint_name=args.endpoint_name,
                schedule_name=schedule_name,
                topic_arn=self.topic_arn,
                tags=args.tags,
                opts=opts,
            )

    def _definition(self, monitor: MonitorArgs, slug: str) -> tuple[str, pulumi.Resource]:
        """The job definition and its name, which is known at preview."""
        args = self._args
        constraints, analysis = monitor.constraints_uri, None
        uploads: list[pulumi.Resource] = []
        if monitor.constraints is not None:
            constraints, made = self._upload(slug, "constraints", monitor.constraints)
            uploads.append(made)
        if monitor.analysis is not None:
            explains = monitor.kind == "ModelExplainability"
            analysis, made = self._upload(slug, "analysis", monitor.analysis, predictor=explains)
            uploads.append(made)
        opts = self._opts(depends_on=[*self._after, *uploads])
        if monitor.kind == "DataQuality":
            words = jobs.data_quality(args, monitor, constraints)
            # Another network makes it anew under its name: the old one has to go first.
            first = pulumi.ResourceOptions(delete_before_replace=True)
            return words["name"], aws.sagemaker.DataQualityJobDefinition(
                self._child(slug),
                **words,
                tags=dict(args.tags),
                opts=pulumi.ResourceOptions.merge(opts, first),
            )
        words = jobs.model(args, monitor, constraints, analysis)
        return words["job_definition_name"], _DEFINITIONS[monitor.kind](
            self._child(slug), **words, tags=dict(args.tags), opts=opts
        )

    def _upload(
        self, slug: str, kind: str, text: str, *, predictor: bool = False
    ) -> tuple[str, aws.s3.BucketObjectv2]:
        """Put a document under a key with its content's hash; its URI is known at preview."""
        args = self._args
        key = f"{args.prefix}monitoring/{slug}/{jobs.digest_of([text])}/{kind}.json"
        content: pulumi.Input[str] = text
        if predictor:
            # The model's name is made by the provider, so it is no part of the key.
            prefix = jobs.shadow_prefix(args.endpoint_name)
            content = pulumi.Output.from_input(args.model_name).apply(
                lambda model: jobs.with_predictor(text, model, args.instance_type, prefix)
            )
        made = aws.s3.BucketObjectv2(
            self._child(slug, kind),
            bucket=args.bucket,
            key=key,
            content=content,
            content_type="application/json",
            tags=dict(args.tags),
            opts=self._opts(depends_on=self._after),
        )
        return f"s3://{args.bucket}/{key}", made
