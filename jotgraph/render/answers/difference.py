"""The differences between two inventories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from jotgraph.queries.answers.difference import Changed, CommitRange, Difference, FieldChange
from jotgraph.records import ResourceId, kind_of, shortened
from jotgraph.records.ids import short
from jotgraph.records.phrases import counted
from jotgraph.records.titles import title
from jotgraph.render.answers.envelope import answer_text, plain
from jotgraph.render.answers.grid import Grid, Named, Row, by_place, grid_writers
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers

_PAIR = 2
_LONG = 60
"""Longest value shown in a sentence; for a longer one the sentence only says that it changed."""


def writers(named: Named = title) -> Writers[Difference]:
    """A writer for each format."""
    return grid_writers(partial(grid, named=named), as_json, csv_rows)


def grid(answer: Difference, *, named: Named = title) -> Grid:
    """Return rows for what was added, removed and changed, changed verdicts, and what one of the
    two did not read."""
    rows = [Row("added", resource) for resource in _sorted(answer.added)]
    rows += [Row("removed", resource) for resource in _sorted(answer.removed)]
    rows += [
        Row("changed", changed.id, because=changed_words(changed))
        for changed in sorted(answer.changed, key=lambda changed: by_place(changed.id))
    ]
    rows += [
        Row("verdict", change.id, because=f"{change.before} → {change.after}: {change.because}")
        for change in sorted(answer.verdicts, key=lambda change: by_place(change.id))
    ]
    rows += [Row("not read", resource) for resource in _sorted(answer.unread)]
    return Grid("Change", (), rows, named)


def _sorted(resources: Iterable[ResourceId]) -> list[ResourceId]:
    return sorted(resources, key=by_place)


def changed_words(changed: Changed) -> str:
    """``version 2 → 3; commits 1a2b3c4d5..2b3c4d5e6 (3 commits)``."""
    redundant = {"images"} if changed.says else set()  # says more than two lists of references
    values = {
        change.field: _values(change) for change in changed.values if change.field not in redundant
    }
    parts = [values.get(field, field) for field in changed.fields]
    range_ = [_range(changed.commits)] if changed.commits else []
    return "; ".join((*parts, *changed.says, *range_))


def _range(commits: CommitRange) -> str:
    """``1a2b3c4d5..2b3c4d5e6 (3 commits)``, with a remark for a rollback."""
    words = f"commits {short(commits.before)}..{short(commits.after)}"
    if commits.added is None or commits.removed is None:
        return words
    parts = [f"{counted(commits.added, 'commit')}"] if commits.added else []
    parts += [f"{counted(commits.removed, 'commit')} taken back"] if commits.removed else []
    return f"{words} ({', '.join(parts)})"


def _values(change: FieldChange) -> str:
    """``version 2 → 3``, ``tags +canary -old``."""
    before, after = change.before, change.after
    if isinstance(before, tuple) and isinstance(after, tuple):
        old, new = [_word(part) for part in before], [_word(part) for part in after]
        parts = [f"+{part}" for part in new if part not in old]
        parts += [f"-{part}" for part in old if part not in new]
        words = " ".join(parts) or "in another order"
    else:
        parts = [_word(before), _word(after)]
        words = " → ".join(parts)
    name = change.field.replace("_", " ")
    return f"{name} {words}" if all(len(part) <= _LONG for part in parts) else name


def _word(value: object) -> str:
    if value in (None, "", ()):
        return "none"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, tuple) and len(value) == _PAIR:
        return f"{value[0]}={value[1]}"
    return shortened(str(plain(value)))


def as_json(answer: Difference) -> str:
    """Return the changes as JSON; the scope is the later inventory's, the gaps those of both."""
    names = ("before", "added", "removed", "changed", "unread", "verdicts")
    return answer_text("diff", answer.about, {name: getattr(answer, name) for name in names})


def csv_rows(answer: Difference) -> TextTable:
    """Return a row for each added or removed resource, each changed field, and each changed
    verdict."""
    lists = {"added": answer.added, "removed": answer.removed, "unread": answer.unread}
    rows: list[tuple[object, ...]] = [
        (word, kind_of(resource), resource, None, None, None, None)
        for word, resources in lists.items()
        for resource in resources
    ]
    rows += [row for changed in answer.changed for row in _changes(changed)]
    rows += [
        ("verdict", change.kind, change.id, "verdict", change.before, change.after, None)
        for change in answer.verdicts
    ]
    return TextTable(("what", "kind", "resource", "field", "before", "after", "commits"), rows)


def _changes(changed: Changed) -> Iterator[tuple[object, ...]]:
    between = changed.commits
    range_ = f"{between.before}..{between.after}" if between else None
    values = {change.field: change for change in changed.values}
    for field in changed.fields:
        change = values.get(field)
        both = (change.before, change.after) if change else (None, None)
        yield ("changed", changed.kind, changed.id, field, *both, range_)


def note(answer: Difference) -> str:
    """Return the number of differences."""
    parts = [
        f"{len(answer.added)} added",
        f"{len(answer.removed)} removed",
        f"{len(answer.changed)} changed",
    ]
    if answer.verdicts:
        parts.append(counted(len(answer.verdicts), "other verdict"))
    if answer.unread:
        parts.append(f"{len(answer.unread)} not read in one of them")
    return ", ".join(parts)
