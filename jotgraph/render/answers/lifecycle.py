"""What a lifecycle policy does to the images of a repository."""

from __future__ import annotations

from functools import partial

from jotgraph.analysis.usage.model import Verdict
from jotgraph.queries.answers.lifecycle import Expiry, Lifecycle
from jotgraph.records.phrases import counted
from jotgraph.records.titles import title
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.grid import Grid, Named, Row, grid_writers
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers

_WORDS = {Verdict.IN_USE: "breaks", Verdict.UNKNOWN: "unknown", Verdict.ORPHAN: "unused"}


def writers(named: Named = title) -> Writers[Lifecycle]:
    """A writer for each format."""
    return grid_writers(partial(grid, named=named), as_json, csv_rows)


def grid(answer: Lifecycle, *, named: Named = title) -> Grid:
    """Return what is removed; images in use come first, since they break."""
    return Grid(
        "Effect",
        ("When", "Action", "Rule", "Tags"),
        [_row(expiry) for expiry in answer.expires],
        named,
    )


def as_json(answer: Lifecycle) -> str:
    """Return the policy, and what it removes."""
    names = ("repository", "policy", "proposed", "images", "expires", "suggestion")
    body = {name: getattr(answer, name) for name in names}
    return answer_text("lifecycle", answer.about, body)


def csv_rows(answer: Lifecycle) -> TextTable:
    """Return a row for each image that is removed; without a time if that may happen at any
    time."""
    return TextTable(
        ("use", "resource", "at", "action", "rule", "tags", "witness", "because"),
        [
            (
                expiry.use,
                expiry.id,
                expiry.at,
                expiry.action,
                expiry.rule,
                expiry.tags,
                expiry.witness,
                expiry.because,
            )
            for expiry in answer.expires
        ],
    )


def note(answer: Lifecycle) -> str:
    """Return a summary in one line."""
    if not answer.policy:
        return f"no lifecycle policy: none of {counted(answer.images, 'image')} expires"
    doubtful = sum(expiry.use is Verdict.UNKNOWN for expiry in answer.expires)
    return (
        f"{len(answer.expires)} of {counted(answer.images, 'image')} expire by "
        f"{'the given policy' if answer.proposed else 'its own policy'}: {len(answer.in_use)} in "
        f"use, {doubtful} in doubt. ECR acts within 24 hours of the time shown"
    )


def _row(expiry: Expiry) -> Row:
    when = f"{expiry.at:%Y-%m-%d}" if expiry.at else "any time"
    cells = (when, expiry.action, str(expiry.rule), " ".join(expiry.tags))
    if expiry.witness:
        return Row(_WORDS[expiry.use], expiry.id, cells, before="used by", path=expiry.witness[:-1])
    return Row(_WORDS[expiry.use], expiry.id, cells, expiry.because)
