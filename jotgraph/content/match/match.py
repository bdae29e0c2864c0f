"""Match one image with one repository: where its files came from, and which commits hold them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from jotgraph.content.directories import under
from jotgraph.content.history.index import CommitHistory, Index
from jotgraph.content.match.account import Account, account
from jotgraph.content.match.changes_since import ChangesSince
from jotgraph.content.match.dependencies import application, directories_of
from jotgraph.content.match.explanations import Scored, compared, fittest, meaning, score
from jotgraph.content.match.held_files import with_held
from jotgraph.content.match.own_layers import own_layers
from jotgraph.content.match.packages import packages
from jotgraph.content.match.refine import Refined
from jotgraph.content.match.scoring import related
from jotgraph.content.match.touched import touched
from jotgraph.content.match.trees import Trees
from jotgraph.content.match.verdict import SMALLEST, boilerplate, judge
from jotgraph.content.match.view import View, with_run, without
from jotgraph.records import ContentMatch, ContentVerdict, Kind, ResourceId, as_id, kind_of

LISTED_COMMITS = 1000
LISTED_NAMES = 20
_LITTLE = (ContentVerdict.WEAK, ContentVerdict.NONE)


class RepositoryMatch(msgspec.Struct, frozen=True):
    """A match, and the image paths and sizes behind it (for comparing repositories)."""

    match: ContentMatch
    solid: frozenset[str]


def match_repository(
    resource: ResourceId, image: View, index: Index, trees: Trees, since: ChangesSince | None = None
) -> RepositoryMatch | None:
    """Match one image with one repository; None when they have nothing in common. With ``since``,
    later changes are included. Raises GitError when the repository cannot be read."""
    copied = _match_copied(resource, image, index, trees, since)
    if copied is not None and copied.match.verdict is ContentVerdict.EXACT:
        return copied
    with_embedded = with_held(image, index)
    if with_embedded.held:
        copied = _with_held(copied, _match(resource, with_embedded, index, trees))
    if copied is not None and copied.match.verdict not in _LITTLE:
        return copied
    installed = with_run(image)
    second = _match(resource, installed, index, trees, since) if installed.run else None
    return copied if second is None or second.match.verdict in _LITTLE else second


def _with_held(
    plain: RepositoryMatch | None, more: RepositoryMatch | None
) -> RepositoryMatch | None:
    """The match including embedded files, if they narrow down the same commits."""
    if plain is None or more is None:
        return more if more is not None and more.match.held else plain
    if not more.match.held or more.match.verdict in _LITTLE:
        return plain
    if plain.match.verdict in _LITTLE:
        return more
    kept = more.match.matched - more.match.held >= plain.match.matched
    same = set(more.match.commits) & set(plain.match.commits)
    return more if kept and same else plain


def _match_copied(
    resource: ResourceId, image: View, index: Index, trees: Trees, since: ChangesSince | None
) -> RepositoryMatch | None:
    """The match of the copied layers."""
    whole = _match(resource, image, index, trees, since)
    if whole is None or not image.overlaid:
        return whole
    alone = _match(resource, without(image, image.overlaid), index, trees, since)
    if alone is None or alone.match.verdict is not ContentVerdict.EXACT:
        return whole
    # The upper layers are whole directories of these commits: one that has the lower files as well
    # is of the same build only if it is one of them.
    together = set(whole.match.commits) <= set(alone.match.commits)
    return whole if together and not whole.match.modified_count else alone


def _match(
    resource: ResourceId, image: View, index: Index, trees: Trees, since: ChangesSince | None = None
) -> RepositoryMatch | None:
    known, dependencies = application(image, _known(image, index), trees)
    if not known:
        return None
    touches = index.touches({blob for blobs in known.values() for blob in blobs})
    names = index.paths(path for _, path, _, _ in touches)
    scored, cut = score(known, touches, names, index)
    if not scored:
        return None
    tried = [(plan, compared(image, plan, trees)) for plan in scored]
    best_pairs = fittest(image, tried)
    result = _result(resource, image, trees, best_pairs, dependencies, cut)
    verdict = result.match.verdict
    alike = len({meaning(*pair) for pair in best_pairs}) == 1
    if since is None or not alike or verdict in _LITTLE:
        return result
    commits = sorted({commit for _, refined in best_pairs for commit in refined.commits})
    built = bool(as_id(resource)) and kind_of(resource) in (Kind.LOCAL_IMAGE, Kind.ECR_IMAGE)
    plan, refined = best_pairs[0]
    changes = touched(image, plan.explained, refined, commits, trees, since, built=built)
    return RepositoryMatch(msgspec.structs.replace(result.match, touched=changes), result.solid)


def _known(image: View, index: Index) -> dict[str, tuple[int, ...]]:
    """Image path -> blob numbers, for files that the build copied and the repository ever
    contained."""
    ids_of = {
        path: placed.ids.variants()
        for path, placed in image.files.items()
        if placed.ids.size >= SMALLEST and image.copied[placed.layer] is not False
    }
    numbers = index.known(oid for ids in ids_of.values() for oid in ids)
    blobs_of = {
        path: tuple(sorted(numbers[oid] for oid in ids if oid in numbers))
        for path, ids in sorted(ids_of.items())
    }
    return {path: blobs for path, blobs in blobs_of.items() if blobs}


def _result(
    resource: ResourceId,
    image: View,
    trees: Trees,
    best_pairs: Sequence[tuple[Scored, Refined]],
    dependencies: Collection[str],
    cut: bool,
) -> RepositoryMatch:
    index, history = trees.index, trees.index.history
    commits = sorted(
        {commit for _, refined in best_pairs for commit in refined.commits},
        key=lambda n: (history.times[n], n),
        reverse=True,
    )
    plan, refined = max(best_pairs, key=lambda pair: history.times[pair[1].commits[-1]])
    own = own_layers(image, plan.explained, plan.maps, trees) - image.run
    files = account(image, plan.explained, plan.maps, refined, own, trees)
    apart = sorted(set(dependencies).difference(files.equal, files.modified))
    solid = [
        path
        for path in files.equal
        if path in plan.explained and not boilerplate(plan.explained[path].path)
    ]
    complete = not cut and all(other.complete for _, other in best_pairs)
    verdict = _verdict(image, plan, refined, files, solid, complete)
    holding = related(history.parents, commits)
    maps = {
        (map_.image, map_.repository) for _, refined in best_pairs for map_ in refined.files.maps
    }
    shas = [history.shas[n].hex() for n in commits]
    match = ContentMatch(
        resource=resource,
        repository=index.key,
        verdict=verdict,
        commits=tuple(shas[:LISTED_COMMITS]),
        count=len(shas),
        newest=shas[0],
        oldest=shas[-1],
        runs=_runs(history, commits) if len(shas) > LISTED_COMMITS else (),
        refs=tuple(ref for ref, at in history.refs if holding[at])[:LISTED_NAMES],
        maps=tuple(sorted(maps)),
        packages=packages(trees, commits[0], {directory for _, directory in maps}),
        matched=sum(path not in image.deleted for path in files.equal),
        held=sum(image.files[path].layer in image.held for path in files.equal),
        by_run=sum(image.files[path].layer in image.run for path in files.equal),
        modified=files.modified[:LISTED_NAMES],
        modified_count=len(files.modified),
        renamed=files.renamed[:LISTED_NAMES],
        renamed_count=len(files.renamed),
        line_ends=files.line_ends[:LISTED_NAMES],
        line_ends_count=len(files.line_ends),
        published=files.published[:LISTED_NAMES],
        published_count=len(files.published),
        lacking=files.lacking[:LISTED_NAMES],
        lacking_count=len(files.lacking),
        unexplained=files.untracked[:LISTED_NAMES],
        unexplained_count=len(files.untracked),
        dependencies=directories_of(apart)[:LISTED_NAMES],
        dependencies_count=len(apart),
        layers_read=image.read,
        layers_left=image.left,
        shallow=index.shallow,
    )
    return RepositoryMatch(match, frozenset(solid))


def _runs(history: CommitHistory, commits: Sequence[int]) -> tuple[tuple[str, int], ...]:
    """A set of commits as lines of first parents, each as long as it stays within the set."""
    left = set(commits)
    followed = {history.first[commit] for commit in commits}
    heads = [commit for commit in commits if commit not in followed]
    runs: list[tuple[str, int]] = []
    for head in heads:
        commit, length = head, 0
        while commit in left:
            left.remove(commit)
            length += 1
            commit = history.first[commit]
        runs.append((history.shas[head].hex(), length))
    return tuple(runs)


def _verdict(
    image: View,
    plan: Scored,
    refined: Refined,
    files: Account,
    solid: Sequence[str],
    complete: bool,
) -> ContentVerdict:
    layers = {image.files[path].layer for path in plan.explained}
    swapped = len(files.modified) - refined.group.differ.bit_count()
    return judge(
        solid=len({image.files[path].ids.plain for path in solid}),
        lone_size=image.files[solid[0]].ids.size if solid else 0,
        same_name=bool(solid) and _same_name(solid[0], plan.explained[solid[0]].path),
        equal=len(files.equal),
        differ=len(files.modified),
        copied=sum(
            image.files[path].layer in layers and any(under(path, near) for near in refined.near)
            for path in refined.files.paths
        ),
        penalty=refined.penalty + swapped,
        complete=complete,
    )


def _same_name(path: str, source: str) -> bool:
    return path.rpartition("/")[2] == source.rpartition("/")[2]


def combine(
    resource: ResourceId, image: View, matches: Sequence[RepositoryMatch]
) -> tuple[ContentMatch, ...]:
    """The matches that stand when all repositories are weighed: the one that explains most, those
    that explain as much (forks), and those that explain other files. Always at least one record.
    """
    order = sorted(
        (match for match in matches if match.match.verdict is not ContentVerdict.NONE),
        key=lambda match: (
            match.match.by_run > 0,
            -len(match.solid),
            match.match.modified_count,
            match.match.repository,
        ),
    )
    none = ContentMatch(
        resource=resource,
        verdict=ContentVerdict.NONE,
        layers_read=image.read,
        layers_left=image.left,
    )
    if not order:
        return (none,)
    first = order[0]
    if len(first.solid) == 1 and len(order) > 1:
        # One file, known to several repositories: it may be from any of them, or from none.
        return tuple(
            msgspec.structs.replace(match.match, verdict=ContentVerdict.WEAK)
            for match in order
            if match.solid == first.solid
        )
    if not first.match.by_run:  # what was installed speaks only where nothing was copied
        order = [match for match in order if not match.match.by_run]
    standing = [first]
    covered = set(first.solid)
    for match in order[1:]:
        fork = match.solid == first.solid and match.match.verdict == first.match.verdict
        more = len(match.solid - covered) > 1 and match.match.verdict is not ContentVerdict.WEAK
        if fork or more:
            standing.append(match)
            covered |= match.solid
    return tuple(match.match for match in standing)
