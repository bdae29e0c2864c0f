"""What runs images in one account and region, by the table of consumers; and what was asked.

The calls of an entry are made one after another, each for all documents at once; a call that
several entries of a service make is made once. What is immutable is asked once and kept for ever.
Whatever fails leaves a gap, and the coverage of the service says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import Coverage, CoverageState, Gap, Kind, Workload
from jotgraph.sources.aws.batches import batches
from jotgraph.sources.aws.calls import Listing, RegionClient
from jotgraph.sources.aws.classify import not_understood
from jotgraph.sources.aws.expressions import mentions, search
from jotgraph.sources.aws.offered import offered
from jotgraph.sources.aws.workload_records import merged, workload_of
from jotgraph.sources.consumers import Call, Consumer
from jotgraph.sources.options import NOT_QUICK
from jotgraph.sources.revisions import Revisions

Document = dict[str, Any]
NONE_THERE = frozenset({"UnsupportedFeatureException", "UnsupportedRegionException"})
"""Codes that say a region has no such thing (ECS's daemons, GameLift's containers)."""
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
    """Read the entries of one service. ``quick`` leaves out what costs a call for each older
    revision."""
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


class _Named(NamedTuple):
    """One thing to ask about."""

    action: str
    args: tuple[tuple[str, Any], ...]
    name: Any


@dataclass
class _Reader:
    """The calls to one service in one place, each made once."""

    place: RegionClient
    revisions: Revisions
    quick: bool
    gaps: list[Gap] = field(default_factory=list)
    forever: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """What names the answers of a call (client, action) that are kept."""
    _listed: dict[_Named, Listing] = field(default_factory=dict)
    _described: dict[_Named, Any] = field(default_factory=dict)
    """What was found; None for what is gone, and a Failure for what could not be read."""

    def workloads(self, entry: Consumer) -> Iterator[Workload]:
        """The records of an entry; one answer that is not understood loses no other."""
        for document in self.documents(entry):
            try:
                yield workload_of(self.place, entry, document)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                last, failure = entry.calls[-1], not_understood(error)
                self._gap(entry, last, failure, _Named(last.action, (), ""), hides=True)

    def documents(self, entry: Consumer) -> list[Document]:
        """Make the calls of an entry, one after another."""
        documents: list[Document] = [{}]
        for step, call in enumerate(entry.calls):
            if call.names:
                documents = self._describe(entry, call, documents)
                continue
            documents = _with_newest(entry, self._list(entry, call, documents))
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
        asked = [_Named(call.action, _arguments(call, document), "") for document in documents]
        new = [ask for ask in dict.fromkeys(asked) if ask not in self._listed]
        size = {call.limit: call.page} if call.page else {}

        def read(named: _Named) -> Listing:
            words = {**dict(named.args), **call.fixed, **size}
            client = entry.client or entry.service
            return self.place.pages(client, call.action, call.found, token=call.token, **words)

        what = f"{entry.service} {call.action}"
        for named, listing in zip(new, self.place.each_listing(what, read, new), strict=True):
            self._listed[named] = listing
            if listing.failure and not none_there(listing.failure, within=bool(call.args)):
                self._gap(entry, call, listing.failure, named, hides=True)
        return [
            {**document, call.into: _trimmed(call, row)}
            for document, named in zip(documents, asked, strict=True)
            for row in self._listed[named].items
        ]

    def _describe(self, entry: Consumer, call: Call, documents: list[Document]) -> list[Document]:
        asked: list[list[_Named]] = []
        forever: dict[_Named, str] = {}
        for document in documents:
            args = _arguments(call, document)
            names = [_Named(call.action, args, name) for name in _names(call, document)]
            asked.append(names)
            if call.immutable:
                forever.update((name, _forever(call, name.name, document)) for name in names)
        self._ask(entry, call, dict.fromkeys(name for names in asked for name in names), forever)
        joined = (self._joined(call, *pair) for pair in zip(documents, asked, strict=True))
        return [document for document in joined if document is not None]

    def _joined(self, call: Call, document: Document, names: list[_Named]) -> Document | None:
        """The document with what was found; None when it is about what was not."""
        answers = [self._described[named] for named in names]
        read = [
            answer for answer in answers if answer is not None and not isinstance(answer, Failure)
        ]
        if call.several:
            return {**document, call.into: read}
        return {**document, call.into: read[0]} if read else None

    def _ask(
        self, entry: Consumer, call: Call, names: Iterable[_Named], forever: Mapping[_Named, str]
    ) -> None:
        client = entry.client or entry.service
        if call.immutable:
            self.forever.setdefault((client, call.action), set()).update(forever.values())
        new = [named for named in names if named not in self._described]
        for named in new:
            if cached := self.revisions.get(self.place, client, call.action, forever.get(named)):
                self._described[named] = cached
        left = [named for named in new if named not in self._described]
        asked = _batches(left, call.batch)

        def read(batch: tuple[_Named, ...]) -> Mapping[_Named, Any]:
            return _asked(self.place, client, call, batch)

        answers = self.place.each(f"{entry.service} {call.action}", read, asked)
        kept: dict[str, Any] = {}
        for batch, answer in zip(asked, answers, strict=True):
            for named in batch:
                described = answer if isinstance(answer, Failure) else answer.get(named)
                self._described[named] = self._settled(entry, call, named, described)
                if described is not None and not isinstance(described, Failure):
                    kept[forever.get(named, "")] = described
        self.revisions.put(self.place, client, call.action, kept)

    def _settled(self, entry: Consumer, call: Call, named: _Named, answer: Any) -> Any:
        """Record what could not be read. What is gone since it was listed is no loss, unless the
        document needs it all the same."""
        gone = answer is None or (isinstance(answer, Failure) and _gone(answer))
        if gone and not call.several:
            return None
        if answer is None:
            answer = Failure("error", f"{named.name} is not there any more")
        if isinstance(answer, Failure):
            self._gap(entry, call, answer, named, hides=not call.several)
        return answer

    def _gap(
        self, entry: Consumer, call: Call, failure: Failure, named: _Named, *, hides: bool
    ) -> None:
        resource = str(named.name or next((value for _, value in named.args), ""))
        gap = self.place.gap(
            entry.service,
            call.action,
            failure,
            resource=resource.rpartition(":")[2] if resource.startswith("arn:") else resource,
            hides=(Kind.WORKLOAD,) if hides else (),
            facts=call.facts,
        )
        self.gaps.append(gap)


def _arguments(call: Call, document: Document) -> tuple[tuple[str, Any], ...]:
    return tuple((name, search(expression, document)) for name, expression in call.args.items())


def _names(call: Call, document: Document) -> tuple[Any, ...]:
    answer = search(call.names, document)
    names = answer if isinstance(answer, list) else [answer]
    return tuple(dict.fromkeys(name for name in names if name not in (None, "")))


def _forever(call: Call, name: Any, document: Document) -> str:
    """The text that names an answer for ever, with what is kept of it: what another version of
    jotgraph kept may lack what this one needs."""
    values = search(call.immutable, {"name": name, "document": document})
    return " ".join([*map(str, values), f"{crc32(call.keep.encode()):08x}"])


def _batches(names: Sequence[_Named], size: int) -> list[tuple[_Named, ...]]:
    """As many names a call as it takes, of those with the same arguments."""
    alike: dict[tuple[tuple[str, Any], ...], list[_Named]] = {}
    for named in names:
        alike.setdefault(named.args, []).append(named)
    return [tuple(batch) for group in alike.values() for batch in batches(group, size)]


def _asked(
    place: RegionClient, client: str, call: Call, batch: tuple[_Named, ...]
) -> Mapping[_Named, Any]:
    """Ask about a batch; what the answer calls missing is gone, and is left out. Raises
    CallFailedError."""
    names = [named.name for named in batch]
    words = {
        **dict(batch[0].args),
        **call.fixed,
        call.member: names if call.batch > 1 else names[0],
    }
    answer = place.ask(client, call.action, call.found or call.key or call.member, **words)
    other = [
        failure for failure in answer.get("failures") or () if failure.get("reason") != "MISSING"
    ]
    if other:
        message = f"{other[0].get('arn')}: {other[0].get('reason')} {other[0].get('detail', '')}"
        raise CallFailedError(Failure("error", message.strip()))
    if call.batch == 1:
        whole = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
        return {batch[0]: _trimmed(call, answer[call.found] if call.found else whole)}
    by_key = {search(call.key, item): _trimmed(call, item) for item in answer[call.found]}
    missing = search(call.missing, answer) or ()
    return {
        named: by_key.get(named.name, Failure("error", f"the answer does not tell of {named.name}"))
        for named in batch
        if named.name in by_key or named.name not in missing
    }


def _trimmed(call: Call, answer: Any) -> Any:
    """What is needed of an answer, with the names of images and roles that it holds anywhere."""
    needed = search(call.keep, answer) if call.keep else answer
    return {**needed, "mentions": mentions(answer)} if isinstance(needed, Mapping) else needed


def _with_newest(entry: Consumer, documents: list[Document]) -> list[Document]:
    """Mark the newest revision of each family, once the documents say their family."""
    if not entry.family:
        return documents
    highest: dict[str, float] = {}
    named = [(search(entry.family, item), search(entry.revision, item)) for item in documents]
    for family, revision in named:
        if family is not None and isinstance(revision, int | float):
            highest[family] = max(revision, highest.get(family, revision))
    return [
        {**document, "newest": revision == highest[family]} if family in highest else document
        for document, (family, revision) in zip(documents, named, strict=True)
    ]


def _gone(failure: Failure) -> bool:
    return "NotFound" in failure.code


def none_there(failure: Failure, *, within: bool) -> bool:
    """Whether a listing failed because there is nothing to list: the region has no such thing, or
    what it is ``within``, such as a cluster, is gone since it was listed itself."""
    return failure.code in NONE_THERE or (within and _gone(failure))
