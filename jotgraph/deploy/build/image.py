"""Build an image of a folder, name it, and write in the journal what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.deploy.build.engine import (
    BUILD,
    bases_of,
    build_by,
    builder_of,
    pinned_by,
    pull_bases,
)
from jotgraph.deploy.build.options import Builder, BuildOptions
from jotgraph.deploy.build.preparation import Prepared, prepare
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import BuildError, CallFailedError, Failure, JotgraphError, SourceError
from jotgraph.queries.answers.validation import Validation
from jotgraph.records import ResourceId, local_image_id
from jotgraph.sources.connections import ask_engine, is_gone
from jotgraph.sources.docker import image_id_of
from jotgraph.sources.git.head import head_of
from jotgraph.store.journal import Entry

_DIGITS = 16
TAG = "docker:POST /images/{name}/tag"


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """An image that was built, or that was there already."""

    image_id: str
    config_digest: str
    """Empty where the engine's ids are those of manifests (containerd's store)."""
    reference: str
    """Its first name; its id where it got none."""
    names: tuple[str, ...]
    labels: Mapping[str, str]
    commit: str
    """The revision without ``-dirty``; empty where there is none."""
    dirty: bool
    handler: str
    dockerfile: str
    generated: bool
    builder: str
    platform: str
    size: int
    result: Made
    """``created``, or ``there`` where the engine had this very image; ``changed`` where only a name
    moved to it."""
    validation: Validation

    @property
    def id(self) -> ResourceId:
        return local_image_id(self.image_id)

    @property
    def created(self) -> bool:
        """Whether this run made the image."""
        return self.result is Made.CREATED


def build(folder: Path, handler: str, options: BuildOptions, run: Run) -> Built:
    """Build an image of a folder with the engine of a run. What the engine has built before it
    takes from its cache, so that the same commit is the same image.

    Raises OptionError, InvalidFolderError and BuildError for what keeps it from being built,
    ApplyError where there is no engine, and CallFailedError."""
    api = run.connections.docker()
    prepared = prepare(folder, handler, options, pinned_by(api))
    builder = builder_of(api, prepared.file, options.builder)
    pull_bases(api, bases_of(prepared.file, builder), options, run.tell)
    names = tuple(with_tag(tag) for tag in options.tags) or (_name_of(prepared),)
    return _finished(
        run, prepared, options, builder, names, _made(run, api, prepared, options, builder)
    )


def with_tag(name: str) -> str:
    """A name with its tag; ``latest`` where it has none."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def subject_of(folder: Path, handler: str, options: BuildOptions) -> dict[str, str]:
    """What a run of ``build`` is about: the same folder, commit and options are the same run."""
    head = head_of(folder)
    return {
        "folder": str(folder.resolve()),
        "handler": handler,
        "commit": head.revision if head else "",
        "options": msgspec.json.encode(options, order="sorted").decode(),
    }


def _made(
    run: Run, api: Any, prepared: Prepared, options: BuildOptions, builder: Builder
) -> ResourceId:
    """Have it built. The intent keeps which images were there before: an image that is none of them
    was made by this run."""
    params = {
        "folder": str(prepared.root.resolve()),
        "labels": dict(prepared.labels),
        "builder": str(builder),
        "platform": options.platform,
    }
    kept = {"images": sorted(_images(api))}
    run.tell(f"Building {prepared.root} by {builder}")
    failures: list[JotgraphError] = []

    def do() -> str:
        try:
            return build_by(api, prepared, options, builder, run.tell)
        except (BuildError, SourceError) as error:
            failures.append(error)
            raise CallFailedError(Failure("error", str(error))) from error

    try:
        image = run.call_engine((), BUILD, params, do, kept)
    except CallFailedError as error:
        raise (failures[0] if failures else error) from None
    return local_image_id(image_id_of(image))


def there_before(entries: Iterable[Entry]) -> frozenset[str] | None:
    """The images that were there before a run built anything, in short: by the first of its builds
    that may have made something. None where it made none; one that failed did not."""
    entries = tuple(entries)
    failed = {one.number for one in entries if one.what == "outcome" and one.result == "failed"}
    for one in entries:
        if one.what == "intent" and one.call == BUILD and one.number not in failed:
            return frozenset((one.params.get("kept") or {}).get("images", ()))
    return None


def _images(api: Any) -> set[str]:
    """All images of the engine, the classic builder's steps too, each by the beginning of its
    id."""
    return {in_short(image["Id"]) for image in ask_engine(api.images, all=True)}


def in_short(image_id: str) -> str:
    """As much of an id as tells the images of an engine apart in the journal."""
    return image_id_of(image_id).removeprefix("sha256:")[:_DIGITS]


def _finished(
    run: Run,
    prepared: Prepared,
    options: BuildOptions,
    builder: Builder,
    names: tuple[str, ...],
    image: ResourceId,
) -> Built:
    """Give the image its names, and write what was made."""
    api, image_id = run.connections.docker(), image.partition(":")[2]
    before = {name: _id_named(api, name) for name in names}
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
        builder=str(builder),
        platform=options.platform,
        size=int(detail.get("Size") or 0),
        result=result,
        validation=prepared.validation,
    )


def _first_names(run: Run, image: ResourceId, before: Mapping[str, str]) -> dict[str, str]:
    """What each name meant before this run, also where an attempt before moved it."""
    intents = {
        f"{one.params['repo']}:{one.params['tag']}": str((one.params.get("kept") or {})["before"])
        for one in reversed(run.journal.intents(image, TAG))
        if "before" in (one.params.get("kept") or {})
    }
    return {name: intents.get(name, was) for name, was in before.items()}


def _id_named(api: Any, name: str) -> str:
    try:
        return image_id_of(ask_engine(api.inspect_image, name)["Id"])
    except CallFailedError as error:
        if is_gone(error):
            return ""
        raise


def _name_of(prepared: Prepared) -> str:
    """The name of an image that is given none: that of its folder, and its commit."""
    folder = prepared.root.resolve().name.lower()
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in folder).strip("-")
    if not prepared.head:
        return f"{plain or 'function'}:latest"
    tag = prepared.head.revision[:12] + ("-dirty" if prepared.dirty else "")
    return f"{plain or 'function'}:{tag}"
