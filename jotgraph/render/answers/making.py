"""What was pushed, deployed, rolled back or promoted."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from jotgraph.queries.answers.making import Pushed, Rollout
from jotgraph.records.ids import short
from jotgraph.records.titles import title
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import RenderableType

Making: TypeAlias = Pushed | Rollout
_PUSHED = ("Result", "Repository", "Tag", "Digest", "Before")
_ROLLOUT = ("Result", "Function", "Version", "Alias", "Runs", "Before")


def writers() -> Writers[Making]:
    """A writer for each format."""
    return table_like(as_table, json_text, csv_rows, markdown_rows)


def as_table(answer: Making) -> RenderableType:
    """Return one row."""
    key = "Repository" if isinstance(answer, Pushed) else "Function"
    return rich_table(*_shown(answer), key=key, out=("Before", "Result"))


def markdown_rows(answer: Making) -> TextTable:
    """The same row."""
    return TextTable(*_shown(answer))


def _shown(answer: Making) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    if isinstance(answer, Pushed):
        before = short(answer.moved_from) if answer.moved_from else ""
        name = title(answer.repository)
        digest = short(answer.digest)
        return _PUSHED, [(answer.result.value, name, answer.tag, digest, before)]
    share = f" ({answer.weight:.0%} of calls)" if answer.weight is not None else ""
    row = (
        answer.result.value,
        title(answer.function),
        answer.version,
        f"{answer.alias}{share}" if answer.alias else "",
        short(answer.after),
        short(answer.before) if answer.before else "",
    )
    return _ROLLOUT, [row]


def csv_rows(answer: Making) -> TextTable:
    """One row with whole ids and digests."""
    if isinstance(answer, Pushed):
        return TextTable(
            ("result", "image", "reference", "tag", "moved_from", "created_repository", "run"),
            [
                (
                    answer.result,
                    answer.image,
                    answer.reference,
                    answer.tag,
                    answer.moved_from,
                    answer.created_repository,
                    answer.run,
                )
            ],
        )
    return TextTable(
        ("result", "function", "version", "alias", "weight", "after", "before", "role", "run"),
        [
            (
                answer.result,
                answer.function,
                answer.version,
                answer.alias,
                answer.weight,
                answer.after,
                answer.before,
                answer.role,
                answer.run,
            )
        ],
    )


def note(answer: Making) -> str:
    """Return remarks, and how to undo the command: a line each, for stderr."""
    lines: list[str] = []
    if isinstance(answer, Pushed):
        if answer.created_repository:
            lines.append(f"the repository {title(answer.repository)} was created")
    else:
        if answer.role_created:
            lines.append(f"a role was created for it: {answer.role}")
        lines += answer.notes
    return "\n".join([*lines, f"Run {answer.run}; to take it back: jotgraph undo {answer.run}"])
