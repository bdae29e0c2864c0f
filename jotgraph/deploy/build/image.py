"""Builds an image of a folder, tags it, and records the result in the journal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jotgraph.apply.docker import TAG
from jotgraph.apply.session import without_values
from jotgraph.clients import Clients, with_engine
from jotgraph.clients.engine import connect_docker
from jotgraph.deploy.build.engine import (
    BUILD,
    PULL,
    bases_of,
    build_by,
    builder_of,
    has_image,
    id_named,
    pinned_by,
    pull,
)
from jotgraph.deploy.build.events import reason
from jotgraph.deploy.build.options import Builder, BuildOptions
from jotgraph.deploy.build.preparation import Prepared, prepare, text_of
from jotgraph.deploy.run import Made, Run, running
from jotgraph.deploy.subject import content_told_apart, told_apart
from jotgraph.deploy.validation.flaws import shown
from jotgraph.errors import BuildError, CallFailedError, Failure, JotgraphError, SourceError
from jotgraph.queries.answers.build import Built
from jotgraph.records import ResourceId, key_of, local_image_id
from jotgraph.sources.connections import ask_engine
from jotgraph.sources.docker import image_id_of
from jotgraph.sources.git.head import head_of
from jotgraph.store.journal import JournalLine

if TYPE_CHECKING:
    from docker import DockerClient

_DIGITS = 16


def build(
    folder: Path,
    handler: str,
    options: BuildOptions,
    run: Run,
    prepared: Prepared | None = None,
) -> Built:
    """Build an image of a folder with the engine of a run. The engine reuses its cache, so that the
    same commit gives the same image. Raises OptionError, InvalidFolderError and BuildError for what
    prevents the build, ApplyError without an engine, and CallFailedError."""
    api = run.connections.docker()
    ready = prepared or prepare(folder, handler, options, pinned_by(api))
    builder = builder_of(api, ready.file, options.builder)
    for base in bases_of(ready.file, builder):
        if options.pull or not has_image(api, base, options.platform):
            _pulled(run, api, base, options.platform)
    _note_bases(run, api)
    image = _made(run, api, ready, options, builder)
    return _finished(run, ready, options, builder, image)


def _pulled(run: Run, api: Any, base: str, platform: str) -> None:
    """Pull a base image. Raises BuildError when that fails."""
    run.tell(f"Pulling {shown(base)} for {platform}")
    before, there = id_named(api, base), _images(api)
    kept = {"images": sorted(there), "before": before}
    params = {"image": base, "platform": platform}
    try:
        run.call_engine((), PULL, params, lambda: pull(api, base, platform), kept)
    except CallFailedError as error:
        why = reason(error.failure.message)
        raise BuildError(f"the base {shown(base)} could not be pulled: {why}") from error


def _note_bases(run: Run, api: Any) -> None:
    """Record what this run's pulls of base images created, also those of an attempt that was
    killed."""
    for base, kept in pulls(run.journal.entries).items():
        image_id = id_named(api, base)
        if image_id and image_id != kept["before"]:
            result = Made.THERE if in_short(image_id) in kept["images"] else Made.CREATED
            before, now = {base: kept["before"]}, {"image": image_id, "names": [base]}
            run.made(local_image_id(image_id), result, before={"names": before}, now=now)


def pulls(entries: Iterable[JournalLine]) -> dict[str, Mapping[str, Any]]:
    """Return the base images that a run pulled, each with the state before the first pull that may
    have taken effect. The state is all images, and what the name referred to."""
    bases: dict[str, Mapping[str, Any]] = {}
    for intent in _may_have_made(entries, PULL):
        bases.setdefault(str(intent.params["image"]), intent.params["kept"])
    return bases


def _may_have_made(entries: Iterable[JournalLine], call: str) -> Iterator[JournalLine]:
    """The announced calls of the engine that may have created something, in order; failed ones did
    not."""
    entries = tuple(entries)
    failed = {
        entry.number for entry in entries if entry.what == "outcome" and entry.result == "failed"
    }
    for entry in entries:
        if entry.what == "intent" and entry.call == call and entry.number not in failed:
            yield entry


def build_image(
    folder: str | Path,
    handler: str = "",
    options: BuildOptions | None = None,
    *,
    clients: Clients | None = None,
    tell: Callable[[str], None] | None = None,
) -> Built:
    """Build an image of a folder in a run of its own, with the engine of ``clients`` or of
    ``DOCKER_HOST``. Raises what ``build`` raises."""
    wanted, root = options or BuildOptions(), Path(folder)
    reached = clients or with_engine(Clients(), connect_docker())
    if reached.docker is None:
        raise BuildError("no Docker engine could be reached; start it, or set DOCKER_HOST")
    prepared = prepare(root, handler, wanted, pinned_by(reached.docker.api))
    subject = subject_of(root, handler, wanted, prepared)
    with running("build", subject, reached, tell=tell) as run:
        return build(root, handler, wanted, run, prepared)


def dockerfile_text(
    folder: str | Path,
    handler: str = "",
    options: BuildOptions | None = None,
    engine: DockerClient | None = None,
) -> str:
    """Return the Dockerfile that an image of a folder is built with. In a generated one the base
    has its digest where an engine knows it. Raises OptionError and BuildError."""
    return text_of(
        Path(folder),
        handler,
        options or BuildOptions(),
        pinned_by(engine.api) if engine else lambda image: image,
    )


def with_tag(name: str) -> str:
    """Return a name with its tag; ``latest`` where it has none."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def subject_of(
    folder: Path, handler: str, options: BuildOptions, prepared: Prepared | None = None
) -> dict[str, str]:
    """Return what identifies a run of ``build``: the folder, its commit or files, and the
    options."""
    head = head_of(folder)
    loose = prepared is not None and (prepared.dirty or head is None)
    return {
        "folder": str(folder.resolve()),
        "handler": handler,
        "commit": head.revision if head else "",
        "content": content_told_apart(prepared.tar()) if loose and prepared else "",
        "options": msgspec.json.encode(_without_values(options), order="sorted").decode(),
    }


def _without_values(options: BuildOptions) -> BuildOptions:
    """The options with a digest in place of the values of build arguments, which may be secrets."""
    digests = {name: told_apart([name, value]) for name, value in options.arguments.items()}
    return msgspec.structs.replace(options, arguments=digests)


def _made(
    run: Run, api: Any, prepared: Prepared, options: BuildOptions, builder: Builder
) -> ResourceId:
    """Build the image. The intent records the images that existed before: any other was created by
    this run."""
    params = {
        "folder": str(prepared.root.resolve()),
        "labels": dict(prepared.labels),
        "builder": str(builder),
        "platform": options.platform,
    }
    kept = {"images": sorted(_images(api))}
    run.tell(f"Building {shown(str(prepared.root), 300)} by {builder}")
    failures: list[JotgraphError] = []

    def do() -> str:
        try:
            return build_by(api, prepared, options, builder, run.tell)
        except (BuildError, SourceError) as error:
            failures.append(error)
            message = without_values(str(error), options.arguments.values())
            raise CallFailedError(Failure("error", message)) from error

    try:
        image = run.call_engine((), BUILD, params, do, kept)
    except CallFailedError as error:
        raise (failures[0] if failures else error) from None
    return local_image_id(image_id_of(image))


def there_before(entries: Iterable[JournalLine]) -> frozenset[str] | None:
    """Return the images that existed before a run built anything, abbreviated; None when it built
    nothing. They come from the first of its builds that may have created something."""
    for intent in _may_have_made(entries, BUILD):
        return frozenset((intent.params.get("kept") or {}).get("images", ()))
    return None


def _images(api: Any) -> set[str]:
    """The beginnings of the ids of all images in the engine, including the classic builder's
    steps."""
    return {in_short(image["Id"]) for image in ask_engine(api.images, all=True)}


def in_short(image_id: str) -> str:
    """Return as much of an id as distinguishes the images of an engine in the journal."""
    return image_id_of(image_id).removeprefix("sha256:")[:_DIGITS]


def _finished(
    run: Run,
    prepared: Prepared,
    options: BuildOptions,
    builder: Builder,
    image: ResourceId,
) -> Built:
    """Tag the image, and record what was made."""
    api, image_id = run.connections.docker(), key_of(image)
    names = tuple(with_tag(tag) for tag in options.tags) or (_name_of(prepared),)
    before = {name: id_named(api, name) for name in names}
    moved = {name: was for name, was in before.items() if was != image_id}
    for name in moved:
        repository, _, tag = name.rpartition(":")
        params = {"name": image_id, "repo": repository, "tag": tag}
        give = partial(ask_engine, api.tag, image_id, repository, tag)
        run.call_engine((image,), TAG, params, give, {"before": before[name]})
    new = in_short(image_id) not in (there_before(run.journal.entries) or ())
    result = Made.CREATED if new else Made.CHANGED if moved else Made.THERE
    result = run.made(
        image,
        result,
        before={"names": _first_names(run, image, before)},
        now={"image": image_id, "names": list(names)},
    )
    detail = ask_engine(api.inspect_image, image_id)
    return Built(
        run=run.name,
        image_id=image_id,
        config_digest="" if "Descriptor" in detail else image_id,
        reference=names[0],
        names=names,
        labels=dict((detail.get("Config") or {}).get("Labels") or {}),
        commit=prepared.head.revision if prepared.head else "",
        dirty=prepared.dirty,
        handler=prepared.handler,
        dockerfile=prepared.dockerfile,
        generated=prepared.generated,
        builder="buildkit" if builder is Builder.BUILDKIT else "classic",
        platform=options.platform,
        size=int(detail.get("Size") or 0),
        result=result.value,
        findings=prepared.validation.findings,
    )


def _first_names(run: Run, image: ResourceId, before: Mapping[str, str]) -> dict[str, str]:
    """What each name referred to before this run, even if an earlier attempt moved it."""
    intents = {
        f"{intent.params['repo']}:{intent.params['tag']}": str(
            (intent.params.get("kept") or {})["before"]
        )
        for intent in reversed(run.journal.intents(image, TAG))
        if "before" in (intent.params.get("kept") or {})
    }
    return {name: intents.get(name, was) for name, was in before.items()}


def _name_of(prepared: Prepared) -> str:
    """The default name of an image: that of its folder, and its commit."""
    folder = prepared.root.resolve().name.lower()
    plain = re.sub(r"[^a-z0-9]+", "-", folder).strip("-")
    if not prepared.head:
        return f"{plain or 'function'}:latest"
    tag = prepared.head.revision[:12] + ("-dirty" if prepared.dirty else "")
    return f"{plain or 'function'}:{tag}"
