"""The permissions that a command needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jotgraph import permissions
from jotgraph.permissions import Need
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.formats import Writers
from jotgraph.render.answers.rich_table import rich_table

if TYPE_CHECKING:
    from rich.table import Table


def writers() -> Writers[Sequence[Need]]:
    """A writer for each format; JSON is the policy document, ready for IAM."""
    return {"json": as_json, "table": as_table}


def as_json(needed: Iterable[Need]) -> str:
    """The policy document."""
    return json_text(permissions.document(needed))


def as_table(needed: Iterable[Need]) -> Table:
    """Each action, on what, and what it is called for."""
    rows = [
        (each.action, each.resource, f"{each.because}{' (optional)' * each.spares}")
        for each in needed
    ]
    return rich_table(("Action", "Resource", "What for"), rows)
