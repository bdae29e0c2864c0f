"""Lambda: a function from the digest or the package it ran, active before it counts as made."""

from __future__ import annotations

from typing import Any

from jotgraph.apply.undo import access, versions
from jotgraph.apply.undo.configuration import code, configuration, zipped
from jotgraph.apply.undo.restorer import Maker
from jotgraph.apply.undo.waiting import settle
from jotgraph.failures import CallFailedError
from jotgraph.sources.single import parts

_UNASSUMABLE = "cannot be assumed by Lambda"
"""What Lambda says for some seconds of a role that was just made."""


def function(make: Maker) -> str:
    """Code, configuration, tags, versions that aliases name, concurrency, who may call it."""
    found, name = make.answers["GetFunction"], parts(make.id)[2]
    _create(make, name, found)
    settle(make, name)
    said = ["from the same package" if zipped(found) else "from the same digest"]
    versions.publish_again(make, name)
    kept = (found.get("Concurrency") or {}).get("ReservedConcurrentExecutions")
    reserve = make.before.get("reserved", kept)
    if reserve is not None:
        words = {"FunctionName": name, "ReservedConcurrentExecutions": reserve}
        make.attempt("lambda", "PutFunctionConcurrency", **words)
    said += access.settings(make, name)
    return "; ".join(said)


def _create(make: Maker, name: str, found: dict[str, Any]) -> None:
    """CreateFunction, again while Lambda does not believe in a role that was just made."""
    given = {"Code": code(make, found), **configuration(found["Configuration"])}
    refused: CallFailedError | None = None
    for _ in make.pauses():
        tags = make.tags(found.get("Tags") or {})
        try:
            make.ask("lambda", "CreateFunction", once=True, FunctionName=name, Tags=tags, **given)
        except CallFailedError as error:
            if _UNASSUMABLE not in error.failure.message:
                raise
            refused = error
        else:
            return
    if refused:
        raise refused
