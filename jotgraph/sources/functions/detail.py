"""What GetFunction alone tells: deployed tag, resolved URI, state, tags, reserved concurrency.

It is asked of each image function's ``$LATEST``, of each version an alias routes to, and of each
version whose digest is in none or in several of the repositories read. Without ``refresh`` what an
earlier scan saw of the same revision is not asked again: its two URIs and its command never change,
so that scan lends them; state and concurrency change without a new revision, so they are not lent
but left unread, which a gap says, and by which a gate fails. So do tags, which ``function_tags``
reads by another call. It has a quota of its own, 100 a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from jotgraph.errors import Failure
from jotgraph.records import Alias, EcrImage, Function, Gap, Inventory, Version
from jotgraph.records.phrases import counted
from jotgraph.records.started import Words, kept_words
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.functions.listing import LATEST, FunctionRead, configuration_of
from jotgraph.sources.functions.requests import get_function
from jotgraph.sources.options import NOT_QUICK, REFRESH, ScanOptions

Configuration = Function | Version
FACTS = ("deployed-tag", "state", "tags")
LEFT_OUT = "deployed tags, states and tags of functions"
LENT = "states of {}"


def read_details(
    place: RegionClient,
    read: FunctionRead,
    images: Iterable[EcrImage],
    previous: Inventory | None,
    key: bytes,
    options: ScanOptions,
) -> FunctionRead:
    """Fill in the details of the functions and versions of ``read``.

    ``images`` are all images read, of every account and region: they tell which digests are
    ambiguous. ``previous`` lends the URIs of revisions that have not changed.
    """
    seen = {} if options.refresh and not options.quick else _seen(previous)
    records: dict[str, Configuration] = {}
    listed: tuple[Configuration, ...] = (*read.functions, *read.versions)
    for record in listed:
        records[record.id] = _with_seen(record, seen.get((record.arn, record.revision)))
    asked = _wanted(records.values(), read.aliases, images)
    wanted = [record for record in asked if record.resolved_image_uri is None]
    gaps: list[Gap] = []
    if lent := len(asked) - len(wanted):
        unchanged = LENT.format(counted(lent, "unchanged function"))
        gaps.append(place.left_out("lambda", "GetFunction", unchanged, REFRESH, ("state",)))
    if options.quick and wanted:
        gaps.append(place.left_out("lambda", "GetFunction", LEFT_OUT, NOT_QUICK, FACTS))
    elif wanted:

        def ask(record: Configuration) -> Configuration:
            return ask_function(place, record, key)

        for record, result in zip(wanted, place.each("GetFunction", ask, wanted), strict=True):
            if isinstance(result, Failure):
                gaps.append(
                    place.gap(
                        "lambda", "GetFunction", result, resource=record.name, facts=FACTS[:2]
                    )
                )
            else:
                records[record.id] = result
    functions = tuple(r for r in records.values() if isinstance(r, Function))
    versions = tuple(r for r in records.values() if isinstance(r, Version))
    return FunctionRead(functions, versions, read.aliases, read.triggers, (*read.gaps, *gaps))


def _seen(previous: Inventory | None) -> Mapping[tuple[str, str], Configuration]:
    """Index what an earlier scan read, by ARN and revision; those that were still changing or
    broken are left out."""
    if previous is None:
        return {}
    earlier: tuple[Configuration, ...] = (*previous.functions, *previous.versions)
    return {
        (record.arn, record.revision): record
        for record in earlier
        if record.resolved_image_uri
        and record.state in (None, "Active")
        and record.last_update_status in (None, "", "Successful")
        and record.revision
    }


def _with_seen(record: Configuration, seen: Configuration | None) -> Configuration:
    if seen is None or type(seen) is not type(record):
        return record
    return msgspec.structs.replace(
        record,
        image_uri=seen.image_uri,
        resolved_image_uri=seen.resolved_image_uri,
        entry_point=seen.entry_point,
        command=seen.command,
    )


def _wanted(
    records: Iterable[Configuration], aliases: Iterable[Alias], images: Iterable[EcrImage]
) -> list[Configuration]:
    """Choose whom to ask GetFunction about, in a stable order."""
    routed = {
        (alias.function_name, version)
        for alias in aliases
        for version in (alias.version, *(number for number, _ in alias.weights))
    }
    places = Counter(image.digest for image in images)
    wanted = [
        record
        for record in records
        if record.may_run_image
        and (
            isinstance(record, Function)
            or (record.name, record.number) in routed
            or (places[record.image_digest or ""] != 1 and record.resolved_image_uri is None)
        )
    ]
    return sorted(wanted, key=lambda record: record.id)


def ask_function(place: RegionClient, record: Configuration, key: bytes) -> Configuration:
    """Ask GetFunction. Its configuration replaces the listed one, which may be a moment older."""
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
    """What the function starts instead of what its image says (API_ImageConfigResponse)."""
    set_ = (configuration.get("ImageConfigResponse") or {}).get("ImageConfig") or {}
    return {
        "entry_point": kept_words(set_.get("EntryPoint")),
        "command": kept_words(set_.get("Command")),
    }
