"""Restores what a run changed: aliases, and the image, settings and tags of functions.

What somebody else changed since is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from jotgraph.apply.backup import Copies
from jotgraph.apply.backup.purged import without_backup
from jotgraph.apply.undo.waiting import changed_no_more
from jotgraph.deploy.rollout.aliases import state_of as state_of_alias
from jotgraph.deploy.rollout.known import (
    CREATE,
    CREATE_ALIAS,
    SETTINGS,
    UPDATE_ALIAS,
    UPDATE_CODE,
    UPDATE_SETTINGS,
    VARIABLES,
    facts_asked,
)
from jotgraph.deploy.rollout.state import running_digest, state_of
from jotgraph.deploy.undo.model import (
    ABSENT,
    CHANGED_BETWEEN,
    Todo,
    changed_since,
    is_broken,
    nothing,
)
from jotgraph.deploy.undo.removing import remove
from jotgraph.deploy.undo.session import Undoing
from jotgraph.errors import CallFailedError, RefusedError
from jotgraph.plan.outcome import UndoStatus
from jotgraph.records import (
    Alias,
    Function,
    ResourceId,
    name_of,
    place_of,
    version_id,
)
from jotgraph.records.ids import shortened
from jotgraph.sources.connections import is_gone
from jotgraph.sources.functions.requests import get_function


def alias(undoing: Undoing, resource: ResourceId) -> Todo:
    """Remove an alias that the run created; restore one that it moved."""
    record = undoing.session.read(resource)
    if not isinstance(record, Alias):
        return ABSENT
    moves = undoing.calls(resource, UPDATE_ALIAS)
    creates, state = undoing.calls(resource, CREATE_ALIAS), state_of_alias(record)
    is_as_left = undoing.is_as_left(resource, state)
    if creates and record.description == undoing.description:
        if not is_as_left:
            return undoing.changed_since(resource, state)
        return remove(undoing, record)
    if not moves:
        return nothing(UndoStatus.CANNOT, "this run did not create it")
    before = moves[0].params["kept"]
    if later := undoing.changed_later(resource, state):
        return nothing(UndoStatus.CANNOT, later)
    if (record.version, dict(record.weights)) == (before["version"], before["weights"]):
        return nothing(UndoStatus.RESTORED, f"it is on version {record.version}, as it was")
    if not is_as_left:
        return undoing.changed_since(resource, state)
    if is_broken([(_routing(move.params["kept"]), _routing(facts_asked(move))) for move in moves]):
        return CHANGED_BETWEEN
    words = f"put it back on version {before['version']}"
    return Todo(UndoStatus.RESTORED, words, lambda: _route(undoing, record, before))


def _routing(state: Mapping[str, Any]) -> object:
    return state["version"], dict(state["weights"])


def _route(undoing: Undoing, record: Alias, before: Mapping[str, Any]) -> str:
    """Restore a routing. Raises RefusedError when a version is gone or somebody else changed the
    alias, CallFailedError."""
    for number in (before["version"], *before["weights"]):
        version = version_id(*place_of(record.id), record.function_name, number)
        if number != "$LATEST" and undoing.session.read(version) is None:
            raise RefusedError(f"version {number}, which it was on, is gone")
    _locked(
        undoing,
        record.id,
        "UpdateAlias",
        FunctionName=record.function_name,
        Name=record.name,
        FunctionVersion=before["version"],
        RoutingConfig={"AdditionalVersionWeights": before["weights"]},
        RevisionId=record.revision,
    )
    return f"on version {before['version']} again"


def _locked(undoing: Undoing, resource: ResourceId, action: str, **params: Any) -> None:
    """Make a call with a RevisionId. Raises RefusedError when somebody else changed the resource,
    CallFailedError."""
    try:
        undoing.session.call((resource,), "lambda", action, **params)
    except CallFailedError as error:
        if error.failure.code == "PreconditionFailedException":
            raise changed_since() from error
        raise


def function(undoing: Undoing, resource: ResourceId) -> Todo:
    """Remove a function that the run created; restore image, settings and tags of one that it
    changed."""
    try:
        answer = get_function(undoing.session.client(resource), name_of(resource))
    except CallFailedError as error:
        if is_gone(error):
            return ABSENT
        raise
    created, state = undoing.calls(resource, CREATE), state_of(answer)
    is_as_left = undoing.is_as_left(resource, state)
    if created and undoing.is_ours(answer.get("Tags") or {}):
        if not is_as_left:
            return undoing.changed_since(resource, state)
        record = undoing.session.read(resource)
        return remove(undoing, record) if isinstance(record, Function) else ABSENT
    before = _function_before(undoing, resource)
    if not before:
        return nothing(UndoStatus.CANNOT, "this run did not create it: it does not have its tag")
    if not is_as_left and not (
        undoing.has_begun(resource) and _is_half_way(undoing, resource, state, before)
    ):
        return undoing.changed_since(resource, state)
    words = _different(undoing, resource, answer, before)
    if not words:
        return nothing(UndoStatus.RESTORED, "it is as it was")
    if any(is_broken(_changes(undoing, resource, fact)) for fact in facts_of(before)):
        return CHANGED_BETWEEN
    do = partial(_put_back, undoing, resource, before)
    return Todo(UndoStatus.RESTORED, f"put back its {', '.join(words)}", do)


def _changes(undoing: Undoing, resource: ResourceId, fact: str) -> list[tuple[object, object]]:
    """For each change of one fact of a function, its value before and the requested one."""
    changes = undoing.calls(resource, UPDATE_SETTINGS, UPDATE_CODE)
    found: list[tuple[object, object]] = []
    for change in changes:
        had = (change.params.get("kept") or {}).get(fact)
        found.append((had, facts_asked(change).get(fact, had)))
    return found


def _function_before(undoing: Undoing, resource: ResourceId) -> dict[str, Any]:
    """The state before the run's changes to a function: facts, image, and tags with their new
    values."""
    before: dict[str, Any] = {}
    for change in undoing.calls(resource, UPDATE_SETTINGS, UPDATE_CODE):
        kept, asked = change.params.get("kept") or {}, facts_asked(change)
        for fact in (*asked, *(("image",) if "digest" in asked else ())):
            before.setdefault(fact, kept.get(fact))
    tags: dict[str, tuple[object, object]] = {}
    for call in undoing.calls(resource, "lambda:TagResource", "lambda:UntagResource"):
        for key, value in ((call.params.get("kept") or {}).get("tags") or {}).items():
            first, given = tags.get(key, (value, value))
            if key in (call.params.get("TagKeys") or ()):
                given = None
            tags[key] = (first, (call.params.get("Tags") or {}).get(key, given))
    return {**before, "tags": tags} if before or tags else {}


def facts_of(before: Mapping[str, Any]) -> list[str]:
    """Return the facts of a function that a run changed."""
    return [fact for fact in before if fact not in ("tags", "image")]


def _is_half_way(
    undoing: Undoing, resource: ResourceId, now: Mapping[str, Any], before: Mapping[str, Any]
) -> bool:
    """Whether an interrupted undo may have left the function in its present state. Each fact that
    the run changed is as the run found or left it, and no other differs from what it left."""
    left = undoing.left(resource)
    return all(
        now.get(fact) in (value, *((before[fact],) if fact in before else ()))
        for fact, value in left.items()
        if fact in (*SETTINGS, VARIABLES, "digest")
    )


def _different(
    undoing: Undoing, resource: ResourceId, answer: Mapping[str, Any], before: Mapping[str, Any]
) -> list[str]:
    """What differs from the previous state of a function, in words."""
    words = []
    if before.get("digest") and before["digest"] != running_digest(answer):
        words.append(f"image ({shortened(str(before['digest']))})")
    if _settings(undoing, resource, answer, before):
        words.append("settings")
    if _tags(answer, before):
        words.append("tags")
    return words


def _tags(answer: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The tags to restore, None for those to remove. A tag with another value than the run's was
    changed by somebody else."""
    present = answer.get("Tags") or {}
    return {
        key: was for key, (was, given) in before["tags"].items() if present.get(key) == given != was
    }


def _settings(
    undoing: Undoing, resource: ResourceId, answer: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """The settings to put back. Raises RefusedError when the variables are others than before and
    no copy of those is there any more, ApplyError when it is damaged."""
    config = answer["Configuration"]
    wanted = {
        key: before[key]
        for key in ("Role", "MemorySize", "Timeout")
        if key in before and config.get(key) != before[key]
    }
    copy = Copies(undoing.journal.folder).answers(resource)
    if copy:
        environment = copy["GetFunction"]["Configuration"]["Environment"]
        variables = {"Variables": environment.get("Variables") or {}}
        if ((config.get("Environment") or {}).get("Variables") or {}) != variables["Variables"]:
            wanted["Environment"] = variables
    elif VARIABLES in before and before[VARIABLES] != state_of(answer)[VARIABLES]:
        if before[VARIABLES]:
            why = without_backup(undoing.journal.entries)
            raise RefusedError(f"its variables before the run are not known any more: {why}")
        wanted["Environment"] = {"Variables": {}}
    return wanted


def _put_back(undoing: Undoing, resource: ResourceId, before: Mapping[str, Any]) -> str:
    """Restore image, settings and tags where they differ. Raises RefusedError, ApplyError,
    CallFailedError."""
    session, name = undoing.session, name_of(resource)
    answer = changed_no_more(session, resource)
    words = _different(undoing, resource, answer, before)
    if before.get("digest") and before["digest"] != running_digest(answer):
        architectures = before.get("Architectures")
        _locked(
            undoing,
            resource,
            "UpdateFunctionCode",
            FunctionName=name,
            ImageUri=before["image"],
            RevisionId=answer["Configuration"]["RevisionId"],
            **({"Architectures": architectures} if architectures else {}),
        )
        answer = changed_no_more(session, resource)
    if settings := _settings(undoing, resource, answer, before):
        revision = answer["Configuration"]["RevisionId"]
        _locked(
            undoing,
            resource,
            "UpdateFunctionConfiguration",
            FunctionName=name,
            RevisionId=revision,
            **settings,
        )
        answer = changed_no_more(session, resource)
    _retag(undoing, resource, answer, _tags(answer, before))
    return f"back: {', '.join(words)}"


def _retag(
    undoing: Undoing, resource: ResourceId, answer: Mapping[str, Any], tags: Mapping[str, Any]
) -> None:
    arn = answer["Configuration"]["FunctionArn"]
    wanted = {key: value for key, value in tags.items() if value is not None}
    gone = [key for key, value in tags.items() if value is None]
    if wanted:
        undoing.session.call((resource,), "lambda", "TagResource", Resource=arn, Tags=wanted)
    if gone:
        undoing.session.call((resource,), "lambda", "UntagResource", Resource=arn, TagKeys=gone)


def present_state(undoing: Undoing, resource: ResourceId) -> dict[str, Any]:
    """Return the present state of an alias or function; empty when it is gone. Raises
    CallFailedError."""
    record = undoing.session.read(resource)
    if isinstance(record, Alias):
        return state_of_alias(record)
    if not isinstance(record, Function):
        return {}
    return state_of(get_function(undoing.session.client(resource), name_of(resource)))


ALIAS, FUNCTION = alias, function
