"""What matching needs of one image: its files, the origin of its layers, and what was not read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from jotgraph.content.history.dockerfile import copied
from jotgraph.content.image.entries import EntryKind, LayerEntry
from jotgraph.content.image.whiteouts import Merged, PlacedFile, merge
from jotgraph.content.match.refine import Whole


class LayerStep(msgspec.Struct, frozen=True):
    """The history line of one layer. None means that history does not say."""

    copied: bool | None = None
    """COPY or ADD made it."""
    created_by: str = ""


class View(msgspec.Struct, frozen=True):
    files: Mapping[str, PlacedFile]
    """The image's files, and those of ``deleted``."""
    deleted: frozenset[str]
    """Copied, and deleted by a later layer: they identify the commit like any other."""
    removed: Mapping[str, PlacedFile]
    """Everything that a later layer deleted."""
    removed_by: Mapping[str, int]
    """The layer that deleted it."""
    changed: frozenset[str]
    """Copied, and changed by a layer that RUN made."""
    rewritten: frozenset[str]
    """Copied, and written by a layer that RUN made, changed or not."""
    overlaid: frozenset[int]
    """Layers of which a later one that was copied too covers some files, and not all: this build's
    own, or another build's, of the image that this one began from."""
    older: frozenset[int]
    """Layers that are taken for those of another build."""
    run: frozenset[int]
    """Layers made by RUN that are matched all the same."""
    held: frozenset[int]
    """Layers of embedded files, which no build made: see ``held_files``."""
    copied: tuple[bool | None, ...]
    """For each layer, lowest first: whether COPY or ADD of this build made it."""
    whole: tuple[Whole, ...]
    """For each layer: what was copied."""
    history: tuple[str, ...]
    """For each layer: the step that made it, ``""`` where unknown."""
    read: int
    left: int


def view(layers: Sequence[tuple[LayerStep, Iterable[LayerEntry] | None]]) -> View:
    """Merge an image's layers, lowest first; None for a skipped layer."""
    read = [(step, tuple(entries or ())) for step, entries in layers]
    merged = merge([entries for _, entries in read])
    left = sum(entries is None for _, entries in layers)
    changed, rewritten, overlaid = _overwritten(read)
    older = frozenset(
        number
        for number, (step, _) in enumerate(read)
        if _repeated(number, [later for later, _ in read])
        and (number in overlaid or not _of_stage(step))
    )
    made = tuple(number not in older and step.copied for number, (step, _) in enumerate(read))
    deleted = _deleted(merged, made)
    return View(
        {**merged.files, **deleted},
        frozenset(deleted),
        merged.removed,
        merged.removed_by,
        changed,
        rewritten,
        overlaid - older,
        older,
        frozenset(),
        frozenset(),
        made,
        tuple(_whole(step, entries) for step, entries in read),
        tuple(step.created_by for step, _ in read),
        len(layers) - left,
        left,
    )


def without(image: View, older: frozenset[int]) -> View:
    """Return the same image with some layers assigned to the base image."""
    copied = tuple(number not in older and by_copy for number, by_copy in enumerate(image.copied))
    return msgspec.structs.replace(image, older=image.older | older, copied=copied)


def with_run(image: View) -> View:
    """Return the same image with the layers of RUN treated like others."""
    run = frozenset(
        number
        for number, by_copy in enumerate(image.copied)
        if by_copy is False and number not in image.older
    )
    copied = tuple(
        None if number in run else by_copy for number, by_copy in enumerate(image.copied)
    )
    return msgspec.structs.replace(image, run=run, copied=copied)


def _overwritten(
    layers: Sequence[tuple[LayerStep, Sequence[LayerEntry]]],
) -> tuple[frozenset[str], frozenset[str], frozenset[int]]:
    """The files that RUN changed after they were copied, those that it wrote, and the layers that
    are overlaid."""
    last: dict[str, tuple[int, LayerEntry]] = {}
    left = [0] * len(layers)
    covered: set[int] = set()
    changed, rewritten = set[str](), set[str]()
    for number, (step, entries) in enumerate(layers):
        for entry in entries:
            if entry.kind not in (EntryKind.FILE, EntryKind.LINK, EntryKind.HARDLINK):
                continue
            below, before = last.get(entry.path, (number, entry))
            last[entry.path] = (number, entry)
            left[number] += 1
            left[below] -= below != number
            if below != number and step.copied is not False:
                covered.add(below)
            elif below != number and layers[below][0].copied is not False:
                rewritten.add(entry.path)
                if layers[below][0].copied and entry.ids != before.ids:
                    changed.add(entry.path)
    overlaid = (n for n in covered if left[n] and layers[n][0].copied is not False)
    return frozenset(changed), frozenset(rewritten), frozenset(overlaid)


def _repeated(number: int, layers: Sequence[LayerStep]) -> bool:
    """Whether a later layer was copied by the very instruction of this one: no Dockerfile says one
    twice. The classic builder does not write down what it copied."""
    text = layers[number].created_by
    recorded = bool(layers[number].copied) and "# buildkit" in text
    return recorded and any(later.created_by == text for later in layers[number + 1 :])


def _of_stage(step: LayerStep) -> bool:
    """Whether a step copied from another stage, for all that history tells: two stages may have
    the same directory, and history does not name them."""
    sources, _ = copied(step.created_by)
    return any(source.startswith("/") for source in sources or ())


def _deleted(merged: Merged, copied: Sequence[bool | None]) -> dict[str, PlacedFile]:
    """The deleted files that belong to this build: no later layer copied anything beside them, as
    one that replaces an older build in the base image would."""
    latest: dict[str, int] = {}
    for path, placed in merged.files.items():
        if copied[placed.layer] is not False:
            up = path.rpartition("/")[0]
            while latest.get(up, -1) < placed.layer:
                latest[up] = placed.layer
                up = up.rpartition("/")[0]
    deleted: dict[str, PlacedFile] = {}
    for path, placed in merged.removed.items():
        by = merged.removed_by[path]
        later = latest.get(path.rpartition("/")[0], -1) > by
        if copied[placed.layer] and copied[by] is False and not later:
            deleted[path] = placed
    return deleted


def steps(config: Mapping[str, Any], count: int) -> tuple[LayerStep, ...]:
    """The steps of an image configuration's ``history`` that made its ``count`` layers; all of
    them empty when the two do not line up."""
    history = config.get("history")
    if not isinstance(history, list) or not all(isinstance(line, dict) for line in history):
        return (LayerStep(),) * count
    commands = [str(line.get("created_by", "")) for line in history if not line.get("empty_layer")]
    return tuple(map(_step, commands)) if len(commands) == count else (LayerStep(),) * count


def _step(created_by: str) -> LayerStep:
    # Classic builder: "/bin/sh -c #(nop) COPY dir:<sha256> in /x"; BuildKit: "COPY a b # buildkit".
    text = created_by.partition("#(nop)")[2].strip() or created_by.strip()
    word = text.partition(" ")[0].upper()
    if word in {"COPY", "ADD"}:
        return LayerStep(True, text)
    if word == "RUN" or created_by.startswith(("/bin/", "|")):
        return LayerStep(False, text)
    return LayerStep(None, text)


def _whole(step: LayerStep, entries: Sequence[LayerEntry]) -> Whole:
    if not step.copied:
        return None
    arguments = step.created_by.split(" # buildkit")[0].split()[1:]
    words = [word for word in arguments if not word.startswith("--")]
    if words and words[0].startswith(("dir:", "file:", "multi:")):
        return {"dir": True, "file": False}.get(words[0].partition(":")[0])
    sources = words[:-1]
    if len(sources) == 1 and "*" in (name := sources[0].rpartition("/")[2]):
        return name if not set("*?[") & set(sources[0].removesuffix(name)) else False
    if any(mark in source for source in sources for mark in "*?["):
        return False
    files = [entry.path.rpartition("/")[2] for entry in entries if entry.kind is EntryKind.FILE]
    if not sources or len(files) < 2:
        return None
    names = {source.rstrip("/").rpartition("/")[2] for source in sources}
    return not names & set(files)
