"""The Docker engine: images with their names; containers do not come back."""

from __future__ import annotations

from functools import partial

from jotgraph.apply.backup import saved_path
from jotgraph.apply.undo.restorer import LOAD, CannotError, Maker
from jotgraph.failures import CallFailedError
from jotgraph.records import key_of
from jotgraph.sources.session import ask_engine, is_gone


def container(make: Maker) -> str:
    raise CannotError("what a container wrote is gone; its configuration is in the backup")


def local_image(make: Maker) -> str:
    """``docker load``, then each of its names that no other image has by now."""
    image = key_of(make.id)
    path = saved_path(make.folder, make.id)
    if not path.exists():
        raise CannotError("no backup of it was made")
    engine = make.world.docker()
    with path.open("rb") as file:
        make.journal.call(
            (make.id,), LOAD, {}, lambda: ask_engine(lambda: list(engine.load_image(file)))
        )
    said = ["loaded, with its names; which registry it was pushed to is not known any more"]
    for name in make.answers["inspect"].get("RepoTags") or ():
        if _named(make, name) not in ("", image):
            said.append(f"{name} names another image by now and was left there")
            continue
        repository, _, tag = name.rpartition(":")
        make.journal.call(
            (make.id,),
            "docker:POST /images/{name}/tag",
            {"name": image, "repo": repository, "tag": tag},
            partial(ask_engine, engine.tag, image, repository, tag),
        )
    return "; ".join(said)


def _named(make: Maker, name: str) -> str:
    """The id of the image that a name means now, or empty."""
    try:
        return str(ask_engine(make.world.docker().inspect_image, name)["Id"])
    except CallFailedError as error:
        if is_gone(error):
            return ""
        raise
