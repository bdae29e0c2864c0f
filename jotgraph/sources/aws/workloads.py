"""Executes the table of consumers in one account and region: what runs images there, and what was
read.

The calls of an entry are made one after another, each for all documents at once; a call that
several entries of a service share is made once. Immutable responses are stored for ever. Every
failure leaves a gap, and shows in the coverage of the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from jotgraph.errors import Failure
from jotgraph.records import Coverage, CoverageState, Gap, Kind, Workload
from jotgraph.sources.aws.calls import Listing, RegionClient
from jotgraph.sources.aws.classify import not_understood
from jotgraph.sources.aws.consumer_calls import (
    Document,
    ServiceRequest,
    arguments_of,
    ask_batch,
    batches_of,
    kept_name,
    names_of,
    trimmed,
    with_newest,
)
from jotgraph.sources.aws.expressions import search
from jotgraph.sources.aws.offered import offered
from jotgraph.sources.aws.workload_records import merged, workload_of
from jotgraph.sources.consumers import Call, Consumer
from jotgraph.sources.options import NOT_QUICK
from jotgraph.sources.revisions import Revisions

NONE_THERE = frozenset({"UnsupportedFeatureException", "UnsupportedRegionException"})
"""Error codes for a feature that a region does not have (ECS's daemons, GameLift's containers)."""
OLDER = "older active revisions, any of which may be started by name"


@dataclass(frozen=True)
class WorkloadRead:
    """The workloads of one service in one account and region."""

    workloads: tuple[Workload, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    gaps: tuple[Gap, ...] = ()


def read_workloads(
    place: RegionClient, entries: Sequence[Consumer], revisions: Revisions, *, quick: bool
) -> WorkloadRead:
    """Read the entries of one service. ``quick`` leaves out calls for each older revision."""
    service = entries[0].service
    if not offered(place, entries[0].client or service):
        absent = coverage_of(place, service, CoverageState.ABSENT)
        return WorkloadRead(coverage=(absent,))
    reader = _Reader(place, revisions, quick)
    workloads = [workload for entry in entries for workload in reader.workloads(entry)]
    gaps = tuple(dict.fromkeys(reader.gaps))
    if not gaps:
        for (client, action), named in reader.forever.items():
            revisions.keep_only(place, client, action, named)
    return WorkloadRead(merged(workloads), (_coverage(place, service, workloads, gaps),), gaps)


def coverage_of(
    place: RegionClient, service: str, state: CoverageState, because: str = ""
) -> Coverage:
    return Coverage(
        account=place.account, region=place.region, service=service, state=state, because=because
    )


def _coverage(
    place: RegionClient, service: str, workloads: Sequence[Workload], gaps: Sequence[Gap]
) -> Coverage:
    denied = [gap for gap in gaps if gap.reason == "denied"]
    if failed := denied or [gap for gap in gaps if gap.asked]:
        state = CoverageState.DENIED if denied else CoverageState.FAILED
        return coverage_of(place, service, state, failed[0].detail)
    if gaps:
        return coverage_of(place, service, CoverageState.LEFT_OUT, gaps[0].detail)
    return coverage_of(place, service, CoverageState.READ if workloads else CoverageState.EMPTY)


@dataclass
class _Reader:
    """The calls to one service in one place, each made once."""

    place: RegionClient
    revisions: Revisions
    quick: bool
    gaps: list[Gap] = field(default_factory=list)
    forever: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """The stored responses of a call (client, action), by name."""
    _listed: dict[ServiceRequest, Listing] = field(default_factory=dict)
    _described: dict[ServiceRequest, Any] = field(default_factory=dict)
    """Results by name; None for what is gone, a Failure for what could not be read."""

    def workloads(self, entry: Consumer) -> Iterator[Workload]:
        """Return the records of an entry; one unexpected response loses no other."""
        for document in self.documents(entry):
            try:
                yield workload_of(self.place, entry, document)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                last, failure = entry.calls[-1], not_understood(error)
                self._gap(entry, last, failure, ServiceRequest(last.action, (), ""), hides=True)

    def documents(self, entry: Consumer) -> list[Document]:
        """Make the calls of an entry, one after another."""
        documents: list[Document] = [{}]
        for step, call in enumerate(entry.calls):
            if call.names:
                documents = self._describe(entry, call, documents)
                continue
            documents = with_newest(entry, self._list(entry, call, documents))
            if self.quick and any(later.names for later in entry.calls[step:]):
                documents = self._newest(entry, call, documents)
        return documents

    def _newest(self, entry: Consumer, call: Call, documents: list[Document]) -> list[Document]:
        newest = [document for document in documents if document.get("newest", True)]
        if len(newest) < len(documents):
            facts = ("older-revisions",)
            self.gaps.append(
                self.place.left_out(entry.service, call.action, OLDER, NOT_QUICK, facts)
            )
        return newest

    def _list(self, entry: Consumer, call: Call, documents: list[Document]) -> list[Document]:
        documents = documents if call.args else documents[:1]
        asked = [
            ServiceRequest(call.action, arguments_of(call, document), "") for document in documents
        ]
        new = [request for request in dict.fromkeys(asked) if request not in self._listed]
        size = {call.limit: call.page} if call.page else {}

        def read(request: ServiceRequest) -> Listing:
            words = {**dict(request.args), **call.fixed, **size}
            client = entry.client or entry.service
            return self.place.pages(client, call.action, call.found, token=call.token, **words)

        what = f"{entry.service} {call.action}"
        for request, listing in zip(new, self.place.each_listing(what, read, new), strict=True):
            self._listed[request] = listing
            if listing.failure and not none_there(listing.failure, within=bool(call.args)):
                self._gap(entry, call, listing.failure, request, hides=True)
        return [
            {**document, call.into: trimmed(call, row)}
            for document, request in zip(documents, asked, strict=True)
            for row in self._listed[request].items
        ]

    def _describe(self, entry: Consumer, call: Call, documents: list[Document]) -> list[Document]:
        asked: list[list[ServiceRequest]] = []
        forever: dict[ServiceRequest, str] = {}
        for document in documents:
            args = arguments_of(call, document)
            requests = [
                ServiceRequest(call.action, args, name) for name in names_of(call, document)
            ]
            asked.append(requests)
            if call.immutable:
                forever.update(
                    (request, kept_name(call, request.name, document)) for request in requests
                )
        self._ask(entry, call, dict.fromkeys(chain.from_iterable(asked)), forever)
        joined = (self._joined(call, *pair) for pair in zip(documents, asked, strict=True))
        return [document for document in joined if document is not None]

    def _joined(
        self, call: Call, document: Document, requests: list[ServiceRequest]
    ) -> Document | None:
        """The document with a result added; None when the result is that it is gone."""
        answers = [self._described[request] for request in requests]
        read = [
            answer for answer in answers if answer is not None and not isinstance(answer, Failure)
        ]
        if call.several:
            return {**document, call.into: read}
        return {**document, call.into: read[0]} if read else None

    def _ask(
        self,
        entry: Consumer,
        call: Call,
        requests: Iterable[ServiceRequest],
        forever: Mapping[ServiceRequest, str],
    ) -> None:
        client = entry.client or entry.service
        if call.immutable:
            self.forever.setdefault((client, call.action), set()).update(forever.values())
        new = [request for request in requests if request not in self._described]
        for request in new:
            if cached := self.revisions.get(self.place, client, call.action, forever.get(request)):
                self._described[request] = cached
        left = [request for request in new if request not in self._described]
        asked = batches_of(left, call.batch)

        def read(batch: tuple[ServiceRequest, ...]) -> Mapping[ServiceRequest, Any]:
            return ask_batch(self.place, client, call, batch)

        answers = self.place.each(f"{entry.service} {call.action}", read, asked)
        kept: dict[str, Any] = {}
        for batch, answer in zip(asked, answers, strict=True):
            for request in batch:
                described = answer if isinstance(answer, Failure) else answer.get(request)
                self._described[request] = self._settled(entry, call, request, described)
                if described is None or isinstance(described, Failure):
                    continue
                if not call.settled or search(call.settled, described):
                    kept[forever.get(request, "")] = described
        self.revisions.put(self.place, client, call.action, kept)

    def _settled(self, entry: Consumer, call: Call, request: ServiceRequest, answer: Any) -> Any:
        """Record what could not be read. A resource that disappeared since its listing is no loss,
        unless the document needs it."""
        gone = answer is None or (isinstance(answer, Failure) and _gone(answer))
        if gone and not call.several:
            return None
        if answer is None:
            answer = Failure("error", f"{request.name} is not there any more")
        if isinstance(answer, Failure):
            self._gap(entry, call, answer, request, hides=not call.several)
        return answer

    def _gap(
        self, entry: Consumer, call: Call, failure: Failure, request: ServiceRequest, *, hides: bool
    ) -> None:
        resource = str(request.name or next((value for _, value in request.args), ""))
        gap = self.place.gap(
            entry.service,
            call.action,
            failure,
            resource=resource.rpartition(":")[2] if resource.startswith("arn:") else resource,
            hides=(Kind.WORKLOAD,) if hides else (),
            facts=call.facts,
        )
        self.gaps.append(gap)


def _gone(failure: Failure) -> bool:
    return "NotFound" in failure.code


def none_there(failure: Failure, *, within: bool) -> bool:
    """Return whether a listing failed because there is nothing to list. The region lacks the
    feature, or what the listing is ``within``, such as a cluster, is gone since its own listing."""
    return failure.code in NONE_THERE or (within and _gone(failure))
