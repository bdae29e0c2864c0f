"""A client that makes one call of each action, and runs a whole scan that way.

The stages of a scan decide what to call; the client admits the first call of each action, keeps its
response and fails the rest.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jotgraph.doctor.samples import MOVES_PULL_TIMES, REPEATED, Recorder
from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import CoverageState, EcrImage, Function, Gap, Version
from jotgraph.sources.aws.calls import Answer, Listing, RegionClient
from jotgraph.sources.aws.inspector import read_inspector
from jotgraph.sources.aws.log_groups import read_log_groups
from jotgraph.sources.aws.places import Threads, safely
from jotgraph.sources.aws.stages import read_listings, start_function_details
from jotgraph.sources.aws.workload_stage import start_workloads
from jotgraph.sources.ecr.requests import get_scan
from jotgraph.sources.functions.listing import FunctionRead
from jotgraph.sources.options import ScanOptions

ENOUGH = Failure("sampled", "called often enough")
PULL = Failure("sampled", "ECR counts it as a pull: --pulls tries it")


@dataclass(frozen=True)
class SamplingClient(RegionClient):
    """Calls each action once (some several times), and keeps the responses."""

    recorder: Recorder = field(default_factory=Recorder, kw_only=True, repr=False)
    pulls: bool = field(default=False, kw_only=True)
    """Whether calls that count as a pull are made, too."""

    def ask(self, service: str, action: str, /, *members: str, **params: Any) -> Answer:
        """Make one call, if it was not made before. Raises CallFailedError."""
        key = (self.account, self.region, service, action)
        if action in MOVES_PULL_TIMES and not self.pulls:
            raise CallFailedError(PULL)
        if not self.recorder.admits(key):
            if action in REPEATED and (answer := self.recorder.earlier(key)):
                return dict(answer)
            raise CallFailedError(ENOUGH)
        client = self.aws.client(service, self.region)
        self.recorder.listen(client)
        self.recorder.forget_body()
        try:
            answer = super().ask(service, action, *members, **params)
        except CallFailedError as error:
            self.recorder.failed(key, error.failure)
            raise
        self.recorder.answered(key, params, answer, client)
        return answer

    def gap(self, service: str, action: str, failure: Failure, **fields: Any) -> Gap:
        """Return a gap; record it if it is about a response that could not be parsed."""
        gap = super().gap(service, action, failure, **fields)
        if not failure.understood:
            self.recorder.misunderstood_as(gap)
        return gap

    def pages(
        self,
        service: str,
        action: str,
        items: str,
        *,
        token: str = "nextToken",
        next_token: str | None = None,
        **params: Any,
    ) -> Listing:
        """Return the first page of a listing as if it were complete."""
        try:
            answer = self.ask(service, action, items, **params)
        except CallFailedError as error:
            return Listing((), error.failure)
        return Listing(tuple(answer.get(items) or ()))


def sampling(place: RegionClient, recorder: Recorder, *, pulls: bool = False) -> SamplingClient:
    """Return the same account and region with sampled calls."""
    known = {part.name: getattr(place, part.name) for part in fields(place)}
    return SamplingClient(**known, recorder=recorder, pulls=pulls)


@dataclass(frozen=True)
class Sampled:
    """The results of a sampled scan that are needed."""

    images: tuple[EcrImage, ...]
    misunderstood: tuple[Gap, ...]
    """Only gaps of responses that could not be parsed: others are of calls that were not made."""
    absent: frozenset[tuple[str, str, str]]
    """Account, region and service where a service is not offered."""


def sample_scan(places: Sequence[RegionClient], recorder: Recorder, threads: Threads) -> Sampled:
    """Run the stages of a scan with every option that reads, with sampled calls."""
    asked = tuple(sampling(place, recorder) for place in places)
    with tempfile.TemporaryDirectory() as folder:  # nothing that was kept earlier answers for AWS
        options = ScanOptions(refresh=True, usage_days=1, cache=Path(folder), env_key=b"doctor")
        workloads = start_workloads(asked, options, threads)
        listings = read_listings(asked, options, b"doctor", threads)
        now = datetime.now(UTC)
        asking = start_function_details(listings, options, None, b"doctor", now, threads)
        called = tuple(details.result() for details in asking)
        read_inspector(asked, threads)
        for place, read in zip(asked, called, strict=True):
            _read_log_groups(place, read)
        _read_scans(asked, listings.images)
        ran = workloads.answers()
    return Sampled(
        images=listings.images,
        misunderstood=recorder.misunderstood(),
        absent=frozenset(
            (covered.account, covered.region, covered.service)
            for covered in ran.coverage
            if covered.state is CoverageState.ABSENT
        ),
    )


def _read_log_groups(place: SamplingClient, read: FunctionRead) -> None:
    """List the log groups of one place."""
    configurations: tuple[Function | Version, ...] = read.functions
    configurations += read.versions
    safely("logs", place, lambda place: read_log_groups(place, configurations))


def _read_scans(places: Sequence[SamplingClient], images: Sequence[EcrImage]) -> None:
    """Read the last scan of an image of each place, preferably one that has counts."""
    for place in places:
        here = [
            image
            for image in images
            if (image.account, image.region) == (place.account, place.region)
        ]
        scanned = [image for image in here if image.scan]
        for image in (*scanned, *here)[:1]:
            try:
                get_scan(place, image.repository, image.digest)
            except CallFailedError:
                continue
