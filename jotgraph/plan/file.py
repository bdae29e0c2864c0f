"""Reads plan files, and rejects incomplete, foreign or edited ones."""

from __future__ import annotations

from typing import Any

import msgspec

from jotgraph.errors import NoPlanError, PlanError
from jotgraph.plan.model import FORMAT, Plan, plan_digest
from jotgraph.records.file_forms import form_of, not_that
from jotgraph.records.json_text import NOT_JSON

_MAKE = "make a new one with jotgraph plan -o FILE"


def parse(content: bytes, source: str = "this") -> Plan:
    """Parse a plan as ``plan -o FILE`` and ``plan --format json`` write it; ``source`` names it in
    messages. Raises NoPlanError for what is no plan, PlanError for one that is damaged, of another
    version, or was edited."""
    raw = _decoded(content, source)
    form = raw.get("format") if isinstance(raw, dict) else None
    if form_of(content) != "plan" or not isinstance(form, str):
        raise NoPlanError(_other(content, source))
    if form != FORMAT:
        raise PlanError(f"{source} has the format {form}, and this program reads {FORMAT}; {_MAKE}")
    try:
        plan = msgspec.convert(raw, Plan)
    except NOT_JSON as error:
        raise PlanError(f"{source} is damaged: {error}; {_MAKE}") from error
    if plan.digest != plan_digest(plan):
        raise PlanError(f"{source} was edited since it was made; {_MAKE}")
    return plan


def _decoded(content: bytes, source: str) -> Any:
    try:
        return msgspec.json.decode(content)
    except NOT_JSON as error:
        if form_of(content) == "plan":
            raise PlanError(f"{source} is cut off or damaged: {error}; {_MAKE}") from error
        raise NoPlanError(_other(content, source)) from error


def _other(content: bytes, source: str) -> str:
    """That a file is no plan; of an inventory, how one is made from it."""
    read = f" --from {source}" if form_of(content) == "inventory" else ""
    made = f"jotgraph plan delete NAME{read} -o FILE"
    return not_that(source, content, "a jotgraph plan file", f"{made} writes one")
