"""Deletes from the Docker engine: stopped containers, and images tag by tag; nothing by force."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from jotgraph.apply.run import GONE_ALREADY, Run, back_up, look, wait_gone
from jotgraph.apply.session import Session
from jotgraph.errors import CallFailedError, RefusedError
from jotgraph.plan import Step
from jotgraph.plan.again import copies_kept
from jotgraph.records import Container, EcrImage, LocalImage, ResourceId, account_of, key_of
from jotgraph.records.ids import short
from jotgraph.sources.connections import ask_engine, is_gone
from jotgraph.sources.single import containers, image_named, read_local_image

_STOPPED = ("created", "exited", "dead")
UNTAG = "docker:DELETE /images/{name}"
REMOVE_CONTAINER = "docker:DELETE /containers/{id}"
TAG = "docker:POST /images/{name}/tag"


def remove_container(run: Run, step: Step) -> str:
    """Remove a stopped container; its volumes are kept."""
    engine, container_id = run.connections.docker(), key_of(step.id)
    seen = look(run, step)
    if seen is None:
        return GONE_ALREADY
    back_up(run, step, seen)
    container = look(run, step)
    if container is None:
        return GONE_ALREADY
    assert isinstance(container, Container)
    if container.state not in _STOPPED:
        raise RefusedError(f"it is {container.state}")
    _write(
        run,
        step,
        REMOVE_CONTAINER,
        {"id": container_id},
        lambda: ask_engine(engine.remove_container, container_id, v=False, force=False),
    )
    wait_gone(run, step.id)
    return "removed"


def remove_local_image(run: Run, step: Step) -> str:
    """Remove an image by untagging its names one by one, each checked right before. The image is
    deleted with its last name (Docker Engine API, ImageDelete). If it has to be kept, its names are
    restored."""
    image = key_of(step.id)
    try:
        while True:
            record = look(run, step, _taken(run, step))
            if record is None:
                return "removed" if run.journal.intents(step.id, UNTAG) else GONE_ALREADY
            assert isinstance(record, LocalImage)
            back_up(run, step, record)
            _require_copy(run, step)
            _require_unused(run, image)
            name = record.tags[0] if record.tags else image
            _untag(run, step, name)
            if name == image:
                break
    except (Exception, KeyboardInterrupt):  # whatever it was, nothing stays half done
        if run.session.read(step.id) is not None:
            tag_again(run.session, step.id, names_taken(run.session, step.id))
        raise
    wait_gone(run, step.id)
    return "removed"


def _untag(run: Run, step: Step, name: str) -> None:
    """Remove one name, if the image is still what it names."""
    engine = run.connections.docker()
    named = image_named(run.connections, name)
    if named is None:
        return
    if named != step.id:
        raise RefusedError(f"{name} now names another image")
    params = {"name": name, "force": False, "noprune": True}
    _write(run, step, UNTAG, params, lambda: ask_engine(engine.remove_image, name, False, True))


def _require_copy(run: Run, step: Step) -> None:
    """Raise RefusedError when none of the ECR copies that the plan relies on is left. With a backup
    only accounts that are signed in to are asked."""
    copies = sorted(copies_kept(run.plan, step))
    if run.backup:
        copies = [copy for copy in copies if account_of(copy) in run.connections.accounts]
    fresh = (run.session.read(copy) for copy in copies)
    if copies and not any(isinstance(copy, EcrImage) and copy.status == "ACTIVE" for copy in fresh):
        raise RefusedError(f"its copy in ECR is gone or archived ({copies[0]})")


def _require_unused(run: Run, image: str) -> None:
    for container in containers(run.connections):
        if container.image_id == image:
            name = container.name or short(container.container_id)
            raise RefusedError(f"container {name} ({container.state}) uses it")


def _taken(run: Run, step: Step) -> dict[str, frozenset[str]]:
    return {"tags": names_taken(run.session, step.id)}


def names_taken(session: Session, image: ResourceId) -> frozenset[str]:
    """Return the names that this run removed from an image."""
    intents = session.journal.intents(image, UNTAG)
    return frozenset(str(intent.params["name"]) for intent in intents)


def tag_again(session: Session, resource: ResourceId, names: Iterable[str]) -> list[str]:
    """Give an image its missing names back, except those that another image has now; return these.
    Raises CallFailedError."""
    engine, image = session.connections.docker(), key_of(resource)
    present = read_local_image(session.connections, resource).tags
    elsewhere: list[str] = []
    for name in sorted(set(names) - set(present) - {image}):
        if image_named(session.connections, name) is not None:
            elsewhere.append(name)
            continue
        repository, _, tag = name.rpartition(":")
        params = {"name": image, "repo": repository, "tag": tag}
        do = partial(ask_engine, engine.tag, image, repository, tag)
        session.journal.call((resource,), TAG, params, do, putting_back=True)
    return elsewhere


def _write(
    run: Run, step: Step, call: str, params: dict[str, object], do: Callable[[], object]
) -> None:
    """Delete something by one journalled call; a conflict counts as a refusal by the engine."""
    try:
        run.destroy_local(step.id, call, params, do)
    except CallFailedError as error:
        if is_gone(error):
            return
        if error.failure.code == "Conflict":
            raise RefusedError(f"the engine refuses: {error.failure.message}") from error
        raise
