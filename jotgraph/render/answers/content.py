"""The commits that contain the files of images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from jotgraph.graph import About
from jotgraph.records import (
    ContentMatch,
    ContentVerdict,
    ResourceId,
    Touched,
    as_id,
    key_of,
    place_of,
    shortened,
)
from jotgraph.records.ids import NOWHERE, Place, short
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.fitted import Column, Fitted, Narrowing, Shortening
from jotgraph.render.answers.grid import common_place, place_heading, place_prefix
from jotgraph.render.answers.short_ids import without_place
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import RenderableType

_STYLE = {
    ContentVerdict.EXACT: "green",
    ContentVerdict.SUBSET: "yellow",
    ContentVerdict.NEAREST: "yellow",
    ContentVerdict.WEAK: "dim",
    ContentVerdict.NONE: "dim",
}

_FACTS = 3
_NAME = 28
"""Width of names in the narrowest terminal; longer ones have a line of their own."""
_GIVING_WAY = (
    Narrowing("Commits"),
    Narrowing("Image", Shortening.OWN_LINE),
    Narrowing("Repository", Shortening.OUT),
    Narrowing("Commits", Shortening.OUT),
)
HEADINGS = ("Image", "Repository", "Verdict", "Commits", "Files")


def writers(about: About) -> Writers[Sequence[ContentMatch]]:
    """A writer for each format."""
    return table_like(as_table, partial(as_json, about), csv_rows, markdown_rows)


def as_table(matches: Sequence[ContentMatch]) -> RenderableType:
    """Return a row for each image and repository: verdict, commits, and the files that differ."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    if not matches:
        return Group()
    shared = common_place(_place(match.resource) for match in matches)
    prefix = place_prefix(shared)
    names = [Text(without_place(key_of(match.resource), prefix)) for match in matches]
    newest = [Text(short(match.newest) + "+" * (match.count > 1)) for match in matches]
    columns = [
        Column("Image", [names]),
        Column("Repository", [[Text(match.repository or "-") for match in matches]]),
        Column(
            "Verdict", [[Text(match.verdict.value, _STYLE[match.verdict]) for match in matches]]
        ),
        Column("Commits", [[Text(_commits(match)) for match in matches], newest]),
    ]
    files = [Text(_files(match)) for match in matches]
    table = Fitted(columns, _GIVING_WAY, "Image", _NAME, files, "Files")
    return Group(*place_heading(shared), table)


def as_json(about: About, matches: Sequence[ContentMatch]) -> str:
    """Return ``jotgraph/content/1``: every match with all its fields."""
    return answer_text("content", about, {"content": [_fields(match) for match in matches]})


def csv_rows(matches: Sequence[ContentMatch]) -> TextTable:
    """Return a row for each image and repository; the paths of differing files are lines in one
    cell."""
    return TextTable(
        (
            "image", "repository", "verdict", "commits", "newest", "oldest", "matched",
            "modified", "modified_paths", "untracked", "untracked_paths", "layers_left", "shallow",
            "renamed", "renamed_paths", "line_ends", "line_ends_paths", "lacking", "lacking_paths",
            "published", "published_paths",
        ),
        [
            (
                match.resource,
                match.repository,
                match.verdict,
                match.count,
                match.newest,
                match.oldest,
                match.matched,
                match.modified_count,
                "\n".join(match.modified),
                match.unexplained_count,
                "\n".join(match.unexplained),
                match.layers_left,
                match.shallow,
                match.renamed_count,
                "\n".join(match.renamed),
                match.line_ends_count,
                "\n".join(match.line_ends),
                match.lacking_count,
                "\n".join(match.lacking),
                match.published_count,
                "\n".join(match.published),
            )
            for match in matches
        ],
    )  # fmt: skip


def markdown_rows(matches: Sequence[ContentMatch]) -> TextTable:
    """Return the table as in the terminal."""
    return TextTable(
        HEADINGS,
        [
            (
                shortened(key_of(match.resource)),
                match.repository or "-",
                match.verdict.value,
                _commits(match),
                _files(match),
            )
            for match in matches
        ],
    )


def _fields(match: ContentMatch) -> dict[str, object]:
    fields = msgspec.structs.asdict(match)
    # Two directories may have been copied into one: maps are no object.
    maps = [{"image": image, "repository": repository} for image, repository in match.maps]
    # Records keep facts as arrays, to be small; an answer is for readers.
    facts = [msgspec.structs.asdict(fact) for fact in match.facts]
    touched = _touched(match.touched) if match.touched else None
    named = match.packages
    packages = (
        None if named is None else [{"directory": folder, "name": name} for folder, name in named]
    )
    return {**fields, "maps": maps, "packages": packages, "facts": facts, "touched": touched}


def _touched(touched: Touched) -> dict[str, object]:
    inputs = [msgspec.structs.asdict(build_input) for build_input in touched.inputs]
    return {**msgspec.structs.asdict(touched), "inputs": inputs}


def _commits(match: ContentMatch) -> str:
    if not match.count:
        return "-"
    if match.count == 1:
        return short(match.newest)
    return f"{short(match.oldest)}..{short(match.newest)} ({match.count:,} commits)"


def _place(resource: ResourceId) -> Place:
    """The place of a resource; a file or folder has none."""
    return place_of(resource) if as_id(resource) else NOWHERE


def _files(match: ContentMatch) -> str:
    if match.verdict is ContentVerdict.NONE:
        return "none in common"
    parts = [f"{match.matched:,} equal"]
    for count, label, names in (
        (match.held, "of them in source maps or jars", ()),
        (match.by_run, "of them installed by RUN", ()),
        (match.modified_count, "modified", match.modified),
        (match.renamed_count, "renamed", match.renamed),
        (match.line_ends_count, "with other line ends", match.line_ends),
        (match.published_count, "with additions of npm", match.published),
        (match.lacking_count, "lacking", match.lacking),
        (match.unexplained_count, "untracked", match.unexplained),
        (match.dependencies_count, "of dependencies", match.dependencies),
    ):
        if count:
            parts.append(f"{count:,} {label}" + (f": {_names(names)}" if names else ""))
    if match.layers_left:
        parts.append(f"{counted(match.layers_left, 'layer')} not read")
    if match.shallow:
        parts.append("history is cut")
    own = [fact for fact in match.facts if not fact.package] or match.facts
    parts += [f"{fact.path} says {short(fact.revision)}" for fact in own[:_FACTS]]
    return "; ".join(parts)


def _names(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
