"""What is out of date or broken."""

from __future__ import annotations

from functools import partial

from jotgraph.queries.answers.staleness import Entry, Staleness
from jotgraph.records import hex_of
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.grid import Grid, Row, grid_writers
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers


def writers(*, everything: bool = False) -> Writers[Staleness]:
    """A writer for each format; ``everything`` shows what is well too."""
    return grid_writers(
        partial(grid, everything=everything), as_json, partial(csv_rows, everything=everything)
    )


def grid(answer: Staleness, *, everything: bool = False) -> Grid:
    """What is out of date or broken; everything that runs, if ``everything``."""
    rows = [_stale(each) for each in answer.functions if everything or _said(each)]
    return Grid("State", ("Runs", "Stands"), rows)


def as_json(answer: Staleness) -> str:
    """Every function, version and alias with its states."""
    return answer_text("stale", answer.about, {"ref": answer.ref, "functions": answer.functions})


def csv_rows(answer: Staleness, *, everything: bool = False) -> TextTable:
    """A row for everything that is out of date or broken, or for all that runs."""
    return TextTable(
        (
            "states", "kind", "resource", "runs", "follows", "standing", "behind", "touching",
            "ref", "because", "unread",
        ),
        [
            (
                entry.states,
                entry.kind,
                entry.id,
                entry.runs,
                entry.follows,
                entry.lag.state,
                entry.lag.behind,
                entry.lag.touching,
                entry.lag.ref,
                "; ".join(_findings(entry)),
                "; ".join(entry.unread),
            )
            for entry in answer.functions
            if everything or _said(entry)
        ],
    )  # fmt: skip


def note(answer: Staleness) -> str:
    """How many are in each state."""
    states = [state for each in answer.functions for state in each.states]
    counted = ", ".join(f"{states.count(each)} {each}" for each in dict.fromkeys(sorted(states)))
    return f"{len(answer.functions)} looked at: {counted or 'nothing is out of date or broken'}"


def _stale(each: Entry) -> Row:
    runs = " ".join(hex_of(image)[:9] for image in each.runs)
    stands = each.lag.words()
    lag = each.lag.words().split(",")[0]
    inputs = each.lag.inputs or each.lag.perhaps
    said = [found for found in _findings(each) if inputs or not found.startswith(lag)]
    because = "; ".join([*said, *(said.replace(": ", "? ", 1) for said in each.unread)])
    return Row(" ".join(each.states) or "ok", each.id, (runs, stands), because)


def _said(each: Entry) -> bool:
    return bool(each.states) or each.lag.touching == 0


def _findings(each: Entry) -> list[str]:
    """What is wrong; and that commits which are missing touch nothing in the image."""
    told = [found.because for found in each.findings]
    quiet = each.lag.touching == 0 or each.lag.perhaps
    return told + ([each.lag_says] if quiet and each.lag_says not in told else [])
