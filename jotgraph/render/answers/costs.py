"""What the images in ECR cost a month, by repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.analysis.costs.model import Storage, dollar_words, price_words
from jotgraph.analysis.coverage import without_account
from jotgraph.queries.answers.costs import Costs, RepositoryCost
from jotgraph.records import Place, name_of, place_of
from jotgraph.records.ids import NOWHERE
from jotgraph.records.phrases import counted, listed
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.fitted import Column, Fitted, Narrowing, Shortening
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like
from jotgraph.render.words import size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Group
    from rich.text import Text

HEADINGS = ("$ a month", "Unused", "Stored", "Unused bytes", "Images", "Orphans", "Repository")
_KEY = "Repository"
_STEPS = (
    Narrowing("Unused bytes", Shortening.OUT),
    Narrowing("Images", Shortening.OUT),
    Narrowing("Orphans", Shortening.OUT),
    Narrowing("Stored", Shortening.OUT),
    Narrowing(_KEY, Shortening.OWN_LINE),
)
_LONGEST_NAME = 40
CSV_COLUMNS = (
    "account", "region", "repository", "images", "archived", "bytes", "bytes_upper_bound",
    "archived_bytes", "dollars", "orphans", "unused_bytes", "unused_bytes_upper_bound",
    "unused_dollars", "unread",
)  # fmt: skip
_DIGITS = 6
"""Decimals of dollars in machine formats: a few kilobytes cost less than a cent, and more than
nothing."""


def writers() -> Writers[Costs]:
    """A writer for each format."""
    return table_like(as_table, as_json, csv_rows, markdown_rows)


def as_table(answer: Costs) -> Fitted | Group:
    """Return a row for each repository, the most expensive first."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    if not answer.repositories:
        return Group()
    rows = [_cells(row, _shared(answer)) for row in answer.repositories]
    columns = []
    for at, heading in enumerate(HEADINGS):
        cells = [row[at] for row in rows]
        widest = max((len(cell) for cell in cells), default=0)
        numbers = heading != _KEY
        texts = [Text(cell.rjust(max(widest, len(heading))) if numbers else cell) for cell in cells]
        columns.append(Column(heading, [_dimmed(texts, answer)]))
    return Fitted(columns, _STEPS, _KEY, _LONGEST_NAME)


def _dimmed(texts: list[Text], answer: Costs) -> Sequence[Text]:
    """Repositories to dim: nothing in them is unused, and they cost less than a cent."""
    for text, row in zip(texts, answer.repositories, strict=True):
        if not row.orphans and row.stored.dollars < 0.005:
            text.stylize("dim")
    return texts


def _shared(answer: Costs) -> Place:
    """The account and region that all repositories share, as far as they do."""
    accounts = {place_of(row.id).account for row in answer.repositories}
    regions = {place_of(row.id).region for row in answer.repositories}
    account = accounts.pop() if len(accounts) == 1 else ""
    return Place(account, regions.pop() if len(regions) == 1 else "")


def _cells(row: RepositoryCost, shared: Place = NOWHERE) -> tuple[str, ...]:
    account, region = place_of(row.id)
    where = (
        account if account != shared.account else "",
        region if region != shared.region else "",
    )
    return (
        dollars(row.stored, row.unread),
        dollars(row.unused, row.unread) if row.orphans else "",
        _bytes(row.stored, row.unread),
        _bytes(row.unused, row.unread) if row.orphans else "",
        str(row.images),
        str(row.orphans) if row.orphans else "",
        "/".join(filter(None, (*where, name_of(row.id)))),
    )


def dollars(stored: Storage, unread: Sequence[str] = ()) -> str:
    """Return ``$1.20``; ``≤ $1.20`` for an upper bound; ``$1.20 + unread`` where there may be
    more."""
    if unread:
        return f"{dollar_words(stored.dollars)} + unread"
    return dollar_words(stored.dollars, stored.at_most)


def _bytes(stored: Storage, unread: Sequence[str]) -> str:
    if unread:
        return f"{size(stored.bytes)} + unread"
    return size(stored.bytes, stored.at_most)


def as_json(answer: Costs) -> str:
    """Return every repository, the total, and the prices."""
    body = {
        "repositories": [
            {
                "id": row.id,
                "images": row.images,
                "archived": row.archived,
                "stored": storage_body(row.stored),
                "orphans": row.orphans,
                "unused": storage_body(row.unused),
                "unread": row.unread,
            }
            for row in answer.repositories
        ],
        "stored": storage_body(answer.stored),
        "unused": storage_body(answer.unused),
        "unread": answer.unread,
        "prices": answer.prices,
        "assumed": answer.assumed,
    }
    return answer_text("costs", answer.about, body)


def storage_body(taken: Storage) -> dict[str, object]:
    """Return bytes and dollars for machine formats."""
    return {
        "bytes": taken.bytes,
        "archived_bytes": taken.archived_bytes,
        "at_most": taken.at_most,
        "dollars": round(taken.dollars, _DIGITS),
    }


def csv_rows(answer: Costs) -> TextTable:
    """Return a row for each repository; ``bytes`` is empty when only an upper bound is known."""
    return TextTable(
        CSV_COLUMNS,
        [
            (
                *place_of(row.id),
                name_of(row.id),
                row.images,
                row.archived,
                None if row.stored.at_most else row.stored.bytes,
                row.stored.bytes,
                row.stored.archived_bytes,
                round(row.stored.dollars, _DIGITS),
                row.orphans,
                None if row.unused.at_most else row.unused.bytes,
                row.unused.bytes,
                round(row.unused.dollars, _DIGITS),
                "; ".join(row.unread),
            )
            for row in answer.repositories
        ],
    )


def markdown_rows(answer: Costs) -> TextTable:
    """Return the table as in the terminal, with full names."""
    rows = [_cells(row) for row in answer.repositories]
    return TextTable((_KEY, *HEADINGS[:-1]), [(row[-1], *row[:-1]) for row in rows])


def note(answer: Costs) -> str:
    """Return the total, its unused part, the prices, and what was not counted."""
    if nothing := without_account(answer.about.scope):
        return nothing
    repositories = counted(len(answer.repositories), "repository", "repositories")
    stored, unused = (dollars(taken, answer.unread) for taken in (answer.stored, answer.unused))
    lines = [f"{repositories}: {stored} a month, {unused} of it unused"]
    if answer.prices:
        lines.append(f"Storage alone, at {price_words(answer.prices, answer.assumed)}")
    if answer.stored.archived_bytes:
        lines.append("Archived images cost as much as others, and 90 days at least")
    if answer.stored.at_most:
        lines.append("≤: layers may be shared with images whose manifests were not read")
    if answer.unread:
        lines.append(f"+ unread: {listed(answer.unread)}")
    return "\n".join(lines)
