"""What differs between two inventories."""

from __future__ import annotations

from jotgraph.queries.answers.difference import Difference
from jotgraph.records import kind_of
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.grid import Grid, Row, grid_writers
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers


def writers() -> Writers[Difference]:
    """A writer for each format."""
    return grid_writers(grid, as_json, csv_rows)


def grid(answer: Difference) -> Grid:
    """What was added, removed and changed, and what one of the two did not read."""
    lists = (("added", answer.added), ("removed", answer.removed), ("not read", answer.unread))
    rows = [Row(word, resource) for word, some in lists for resource in some]
    rows += [
        Row("changed", changed.id, because=_because(changed.fields, changed.says))
        for changed in answer.changed
    ]
    return Grid("What", (), rows)


def _because(fields: tuple[str, ...], says: tuple[str, ...]) -> str:
    return "; ".join((", ".join(fields), *says))


def as_json(answer: Difference) -> str:
    """What changed; scope is the later inventory's, gaps those of both."""
    names = ("before", "added", "removed", "changed", "unread")
    return answer_text("diff", answer.about, {name: getattr(answer, name) for name in names})


def csv_rows(answer: Difference) -> TextTable:
    """A row for each resource that differs, with the fields that changed."""
    lists = {"added": answer.added, "removed": answer.removed, "unread": answer.unread}
    rows: list[tuple[object, ...]] = [
        (word, kind_of(resource), resource, ())
        for word, resources in lists.items()
        for resource in resources
    ]
    rows += [("changed", changed.kind, changed.id, changed.fields) for changed in answer.changed]
    return TextTable(("what", "kind", "resource", "fields"), rows)


def note(answer: Difference) -> str:
    """How much differs."""
    return (
        f"{len(answer.added)} added, {len(answer.removed)} removed, {len(answer.changed)} changed"
        f"{f', {len(answer.unread)} not read in one of them' if answer.unread else ''}"
    )
