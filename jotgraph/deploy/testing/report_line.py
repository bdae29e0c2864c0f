"""Parses Lambda's log tail of one invocation.

It has a REPORT line, or a ``platform.report`` where the system log is JSON (Lambda guide, "Function
logs").
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from jotgraph.queries.answers.testing import Figures
from jotgraph.records.json_text import NOT_JSON

_REPORT = re.compile(r"REPORT RequestId: \S+\s")
_FIELD = re.compile(r"(?:^|\t)\s*(?P<name>[A-Z][A-Za-z ]+): (?P<value>\d+(?:\.\d+)?) (?:ms|MB)")


def tail_lines(encoded: str) -> tuple[str, ...]:
    """Return the lines of ``LogResult``, the last 4 KB in base64."""
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ()
    return tuple(text.splitlines())


def figures_of(lines: Iterable[str]) -> Figures:
    """Return the figures in the last report among the lines."""
    for line in reversed(tuple(lines)):
        if _REPORT.match(line):
            fields = {match["name"]: match["value"] for match in _FIELD.finditer(line)}
            return _figures(
                fields,
                ("Duration", "Billed Duration", "Init Duration", "Memory Size", "Max Memory Used"),
            )
        if '"platform.report"' in line:
            return _figures(
                _metrics(line),
                (
                    "durationMs",
                    "billedDurationMs",
                    "initDurationMs",
                    "memorySizeMB",
                    "maxMemoryUsedMB",
                ),
            )
    return Figures()


def _metrics(line: str) -> Mapping[str, Any]:
    try:
        report = msgspec.json.decode(line)
        metrics = report["record"]["metrics"]
    except (*NOT_JSON, KeyError, TypeError):
        return {}
    return metrics if isinstance(metrics, dict) else {}


def _figures(report: Mapping[str, Any], names: tuple[str, str, str, str, str]) -> Figures:
    values: list[float | None] = []
    for name in names:
        try:
            values.append(float(report[name]))
        except (KeyError, TypeError, ValueError):
            values.append(None)
    duration, billed, init, memory, used = values
    return Figures(
        duration_ms=duration,
        billed_ms=billed,
        init_ms=init,
        memory_mb=None if memory is None else int(memory),
        max_memory_mb=None if used is None else int(used),
    )
