"""Reads plan files, and rejects incomplete, foreign or edited ones."""

from __future__ import annotations

import msgspec

from jotgraph.errors import PlanError
from jotgraph.plan.model import FORMAT, Plan, plan_digest
from jotgraph.records.json_text import NOT_JSON

_MAKE = "make a new one with jotgraph plan -o FILE"


def parse(content: bytes, source: str = "this") -> Plan:
    """Parse a plan as ``plan -o FILE`` and ``plan --format json`` write it; ``source`` names it in
    messages. Raises PlanError for what is no plan, is of another version, or was edited."""
    try:
        raw = msgspec.json.decode(content)
        form = raw.get("format") if isinstance(raw, dict) else None
        if form != FORMAT:
            why = f"its format is {form}" if form else "it has no format"
            raise PlanError(f"{source} is not a jotgraph plan file: {why}; {_MAKE}")
        plan = msgspec.convert(raw, Plan)
    except NOT_JSON as error:
        raise PlanError(f"{source} is not a jotgraph plan file: {error}; {_MAKE}") from error
    if plan.digest != plan_digest(plan):
        raise PlanError(f"{source} was edited since it was made; {_MAKE}")
    return plan
