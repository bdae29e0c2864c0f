"""The two stages of a scan of AWS: first every listing of every place at once, then what needs more
than one listing to know what to ask (GetFunction, manifests, configs)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from jotgraph.errors import Failure
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Gap,
    Inventory,
    Registry,
    Role,
    Workload,
)
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import Threads, ended, homes_of, safely
from jotgraph.sources.aws.regions import RegionRead, read_regions
from jotgraph.sources.aws.roles import RoleRead, read_roles
from jotgraph.sources.cache import Cache
from jotgraph.sources.ecr.images import read_images
from jotgraph.sources.ecr.listing import EcrRead, read_ecr
from jotgraph.sources.ecr.reading import Reading
from jotgraph.sources.ecr.scans import read_scans
from jotgraph.sources.ecr.wanted import Question
from jotgraph.sources.environment import TeamVariables
from jotgraph.sources.functions.detail import read_details
from jotgraph.sources.functions.invocations import read_callers
from jotgraph.sources.functions.listing import FunctionRead, read_functions
from jotgraph.sources.functions.tags import read_tags, read_trigger_tags
from jotgraph.sources.local import LocalRead
from jotgraph.sources.merge import by_id
from jotgraph.sources.options import ScanOptions

T = TypeVar("T")


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


def read_listings(
    places: tuple[RegionClient, ...], options: ScanOptions, key: bytes, threads: Threads
) -> Listings:
    """Run the first stage: all listings of every place at once."""
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

    ecr_tasks = [threads.stages.submit(safely, "ecr", place, ecr) for place in places]
    lambda_tasks = [threads.stages.submit(safely, "lambda", place, functions) for place in places]
    role_tasks = [threads.stages.submit(safely, "iam", place, roles) for place in homes]
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
            detailed = read_details(place, read, images, previous, key, options)
            if options.quick:
                return detailed
            return read_trigger_tags(place, read_tags(place, detailed))

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
    key: bytes,
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
        all_labels=options.all_labels,
    )
    places = {(place.account, place.region): place for place in listings.places}
    variables = TeamVariables(options.revision_names, local.commits, key)
    reading = Reading(places, threads.stages, Cache(options.cache), variables)
    try:
        images, gaps = read_images(question, reading)
        return (read_scans(question, reading, images) if options.vulnerabilities else images), gaps
    except Exception as error:  # as in safely: what was listed stands
        message = f"manifests could not be read ({type(error).__name__}: {error})"
        failure = Failure("error", message)
        facts = ("children", "manifest", "config")
        gaps = [
            place.gap("ecr", "BatchGetImage", failure, facts=facts) for place in listings.places
        ]
        return question.images, [*reading.gaps, *gaps]


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
