"""Reads the accounts and regions of AWS sessions, stage by stage.

Two stages: first every listing of every place at once, then what needs more than one listing to
know what to ask (GetFunction, manifests, configs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from jotgraph.clients import Aws
from jotgraph.failures import CallFailedError, Failure
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Gap,
    Inventory,
    Kind,
    Record,
    Registry,
    Role,
    Workload,
)
from jotgraph.records.kinds import kinds_of_service
from jotgraph.sources.aws.calls import Buckets, Progress, RegionClient
from jotgraph.sources.aws.regions import RegionRead, read_regions
from jotgraph.sources.aws.roles import RoleRead, read_roles
from jotgraph.sources.cache import Cache
from jotgraph.sources.ecr.images import read_images
from jotgraph.sources.ecr.listing import EcrRead, read_ecr
from jotgraph.sources.ecr.reading import Reading
from jotgraph.sources.ecr.wanted import Question
from jotgraph.sources.functions.detail import read_details
from jotgraph.sources.functions.invocations import read_callers
from jotgraph.sources.functions.listing import FunctionRead, read_functions
from jotgraph.sources.functions.tags import read_tags
from jotgraph.sources.local import LocalRead
from jotgraph.sources.options import ScanOptions

T = TypeVar("T")
R = TypeVar("R", bound=Record)

SERVICES = ("ecr", "lambda", "iam")
"""Services whose listings a scan reads in every account and region."""


@dataclass(frozen=True)
class Listings:
    """The first stage."""

    places: tuple[RegionClient, ...] = ()
    accounts: tuple[str, ...] = ()
    ecr: tuple[EcrRead, ...] = ()
    functions: tuple[FunctionRead, ...] = ()
    """One of each for every place, in order."""
    roles: tuple[Role, ...] = ()
    enabled: tuple[tuple[str, str], ...] = ()
    """(account, region) pairs that are enabled; none when quick."""
    gaps: tuple[Gap, ...] = ()

    @property
    def images(self) -> tuple[EcrImage, ...]:
        return tuple(image for read in self.ecr for image in read.images)

    @property
    def repositories(self) -> tuple[EcrRepository, ...]:
        return tuple(repository for read in self.ecr for repository in read.repositories)

    @property
    def registries(self) -> tuple[Registry, ...]:
        return tuple(registry for read in self.ecr for registry in read.registries)


@dataclass(frozen=True)
class Threads:
    """The threads of one scan or run, and the token buckets that pace its calls."""

    pool: ThreadPoolExecutor = field(repr=False)
    """For the calls of batches."""
    stages: ThreadPoolExecutor = field(repr=False)
    """For whole listings, which themselves wait for batches in the other pool."""
    local: ThreadPoolExecutor = field(repr=False)
    """For git and Docker, which wait for no call."""
    buckets: Buckets
    progress: Progress


@contextmanager
def open_threads(sessions: tuple[Aws, ...], progress: Progress) -> Iterator[Threads]:
    """Open the threads of a scan: at most 64 calls at once, whatever the number of places."""
    places = sum(len(session.regions) for session in sessions) or 1
    workers = max((session.workers for session in sessions), default=1)
    buckets = Buckets(sessions[0].rates if sessions else {})
    with (
        ThreadPoolExecutor(min(64, workers * places), "jotgraph-call") as pool,
        ThreadPoolExecutor(min(24, 6 * places + len(sessions)), "jotgraph-list") as stages,
        ThreadPoolExecutor(1, "jotgraph-local") as local,
    ):
        yield Threads(pool, stages, local, buckets, progress)


def read_listings(
    places: tuple[RegionClient, ...], options: ScanOptions, key: bytes, threads: Threads
) -> Listings:
    """Run the first stage: all listings of every place at once."""
    homes = _homes(places)

    def ecr(place: RegionClient) -> EcrRead:
        return read_ecr(place, quick=options.quick)

    def functions(place: RegionClient) -> FunctionRead:
        return read_functions(place, key, every_alias=options.usage_days > 0)

    ecr_tasks = [threads.stages.submit(safely, "ecr", place, ecr) for place in places]
    lambda_tasks = [threads.stages.submit(safely, "lambda", place, functions) for place in places]
    role_tasks = [threads.stages.submit(safely, "iam", place, read_roles) for place in homes]
    asked = () if options.quick else tuple(homes)
    region_tasks = [threads.stages.submit(safely, "ec2", place, read_regions) for place in asked]
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


def read_function_details(
    listings: Listings,
    options: ScanOptions,
    previous: Inventory | None,
    key: bytes,
    threads: Threads,
) -> tuple[FunctionRead, ...]:
    """Ask GetFunction where it is needed, and for tags, all places at once."""
    images = listings.images

    def details(place: RegionClient, read: FunctionRead) -> FunctionRead:
        def ask(place: RegionClient) -> FunctionRead:
            found = read_details(place, read, images, previous, key, options)
            return found if options.quick else read_tags(place, found)

        result = safely("lambda", place, ask)
        return replace(read, gaps=(*read.gaps, result)) if isinstance(result, Gap) else result

    return tuple(threads.stages.map(details, listings.places, listings.functions))


def read_function_callers(
    places: tuple[RegionClient, ...],
    reads: tuple[FunctionRead, ...],
    options: ScanOptions,
    now: datetime,
    threads: Threads,
) -> tuple[FunctionRead, ...]:
    """Read who calls the functions, all places at once, or say that this is left out."""

    def callers(place: RegionClient, read: FunctionRead) -> FunctionRead:
        def ask(place: RegionClient) -> FunctionRead:
            return read_callers(place, read, options.usage_days, now)

        result = safely("lambda", place, ask)
        return replace(read, gaps=(*read.gaps, result)) if isinstance(result, Gap) else result

    return tuple(threads.stages.map(callers, places, reads))


def read_image_details(
    listings: Listings,
    functions: tuple[FunctionRead, ...],
    local: LocalRead,
    workloads: tuple[Workload, ...],
    options: ScanOptions,
    threads: Threads,
) -> tuple[tuple[EcrImage, ...], list[Gap]]:
    """Read the manifests and configs in question."""
    question = Question(
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
    )
    places = {(place.account, place.region): place for place in listings.places}
    reading = Reading(places, threads.stages, Cache(options.cache))
    try:
        return read_images(question, reading)
    except Exception as error:  # as in safely: what was listed stands
        message = f"manifests could not be read ({type(error).__name__}: {error})"
        failure = Failure("error", message)
        facts = ("children", "manifest", "config")
        gaps = [
            place.gap("ecr", "BatchGetImage", failure, facts=facts) for place in listings.places
        ]
        return question.images, [*reading.gaps, *gaps]


def by_id(records: Iterable[R]) -> tuple[R, ...]:
    """Sort by id and drop doubles: of two records with one id the first is kept."""
    kept: dict[str, R] = {}
    for record in records:
        kept.setdefault(record.id, record)
    return tuple(kept[key] for key in sorted(kept))


def places_of(
    sessions: tuple[Aws, ...], threads: Threads
) -> tuple[tuple[RegionClient, ...], list[Gap]]:
    """Ask each session who it is; without an answer none of its services can be read, and each
    gets a gap. Of two sessions in one account and region the first is used."""
    places: dict[tuple[str, str], RegionClient] = {}
    gaps: list[Gap] = []

    def identify(session: Aws) -> str | Failure:
        here = RegionClient(
            session, "", session.regions[0], threads.buckets, threads.pool, threads.progress
        )
        try:
            return str(here.ask("sts", "GetCallerIdentity", "Account")["Account"])
        except CallFailedError as error:
            return error.failure

    for session, account in zip(sessions, threads.stages.map(identify, sessions), strict=True):
        if isinstance(account, Failure):
            gaps.extend(_unread_session(session, account))
            continue
        for region in session.regions:
            place = RegionClient(
                session, account, region, threads.buckets, threads.pool, threads.progress
            )
            places.setdefault((account, region), place)
    return tuple(places[key] for key in sorted(places)), gaps


def _homes(places: tuple[RegionClient, ...]) -> list[RegionClient]:
    """One place for each account to ask IAM from, which is the same everywhere: the session's
    first region."""
    homes: dict[str, RegionClient] = {}
    for place in sorted(places, key=lambda p: p.aws.regions.index(p.region)):
        homes.setdefault(place.account, place)
    return [homes[account] for account in sorted(homes)]


def _unread_session(session: Aws, failure: Failure) -> Iterable[Gap]:
    named = f"profile {session.profile}: " if session.profile else ""
    for service in SERVICES:
        yield Gap(
            service=service,
            action="GetCallerIdentity",
            region=""
            if service == "iam"
            else session.regions[0]
            if len(session.regions) == 1
            else "",
            reason=failure.reason,
            detail=f"{named}{failure.detail}",
            hides=(*kinds_of_service(service), *_ASKED_WITH.get(service, ())),
        )


_ASKED_WITH = {"lambda": (Kind.WORKLOAD,)}
"""What nobody is asked about either: one word for the nine services that list it."""


def safely(service: str, place: RegionClient, read: Callable[[RegionClient], T]) -> T | Gap:
    """Turn an answer that no source expected into a gap: one odd reply must not end a scan."""
    try:
        return read(place)
    except Exception as error:
        message = f"an answer could not be understood ({type(error).__name__}: {error})"
        return place.gap(
            service, "*", Failure("error", message), hides=kinds_of_service(service), facts=("*",)
        )


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
