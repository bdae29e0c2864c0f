"""Graph -> Drawing: what is shown of it, under which words, in which quiet boxes. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from jotgraph import graph as graphs
from jotgraph.claims import commits_of, copies
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from jotgraph.records import (
    Alias,
    Commit,
    EcrImage,
    EcrRepository,
    Function,
    GitRepository,
    Kind,
    Missing,
    ResourceId,
    Version,
    key_of,
    kind_of,
)
from jotgraph.records import Node as Recorded
from jotgraph.render import addresses, style, words
from jotgraph.render.boxes import cluster_of, repository_of
from jotgraph.render.drawing import Cluster, Drawing, Node, State
from jotgraph.render.flows import flows, known_missing

_PARTS = (Kind.VERSION, Kind.ALIAS)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asked to see."""

    states: Mapping[ResourceId, tuple[str, ...]] = {}
    """Words from the queries (orphan, broken, lag…); what the graph itself shows is added."""
    marks: Mapping[ResourceId, str] = {}
    """An overlay: a word of ``style.MARKS`` per resource."""
    overlay: str = ""
    focus: tuple[ResourceId, ...] = ()
    depth: int | None = None
    """Steps from the focus; None follows lineage to its ends."""
    kinds: tuple[Kind, ...] = ()
    """Only these kinds, all if empty."""
    words: tuple[str, ...] = ()
    """Only resources in one of these states, and their direct neighbours."""
    collapse: bool = False
    budget: int = 300
    """Most cards to draw; above it the picture folds itself and says so. 0 is no limit."""
    unlinked_commits: bool = False
    legend: bool = True
    title: str = "jotgraph"
    ref: str | None = None
    """Branch or tag that an HTML page compares commits with; None is each repository's HEAD."""


def view(graph: ResourceGraph, options: Options | None = None) -> Drawing:
    """Choose and word everything that is drawn; nothing is folded here (see ``fold``)."""
    asked = options or Options()
    chosen = _chosen(graph, asked)
    parents = {
        target
        for source, target, _ in graphs.edges(graph, Relation.PART_OF)
        if source in chosen and target in chosen
    }
    boxed = {each: box for each in chosen if (box := cluster_of(graph, each, parents)) is not None}
    full = set(boxed.values())
    full |= {repository_of(each) for each in boxed if boxed[each].startswith("index:")}
    shown = sorted(each for each in chosen if not (kind_of(each) is Kind.ECR_REPO and each in full))
    states = _states(graph, shown, asked)
    conflicts = _conflicts(graph, states)
    edges = flows(graph, set(shown), boxed, conflicts)
    commits = _refs(graphs.about(graph).git)
    nodes = tuple(
        _node(
            graph,
            each,
            asked,
            boxed.get(each, ""),
            states[each],
            commits.get(each, ()),
            conflicts.get(each, ""),
        )
        for each in shown
    )
    return _only_states(
        Drawing(
            title=words.clean(asked.title, 80),
            caption=caption(graph),
            nodes=nodes,
            edges=tuple(edges),
            clusters=tuple(_clusters(graph, sorted(full))),
            overlay=asked.overlay,
        ),
        asked.words,
    )


def caption(graph: ResourceGraph) -> tuple[str, ...]:
    """Scope, time and gaps in short sentences."""
    known = graphs.about(graph)
    regions: dict[str, list[str]] = {}
    for account, region in sorted(known.scope.places):
        regions.setdefault(account, []).append(region)
    places = [f"{account} ({', '.join(found[:4])})" for account, found in regions.items()]
    scope = [*places[:3], *([f"and {len(places) - 3} more accounts"] if len(places) > 3 else [])]
    if known.scope.git:
        scope.append("git " + ", ".join(known.scope.git[:4]))
    if known.scope.engine:
        scope.append(f"engine {known.scope.engine}")
    said = [f"scanned {known.taken_at:%Y-%m-%d %H:%M} UTC"]
    if scope:
        said.append("scope: " + ", ".join(scope))
    if known.gaps:
        first = known.gaps[0]
        count = f"{len(known.gaps)} gap{'s' if len(known.gaps) > 1 else ''}"
        said.append(f"{count}: {first.service} {first.action} {first.reason}")
    else:
        said.append("no gaps")
    return tuple(words.clean(each, 160) for each in said)


def lineage(
    graph: ResourceGraph, focus: Iterable[ResourceId], depth: int | None = None
) -> frozenset[ResourceId]:
    """Everything within ``depth`` steps that leads to the focus, and what those in turn stand on.

    Dependents are followed up, and from each of them dependencies down, so that the chain of an
    image holds the role of the function that runs it, but not the other users of that role.
    """
    start = set(focus)
    for each in tuple(start):
        start.update(graphs.dependents(graph, each, Relation.PART_OF))
    seen = {(each, True) for each in start}
    queue = deque((each, True, 0) for each in sorted(start))
    while queue:
        here, rising, far = queue.popleft()
        if depth is not None and far >= depth:
            continue
        steps = [(each, False) for each in graphs.dependencies(graph, here)]
        if rising:
            steps += [(each, True) for each in graphs.dependents(graph, here)]
        for step in steps:
            if step not in seen:
                seen.add(step)
                queue.append((*step, far + 1))
    return frozenset(each for each, _ in seen)


def _chosen(graph: ResourceGraph, asked: Options) -> set[ResourceId]:
    chosen = set(lineage(graph, asked.focus, asked.depth)) if asked.focus else set(graph.nodes)
    if asked.kinds:
        chosen = {each for each in chosen if kind_of(each) in asked.kinds}
    if not asked.unlinked_commits:
        chosen = {
            each
            for each in chosen
            if kind_of(each) is not Kind.COMMIT or each in asked.focus or graph.degree(each)
        }
    return chosen


def _clusters(graph: ResourceGraph, keys: Iterable[ResourceId]) -> Iterator[Cluster]:
    for key in keys:
        kind, _, rest = key.partition(":")
        known = ResourceId(f"ecr-image:{rest}") if kind == "index" else key
        found: Recorded | None = graphs.record(graph, known) if known in graph else None
        account, region = _place(known) if kind != "git" else ("", "")
        name = rest if kind == "git" else rest.split("/", 2)[2]
        if kind == "index" and found is not None:
            name = words.title(found)
        yield Cluster(
            key=key,
            kind=kind,
            title=words.clean(name, 80),
            parent=repository_of(known) if kind == "index" else "",
            tooltip=words.clean("\n".join(words.facts(found)) if found else key, 2000),
            href=addresses.address(found) if found else "",
            account=account,
            region=region,
        )


def _node(
    graph: ResourceGraph,
    resource: ResourceId,
    asked: Options,
    cluster: str,
    states: tuple[State, ...],
    refs: tuple[str, ...],
    conflict: str,
) -> Node:
    found = graphs.record(graph, resource)
    account, region = _place(resource)
    name = words.title(found, refs)
    inside = isinstance(found, Function) and cluster == resource
    git = graphs.about(graph).git
    remotes = addresses.remotes_of(found, git) if isinstance(found, Commit) else ()
    facts = [words.clean(each) for each in words.facts(found)]
    told = [words.clean(conflict)] if conflict else []
    return Node(
        id=resource,
        kind=kind_of(resource),
        title="$LATEST" if inside else words.clean(name, 80),
        line=words.clean(words.line(found), 120),
        name=words.clean(_full_name(found), 300),
        tooltip="\n".join([*facts, *(each.word for each in states), *told]),
        href=addresses.address(found, remotes),
        states=states,
        missing=isinstance(found, Missing),
        account=account,
        region=region,
        cluster=cluster,
        mark=asked.marks.get(resource, ""),
    )


def _full_name(record: Recorded) -> str:
    """What a person would type to find it."""
    match record:
        case Version():
            return f"{record.name}:{record.number}"
        case Alias():
            return f"{record.function_name}:{record.name}"
        case EcrImage():
            return " ".join(f"{record.repository}:{tag}" for tag in record.tags) or record.digest
        case EcrRepository() | Function():
            return record.name
        case Commit():
            return f"{record.sha} {record.subject}"
        case _:
            return words.title(record)


def _place(resource: ResourceId) -> tuple[str, str]:
    """Account and region of an id; roles have no region, git and Docker neither."""
    kind, key = kind_of(resource), key_of(resource)
    if kind in (Kind.COMMIT, Kind.LOCAL_IMAGE, Kind.CONTAINER):
        return "", ""
    account, _, rest = key.partition("/")
    return account, "" if kind is Kind.ROLE else rest.partition("/")[0]


def _refs(git: Iterable[GitRepository]) -> dict[ResourceId, tuple[str, ...]]:
    """Short branch and tag names per commit, branches first."""
    found: dict[ResourceId, list[str]] = {}
    for each in git:
        ranked = sorted(each.refs, key=lambda ref: (not ref[0].startswith("refs/heads/"), ref))
        for ref, sha in ranked:
            if ref.startswith(("refs/heads/", "refs/tags/")):
                name = ref.split("/", 2)[2]
                names = found.setdefault(ResourceId(f"commit:{sha}"), [])
                if name not in names:
                    names.append(name)
    return {each: tuple(names) for each, names in found.items()}


def _states(
    graph: ResourceGraph, shown: Iterable[ResourceId], asked: Options
) -> dict[ResourceId, tuple[State, ...]]:
    """States told by the caller, and those the graph shows by itself."""
    return {
        each: tuple(sorted({style.state(word) for word in _words(graph, each, asked)}))
        for each in shown
    }


def _words(graph: ResourceGraph, resource: ResourceId, asked: Options) -> Iterator[str]:
    yield from asked.states.get(resource, ())
    found = graphs.record(graph, resource)
    if isinstance(found, Missing):
        yield "missing" if found.looked else "unread"
    if isinstance(found, EcrImage) and found.status == "ARCHIVED":
        yield "archived"
    if isinstance(found, Function | Version):
        runs = set(graphs.dependencies(graph, resource, Relation.RUNS))
        follows = set(graphs.dependencies(graph, resource, Relation.FOLLOWS))
        if runs and follows and not follows & runs:
            yield "drift"
        if any(graphs.is_missing(graph, each) and known_missing(graph, each) for each in runs):
            yield "broken"


def _conflicts(
    graph: ResourceGraph, states: Mapping[ResourceId, tuple[State, ...]]
) -> dict[ResourceId, str]:
    """Images whose claims disagree, and their copies, each with the reason."""
    found: dict[ResourceId, str] = {}
    for each, told in states.items():
        if any(state.word.startswith("conflict") for state in told):
            reason = commits_of(graph, each).reason
            found.update(dict.fromkeys(copies(graph, each), reason))
    return found


def _only_states(drawing: Drawing, wanted: tuple[str, ...]) -> Drawing:
    """Only resources in a wanted state, and what they touch."""
    if not wanted:
        return drawing
    hits = {
        each.id
        for each in drawing.nodes
        if any(state.word in wanted or state.word.split()[-1] in wanted for state in each.states)
    }
    near = {each.source for each in drawing.edges if each.target in hits}
    near |= {each.target for each in drawing.edges if each.source in hits}
    return keep(drawing, hits | near)


def keep(drawing: Drawing, ids: set[ResourceId]) -> Drawing:
    """The part of a drawing that holds these nodes."""
    nodes = tuple(each for each in drawing.nodes if each.id in ids)
    used = {each.cluster for each in nodes}
    used |= {each.parent for each in drawing.clusters if each.key in used}
    return msgspec.structs.replace(
        drawing,
        nodes=nodes,
        edges=tuple(each for each in drawing.edges if each.source in ids and each.target in ids),
        clusters=tuple(each for each in drawing.clusters if each.key in used),
    )
