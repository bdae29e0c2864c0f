"""One image against one repository: where its files came from, and which commits hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from jotgraph.content.history.index import Index
from jotgraph.content.history.index_store import Touch
from jotgraph.content.match.refine import Refined
from jotgraph.content.match.scoring import best, deltas, related, scores
from jotgraph.content.match.since import Since
from jotgraph.content.match.subtrees import Trees, refine
from jotgraph.content.match.touched import touched
from jotgraph.content.match.verdict import SMALLEST, boilerplate, judge
from jotgraph.content.match.view import View
from jotgraph.content.path_mapping import Assigned, DirectoryMap, assign, plans
from jotgraph.records import ContentMatch, ContentVerdict, Kind, ResourceId, as_id, kind_of

LISTED_COMMITS = 1000
LISTED_NAMES = 20


class Scored(msgspec.Struct, frozen=True):
    """One set of maps and the commits that hold the most of the files it explains."""

    maps: tuple[DirectoryMap, ...]
    assigned: dict[str, Assigned]
    commits: list[int]


class Found(msgspec.Struct, frozen=True):
    """A match, and the image paths and sizes that carry it (to weigh repositories)."""

    match: ContentMatch
    solid: frozenset[str]


def match_repository(
    resource: ResourceId, image: View, index: Index, trees: Trees, since: Since | None = None
) -> Found | None:
    """Match one image with one repository; None when they have nothing in common. With ``since``,
    what touched it is told too.

    Raises GitError when the repository cannot be read.
    """
    known = _known(image, index)
    if not known:
        return None
    touches = index.touches({blob for blobs in known.values() for blob in blobs})
    names = index.paths(path for _, path, _, _ in touches)
    scored = _score(known, touches, names, index)
    if not scored:
        return None
    refined = [
        (each, refine(image, each.maps, each.assigned, each.commits, trees)) for each in scored
    ]
    # Of explanations that fit as well, the one of fewest directories.
    least = min((r.penalty, len(r.files.maps)) for _, r in refined)
    kept = [pair for pair in refined if (pair[1].penalty, len(pair[1].files.maps)) == least]
    found = _found(resource, image, index, kept)
    verdict = found.match.verdict
    alike = len({_meaning(*pair) for pair in kept}) == 1
    if since is None or not alike or verdict in (ContentVerdict.WEAK, ContentVerdict.NONE):
        return found
    commits = sorted({commit for _, each in kept for commit in each.commits})
    built = bool(as_id(resource)) and kind_of(resource) in (Kind.LOCAL_IMAGE, Kind.ECR_IMAGE)
    told = touched(image, kept[0][0].assigned, kept[0][1], commits, trees, since, built=built)
    return Found(msgspec.structs.replace(found.match, touched=told), found.solid)


def _meaning(plan: Scored, refined: Refined) -> tuple[frozenset[object], ...]:
    """What an explanation says was copied: one tried in another order says the same."""
    units = frozenset((each.directory, each.pattern) for each in refined.units or ())
    files = frozenset((path, each.path) for path, each in plan.assigned.items())
    return frozenset(refined.files.maps), units, files


def _known(image: View, index: Index) -> dict[str, tuple[int, ...]]:
    """Image path -> blob numbers, of the files a build copied that the repository ever held."""
    asked = {
        path: placed.ids.variants()
        for path, placed in image.files.items()
        if placed.ids.size >= SMALLEST and image.copied[placed.layer] is not False
    }
    numbers = index.known(oid for ids in asked.values() for oid in ids)
    found = {
        path: tuple(sorted(numbers[oid] for oid in ids if oid in numbers))
        for path, ids in sorted(asked.items())
    }
    return {path: blobs for path, blobs in found.items() if blobs}


def _score(
    known: Mapping[str, tuple[int, ...]],
    touches: Sequence[Touch],
    names: Mapping[int, str],
    index: Index,
) -> list[Scored]:
    places: dict[int, set[str]] = {}
    for blob, path, _, sign in touches:
        if sign > 0:
            places.setdefault(blob, set()).add(names[path])
    numbers = {name: number for number, name in names.items()}
    history = index.history
    tried: list[tuple[int, Scored]] = []
    for maps in plans(known, places):
        assigned = assign(known, places, maps)
        wanted: dict[tuple[int, int], int] = {}
        for each in assigned.values():
            for blob in each.blobs:
                key = (blob, numbers[each.path])
                wanted[key] = wanted.get(key, 0) + 1
        top, commits = best(scores(history.first, deltas(touches, wanted)), history.alive)
        if commits:
            tried.append((top, Scored(maps, assigned, commits)))
    highest = max((top for top, _ in tried), default=0)
    return [each for top, each in tried if top == highest]


def _found(
    resource: ResourceId, image: View, index: Index, kept: Sequence[tuple[Scored, Refined]]
) -> Found:
    history = index.history
    commits = sorted(
        {commit for _, refined in kept for commit in refined.commits},
        key=lambda n: (history.times[n], n),
        reverse=True,
    )
    plan, refined = max(kept, key=lambda pair: history.times[pair[1].commits[-1]])
    group, files = refined.group, refined.files
    equal = [path for bit, path in enumerate(files.paths) if group.equal >> bit & 1]
    differ = [path for bit, path in enumerate(files.paths) if group.differ >> bit & 1]
    layers = {image.files[path].layer for path in plan.assigned}
    explained = {*equal, *differ}
    unexplained = [
        path
        for path in files.paths
        if path not in explained and image.files[path].layer >= min(layers)
    ]
    solid = [p for p in equal if p in plan.assigned and not boilerplate(plan.assigned[p].path)]
    blobs = {image.files[path].ids.plain for path in solid}
    copied = sum(image.files[path].layer in layers for path in files.paths)
    verdict = judge(
        solid=len(blobs),
        lone_size=image.files[solid[0]].ids.size if solid else 0,
        same_name=bool(solid) and _same_name(solid[0], plan.assigned[solid[0]].path),
        equal=len(equal),
        differ=len(differ),
        copied=copied,
        penalty=refined.penalty,
        complete=refined.complete,
    )
    holding = related(history.parents, commits)
    maps = {(m.image, m.repository) for _, each in kept for m in each.files.maps}
    shas = [history.shas[n].hex() for n in commits]
    match = ContentMatch(
        resource=resource,
        repository=index.key,
        verdict=verdict,
        commits=tuple(shas[:LISTED_COMMITS]),
        count=len(shas),
        newest=shas[0],
        oldest=shas[-1],
        refs=tuple(ref for ref, at in history.refs if holding[at])[:LISTED_NAMES],
        maps=tuple(sorted(maps)),
        matched=sum(path not in image.deleted for path in equal),
        modified=tuple(differ[:LISTED_NAMES]),
        modified_count=len(differ),
        unexplained=tuple(unexplained[:LISTED_NAMES]),
        unexplained_count=len(unexplained),
        layers_read=image.read,
        layers_left=image.left,
        shallow=index.shallow,
    )
    return Found(match, frozenset(solid))


def _same_name(one: str, other: str) -> bool:
    return one.rpartition("/")[2] == other.rpartition("/")[2]


def combine(resource: ResourceId, image: View, found: Sequence[Found]) -> tuple[ContentMatch, ...]:
    """The matches that stand when all repositories are weighed: the one that explains most, those
    that explain as much (forks), and those that explain other files. Always at least one record.
    """
    order = sorted(
        (each for each in found if each.match.verdict is not ContentVerdict.NONE),
        key=lambda each: (-len(each.solid), each.match.modified_count, each.match.repository),
    )
    none = ContentMatch(
        resource=resource,
        verdict=ContentVerdict.NONE,
        layers_read=image.read,
        layers_left=image.left,
    )
    if not order:
        return (none,)
    if len(order[0].solid) == 1 and len(order) > 1:
        # One file, known to several repositories: it may be from any of them, or from none.
        return tuple(
            msgspec.structs.replace(each.match, verdict=ContentVerdict.WEAK)
            for each in order
            if each.solid == order[0].solid
        )
    kept: list[Found] = [order[0]]
    covered = set(order[0].solid)
    for each in order[1:]:
        fork = each.solid == order[0].solid and each.match.verdict == order[0].match.verdict
        if fork or (
            len(each.solid - covered) > 1 and each.match.verdict is not ContentVerdict.WEAK
        ):
            kept.append(each)
            covered |= each.solid
    return tuple(each.match for each in kept)
