"""Restores a function of Lambda from its digest or package, and waits until it is active."""

from __future__ import annotations

from typing import Any

from jotgraph.apply.undo import access, versions
from jotgraph.apply.undo.configuration import code, configuration, zipped
from jotgraph.apply.undo.restorer import Restorer
from jotgraph.apply.undo.waiting import settle
from jotgraph.errors import CallFailedError
from jotgraph.records import name_of

_RUNTIME = ("UpdateRuntimeOn", "RuntimeVersionArn")


def function(restorer: Restorer) -> str:
    """Create a function with code, configuration, tags, versions that aliases name, concurrency and
    access."""
    copy, name = restorer.answers["GetFunction"], name_of(restorer.id)
    _create(restorer, name, copy)
    settle(restorer, name)
    notes = ["from the same package" if zipped(copy) else "from the same digest"]
    versions.publish_again(restorer, name)
    reserved = (copy.get("Concurrency") or {}).get("ReservedConcurrentExecutions")
    reserve = restorer.before.get("reserved", reserved)
    if reserve is not None:
        words = {"FunctionName": name, "ReservedConcurrentExecutions": reserve}
        restorer.attempt("lambda", "PutFunctionConcurrency", **words)
    _beside(restorer, name)
    notes += access.settings(restorer, name)
    notes += access.of_versions(restorer, name)
    return "; ".join(notes)


def _beside(restorer: Restorer, name: str) -> None:
    """Restore settings that need their own calls: code signing, recursion, runtime updates."""
    signing = restorer.answers.get("GetFunctionCodeSigningConfig") or {}
    if arn := signing.get("CodeSigningConfigArn"):
        restorer.attempt(
            "lambda", "PutFunctionCodeSigningConfig", FunctionName=name, CodeSigningConfigArn=arn
        )
    recursion = restorer.answers.get("GetFunctionRecursionConfig") or {}
    if (loop := recursion.get("RecursiveLoop", "Terminate")) != "Terminate":
        restorer.attempt(
            "lambda", "PutFunctionRecursionConfig", FunctionName=name, RecursiveLoop=loop
        )
    runtime = restorer.answers.get("GetRuntimeManagementConfig") or {}
    if runtime.get("UpdateRuntimeOn", "Auto") != "Auto":
        words = {key: runtime[key] for key in _RUNTIME if runtime.get(key)}
        restorer.attempt("lambda", "PutRuntimeManagementConfig", FunctionName=name, **words)


def _create(restorer: Restorer, name: str, copy: dict[str, Any]) -> None:
    """Call CreateFunction, again while Lambda does not yet accept a role that was just created."""
    request = {"Code": code(restorer, copy), **configuration(copy["Configuration"])}
    refused: CallFailedError | None = None
    for _ in restorer.session.pauses():
        tags = restorer.tags(copy.get("Tags") or {})
        try:
            restorer.ask(
                "lambda", "CreateFunction", once=True, FunctionName=name, Tags=tags, **request
            )
        except CallFailedError as error:
            if not error.failure.says_it_cannot_assume:
                raise
            refused = error
        else:
            return
    if refused:
        raise refused
