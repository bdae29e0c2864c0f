"""Restores images of the Docker engine with their names; containers cannot be restored."""

from __future__ import annotations

from typing import IO, Any

from jotgraph.apply.backup.described import require_end
from jotgraph.apply.backup.paths import saved_path
from jotgraph.apply.docker import tag_again
from jotgraph.apply.undo.restorer import LOAD, Restorer
from jotgraph.errors import CallFailedError, Failure, UnrestorableError
from jotgraph.sources.connections import ask_engine


def container(restorer: Restorer) -> str:
    raise UnrestorableError(
        f"the files the container wrote are lost; {restorer.kept_configuration}"
    )


def _load(engine: Any, file: IO[bytes]) -> None:
    """Load an archive. Raises CallFailedError with the engine's own reason, which a successful
    response may contain."""
    for event in ask_engine(lambda: list(engine.load_image(file))):
        if why := event.get("error"):
            raise CallFailedError(Failure("error", f"docker load failed: {why}"))


def local_image(restorer: Restorer) -> str:
    """Load an image, then give it each name that no other image has now."""
    path = saved_path(restorer.copies.folder, restorer.id)
    names = restorer.answers["inspect"].get("RepoTags") or ()
    if not path.exists():
        raise restorer.without_backup()
    require_end(path)
    engine = restorer.session.connections.docker()
    with path.open("rb") as file:
        restorer.session.journal.call((restorer.id,), LOAD, {}, lambda: _load(engine, file))
    elsewhere = tag_again(restorer.session, restorer.id, names)
    notes = ["loaded, with its names; the registry it was pushed to is no longer known"]
    notes += [f"{name} now names another image and was not moved" for name in elsewhere]
    return "; ".join(notes)
