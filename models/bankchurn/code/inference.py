"""Serves bankchurn: how likely a bank's customer is to leave.

SageMaker's scikit-learn container calls the four functions below. A request is one customer, or
``{"instances": [customer, ...]}``, as JSON; a customer has the columns of the public Bank Churn
data. The answer has the same form: ``{"prediction": 0, "probability": 0.12}``.

``features`` is also what the training uses, so that both see the same numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np  # type: ignore[import-not-found]

NUMBERS = (
    "CreditScore",
    "Age",
    "Tenure",
    "Balance",
    "NumOfProducts",
    "HasCrCard",
    "IsActiveMember",
    "EstimatedSalary",
)
COUNTRIES = ("France", "Germany", "Spain")
GENDERS = ("Female", "Male")
JSON = "application/json"


def features(customers: Sequence[Mapping[str, Any]]) -> Any:
    """One row for each customer: the numbers, then one column for each country and gender.

    Raises ``ValueError`` naming the column that is absent or holds something unknown.
    """
    return np.array([_row(customer) for customer in customers], dtype=np.float64)


def _row(customer: Mapping[str, Any]) -> list[float]:
    absent = [name for name in (*NUMBERS, "Geography", "Gender") if name not in customer]
    if absent:
        raise ValueError(f"columns are absent: {', '.join(absent)}")
    row = []
    for name in NUMBERS:
        try:
            row.append(float(customer[name]))
        except (TypeError, ValueError):
            raise ValueError(f"{name}: got {customer[name]!r}, allowed: a number") from None
    for name, choices in (("Geography", COUNTRIES), ("Gender", GENDERS)):
        if customer[name] not in choices:
            allowed = ", ".join(choices)
            raise ValueError(f"{name}: got {customer[name]!r}, allowed: {allowed}")
        row += [float(customer[name] == choice) for choice in choices]
    return row


def model_fn(model_dir: str) -> Any:
    """Load the classifier once, when the container starts."""
    import joblib  # type: ignore[import-not-found]

    return joblib.load(Path(model_dir) / "model.joblib")


def input_fn(body: str | bytes, content_type: str) -> dict[str, Any]:
    """Read a request."""
    if content_type.partition(";")[0].strip() != JSON:
        raise ValueError(f"content type: got {content_type}, allowed: {JSON}")
    request = json.loads(body)
    if not isinstance(request, dict):
        raise ValueError('request: allowed: one customer, or {"instances": [customer, ...]}')
    return request


def predict_fn(request: dict[str, Any], model: Any) -> Any:
    """Answer a request, in its own form."""
    several = "instances" in request
    customers = request["instances"] if several else [request]
    probabilities = model.predict_proba(features(customers))[:, 1] if customers else []
    answers = [
        {"prediction": int(probability >= 0.5), "probability": round(float(probability), 6)}
        for probability in probabilities
    ]
    return {"predictions": answers} if several else answers[0]


def output_fn(answer: Any, accept: str) -> tuple[str, str]:
    """Write an answer; JSON whatever the caller accepts."""
    del accept
    return json.dumps(answer), JSON
