"""The engine's writer: containers that do not run, and images name by name; nothing by force."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from jotgraph.apply.run import GONE_ALREADY, Run, back_up, look, wait_gone
from jotgraph.errors import ApplyError, RefusedError
from jotgraph.failures import CallFailedError
from jotgraph.plan import Step
from jotgraph.records import Container, LocalImage, key_of
from jotgraph.sources.connections import ask_engine, is_gone
from jotgraph.sources.single import containers, image_named, read_local_image

_STOPPED = ("created", "exited", "dead")
UNTAG = "docker:DELETE /images/{name}"
REMOVE_CONTAINER = "docker:DELETE /containers/{id}"
TAG = "docker:POST /images/{name}/tag"


def remove_container(run: Run, step: Step) -> str:
    """Remove a container that does not run; its volumes stay."""
    engine, container = run.connections.docker(), key_of(step.id)
    if look(run, step) is None:
        return GONE_ALREADY
    back_up(run, step)
    found = look(run, step)
    if found is None:
        return GONE_ALREADY
    assert isinstance(found, Container)
    if found.state not in _STOPPED:
        raise RefusedError(f"it is {found.state}")
    _write(
        run,
        step,
        REMOVE_CONTAINER,
        {"id": container},
        lambda: ask_engine(engine.remove_container, container, v=False, force=False),
    )
    wait_gone(run, step.id)
    return "removed"


def remove_local_image(run: Run, step: Step) -> str:
    """Untag one name after the other, each looked at just before; the image goes with its last
    (Docker Engine API, ImageDelete). If it must stay, its names are put back."""
    image = key_of(step.id)
    try:
        while True:
            found = look(run, step, _taken(run, step))
            if found is None:
                return "removed" if run.journal.intents(step.id, UNTAG) else GONE_ALREADY
            assert isinstance(found, LocalImage)
            back_up(run, step)
            _require_unused(run, image)
            name = found.tags[0] if found.tags else image
            _untag(run, step, name)
            if name == image:
                break
    except (ApplyError, CallFailedError):
        if run.session.read(step.id) is not None:
            _tag_again(run, step)
        raise
    wait_gone(run, step.id)
    return "removed"


def _untag(run: Run, step: Step, name: str) -> None:
    """Remove one name; the image must still be what it names."""
    engine = run.connections.docker()
    named = image_named(run.connections, name)
    if named is None:
        return
    if named != step.id:
        raise RefusedError(f"{name} now names another image")
    params = {"name": name, "force": False, "noprune": True}
    _write(run, step, UNTAG, params, lambda: ask_engine(engine.remove_image, name, False, True))


def _require_unused(run: Run, image: str) -> None:
    for container in containers(run.connections):
        if container.image_id == image:
            name = container.name or container.container_id[:12]
            raise RefusedError(f"container {name} ({container.state}) uses it")


def _taken(run: Run, step: Step) -> dict[str, frozenset[str]]:
    """The names that this run took."""
    intents = run.journal.intents(step.id, UNTAG)
    return {"tags": frozenset(str(intent.params["name"]) for intent in intents)}


def _tag_again(run: Run, step: Step) -> None:
    """Give an image that stays the names back that this run took."""
    engine, image = run.connections.docker(), key_of(step.id)
    present = read_local_image(run.connections, step.id).tags
    for name in sorted(_taken(run, step)["tags"] - set(present) - {image}):
        repository, _, tag = name.rpartition(":")
        params = {"name": image, "repo": repository, "tag": tag}
        do = partial(ask_engine, engine.tag, image, repository, tag)
        run.journal.call((step.id,), TAG, params, do)


def _write(
    run: Run, step: Step, call: str, params: dict[str, object], do: Callable[[], object]
) -> None:
    """Take something away by one journalled call; a conflict is a refusal by the engine itself."""
    try:
        run.destroy_local(step.id, call, params, do)
    except CallFailedError as error:
        if is_gone(error):
            return
        if error.failure.code == "Conflict":
            raise RefusedError(f"the engine refuses: {error.failure.message}") from error
        raise
