"""What goes with a scalable target: its policies, their alarms, its scheduled actions, its tags.

Source: botocore, ``DeregisterScalableTarget`` ("deletes the scaling policies and the scheduled
actions"); SageMaker's DeleteEndpoint deregisters the targets of the endpoint's variants (it asks
for ``application-autoscaling:DeregisterScalableTarget``).
"""

from __future__ import annotations

from mlplatform.sandbox.clouds.aws import alarms
from mlplatform.sandbox.clouds.aws.state import Home, TargetKey


def remove(home: Home, key: TargetKey) -> None:
    """Remove a registered target and all that hangs on it."""
    target = home.targets.pop(key)
    home.tags.pop(target["ScalableTargetARN"], None)
    for policy in [name for name in home.policies if name[:2] == key]:
        alarms.delete(home, home.policies.pop(policy)["Alarms"])
    for action in [name for name in home.scheduled_actions if name[:2] == key]:
        del home.scheduled_actions[action]


def remove_of_endpoint(home: Home, endpoint: str) -> None:
    """Remove the targets of all variants of an endpoint."""
    for key in [name for name in home.targets if name[0].startswith(f"endpoint/{endpoint}/")]:
        remove(home, key)
