"""What only GetFunction returns: deployed tag, resolved URI, state, tags, reserved concurrency.

It is called for each image function's ``$LATEST``, for each version an alias routes to, and for
each version whose digest is in none or several of the repositories read. Without ``refresh`` it is
not called for revisions that an earlier scan saw: the two URIs and the command never change and are
taken from that scan. State and concurrency change without a new revision, so they are left unread,
which is a gap that fails a gate. So are tags, which ``function_tags`` reads by another call. The
quota of GetFunction is 100 a second.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from jotgraph.errors import Failure
from jotgraph.records import Alias, EcrImage, Function, Gap, Inventory, Kind, ResourceId, Version
from jotgraph.records.gaps import Amount
from jotgraph.records.started import Words, kept_words
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.functions.configuration import LATEST, configuration_of
from jotgraph.sources.functions.kept import UNCHANGING, KeptDetails, is_settled
from jotgraph.sources.functions.listing import FunctionRead
from jotgraph.sources.functions.requests import get_function
from jotgraph.sources.functions.since import Published, changed, published_since
from jotgraph.sources.options import NOT_QUICK, REFRESH, ScanOptions

Configuration = Function | Version
FACTS = ("deployed-tag", "state", "tags")
LEFT_OUT = "deployed tags, states and tags of functions"
LENT = "states of {}"
LATER = "details of {} functions and versions"
_OF_DETAIL = (*UNCHANGING, "state", "state_reason", "last_update_status", "tags")
_OF_FUNCTION = ("concurrency", "used_before")
LATELY = timedelta(hours=1)
"""How old the results of an interrupted scan may be: a scan of many accounts takes this long."""
_LOST = 500
"""The most calls of GetFunction that a first answer waits for, which take some five seconds."""


class Details:
    """The details of the functions and versions of one place, as they arrive.

    ``images`` are all images read, in every account and region: they show which digests are
    ambiguous. ``previous`` supplies the URIs of unchanged revisions; the results of a scan that was
    interrupted within the last hour are used as they are.
    """

    def __init__(
        self,
        place: RegionClient,
        read: FunctionRead,
        images: Iterable[EcrImage],
        previous: Inventory | None,
        key: bytes,
        options: ScanOptions,
    ) -> None:
        self._place, self._read, self._key = place, read, key
        self._quick, self._refresh = options.quick, options.refresh and not options.quick
        listed: tuple[Configuration, ...] = (*read.functions, *read.versions)
        seen = _seen(previous)
        self._listed = {record.id: record for record in listed}
        self._lent = {
            resource: _with_seen(record, seen.get((record.arn, record.revision)))
            for resource, record in self._listed.items()
        }
        self._kept = KeptDetails(place, options.cache, previous)
        self._known = {
            resource: record
            if record.resolved_image_uri or not record.may_run_image
            else self._kept.lend(record)
            for resource, record in self._lent.items()
        }
        """The same, with what any earlier scan of this machine saw of their revisions."""
        if not any(Kind.FUNCTION in gap.hides for gap in read.gaps):
            self._kept.forget_others(listed)
        taken = _taken(place, previous, listed) if self._refresh else {}
        self._parts = place.parts.functions(place)
        for resource, record in self._listed.items():
            if (detailed := self._parts.get(record)) is not None:
                taken[resource] = detailed
        self._taken = frozenset(taken)
        self._told: dict[ResourceId, Configuration] = dict(taken)
        """The answers of GetFunction, added by several threads."""
        self._since: dict[str, Published] = {}
        """Versions published since the listing, for functions that changed after it."""
        digests = Counter(image.digest for image in images)
        asked = asked_about(self._base.values(), read.aliases, digests)
        self._asked = {record.id: record for record in asked}
        wanted = {
            resource: record
            for resource, record in self._asked.items()
            if resource not in taken and (self._refresh or record.resolved_image_uri is None)
        }
        lost = {
            resource
            for resource, record in wanted.items()
            if not digests.get(record.image_digest or "", 0)
            and self._known[resource].resolved_image_uri is None
        }
        """Nothing shows what these run: no image has their digest, and no earlier scan saw their
        revision."""
        self.wanted = [
            wanted[resource]
            for resource in sorted(wanted, key=lambda resource: (resource not in lost, resource))
        ]
        self._lost = lost if len(lost) <= _LOST else set()
        self._found = threading.Event()
        if not self._lost or self._quick:
            self._found.set()

    @property
    def _base(self) -> dict[ResourceId, Configuration]:
        """The record of a function or version for which GetFunction is not called."""
        return self._listed if self._refresh else self._lent

    def wait_for_lost(self) -> None:
        """Wait for the answers about configurations whose image the listings do not show, unless
        there are very many."""
        self._found.wait()

    @property
    def question(self) -> str:
        """A short text for what is asked: equal for equal listings, as the stored answer covers all
        of it."""
        asked = (self._read, sorted(self._asked))
        return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:16]

    def ask(self) -> FunctionRead:
        """Call GetFunction for all of them; return the records and the gaps."""
        try:
            return self._ask()
        finally:
            self._kept.close()
            self._parts.close()
            self._found.set()

    def _ask(self) -> FunctionRead:
        gaps = [*self._of_earlier()]
        if self._quick and self.wanted:
            left_out = self._place.left_out("lambda", "GetFunction", LEFT_OUT, NOT_QUICK, FACTS)
            return self._with({**self._base, **self._told}, [*gaps, left_out])
        results = self._place.each("GetFunction", self._one, self.wanted)
        for record, result in zip(self.wanted, results, strict=True):
            if isinstance(result, Failure):
                resource, facts = record.name, FACTS[:2]
                gaps.append(
                    self._place.gap("lambda", "GetFunction", result, resource=resource, facts=facts)
                )
        return self._with({**self._base, **self._told}, gaps)

    def _one(self, record: Configuration) -> None:
        try:
            fresh = self._kept.with_earlier(ask_function(self._place, record, self._key))
            if changed(record, fresh):  # what was listed of it may run on as a version
                self._since[record.name] = published_since(
                    self._place, record.name, self._read.versions, self._key
                )
            self._told[record.id] = fresh
            self._kept.add(fresh)
            self._parts.put(fresh)
        finally:
            self._lost.discard(record.id)
            if not self._lost:
                self._found.set()

    def so_far(self) -> FunctionRead:
        """Return the records with what has arrived, and a gap for the rest."""
        fresh = dict(self._told)
        left = sum(record.id not in fresh for record in self.wanted)
        gaps = [*self._of_earlier()]
        if left:
            amount = Amount(LATER, left, whole=len(self.wanted))
            gaps.append(self._place.not_yet("lambda", "GetFunction", amount, FACTS))
        return self._with({**self._known, **fresh}, gaps)

    def _of_earlier(self) -> Iterator[Gap]:
        taken = len(self._asked.keys() & self._taken)
        lent = len(self._asked) - len(self.wanted) - taken
        if lent and not self._refresh:
            unchanged = Amount(LENT, lent, "unchanged function")
            yield self._place.left_out("lambda", "GetFunction", unchanged, REFRESH, ("state",))

    def _with(self, records: Mapping[ResourceId, Configuration], gaps: list[Gap]) -> FunctionRead:
        ordered = [self._kept.with_previous(records[resource]) for resource in self._listed]
        published = [since for _, since in sorted(self._since.items())]
        listed = (record for record in ordered if isinstance(record, Version))
        return FunctionRead(
            tuple(record for record in ordered if isinstance(record, Function)),
            (*listed, *(version for versions, _ in published for version in versions)),
            self._read.aliases,
            self._read.triggers,
            (*self._read.gaps, *gaps, *(gap for _, unread in published for gap in unread)),
        )


def _seen(previous: Inventory | None) -> Mapping[tuple[str, str], Configuration]:
    """Index what an earlier scan read, by ARN and revision, without functions that were changing or
    broken."""
    if previous is None:
        return {}
    earlier: tuple[Configuration, ...] = (*previous.functions, *previous.versions)
    return {(record.arn, record.revision): record for record in earlier if is_settled(record)}


def _with_seen(record: Configuration, seen: Configuration | None) -> Configuration:
    if seen is None or type(seen) is not type(record):
        return record
    return msgspec.structs.replace(record, **{field: getattr(seen, field) for field in UNCHANGING})


def _taken(
    place: RegionClient, previous: Inventory | None, listed: Iterable[Configuration]
) -> dict[ResourceId, Configuration]:
    """The results of a recently interrupted scan for revisions that still exist."""
    if previous is None or not _interrupted(place, previous):
        return {}
    earlier: tuple[Configuration, ...] = (*previous.functions, *previous.versions)
    read = {record.id: record for record in earlier if record.detail_read and record.revision}
    taken: dict[ResourceId, Configuration] = {}
    for record in listed:
        before = read.get(record.id)
        if before is not None and (before.arn, before.revision) == (record.arn, record.revision):
            fields = (*_OF_DETAIL, *(_OF_FUNCTION if isinstance(before, Function) else ()))
            details = {field: getattr(before, field) for field in fields}
            taken[record.id] = msgspec.structs.replace(record, **details)
    return taken


def _interrupted(place: RegionClient, previous: Inventory) -> bool:
    """Whether a scan was recently interrupted while it called GetFunction in this place."""
    lately = datetime.now(UTC) - previous.taken_at <= LATELY
    where = (place.account, place.region)
    return lately and any(
        gap.pending and gap.action == "GetFunction" and (gap.account, gap.region) == where
        for gap in previous.gaps
    )


def asked_about(
    records: Iterable[Configuration], aliases: Iterable[Alias], digests: Mapping[str, int]
) -> list[Configuration]:
    """Choose the functions and versions to call GetFunction for; ``digests`` counts the images of
    each digest."""
    routed = {
        (alias.function_name, version)
        for alias in aliases
        for version in (alias.version, *(number for number, _ in alias.weights))
    }
    return [
        record
        for record in records
        if record.may_run_image
        and (
            isinstance(record, Function)
            or (record.name, record.number) in routed
            or (digests.get(record.image_digest or "", 0) != 1 and not record.resolved_image_uri)
        )
    ]


def ask_function(place: RegionClient, record: Configuration, key: bytes) -> Configuration:
    """Call GetFunction. Its configuration replaces the listed one, which may be older."""
    answer = get_function(place, record.name, record.number if isinstance(record, Version) else "")
    configuration, code = answer["Configuration"], answer.get("Code") or {}
    number = record.number if isinstance(record, Version) else LATEST
    fresh = configuration_of(place, {**configuration, "Version": number}, key)
    details: dict[str, Any] = {
        "arn": record.arn,
        "image_uri": code.get("ImageUri"),
        "resolved_image_uri": code.get("ResolvedImageUri"),
        "state": configuration.get("State") or "Active",
        "state_reason": configuration.get("StateReasonCode"),
        "last_update_status": configuration.get("LastUpdateStatus"),
        **_started(configuration),
        "tags": tuple(sorted((answer.get("Tags") or {}).items())),
    }
    if isinstance(fresh, Function):
        reserve = answer.get("Concurrency") or {}
        details["concurrency"] = reserve.get("ReservedConcurrentExecutions")
    return msgspec.structs.replace(fresh, **details)


def _started(configuration: Mapping[str, Any]) -> dict[str, Words]:
    """The command that overrides the image's (API_ImageConfigResponse)."""
    set_ = (configuration.get("ImageConfigResponse") or {}).get("ImageConfig") or {}
    return {
        "entry_point": kept_words(set_.get("EntryPoint")),
        "command": kept_words(set_.get("Command")),
    }
