"""The stage that reads workloads: every service in all places at once, beside the listings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass

from jotgraph.records import Coverage, CoverageState, Gap, Kind
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import Threads, ended, safely
from jotgraph.sources.aws.workloads import WorkloadRead, coverage_of, read_workloads
from jotgraph.sources.consumers import BY_SERVICE, Consumer, grouped
from jotgraph.sources.functions.listing import FunctionRead
from jotgraph.sources.options import ScanOptions
from jotgraph.sources.parts import keeping
from jotgraph.sources.revisions import Revisions

Asked = tuple[str, str, str]
"""Account, region and service."""


@dataclass(frozen=True)
class Asking:
    """The reads in progress."""

    tasks: tuple[tuple[RegionClient, str, Future[WorkloadRead | Gap]], ...]

    def answers(self) -> WorkloadRead:
        """Return all results, when the last one is done."""
        reads = [_or_gap(place, service, task.result()) for place, service, task in self.tasks]
        return WorkloadRead(
            tuple(workload for read in reads for workload in read.workloads),
            tuple(coverage for read in reads for coverage in read.coverage),
            tuple(gap for read in reads for gap in read.gaps),
        )


def start_workloads(
    places: Sequence[RegionClient],
    options: ScanOptions,
    threads: Threads,
    without: Collection[Asked] = (),
) -> Asking:
    """Start reading every service of the table in every place, except in places ``without``
    need."""

    def start(
        place: RegionClient, service: str, entries: tuple[Consumer, ...]
    ) -> Future[WorkloadRead | Gap]:
        def read(place: RegionClient) -> WorkloadRead:
            with closing(Revisions(options.cache, service)) as revisions:
                ran = read_workloads(place, entries, revisions, quick=options.quick)
            if ran.workloads:
                ended(place, service, "workload", len(ran.workloads))
            return ran

        keep = keeping(place.parts, f"workloads-{service}", WorkloadRead, read)
        return threads.stages.submit(safely, service, place, keep)

    return Asking(
        tuple(
            (place, service, start(place, service, entries))
            for place in places
            for service, entries in (*BY_SERVICE, *grouped(options.consumers))
            if (place.account, place.region, service) not in without
        )
    )


def _or_gap(place: RegionClient, service: str, read: WorkloadRead | Gap) -> WorkloadRead:
    if isinstance(read, WorkloadRead):
        return read
    failed = coverage_of(place, service, CoverageState.FAILED, read.detail)
    return WorkloadRead(coverage=(failed,), gaps=(read,))


def coverage_of_lambda(place: RegionClient, read: FunctionRead) -> Coverage:
    """Return whether the functions of a place were listed."""
    gaps = [gap for gap in read.gaps if Kind.FUNCTION in gap.hides]
    if gaps:
        denied = [gap for gap in gaps if gap.reason == "denied"]
        state = CoverageState.DENIED if denied else CoverageState.FAILED
        return coverage_of(place, "lambda", state, (denied or gaps)[0].detail)
    state = CoverageState.READ if read.functions else CoverageState.EMPTY
    return coverage_of(place, "lambda", state)
