"""A scan in progress: the listings, from which a first answer is given, then the details.

Verdicts depend on listings alone: who runs which digest (``CodeSha256``) with which role, which
images exist, and what else may run them. What a call for each function or image adds (deployed
tags, states, tags, callers, labels) comes later. Until then it is a gap with the reason *not yet*,
never absent: a first answer may know less than the final one, and says what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TypeVar

import msgspec

from jotgraph.clients import Clients
from jotgraph.gc_pause import collector_patient
from jotgraph.records import (
    Coverage,
    Function,
    Gap,
    Inventory,
    Kind,
    LocalImage,
    Version,
    Workload,
)
from jotgraph.sources.aws.calls import Progress, RegionClient, silent
from jotgraph.sources.aws.inspector import (
    InspectorRead,
    read_inspector,
    users_counted,
    with_last_use,
)
from jotgraph.sources.aws.log_groups import LogGroupRead, read_log_groups
from jotgraph.sources.aws.places import Threads, open_threads, places_of, safely
from jotgraph.sources.aws.probes import probe_regions
from jotgraph.sources.aws.since import Since, User
from jotgraph.sources.aws.stages import (
    Detailing,
    ImagesRead,
    Listings,
    image_question,
    image_reading,
    read_first_images,
    read_image_details,
    read_listings,
    start_function_details,
)
from jotgraph.sources.aws.workload_stage import coverage_of_lambda, start_workloads
from jotgraph.sources.ecr.reading import KnownByDigest
from jotgraph.sources.ecr.wanted import Interest
from jotgraph.sources.environment import Commits, known_revisions, machine_key
from jotgraph.sources.functions.listing import FunctionRead
from jotgraph.sources.git.folder_trees import with_trees
from jotgraph.sources.local import LocalRead, read_local
from jotgraph.sources.merge import by_id, fold
from jotgraph.sources.options import ScanOptions
from jotgraph.sources.parts import Parts, open_parts
from jotgraph.sources.scope import scope_of
from jotgraph.store.evidence import read_tests

EVERY = 20.0
"""Seconds between two reports of what was read so far."""
GRACE = 1.0
"""Seconds to wait for the details before a first answer."""
SoFar = Callable[[Inventory], None]
"""Called with what a scan has read so far."""

C = TypeVar("C", Function, Version, LocalImage)


@dataclass(frozen=True)
class Listed:
    """What verdicts depend on, and what is still in progress."""

    listings: Listings
    details: tuple[Detailing, ...]
    workloads: tuple[Workload, ...]
    coverage: tuple[Coverage, ...]
    inspected: InspectorRead
    local: LocalRead
    reading: KnownByDigest
    gaps: tuple[Gap, ...]


class Scan:
    """One scan: ``first`` when the listings are read, ``whole`` when everything is."""

    def __init__(
        self, options: ScanOptions, clients: Clients, previous: Inventory | None, threads: Threads
    ) -> None:
        self._options, self._clients, self._previous = options, clients, previous
        self._threads = threads
        self._parts = open_parts(options.unfinished, options) if options.unfinished else Parts()
        self._taken_at = self._parts.started_at or datetime.now(UTC)
        self._key = options.env_key or machine_key()
        self._since = Since(self._taken_at)
        self._listed: Listed | None = None
        self._first_images: ImagesRead | None = None

    def first(self) -> Inventory:
        """Return the inventory of the listings, with the details that have arrived by then."""
        listed = self._lists()
        for details in listed.details if self._options.details else ():
            details.details.wait_for_lost()
        wait([details.task for details in listed.details if details.task], GRACE)
        return self.so_far()

    def so_far(self) -> Inventory:
        """Return what was read up to now, with a gap for everything else."""
        listed = self._lists()
        functions = tuple(details.so_far() for details in listed.details)
        listings = self._listings(functions)
        if self._first_images is None:
            question = self._question(listings, functions)
            self._first_images = read_first_images(question, listed.reading)
        images, later = self._first_images, tuple(self._later())
        images = replace(images, gaps=(*images.gaps, *later))
        return self._inventory(listings, functions, images, ())

    def whole(self, so_far: SoFar | None = None) -> Inventory:
        """Return everything, when it is read; meanwhile ``so_far`` is called from time to time."""
        listed, options = self._lists(), self._options
        if not options.details:
            return self.so_far()
        pending = [details.task for details in listed.details if details.task]
        while so_far and wait(pending, EVERY).not_done:
            so_far(self.so_far())
        functions = tuple(details.result() for details in listed.details)
        listings = self._listings(functions)
        question = self._question(listings, functions)
        images = read_image_details(
            question, listed.reading, vulnerabilities=options.vulnerabilities
        )
        logs = self._read_logs(functions) if options.logs else ()
        return self._inventory(listings, functions, images, logs)

    def _lists(self) -> Listed:
        if self._listed is None:
            self._listed = self._list()
        return self._listed

    def _list(self) -> Listed:
        options, threads = self._options, self._threads
        local: Future[LocalRead] = threads.local.submit(
            read_local, self._clients, threads.progress, options.revision_names
        )
        places, unknown = places_of(self._clients.aws, threads)
        places = tuple(
            replace(place, revision_names=options.revision_names, parts=self._parts)
            for place in places
        )
        asking = start_workloads(places, options, threads)
        listings = read_listings(places, options, self._key, threads)
        details = start_function_details(
            listings, options, self._previous, self._key, self._taken_at, threads
        )
        ran = asking.answers()
        probed, unprobed = probe_regions(places, listings.enabled, threads)
        inspected = read_inspector(places, threads) if options.inspector else InspectorRead()
        from_files = (workload for read in options.used_by for workload in read.workloads)
        providers = (provider for read in listings.functions for provider in read.providers)
        workloads = by_id((*ran.workloads, *from_files, *providers))
        counted = users_counted(inspected.covered, listings.images, workloads)
        return Listed(
            listings=listings,
            details=details,
            workloads=by_id((*workloads, *counted)),
            coverage=(*ran.coverage, *probed),
            inspected=inspected,
            local=local.result(),
            reading=image_reading(listings, local.result(), options, self._key, threads),
            gaps=(*unknown, *listings.gaps, *ran.gaps, *unprobed, *inspected.gaps),
        )

    def _question(self, listings: Listings, functions: tuple[FunctionRead, ...]) -> Interest:
        listed = self._lists()
        return image_question(listings, functions, listed.local, listed.workloads, self._options)

    def _listings(self, reads: tuple[FunctionRead, ...]) -> Listings:
        """The listings, with what was created after them and is used by what was read."""
        listed = self._lists()
        functions = (function for read in reads for function in read.functions)
        versions = (version for read in reads for version in read.versions)
        users: Iterator[User] = chain[User](functions, versions, listed.workloads)
        return self._since.with_what_came(listed.listings, users)

    def _later(self) -> Iterator[Gap]:
        """Gaps for what is always read after the first answer."""
        for place in self._lists().listings.places:
            if self._options.vulnerabilities:
                facts, what = ("vulnerabilities",), "scans of images that run"
                yield place.not_yet("ecr", "DescribeImageScanFindings", what, facts)
            if self._options.logs:
                hides = (Kind.LOG_GROUP,)
                yield place.not_yet("logs", "DescribeLogGroups", "log groups", hides=hides)

    def _read_logs(self, functions: tuple[FunctionRead, ...]) -> tuple[LogGroupRead, ...]:
        def read(place: RegionClient, listed: FunctionRead) -> LogGroupRead:
            named: tuple[Function | Version, ...] = listed.functions
            named += listed.versions
            answer = safely("logs", place, lambda place: read_log_groups(place, named))
            return LogGroupRead(gaps=(answer,)) if isinstance(answer, Gap) else answer

        places = self._lists().listings.places
        return tuple(self._threads.stages.map(read, places, functions))

    def _inventory(
        self,
        listings: Listings,
        reads: tuple[FunctionRead, ...],
        images: ImagesRead,
        logs: tuple[LogGroupRead, ...],
    ) -> Inventory:
        listed, options, tested = self._lists(), self._options, read_tests()
        local = listed.local
        functions = (function for read in reads for function in read.functions)
        versions = (version for read in reads for version in read.versions)
        of_lambda = map(coverage_of_lambda, listings.places, reads)
        gaps = (
            *self._clients.gaps, *local.gaps, *listed.gaps, *images.gaps,
            *(gap for read in reads for gap in read.gaps),
            *(gap for read in logs for gap in read.gaps),
            *tested.gaps, *self._since.gaps,
        )  # fmt: skip
        inventory = Inventory(
            taken_at=self._taken_at,
            scope=scope_of(options, self._clients, listings, local, (*listed.coverage, *of_lambda)),
            gaps=fold(gaps),
            git=local.git,
            registries=tuple(sorted(listings.registries, key=lambda registry: registry.place)),
            commits=by_id(local.commits),
            local_images=by_id(_without_secrets(local.engine.images, options, local)),
            containers=by_id(local.engine.containers),
            ecr_repositories=by_id(listings.repositories),
            ecr_images=with_last_use(listed.inspected.covered, images.images),
            functions=by_id(_without_secrets(functions, options, local)),
            versions=by_id(_without_secrets(versions, options, local)),
            aliases=by_id(alias for read in reads for alias in read.aliases),
            triggers=by_id(trigger for read in reads for trigger in read.triggers),
            workloads=listed.workloads,
            roles=by_id(listings.roles),
            log_groups=by_id(group for read in logs for group in read.groups),
            tests=tested.tests,
        )
        return with_trees(inventory)


@contextmanager
def open_scan(
    options: ScanOptions,
    clients: Clients,
    previous: Inventory | None = None,
    progress: Progress | None = None,
) -> Iterator[Scan]:
    """Start a scan; calls in progress are cancelled when the block is left early."""
    with collector_patient(), open_threads(clients.aws, progress or silent) as threads:
        yield Scan(options, clients, previous, threads)


def _without_secrets(records: Iterable[C], options: ScanOptions, local: LocalRead) -> Iterator[C]:
    """The records, with only those of the team's variables that are commits."""
    names = options.revision_names
    if not names:
        yield from records
        return
    commits = Commits(local.commits)
    for record in records:
        env = known_revisions(record.env, names, commits)
        yield record if env == record.env else msgspec.structs.replace(record, env=env)
