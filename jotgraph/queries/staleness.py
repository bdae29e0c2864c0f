"""Graph and ref -> what is out of date or broken: drift, lag, broken, idle, role made again.

Each is kept apart, for a function's ``$LATEST``, each published version and each alias. None of
them says that anything may be deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jotgraph.analysis.health.drift import drift
from jotgraph.analysis.lag import Doubt, Refs, Standing, State, standing, standing_of
from jotgraph.analysis.provenance import Claims, commits_of
from jotgraph.analysis.usage.principals import admitted
from jotgraph.analysis.usage.quarantine import mark_of
from jotgraph.graph import (
    ResourceGraph,
    about,
    dependencies,
    of_kind,
    record,
)
from jotgraph.links import Relation
from jotgraph.queries.answers.staleness import Entry, Finding, Stale, Staleness
from jotgraph.records import (
    Alias,
    EcrImage,
    EcrRepository,
    Function,
    Kind,
    Missing,
    ResourceId,
    Role,
    Version,
    digest_of,
    kind_of,
    version_id,
)


def staleness(graph: ResourceGraph, ref: str | None = None) -> Staleness:
    """Judge every function, version and alias against a branch or tag (``ref``; each
    repository's HEAD by default)."""
    refs = Refs(graph, ref)
    entries: dict[ResourceId, Entry] = {}
    for resource in of_kind(graph, Kind.FUNCTION, Kind.VERSION):
        node = record(graph, resource)
        assert isinstance(node, Function | Version)
        entries[resource] = _configuration(graph, refs, node)
    for resource in of_kind(graph, Kind.ALIAS):
        node = record(graph, resource)
        assert isinstance(node, Alias)
        entries[resource] = _alias(node, entries, about(graph).scope.window_days)
    return Staleness(about(graph), ref, tuple(entries[each] for each in sorted(entries)))


def _configuration(graph: ResourceGraph, refs: Refs, node: Function | Version) -> Entry:
    runs = dependencies(graph, node.id, Relation.RUNS)
    follows = dependencies(graph, node.id, Relation.FOLLOWS)
    claims = commits_of(graph, node.id)
    lag, content = _lag(graph, refs, claims)
    found = [*_broken(graph, node, runs), *_role(graph, node)]
    if moved := drift(graph, node.id).moved_to:
        tag = (node.image_uri or "").rpartition("/")[2]
        found.append(Finding(Stale.DRIFT, f"its tag {tag} names {digest_of(moved[0])[:19]} now"))
    if _lags(lag, content):
        found.append(Finding(Stale.LAG, lag.says()))
    found += _beside(graph, refs, claims)
    if node.invocations == 0:
        window = about(graph).scope.window_days
        found.append(Finding(Stale.IDLE, f"not called in the {window} days read"))
    return Entry(
        id=node.id,
        kind=kind_of(node.id),
        states=_states(found),
        findings=_sorted(found),
        runs=runs,
        follows=follows,
        lag=lag,
        content=content,
        lag_says=lag.says(),
        unread=tuple(_unread(graph, node, runs, claims.rule if lag.doubt is Doubt.HINT else "")),
    )


def _unread(
    graph: ResourceGraph, node: Function | Version, runs: tuple[ResourceId, ...], hint: str
) -> Iterator[str]:
    if hint:
        yield f"lag: only a hint ({hint}) says where it comes from"
    for image in runs:
        found = record(graph, image)
        if isinstance(found, Missing) and not found.looked:
            yield f"broken: whether {digest_of(image)[:19]} is in ECR was not read"
    if not node.detail_read:
        yield "broken: its state was not read"
    if node.package_type == "Image" and node.image_uri is None:
        yield "drift: the tag it was deployed from was not read"
    if drift(graph, node.id).unclear:
        yield "drift: what the index lists that its tag names now was not read"
    if node.invocations is None and node.state != "Inactive":
        yield "idle: invocations were not read"


def _states(found: Iterable[Finding]) -> tuple[Stale, ...]:
    return tuple(sorted({each.state for each in found}, key=list(Stale).index))


def _sorted(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda each: list(Stale).index(each.state)))


def _broken(
    graph: ResourceGraph, node: Function | Version, runs: tuple[ResourceId, ...]
) -> Iterator[Finding]:
    reason = f" ({node.state_reason})" if node.state_reason else ""
    if node.state == "Failed":
        yield Finding(Stale.BROKEN, f"Lambda says it is {node.state}{reason}")
    elif node.state == "Inactive":  # its next call fails and wakes it (Lambda, function states)
        said = f"Lambda says it is {node.state}{reason}: the next call fails, and wakes it"
        yield Finding(Stale.IDLE, said)
    for image in runs:
        found = record(graph, image)
        if isinstance(found, Missing) and found.looked:
            yield Finding(Stale.BROKEN, f"its image {digest_of(image)[:19]} is gone from ECR")
        elif isinstance(found, EcrImage) and len(runs) == 1:
            if found.status != "ACTIVE" and not mark_of(graph, node):
                said = f"its image {digest_of(image)[:19]} is {found.status.lower()}"
                yield Finding(Stale.BROKEN, said)
            yield from _refused(graph, node, found)


def _refused(graph: ResourceGraph, node: Function | Version, image: EcrImage) -> Iterator[Finding]:
    """Lambda pulls for another account only what the repository's policy lets it (Lambda
    Developer Guide, images in another account); within one it writes the policy itself."""
    if image.account == node.account or image.repository_id not in graph:
        return
    repository = record(graph, image.repository_id)
    if not isinstance(repository, EcrRepository) or repository.policy is None:
        return
    who = admitted(repository.policy)
    if node.account not in who.accounts and not who.others:
        refused = f"the policy of {image.repository} no longer lets account {node.account} in"
        yield Finding(Stale.BROKEN, refused)


def _role(graph: ResourceGraph, node: Function | Version) -> Iterator[Finding]:
    """A role made again has another id: what Lambda granted to the old one is lost (KMS)."""
    for resource in dependencies(graph, node.id, Relation.ASSUMES):
        role = record(graph, resource)
        if isinstance(role, Missing) and role.looked:
            yield Finding(Stale.BROKEN, f"its {resource} is gone")
        if not isinstance(role, Role) or not role.created_at or not node.last_modified:
            continue
        if role.created_at > node.last_modified:
            made = f"its role {role.name} was created after it, {role.created_at:%Y-%m-%d}"
            yield Finding(Stale.ROLE_RECREATED, f"{made}: grants to the old one are lost")


def _beside(graph: ResourceGraph, refs: Refs, claims: Claims) -> Iterator[Finding]:
    """What lags of further repositories of which the image holds files."""
    for repository in sorted({each.repository for each in claims.beside}):
        matches = tuple(each for each in claims.beside if each.repository == repository)
        commits = matches[0].commits
        equal = () if matches[0].modified_count else commits
        found = standing(graph, refs, commits, content=equal, matches=matches)
        if _lags(found, standing(graph, refs, equal) if equal else None):
            yield Finding(Stale.LAG, f"of {repository}, {found.says()}")


def _lag(graph: ResourceGraph, refs: Refs, claims: Claims) -> tuple[Standing, Standing | None]:
    equal = claims.content
    return standing_of(graph, refs, claims), standing(graph, refs, equal) if equal else None


def _lags(lag: Standing, content: Standing | None) -> bool:
    """Whether it lags; not where the ref has the very files, wherever it was built."""
    same = content is not None and content.state is State.CURRENT
    return lag.lags and (not same or bool(lag.inputs))


def _alias(node: Alias, entries: dict[ResourceId, Entry], window: int) -> Entry:
    """An alias is what its versions are: the main one, then the weighted ones."""
    numbers = [node.version, *(number for number, _ in node.weights)]
    targets = [
        node.function
        if number == "$LATEST"
        else version_id(node.account, node.region, node.function_name, number)
        for number in numbers
    ]
    read = [entries.get(each) for each in targets]
    found = [
        Finding(each.state, f"{number}: {each.because}")
        for number, entry in zip(numbers, read, strict=True)
        for each in (entry.findings if entry else ())
        if each.state is not Stale.IDLE
    ]
    if node.invocations == 0:
        found.append(Finding(Stale.IDLE, f"not called in the {window} days read"))
    known = [each for each in read if each]
    main = read[0]
    return Entry(
        id=node.id,
        kind=Kind.ALIAS,
        states=_states(found),
        findings=_sorted(found),
        runs=tuple(dict.fromkeys(image for each in known for image in each.runs)),
        follows=tuple(dict.fromkeys(image for each in known for image in each.follows)),
        lag=main.lag if main else Standing(State.UNKNOWN),
        content=main.content if main else None,
        lag_says=main.lag_says if main else "",
        unread=tuple(
            f"version {number} was not read"
            for number, each in zip(numbers, read, strict=True)
            if each is None
        ),
    )
