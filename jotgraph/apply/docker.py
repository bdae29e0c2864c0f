"""The engine's writer: containers that do not run, and images name by name; nothing by force."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from jotgraph.apply.run import Run, back_up, look, wait_gone
from jotgraph.failures import CallFailedError
from jotgraph.plan import Step
from jotgraph.plan.outcome import Refused
from jotgraph.records import Container, LocalImage, key_of
from jotgraph.sources.session import ask_engine, is_gone
from jotgraph.sources.single import containers, read, read_local_image

_STOPPED = ("created", "exited", "dead")
UNTAG = "docker:DELETE /images/{name}"


def remove_container(run: Run, step: Step) -> str:
    """Remove a container that does not run; its volumes stay."""
    engine, container = run.world.docker(), key_of(step.id)
    found = look(run, step)
    if found is None:
        return "it was gone already"
    assert isinstance(found, Container)
    back_up(run, step.id)
    found = look(run, step)
    if found is None:
        return "it was gone already"
    assert isinstance(found, Container)
    if found.state not in _STOPPED:
        raise Refused(f"it is {found.state}")
    _write(
        run,
        step,
        "docker:DELETE /containers/{id}",
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
                return "removed" if run.journal.intents(step.id, UNTAG) else "it was gone already"
            assert isinstance(found, LocalImage)
            back_up(run, step.id)
            _require_unused(run, image)
            name = found.tags[0] if found.tags else image
            _untag(run, step, name)
            if name == image:
                break
    except (Refused, CallFailedError):
        if read(run.world, step.id) is not None:
            _tag_again(run, step)
        raise
    wait_gone(run, step.id)
    return "removed"


def _untag(run: Run, step: Step, name: str) -> None:
    """Remove one name; the image must still be what it names."""
    engine, image = run.world.docker(), key_of(step.id)
    try:
        named = ask_engine(engine.inspect_image, name)
    except CallFailedError as error:
        if is_gone(error):
            return
        raise
    if named["Id"].rpartition(":")[2] != image.rpartition(":")[2]:
        raise Refused(f"{name} names another image now")
    params = {"name": name, "force": False, "noprune": True}
    _write(run, step, UNTAG, params, lambda: ask_engine(engine.remove_image, name, False, True))


def _require_unused(run: Run, image: str) -> None:
    for each in containers(run.world):
        if each.image_id == image:
            raise Refused(f"container {each.name or each.container_id[:12]} ({each.state}) uses it")


def _taken(run: Run, step: Step) -> dict[str, frozenset[str]]:
    names = (str(each.params["name"]) for each in run.journal.intents(step.id, UNTAG))
    return {"tags": frozenset(names)}


def _tag_again(run: Run, step: Step) -> None:
    """Give an image that stays the names back that this run took."""
    engine, image = run.world.docker(), key_of(step.id)
    held = read_local_image(run.world, step.id).tags
    for name in sorted(_taken(run, step)["tags"] - set(held) - {image}):
        repository, _, tag = name.rpartition(":")
        params = {"name": image, "repo": repository, "tag": tag}
        run.journal.call(
            (step.id,),
            "docker:POST /images/{name}/tag",
            params,
            partial(ask_engine, engine.tag, image, repository, tag),
        )


def _write(
    run: Run, step: Step, call: str, params: dict[str, object], do: Callable[[], object]
) -> None:
    """One journalled call; a conflict is a refusal by the engine itself."""
    try:
        run.journal.call((step.id,), call, params, do)
    except CallFailedError as error:
        if is_gone(error):
            return
        if error.failure.code == "Conflict":
            raise Refused(f"the engine refuses: {error.failure.message}") from error
        raise
