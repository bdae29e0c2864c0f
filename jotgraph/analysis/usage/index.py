"""The records of a graph indexed for verdicts: by kind, place, digest and tag, with their gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from jotgraph.analysis.coverage import by_service
from jotgraph.analysis.usage.named_images import NamedImages
from jotgraph.analysis.usage.relations import READ
from jotgraph.graph import ResourceGraph, about, read_by_id, read_by_kind, remembered, unread_ends
from jotgraph.records import (
    Alias,
    Container,
    Coverage,
    EcrImage,
    EcrRepository,
    Function,
    Gap,
    Kind,
    LocalImage,
    LogGroup,
    Place,
    Record,
    Registry,
    ResourceId,
    Role,
    Trigger,
    Version,
    Workload,
    ecr_image_id,
    ecr_repo_id,
)
from jotgraph.records.gaps import concerns, hidden_kinds
from jotgraph.records.mentions import Mention, mentions
from jotgraph.records.references import ecr_reference, role_of


class GraphIndex:
    """Read-only indexes over one graph, without judgement."""

    def __init__(self, graph: ResourceGraph) -> None:
        self.graph = graph
        self.about = about(graph)
        self._read = read_by_id(graph)
        self.by_kind = read_by_kind(graph)
        self.ecr = self.by_kind.ecr
        self.images_in = self.ecr.in_repositories
        """Images by repository, then by id, sorted."""
        of = self.by_kind.others
        self.functions_by_id: dict[ResourceId, Function] = of[Function]
        self.versions_by_id: dict[ResourceId, Version] = of[Version]
        self.repositories_by_id: dict[ResourceId, EcrRepository] = of[EcrRepository]
        self.roles_by_id: dict[ResourceId, Role] = of[Role]
        self.functions = list(self.functions_by_id.values())
        self.versions = list(self.versions_by_id.values())
        self.repositories = list(self.repositories_by_id.values())
        self.roles = list(self.roles_by_id.values())
        self.aliases: list[Alias] = list(of[Alias].values())
        self.triggers: list[Trigger] = list(of[Trigger].values())
        self.workloads: list[Workload] = list(of[Workload].values())
        self.local_images: list[LocalImage] = list(of[LocalImage].values())
        self.containers: list[Container] = list(of[Container].values())
        self.log_groups: list[LogGroup] = list(of[LogGroup].values())

    def configurations(self) -> Iterator[Function | Version]:
        """Every function's ``$LATEST`` and every published version."""
        yield from self.functions
        yield from self.versions

    def configurations_by_id(self) -> Iterator[tuple[ResourceId, Function | Version]]:
        """The same with their ids."""
        yield from self.functions_by_id.items()
        yield from self.versions_by_id.items()

    @cached_property
    def places(self) -> frozenset[tuple[str, str]]:
        """The accounts and regions that the scan read."""
        return frozenset(self.about.scope.places)

    @cached_property
    def lambda_coverage(self) -> dict[Place, Coverage]:
        """The state of Lambda's coverage in each place."""
        return {
            place: coverage
            for (place, service), coverage in by_service(self.about.scope).items()
            if service == "lambda"
        }

    @cached_property
    def lambda_places(self) -> frozenset[Place]:
        """The places where Lambda was read or is known to be empty."""
        known = (place for place, coverage in self.lambda_coverage.items() if coverage.whole)
        return frozenset((*(Place(*pair) for pair in self.about.scope.places), *known))

    @cached_property
    def registries(self) -> dict[Place, Registry]:
        return {registry.place: registry for registry in self.about.registries}

    def is_image(self, resource: ResourceId) -> bool:
        """Whether a resource is an ECR image that was read."""
        return isinstance(self._read.get(resource), EcrImage)

    @cached_property
    def named(self) -> NamedImages:
        """The images that the records of functions and workloads name."""
        return NamedImages(self.ecr)

    @cached_property
    def _referred(self) -> frozenset[ResourceId]:
        return unread_ends(self.graph, *READ)

    def known(self, resource: ResourceId) -> bool:
        """Whether a resource was read, or is referred to by a relation that verdicts use."""
        return resource in self._read or resource in self._referred or resource in self.images_in

    @cached_property
    def routed(self) -> frozenset[tuple[str, str, str, str]]:
        """(account, region, function, number) of versions that an alias names, whatever the
        weight."""
        return frozenset(
            (alias.account, alias.region, alias.function_name, number)
            for alias in self.aliases
            for number in (alias.version, *(number for number, _ in alias.weights))
        )

    def may_be_routed(self, version: Version) -> bool:
        """Whether an alias names a version, or an unread one may."""
        key = (version.account, version.region, version.name, version.number)
        if key in self.routed or not self._hiding:
            return key in self.routed
        return bool(self.hiding(version.place, version.name, Kind.ALIAS))

    @cached_property
    def _hiding(self) -> list[tuple[Gap, frozenset[Kind]]]:
        return [(gap, hidden_kinds(gap)) for gap in sorted(self.about.gaps)]

    @cached_property
    def _hidden(self) -> dict[tuple[str, str, str, tuple[Kind, ...]], tuple[Gap, ...]]:
        return {}

    def hiding(self, place: Place, name: str, *kinds: Kind) -> tuple[Gap, ...]:
        """Return the gaps that may hide resources of these kinds in a place. With a ``name``, gaps
        about another function, repository or role are left out. An empty region stands for every
        region."""
        if not self._hiding:
            return ()
        key = (*place, name, kinds)
        if key not in self._hidden:
            self._hidden[key] = tuple(
                gap
                for gap, hidden in self._hiding
                if hidden.intersection(kinds) and concerns(gap, place, name)
            )
        return self._hidden[key]

    def facts_unread(self, place: Place, name: str, *services: str) -> tuple[Gap, ...]:
        """Return the gaps about facts of resources of these services."""
        return tuple(
            gap
            for gap, _ in self._hiding
            if gap.facts and gap.service in services and concerns(gap, place, name)
        )

    @cached_property
    def judged(self) -> frozenset[ResourceId]:
        """The functions, versions and aliases that were read."""
        aliases = (alias.id for alias in self.aliases)
        return frozenset((*self.functions_by_id, *self.versions_by_id, *aliases))

    @cached_property
    def unclear_digests(self) -> dict[str, list[ResourceId]]:
        """The functions and versions whose image digest is unknown, by region."""
        by_region: dict[str, list[ResourceId]] = defaultdict(list)
        for resource, configuration in self.configurations_by_id():
            if configuration.may_run_image and configuration.image_digest is None:
                by_region[configuration.region].append(resource)
        return by_region

    @cached_property
    def unsettled(self) -> dict[Place, Function]:
        """The first function of a place that may still use the image, role and log group from
        before its last update, which failed or is in progress, or whose result was not read. An
        empty region stands for all regions of an account, and an empty account for the functions
        of a region that may run an image."""
        first: dict[Place, Function] = {}
        for function in self.functions_by_id.values():
            for place in places_in_doubt(function):
                first.setdefault(place, function)
        return first

    @cached_property
    def unclear_tags(self) -> dict[str, list[ResourceId]]:
        """The functions, and versions that aliases may name, whose deployed tag is unknown, by
        region."""
        by_region: dict[str, list[ResourceId]] = defaultdict(list)
        for resource, configuration in self.configurations_by_id():
            by_image = configuration.may_run_image and resource in self.keeping_tags
            if by_image and ecr_reference(configuration.image_uri) is None:
                by_region[configuration.region].append(resource)
        return by_region

    @cached_property
    def unclear_roles(self) -> dict[str, list[ResourceId]]:
        """The functions and versions whose role is unknown, by account."""
        by_account: dict[str, list[ResourceId]] = defaultdict(list)
        for resource, configuration in self.configurations_by_id():
            if role_of(configuration.role_arn) is None:
                by_account[configuration.account].append(resource)
        return by_account

    @cached_property
    def run_by(self) -> dict[str, list[ResourceId]]:
        """Functions and versions by the digest that they run."""
        by_digest: dict[str, list[ResourceId]] = defaultdict(list)
        for resource, configuration in self.configurations_by_id():
            if configuration.image_digest:
                by_digest[configuration.image_digest].append(resource)
        return by_digest

    @cached_property
    def keeping_tags(self) -> frozenset[ResourceId]:
        """The configurations whose deployed tag keeps the image that it names now. A version never
        resolves its tag again, but counts when an alias names it or may."""
        versions = self.versions_by_id.items()
        routed = (resource for resource, version in versions if self.may_be_routed(version))
        return frozenset((*self.functions_by_id, *routed))

    @cached_property
    def named_repositories(self) -> frozenset[ResourceId]:
        """The repositories that functions, and versions behind aliases, were deployed from."""
        return frozenset(
            ecr_repo_id(reference.account, reference.region, reference.repository)
            for resource, configuration in self.configurations_by_id()
            if resource in self.keeping_tags
            for uri in (configuration.image_uri, configuration.resolved_image_uri)
            if (reference := ecr_reference(uri))
        )

    @cached_property
    def mentioned(self) -> dict[ResourceId, tuple[ResourceId, ...]]:
        """What the text of each record mentions, as far as it is in the graph."""
        speaking: tuple[Record, ...] = (
            *self.configurations(),
            *self.aliases,
            *self.repositories,
            *self.roles,
            *self.workloads,
        )
        return {record.id: targets for record in speaking if (targets := self._mentions_of(record))}

    def _mentions_of(self, record: Record) -> tuple[ResourceId, ...]:
        """What the text of a record mentions, except the record itself."""
        named = (target for name in mentions(record) for target in self._named(name))
        return tuple(target for target in named if target != record.id)

    @cached_property
    def mentioned_by(self) -> dict[ResourceId, tuple[ResourceId, ...]]:
        """The records whose text mentions a resource, sorted."""
        sources_by_target: dict[ResourceId, set[ResourceId]] = defaultdict(set)
        for source, targets in self.mentioned.items():
            for target in targets:
                sources_by_target[target].add(source)
        return {target: tuple(sorted(sources)) for target, sources in sources_by_target.items()}

    def _named(self, mention: Mention) -> Sequence[ResourceId]:
        """The resources that a mention stands for, as far as they are in the graph."""
        if mention.resource is not None:
            return [mention.resource] if self.known(mention.resource) else []
        if mention.digest:
            return self.ecr.by_digest.get(mention.digest, ())
        if mention.image is None:
            return []
        account, region, repository, tag, digest = mention.image
        home = ecr_repo_id(account, region, repository)
        named = [home] if self.known(home) else []
        if digest:
            image = ecr_image_id(account, region, repository, digest)
            return [image, *named] if self.known(image) else named
        return [*self.ecr.tagged(account, region, repository, tag), *named]


def places_in_doubt(function: Function) -> tuple[Place, ...]:
    """Return the keys of ``unsettled`` for a function: none when its last update is through."""
    if function.settled:
        return ()
    wholes = (Place(function.account, function.region), Place(function.account, ""))
    return (*wholes, Place("", function.region)) if function.may_run_image else wholes


@remembered
def index_of(graph: ResourceGraph) -> GraphIndex:
    """The indexes over a graph, cached on it."""
    return GraphIndex(graph)
