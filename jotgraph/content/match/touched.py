"""A match to the commits that touched what it is about: the files in the image and its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from jotgraph.content.history import dockerfile
from jotgraph.content.match.refine import Refined
from jotgraph.content.match.since import Area, Since
from jotgraph.content.match.subtrees import Trees
from jotgraph.content.match.view import View
from jotgraph.content.path_mapping import Assigned, join, relative, under
from jotgraph.records import BuildInput, Touched

LISTED = 2000
"""Commits that a list holds at most."""
_INPUTS = 20
_ANY = frozenset("*?[")


class Recipe(msgspec.Struct, frozen=True):
    """The Dockerfile of a build, ``""`` when it is not known, and the context it was run in."""

    path: str = ""
    told: tuple[dockerfile.Instruction, ...] = ()
    context: str | None = None


def touched(
    image: View,
    assigned: Mapping[str, Assigned],
    refined: Refined,
    members: Sequence[int],
    trees: Trees,
    since: Since,
    *,
    built: bool,
) -> Touched | None:
    """Since ``members``, who touched what is in the image, and (if it was ``built`` by a
    Dockerfile) its inputs. None when it is not known what was copied whole, or the index lacks
    a ref."""
    if refined.units is None or not since.complete:
        return None
    by = _recipe(image, refined, trees, since) if built else Recipe()
    among = since.open(members)
    ignores = _ignores(refined, by)
    shas = trees.index.history.shas

    def asked(area: Area) -> tuple[tuple[str, ...], bool]:
        found = since.touching(area, among, ignores)
        return tuple(shas[n].hex() for n in found[:LISTED]), len(found) > LISTED

    commits, cut = asked(_inside(image, assigned, refined))
    inputs = []
    for label, area in _inputs(image, assigned, by, ignores if built else (), since):
        some, more = asked(area)
        cut = cut or more
        inputs.append(BuildInput(label, some))
    return Touched(commits, tuple(sorted(inputs, key=lambda each: each.path)), cut)


def _inside(image: View, assigned: Mapping[str, Assigned], refined: Refined) -> Area:
    """What was copied whole; of the rest the files that are in the image, be they modified. What
    a later layer deleted is not in it."""
    gone = {assigned[path].path for path in image.deleted if path in assigned}
    files = {each.path for path, each in assigned.items() if path not in image.deleted}
    for bit, path in enumerate(refined.files.paths):
        if refined.group.differ >> bit & 1 and path not in assigned:
            files.update(
                join(each.repository, relative(path, each.image))
                for each in refined.files.maps
                if under(path, each.image)
            )
    units = refined.units or ()
    alone = frozenset(
        path for path in files if not any(each.holds(each.map, path) for each in units)
    )
    kinds = {(each.directory, each.pattern) for each in units}
    return Area(tuple(sorted(kinds)), alone, frozenset(gone - files))


def _recipe(image: View, refined: Refined, trees: Trees, since: Since) -> Recipe:
    """The Dockerfile, as it is in the newest of the commits."""
    maps = refined.files.maps
    told: dict[str, tuple[dockerfile.Instruction, ...]] = {}
    for path in since.recipes:
        text = trees.file(refined.commits[-1], path)
        if text:
            told[path] = dockerfile.instructions(text)
    scores = {path: dockerfile.repeated(each, image.history) for path, each in told.items()}
    directories = {each.repository for each in maps}
    found = dockerfile.chosen(scores, directories, told=any(image.history))
    if not found:
        return Recipe()
    return Recipe(found, told[found], dockerfile.context(told[found], maps))


def _ignores(refined: Refined, by: Recipe) -> tuple[str, ...]:
    """The ``.dockerignore`` files that count: BuildKit's own of a Dockerfile, and the context's;
    when that is not known, those of every directory above what was copied."""
    if by.context is not None:
        tops = {by.context}
    else:
        tops = set()
        for each in refined.files.maps:
            directory = each.repository
            while directory:
                tops.add(directory)
                directory = directory.rpartition("/")[0]
            tops.add("")
    own = (f"{by.path}.dockerignore",) if by.path else ()
    return (*own, *sorted(join(top, ".dockerignore") for top in tops))


def _inputs(
    image: View,
    assigned: Mapping[str, Assigned],
    by: Recipe,
    ignores: Sequence[str],
    since: Since,
) -> Iterator[tuple[str, Area]]:
    plain = [path for path in ignores if since.known(path)]
    plain += [by.path] if by.path else []
    for path in plain:
        yield path, Area(files=frozenset({path}))
    gone: dict[str, set[str]] = {}
    for path in image.deleted:
        if path in assigned:
            source = assigned[path].path
            gone.setdefault(source.rpartition("/")[0], set()).add(source)
    if len(gone) > _INPUTS:
        gone = {"": set().union(*gone.values())}
    for directory, paths in gone.items():
        label = f"{directory}/" if len(paths) > 1 else next(iter(paths))
        yield label, Area(files=frozenset(paths))
    copied = set() if by.context is None else set(dockerfile.compiled(by.told, by.context))
    for source in sorted(copied)[:_INPUTS]:
        directory, _, name = source.rpartition("/")
        if _ANY & set(name):
            yield source, Area(units=((directory, name),))
        elif not _ANY & set(source):
            yield (
                source if since.known(source) else f"{source}/",
                Area(units=((source, ""),), files=frozenset({source} if source else ())),
            )
