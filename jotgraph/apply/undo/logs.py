"""Restores a log group of CloudWatch Logs, without its events."""

from __future__ import annotations

from typing import Any

from jotgraph.apply.undo.restorer import Restorer, own_tags
from jotgraph.records import name_of

_METRIC = (
    "filterPattern", "metricTransformations", "applyOnTransformedLogs", "fieldSelectionCriteria",
    "emitSystemFieldDimensions",
)  # fmt: skip
_SUBSCRIPTION = (
    "filterPattern", "destinationArn", "roleArn", "distribution", "applyOnTransformedLogs",
    "fieldSelectionCriteria", "emitSystemFields",
)  # fmt: skip
"""Members of a filter that the call which creates it takes."""


def log_group(restorer: Restorer) -> str:
    """Create a log group with its class, key, tags, retention and filters."""
    answers, name = restorer.answers, name_of(restorer.id)
    copy = answers["DescribeLogGroups"]
    settings: dict[str, Any] = {
        "kmsKeyId": copy.get("kmsKeyId"),
        "logGroupClass": copy.get("logGroupClass"),
        "tags": own_tags(answers["ListTagsForResource"] or {}),
    }
    made = {key: value for key, value in settings.items() if value}
    restorer.ask("logs", "CreateLogGroup", once=True, logGroupName=name, **made)
    if days := copy.get("retentionInDays"):
        restorer.attempt("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
    for call, members, filters in (
        ("PutMetricFilter", _METRIC, answers["DescribeMetricFilters"]),
        ("PutSubscriptionFilter", _SUBSCRIPTION, answers["DescribeSubscriptionFilters"]),
    ):
        for kept in filters:
            words = {key: kept[key] for key in members if kept.get(key) is not None}
            restorer.attempt(
                "logs", call, logGroupName=name, filterName=kept["filterName"], **words
            )
    lost = answers.get("lost") or ()
    return f"empty: its events are gone{''.join(f', and its {part}' for part in lost)}"
