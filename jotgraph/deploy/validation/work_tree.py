"""Checks that a folder equals a commit, so that its image can be traced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jotgraph.deploy.validation.context import Context
from jotgraph.deploy.validation.flaws import flaw, shown
from jotgraph.errors import SourceError
from jotgraph.queries.answers.validation import Flaw, FlawCode, FlawSeverity
from jotgraph.records.ids import short
from jotgraph.records.phrases import counted, listed
from jotgraph.sources.git.state import folder_state


def work_tree(root: Path, context: Context, *, allow_dirty: bool = False) -> Iterator[Flaw]:
    """Yield findings about the folder and its commit."""
    wrong = FlawSeverity.WARNING if allow_dirty else FlawSeverity.WRONG
    try:
        state = folder_state(root)
    except SourceError as error:
        text = f"Whether the work tree is clean was not read: {shown(str(error), 400)}."
        yield flaw(
            FlawCode.WORK_TREE_UNKNOWN, FlawSeverity.UNKNOWN, text, "See that git can read it."
        )
        return
    if state is None or not state.revision:
        where = "It is in no git repository" if state is None else "Nothing is committed yet"
        text = f"{where}, so that its image can be traced to no commit."
        yield flaw(
            FlawCode.NO_COMMIT,
            FlawSeverity.WARNING,
            text,
            "Commit it: git init, git add, git commit.",
        )
        return
    if state.dirty:
        text = f"Tracked files of the repository differ from commit {short(state.revision)}."
        todo = "Commit or undo the changes; --allow-dirty makes this a warning."
        yield flaw(FlawCode.WORK_TREE_DIRTY, wrong, text, todo)
    untracked = [path for path in state.untracked if path in context.sizes]
    if untracked:
        verb = "is" if len(untracked) == 1 else "are"
        text = (
            f"{counted(len(untracked), 'file')} that the build is sent {verb} in no commit: "
            f"{listed([shown(path) for path in untracked])}."
        )
        todo = "Commit them, or leave them out: .dockerignore; --allow-dirty makes this a warning."
        yield flaw(FlawCode.WORK_TREE_UNTRACKED, wrong, text, todo, untracked[0])
