"""Calls in the table of consumers: arguments, batches, and what is stored of responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

from jotgraph.errors import CallFailedError, Failure
from jotgraph.sources.aws.batches import batches
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.expressions import mentions, search
from jotgraph.sources.consumers import Call, Consumer

Document = dict[str, Any]


class ServiceRequest(NamedTuple):
    """A call and, for a description, the names it is about."""

    action: str
    args: tuple[tuple[str, Any], ...]
    name: Any


def arguments_of(call: Call, document: Document) -> tuple[tuple[str, Any], ...]:
    """Return the arguments of a call, computed from a document."""
    return tuple((name, search(expression, document)) for name, expression in call.args.items())


def names_of(call: Call, document: Document) -> tuple[Any, ...]:
    """Return the names that a call describes, each once."""
    answer = search(call.names, document)
    names = answer if isinstance(answer, list) else [answer]
    return tuple(dict.fromkeys(name for name in names if name not in (None, "")))


def kept_name(call: Call, name: Any, document: Document) -> str:
    """Return the text under which an immutable response is stored. It includes what is stored and
    when, because another version of jotgraph may have stored less, or too early."""
    values = search(call.immutable, {"name": name, "document": document})
    return " ".join([*map(str, values), f"{crc32((call.keep + call.settled).encode()):08x}"])


def batches_of(requests: Sequence[ServiceRequest], size: int) -> list[tuple[ServiceRequest, ...]]:
    """Group requests with the same arguments into calls of the largest possible batch."""
    alike: dict[tuple[tuple[str, Any], ...], list[ServiceRequest]] = {}
    for request in requests:
        alike.setdefault(request.args, []).append(request)
    return [tuple(batch) for group in alike.values() for batch in batches(group, size)]


def ask_batch(
    place: RegionClient, client: str, call: Call, batch: tuple[ServiceRequest, ...]
) -> Mapping[ServiceRequest, Any]:
    """Request a batch; names that the response reports as missing are left out. Raises
    CallFailedError."""
    names = [request.name for request in batch]
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
        return {batch[0]: trimmed(call, answer[call.found] if call.found else whole)}
    by_key = {search(call.key, item): trimmed(call, item) for item in answer[call.found]}
    missing = search(call.missing, answer) or ()
    return {
        request: by_key.get(
            request.name, Failure("error", f"the answer does not contain {request.name}")
        )
        for request in batch
        if request.name in by_key or request.name not in missing
    }


def trimmed(call: Call, answer: Any) -> Any:
    """Reduce a response to what is needed, with the images and roles named anywhere in it."""
    needed = search(call.keep, answer) if call.keep else answer
    return {**needed, "mentions": mentions(answer)} if isinstance(needed, Mapping) else needed


def with_newest(entry: Consumer, documents: list[Document]) -> list[Document]:
    """Mark the newest revision of each family, once the documents contain their family."""
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
