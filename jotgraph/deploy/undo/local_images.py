"""Undoes builds and pulls in the engine: images are removed, and names restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from jotgraph.apply.docker import TAG, UNTAG, remove_local_image
from jotgraph.deploy.build.engine import BUILD
from jotgraph.deploy.build.image import in_short, pulls, there_before
from jotgraph.deploy.run import Made
from jotgraph.deploy.undo.model import ABSENT, Todo, nothing
from jotgraph.deploy.undo.needed import needed
from jotgraph.deploy.undo.session import Undoing
from jotgraph.errors import CallFailedError
from jotgraph.plan.outcome import UndoStatus
from jotgraph.records import LocalImage, ResourceId, key_of, local_image_id
from jotgraph.records.ids import short, shortened
from jotgraph.sources.connections import ask_engine, is_gone
from jotgraph.sources.docker import image_id_of
from jotgraph.sources.single import containers, image_named

_REMOVE_STEP = "docker:DELETE /images/{step}"


def local_image(undoing: Undoing, resource: ResourceId) -> Todo:
    """Remove an image that the run built or pulled, unless somebody named it or something uses it.
    A name that the run moved goes back to the image that had it."""
    record = undoing.session.read(resource)
    if not isinstance(record, LocalImage):
        return ABSENT
    before = _names_before(undoing, resource)
    given = [name for name in before if name in record.tags]
    others = [name for name in record.tags if name not in before]
    if _is_created(undoing, resource):
        if why := needed(resource, undoing.run) or _use(undoing, resource, others):
            return nothing(UndoStatus.CANNOT, why)
        words = "remove it" + "".join(f", {move}" for move in _moves(undoing, before, given))
        return Todo(UndoStatus.REMOVED, words, lambda: _remove(undoing, resource, before, given))
    if not given:
        return nothing(UndoStatus.RESTORED, "it does not have the name that this run gave it")
    if not others and not all(_is_there(undoing, before[name]) for name in given):
        return nothing(
            UndoStatus.CANNOT, f"{given[0]} is its only name, and it would go with its last"
        )
    words = f"take its name {given[0]}"
    return Todo(UndoStatus.RESTORED, words, lambda: _take_names(undoing, resource, before, given))


def unfinished(undoing: Undoing) -> Iterator[ResourceId]:
    """Return images of a build that was interrupted before it was recorded: with its labels, and
    not there before. Raises CallFailedError."""
    builds = [
        entry for entry in undoing.journal.entries if entry.call == BUILD and entry.what == "intent"
    ]
    there = there_before(undoing.journal.entries)
    entries = undoing.journal.entries
    if there is None or any(
        entry.what == "made" and entry.line > builds[-1].line for entry in entries
    ):
        return
    labels = [f"{name}={value}" for name, value in builds[-1].params["labels"].items()]
    if labels:
        engine = undoing.session.connections.docker()
        for image in ask_engine(engine.images, filters={"label": labels}):
            if in_short(image["Id"]) not in there:
                yield local_image_id(image_id_of(image["Id"]))


def pulled(undoing: Undoing) -> Iterator[ResourceId]:
    """Return base images that the run may have pulled without recording it. Raises
    CallFailedError."""
    for base, kept in _unnoted(undoing).items():
        image = image_named(undoing.session.connections, base)
        if image is not None and key_of(image) != kept["before"]:
            yield image


def _unnoted(undoing: Undoing) -> dict[str, Mapping[str, Any]]:
    """Base images whose pull has no recorded result, each with the state before."""
    noted = {
        name
        for entry in undoing.journal.entries
        if entry.what == "made"
        for name in (entry.params.get("now") or {}).get("names", ())
    }
    bases = pulls(undoing.journal.entries)
    return {base: kept for base, kept in bases.items() if base not in noted}


def _is_created(undoing: Undoing, resource: ResourceId) -> bool:
    if any(line.result == Made.CREATED for line in undoing.made(resource)):
        return True
    for base, kept in _unnoted(undoing).items():
        if image_named(undoing.session.connections, base) == resource:
            return in_short(key_of(resource)) not in kept["images"]
    there = there_before(undoing.journal.entries)
    return there is not None and in_short(key_of(resource)) not in there


def _names_before(undoing: Undoing, resource: ResourceId) -> dict[str, str]:
    """The names that the run gave an image, each with the id that it referred to before, if any."""
    found: dict[str, str] = {}
    for call in undoing.calls(resource, TAG):
        name = f"{call.params['repo']}:{call.params['tag']}"
        found.setdefault(name, str((call.params.get("kept") or {}).get("before") or ""))
    for base, kept in _unnoted(undoing).items():
        if image_named(undoing.session.connections, base) == resource:
            found.setdefault(base, str(kept["before"]))
    for line in undoing.made(resource):
        names = (line.params.get("before") or {}).get("names")
        for name, was in names.items() if isinstance(names, Mapping) else ():
            found.setdefault(name, str(was))
    return found


def _use(undoing: Undoing, resource: ResourceId, others: list[str]) -> str:
    """Why an image that the run created has to be kept; empty if nothing uses it."""
    if others:
        return f"somebody named it {others[0]} since"
    for container in containers(undoing.session.connections):
        if container.image_id == key_of(resource):
            name = container.name or short(container.container_id)
            return f"container {name} ({container.state}) uses it"
    engine = undoing.session.connections.docker()
    for image in ask_engine(engine.images, all=True):
        if image_id_of(image.get("ParentId") or "") == key_of(resource):
            return f"image {short(image['Id'])} was built on it"
    return ""


def _moves(undoing: Undoing, before: Mapping[str, str], given: list[str]) -> list[str]:
    return [f"put {name} back" for name in given if _is_there(undoing, before[name])]


def _is_there(undoing: Undoing, image_id: str) -> bool:
    if not image_id:
        return False
    return image_named(undoing.session.connections, image_id) is not None


def _remove(
    undoing: Undoing, resource: ResourceId, before: Mapping[str, str], given: list[str]
) -> str:
    """Restore names, remove the image like a deletion does, then the steps that only it was made
    of. Raises CallFailedError, ApplyError."""
    engine = undoing.session.connections.docker()
    back = [name for name in given if _name_again(undoing, resource, name, before[name])]
    steps = list(_own_steps(undoing, engine, resource))
    record = undoing.session.read(resource)
    if isinstance(record, LocalImage):  # it goes with its last name
        remove_local_image(*undoing.deletion(record))
    for step in steps:
        if not _remove_step(undoing, engine, resource, step):
            break
    names = f"; {', '.join(back)} is what it was" if back else ""
    return f"removed: this run made it{names}"


def _own_steps(undoing: Undoing, engine: Any, resource: ResourceId) -> Iterator[str]:
    """The classic builder's steps below an image that did not exist before the run."""
    there = there_before(undoing.journal.entries)
    image = key_of(resource)
    while there is not None:
        image = str(ask_engine(engine.inspect_image, image).get("Parent") or "")
        if not image or in_short(image) in there:
            return
        yield image_id_of(image)


def _remove_step(undoing: Undoing, engine: Any, resource: ResourceId, step: str) -> bool:
    """Remove one step without a name; False if another image is made of it."""
    try:
        if ask_engine(engine.inspect_image, step).get("RepoTags"):
            return False
        do = partial(ask_engine, engine.remove_image, step, False, True)
        undoing.journal.call((resource,), _REMOVE_STEP, {"step": step}, do)
    except CallFailedError as error:
        if is_gone(error):
            return True
        if error.failure.code == "Conflict":
            return False
        raise
    return True


def _take_names(
    undoing: Undoing, resource: ResourceId, before: Mapping[str, str], given: list[str]
) -> str:
    """Remove names. Raises CallFailedError."""
    engine = undoing.session.connections.docker()
    for name in given:
        if _name_again(undoing, resource, name, before[name]):
            continue
        if image_named(undoing.session.connections, name) == resource:
            params = {"name": name, "force": False, "noprune": True}
            do = partial(ask_engine, engine.remove_image, name, False, True)
            undoing.journal.call((resource,), UNTAG, params, do)
    return f"its name {given[0]} was taken ({shortened(key_of(resource))} stays)"


def _name_again(undoing: Undoing, resource: ResourceId, name: str, image_id: str) -> bool:
    """Give a name back to its previous image, if that exists and nobody moved the name since."""
    named = image_named(undoing.session.connections, name)
    if named not in (None, resource) or not _is_there(undoing, image_id):
        return False
    repository, _, tag = name.rpartition(":")
    params = {"name": image_id, "repo": repository, "tag": tag}
    engine = undoing.session.connections.docker()
    do = partial(ask_engine, engine.tag, image_id, repository, tag)
    undoing.journal.call((local_image_id(image_id),), TAG, params, do, putting_back=True)
    return True


LOCAL_IMAGE = local_image
