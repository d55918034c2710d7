"""AWS's own managed policies, loaded for an account when a request first names one.

moto can load them for every account and partition it ever looks at, which takes seconds; most
runs need none.
"""

from __future__ import annotations

import json

from mlplatform.sandbox.clouds.aws.wire import Request

_NAMED = (":iam::aws:policy/", "%3Aiam%3A%3Aaws%3Apolicy%2F")
"""As it stands in a JSON policy, and in a form."""
_LISTING = ("ListPolicies", "GetAccountAuthorizationDetails")


def load_when_named(request: Request, account: str) -> None:
    """Give the account AWS's policies when an IAM request needs them."""
    named = any(text in request.text() for text in _NAMED)
    if request.service != "iam" or not (named or request.operation in _LISTING):
        return
    from moto.iam.aws_managed_policies import aws_managed_policies_data
    from moto.iam.models import AWSManagedPolicy, iam_backends
    from moto.moto_api._internal import mock_random

    backend = iam_backends[account]["aws"]
    if backend.aws_managed_policies:
        return
    mock_random.seed(0)  # their ids are the same in every run
    backend.aws_managed_policies = [
        AWSManagedPolicy.from_data(name, account, backend.region_name, content)
        for name, content in json.loads(aws_managed_policies_data).items()
    ]
    backend.managed_policies.update({p.arn: p for p in backend.aws_managed_policies})
