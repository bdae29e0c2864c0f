"""The table of assumptions in docs/doctor.md: ``python -m tests.doctor.page`` writes it."""

from __future__ import annotations

from pathlib import Path

from jotgraph.doctor.assumptions import RULES
from jotgraph.doctor.pulls import OWN_PULLS

PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"
HEADING = "## The assumptions\n"


def table() -> str:
    """Every assumption, with the module that relies on it."""
    rows = [f"| `{rule.id}` | {rule.claim} | `{rule.used_in}` |" for rule in (*RULES, OWN_PULLS)]
    return "\n".join(["| | what is relied on | by |", "|---|---|---|", *rows]) + "\n"


def page() -> str:
    """The whole page, with the table as it is."""
    head = PAGE.read_text(encoding="utf-8").partition(HEADING)[0]
    return f"{head}{HEADING}\n{table()}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
