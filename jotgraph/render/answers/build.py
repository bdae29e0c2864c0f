"""The image that ``build`` made."""

from __future__ import annotations

from jotgraph.queries.answers.build import Built
from jotgraph.records.ids import short
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import json_text, plain
from jotgraph.render.answers.writers import Writers
from jotgraph.render.words import size

_RESULTS = {
    "created": "built",
    "changed": "the engine had this image; its name is new",
    "there": "the engine had this image under this name",
}


def writers() -> Writers[Built]:
    """Return a writer for each format."""
    return {"text": as_text, "json": as_json}


def as_text(built: Built) -> str:
    """Return its first tag, for the next command of a script."""
    return f"{built.reference}\n"


def as_json(built: Built) -> str:
    """Return the whole answer; it comes from no scan, so it has neither scope nor gaps."""
    body = plain(built)
    assert isinstance(body, dict)
    return json_text({"format": "jotgraph/build/1", **body})


def note(built: Built) -> str:
    """``image 1a2b3c4d5 of commit 9f8e7d6c5, 12 MB: built; jotgraph undo 0123… takes…``."""
    changes = " with uncommitted changes" if built.dirty else ""
    commit = f"of commit {short(built.commit)}{changes}" if built.commit else "without a commit"
    count = len(built.findings)
    remarks = f"; validate has {counted(count, 'remark')}" if count else ""
    back = "" if built.result == "there" else f"; jotgraph undo {built.run} takes it back"
    return (
        f"image {short(built.image_id)} {commit}, {size(built.size)}: "
        f"{_RESULTS[built.result]}{remarks}{back}"
    )
