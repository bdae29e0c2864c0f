"""Find the commits that touched what a match is about: the files in the image and its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from jotgraph.content.directories import join, relative, under
from jotgraph.content.history import dockerfile
from jotgraph.content.match.changes_since import Area, ChangesSince
from jotgraph.content.match.path_mapping import Explained
from jotgraph.content.match.refine import Refined
from jotgraph.content.match.trees import Trees
from jotgraph.content.match.view import View
from jotgraph.records import BuildInput, Touched

LISTED = 2000
"""Commits that a list holds at most."""
_INPUTS = 20
_ANY = frozenset("*?[")


class Build(msgspec.Struct, frozen=True):
    """The Dockerfile of a build, ``""`` when it is not known, and the context it was run in."""

    path: str = ""
    instructions: tuple[dockerfile.FileInstruction, ...] = ()
    context: str | None = None


def touched(
    image: View,
    explained: Mapping[str, Explained],
    refined: Refined,
    members: Sequence[int],
    trees: Trees,
    since: ChangesSince,
    *,
    built: bool,
) -> Touched | None:
    """Since ``members``, who touched what is in the image, and (if it was ``built`` by a
    Dockerfile) its inputs. None when it is not known what was copied whole, or the index lacks
    a ref."""
    if refined.units is None or not since.complete:
        return None
    build = _build(image, refined, trees, since) if built else Build()
    among = since.open(members)
    ignores = _ignores(refined, build)
    shas = trees.index.history.shas

    def touching(area: Area) -> tuple[tuple[str, ...], bool]:
        numbers = since.touching(area, among, ignores)
        return tuple(shas[n].hex() for n in numbers[:LISTED]), len(numbers) > LISTED

    commits, cut = touching(_inside(image, explained, refined))
    inputs = []
    for label, area in _inputs(image, explained, build, ignores if built else (), since):
        input_commits, input_cut = touching(area)
        cut = cut or input_cut
        inputs.append(BuildInput(label, input_commits))
    in_order = tuple(sorted(inputs, key=lambda build_input: build_input.path))
    return Touched(commits, in_order, cut, _gone(refined, trees, since))


def _gone(refined: Refined, trees: Trees, since: ChangesSince) -> tuple[str, ...]:
    """The directories that files were copied from and that HEAD has no longer."""
    directories = {map_.repository for map_ in refined.files.maps if map_.repository}
    if since.head is None or not directories:
        return ()
    return tuple(sorted(directories - trees.directories(since.head, directories)))


def _inside(image: View, explained: Mapping[str, Explained], refined: Refined) -> Area:
    """What was copied whole; of the rest the files that are in the image, be they modified. What
    a later layer deleted is not in it."""
    gone = {explained[path].path for path in image.deleted if path in explained}
    files = {file.path for path, file in explained.items() if path not in image.deleted}
    for bit, path in enumerate(refined.files.paths):
        if refined.group.differ >> bit & 1 and path not in explained:
            files.update(
                join(map_.repository, relative(path, map_.image))
                for map_ in refined.files.maps
                if under(path, map_.image)
            )
    units = refined.units or ()
    alone = frozenset(
        path for path in files if not any(unit.holds(unit.map, path) for unit in units)
    )
    kinds = {(unit.directory, unit.pattern) for unit in units}
    return Area(tuple(sorted(kinds)), alone, frozenset(gone - files))


def _build(image: View, refined: Refined, trees: Trees, since: ChangesSince) -> Build:
    """The Dockerfile, as it is in the newest of the commits."""
    maps = refined.files.maps
    read: dict[str, tuple[dockerfile.FileInstruction, ...]] = {}
    for path in since.dockerfiles:
        text = trees.file(refined.commits[-1], path)
        if text:
            read[path] = dockerfile.instructions(text)
    scores = {path: dockerfile.repeated(steps, image.history) for path, steps in read.items()}
    directories = {map_.repository for map_ in maps}
    chosen = dockerfile.chosen(scores, directories, history=any(image.history))
    if not chosen:
        return Build()
    return Build(chosen, read[chosen], dockerfile.context(read[chosen], maps))


def _ignores(refined: Refined, build: Build) -> tuple[str, ...]:
    """The ``.dockerignore`` files that count: BuildKit's own of a Dockerfile, and the context's;
    when that is not known, those of every directory above what was copied."""
    if build.context is not None:
        tops = {build.context}
    else:
        tops = set()
        for map_ in refined.files.maps:
            directory = map_.repository
            while directory:
                tops.add(directory)
                directory = directory.rpartition("/")[0]
            tops.add("")
    own = (f"{build.path}.dockerignore",) if build.path else ()
    return (*own, *sorted(join(top, ".dockerignore") for top in tops))


def _inputs(
    image: View,
    explained: Mapping[str, Explained],
    build: Build,
    ignores: Sequence[str],
    since: ChangesSince,
) -> Iterator[tuple[str, Area]]:
    plain = [path for path in ignores if since.known(path)]
    plain += [build.path] if build.path else []
    for path in plain:
        yield path, Area(files=frozenset({path}))
    gone: dict[str, set[str]] = {}
    for path in image.deleted:
        if path in explained:
            source = explained[path].path
            gone.setdefault(source.rpartition("/")[0], set()).add(source)
    if len(gone) > _INPUTS:
        gone = {"": set().union(*gone.values())}
    for directory, paths in gone.items():
        label = f"{directory}/" if len(paths) > 1 else next(iter(paths))
        yield label, Area(files=frozenset(paths))
    copied = (
        set()
        if build.context is None
        else set(dockerfile.compiled(build.instructions, build.context))
    )
    for source in sorted(copied)[:_INPUTS]:
        directory, _, name = source.rpartition("/")
        if _ANY & set(name):
            yield source, Area(units=((directory, name),))
        elif not _ANY & set(source):
            yield (
                source if since.known(source) else f"{source}/",
                Area(units=((source, ""),), files=frozenset({source} if source else ())),
            )
