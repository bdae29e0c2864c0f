"""The two stages of a scan of AWS: first all listings of all places, then the calls that depend on
more than one listing (GetFunction, manifests, configs)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import TypeVar

import msgspec

from jotgraph.errors import Failure
from jotgraph.records import (
    NOT_YET,
    EcrImage,
    EcrRepository,
    Gap,
    Inventory,
    Registry,
    Role,
    Workload,
)
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import AccountsDone, Threads, ended, homes_of, safely
from jotgraph.sources.aws.regions import RegionRead, read_regions
from jotgraph.sources.aws.roles import RoleRead, read_roles
from jotgraph.sources.cache import Cache
from jotgraph.sources.ecr.images import read_images
from jotgraph.sources.ecr.listing import EcrRead, read_ecr
from jotgraph.sources.ecr.reading import KnownByDigest
from jotgraph.sources.ecr.scans import read_scans
from jotgraph.sources.ecr.wanted import Interest
from jotgraph.sources.environment import TeamVariables
from jotgraph.sources.functions.detail import Details
from jotgraph.sources.functions.invocations import callers_not_yet, read_callers
from jotgraph.sources.functions.listing import FunctionRead, read_functions
from jotgraph.sources.functions.tags import read_tags, read_trigger_tags
from jotgraph.sources.local import LocalRead
from jotgraph.sources.merge import by_id
from jotgraph.sources.options import NOT_QUICK, ScanOptions
from jotgraph.sources.parts import keeping

T = TypeVar("T")
R = TypeVar("R", EcrRead, FunctionRead, RoleRead, RegionRead)


@dataclass(frozen=True)
class Listings:
    """The first stage."""

    places: tuple[RegionClient, ...] = ()
    accounts: tuple[str, ...] = ()
    ecr: tuple[EcrRead, ...] = ()
    functions: tuple[FunctionRead, ...] = ()
    """One for each place, in order."""
    roles: tuple[Role, ...] = ()
    enabled: tuple[tuple[str, str], ...] = ()
    """Enabled (account, region) pairs; empty for a quick scan."""
    gaps: tuple[Gap, ...] = ()

    @cached_property
    def images(self) -> tuple[EcrImage, ...]:
        return tuple(image for read in self.ecr for image in read.images)

    @property
    def repositories(self) -> tuple[EcrRepository, ...]:
        return tuple(repository for read in self.ecr for repository in read.repositories)

    @property
    def registries(self) -> tuple[Registry, ...]:
        return tuple(registry for read in self.ecr for registry in read.registries)


def read_listings(
    places: tuple[RegionClient, ...], options: ScanOptions, key: bytes, threads: Threads
) -> Listings:
    """Run the first stage: all listings of all places at once."""
    homes = homes_of(places)

    def ecr(place: RegionClient) -> EcrRead:
        read = read_ecr(place, quick=options.quick)
        ended(place, "ecr", "image", len(read.images))
        return read

    def functions(place: RegionClient) -> FunctionRead:
        read = read_functions(place, key, every_alias=options.usage_days > 0)
        ended(place, "lambda", "function", len(read.functions))
        return read

    def roles(place: RegionClient) -> RoleRead:
        read = read_roles(place)
        ended(place, "iam", "role", len(read.roles))
        return read

    asked = () if options.quick else tuple(homes)
    accounts = AccountsDone((*places, *places, *homes, *asked))

    def start(
        service: str, of: type[R], read: Callable[[RegionClient], R], at: Iterable[RegionClient]
    ) -> list[Future[R | Gap]]:
        def run(place: RegionClient) -> R | Gap:
            answer = safely(service, place, keeping(place.parts, service, of, read))
            accounts.note(place)
            return answer

        return [threads.stages.submit(run, place) for place in at]

    ecr_tasks = start("ecr", EcrRead, ecr, places)
    lambda_tasks = start("lambda", FunctionRead, functions, places)
    role_tasks = start("iam", RoleRead, roles, homes)
    region_tasks = start("ec2", RegionRead, read_regions, asked)
    ecr_reads = tuple(_or(task.result(), _no_ecr) for task in ecr_tasks)
    function_reads = tuple(_or(task.result(), _no_functions) for task in lambda_tasks)
    role_reads = tuple(_or(task.result(), _no_roles) for task in role_tasks)
    region_reads = tuple(_or(task.result(), _no_regions) for task in region_tasks)
    return Listings(
        places=places,
        accounts=tuple(place.account for place in homes),
        ecr=ecr_reads,
        functions=function_reads,
        roles=tuple(role for read in role_reads for role in read.roles),
        enabled=tuple(pair for read in region_reads for pair in read.enabled),
        gaps=(
            *(gap for read in region_reads for gap in read.gaps),
            *(gap for read in ecr_reads for gap in read.gaps),
            *(gap for read in role_reads for gap in read.gaps),
        ),
    )


@dataclass(frozen=True)
class Detailing:
    """The calls about each function of one place, after the listings."""

    place: RegionClient
    details: Details
    task: Future[FunctionRead] | None
    """None when only the listings are requested."""
    days: int
    now: datetime

    def result(self) -> FunctionRead:
        """Return everything, when the last call is done."""
        return self.so_far() if self.task is None else self.task.result()

    def so_far(self) -> FunctionRead:
        """Return what was read up to now, with gaps for the rest."""
        if self.task is not None and self.task.done():
            return self.task.result()
        read = self.details.so_far()
        if not read.functions:
            return read
        later = [self.place.not_yet("lambda", "ListTags", "tags of functions", ("tags",))]
        if self.days <= 0:
            read = read_callers(self.place, read, self.days, self.now)
        else:
            later += callers_not_yet(self.place)
        return replace(read, gaps=(*read.gaps, *later))


def start_function_details(
    listings: Listings,
    options: ScanOptions,
    previous: Inventory | None,
    key: bytes,
    now: datetime,
    threads: Threads,
) -> tuple[Detailing, ...]:
    """Start the calls of GetFunction that are needed, for tags and callers, in all places."""
    images = listings.images

    def start(place: RegionClient, read: FunctionRead) -> Detailing:
        own = replace(place, pool=threads.details)
        details = Details(own, read, images, previous, key, options)
        if not options.details:
            return Detailing(own, details, None, options.usage_days, now)

        def run(own: RegionClient) -> FunctionRead:
            detailed = _or_listed(own, read, lambda _: details.ask())
            if not options.quick:
                tagged = partial(_tags, read=detailed)
                detailed = _or_listed(own, detailed, tagged)
            called = partial(read_callers, read=detailed, days=options.usage_days, now=now)
            return _or_listed(own, detailed, called)

        name = f"details-{details.question}"
        task = threads.detailed.submit(keeping(own.parts, name, FunctionRead, run), own)
        return Detailing(own, details, task, options.usage_days, now)

    return tuple(map(start, listings.places, listings.functions))


def _tags(place: RegionClient, read: FunctionRead) -> FunctionRead:
    return read_trigger_tags(place, read_tags(place, read))


def _or_listed(
    place: RegionClient, read: FunctionRead, ask: Callable[[RegionClient], FunctionRead]
) -> FunctionRead:
    """What was read of the functions, or what was known before with a gap."""
    result = safely("lambda", place, ask)
    return replace(read, gaps=(*read.gaps, result)) if isinstance(result, Gap) else result


def image_question(
    listings: Listings,
    functions: tuple[FunctionRead, ...],
    local: LocalRead,
    workloads: tuple[Workload, ...],
    options: ScanOptions,
) -> Interest:
    """Return which images to read, given the functions that run them."""
    return Interest(
        images=by_id(listings.images),
        repositories=listings.repositories,
        configurations=(
            *(function for read in functions for function in read.functions),
            *(version for read in functions for version in read.versions),
        ),
        workloads=workloads,
        local=local.engine.images,
        git=bool(local.git),
        quick=options.quick,
        all_labels=options.all_labels,
    )


def image_reading(
    listings: Listings, local: LocalRead, options: ScanOptions, key: bytes, threads: Threads
) -> KnownByDigest:
    """Return where manifests and configs are read, and what is known of them."""
    places = {(place.account, place.region): place for place in listings.places}
    variables = TeamVariables(options.revision_names, local.commits, key)
    return KnownByDigest(places, threads.stages, Cache(options.cache), variables)


def read_first_images(question: Interest, reading: KnownByDigest) -> ImagesRead:
    """Read what verdicts depend on: indexes and their children, and what earlier scans read."""
    read = read_image_details(replace(question, quick=True), reading)
    if not question.quick:
        reading.gaps[:] = [gap for gap in reading.gaps if gap.option != NOT_QUICK]
    return ImagesRead(read.images, tuple(map(_later, read.gaps)))


def _later(gap: Gap) -> Gap:
    """Gaps for what the first answer lacks and that is read afterwards."""
    if gap.option != NOT_QUICK:
        return gap
    return msgspec.structs.replace(gap, reason=NOT_YET, option="")


@dataclass(frozen=True)
class ImagesRead:
    """Every image of ECR, with what was read of its manifest and config."""

    images: tuple[EcrImage, ...]
    gaps: tuple[Gap, ...]


def read_image_details(
    question: Interest, reading: KnownByDigest, *, vulnerabilities: bool = False
) -> ImagesRead:
    """Read the wanted manifests and configs, except those read, or failed, before."""
    try:
        images, gaps = read_images(question, reading)
        if vulnerabilities:
            images = read_scans(question, reading, images)
        return ImagesRead(images, tuple(gaps))
    except Exception as error:  # as in safely: what was listed stands
        message = f"manifests could not be read ({type(error).__name__}: {error})"
        failure = Failure("error", message)
        facts = ("children", "manifest", "config")
        places = reading.places.values()
        gaps = [place.gap("ecr", "BatchGetImage", failure, facts=facts) for place in places]
        return ImagesRead(question.images, (*reading.gaps, *gaps))


def _or(result: T | Gap, empty: Callable[[Gap], T]) -> T:
    return empty(result) if isinstance(result, Gap) else result


def _no_ecr(gap: Gap) -> EcrRead:
    return EcrRead(gaps=(gap,))


def _no_functions(gap: Gap) -> FunctionRead:
    return FunctionRead(gaps=(gap,))


def _no_regions(gap: Gap) -> RegionRead:
    return RegionRead(gaps=(gap,))


def _no_roles(gap: Gap) -> RoleRead:
    return RoleRead(gaps=(gap,))
