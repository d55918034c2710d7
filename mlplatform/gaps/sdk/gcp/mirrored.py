"""Objects of Vertex AI that pulumi-gcp lacks: monitoring, schedules of it, and training runs.

Their arguments are the fields of the API's own message; nested objects are written as the API
writes them, in camelCase, and judged against it at preview. Import ids are resource names.
"""

from mlplatform.gaps.sdk.resource import GapResource, Shown


class Mirrored(GapResource):
    """One object of one kind."""

    name = Shown[str]()
    """The resource name that Vertex AI knows it by."""
    state = Shown[str]()
    """Its state at the last update or refresh; empty for kinds that have none."""
