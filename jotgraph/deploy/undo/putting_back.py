"""Putting back what a run changed: aliases, and the image, settings and tags of functions. What
somebody else changed since is left as it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from jotgraph.apply.backup import Copies
from jotgraph.apply.undo.waiting import changed_no_more
from jotgraph.deploy.rollout.functions import digest_of, state_of
from jotgraph.deploy.undo.model import (
    ABSENT,
    CHANGED_BETWEEN,
    CHANGED_SINCE,
    Todo,
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
from jotgraph.records.references import ecr_reference
from jotgraph.sources.connections import is_gone
from jotgraph.sources.functions.requests import get_function
from jotgraph.store.journal import Entry

_SETTINGS = ("Role", "MemorySize", "Timeout")


def alias(undoing: Undoing, resource: ResourceId) -> Todo:
    """An alias that the run created goes; one that it moved goes back."""
    record = undoing.session.read(resource)
    if not isinstance(record, Alias):
        return ABSENT
    moves = undoing.calls(resource, "lambda:UpdateAlias")
    creates = undoing.calls(resource, "lambda:CreateAlias")
    if creates and record.description == undoing.description:
        if not _is_as_left(undoing, record, moves[-1].params if moves else creates[-1].params):
            return nothing(UndoStatus.CANNOT, CHANGED_SINCE)
        return remove(undoing, record)
    if not moves:
        return nothing(UndoStatus.CANNOT, "this run did not create it")
    before = moves[0].params["kept"]
    if (record.version, dict(record.weights)) == (before["version"], before["weights"]):
        return nothing(UndoStatus.RESTORED, f"it is on version {record.version}, as it was")
    if not _is_as_left(undoing, record, moves[-1].params):
        return nothing(UndoStatus.CANNOT, CHANGED_SINCE)
    if is_broken([(_routing(move.params["kept"]), _routing_asked(move)) for move in moves]):
        return nothing(UndoStatus.CANNOT, CHANGED_BETWEEN)
    words = f"put it back on version {before['version']}"
    return Todo(UndoStatus.RESTORED, words, lambda: _route(undoing, record, before))


def _routing(kept: Mapping[str, Any]) -> object:
    return kept["version"], dict(kept["weights"])


def _routing_asked(move: Entry) -> object:
    weights = (move.params.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return move.params["FunctionVersion"], dict(weights)


def _is_as_left(undoing: Undoing, record: Alias, params: Mapping[str, Any]) -> bool:
    """Whether an alias routes as the run's last call told it to, and nobody changed it since."""
    left = undoing.left(record.id)
    if left:
        return bool(left.get("revision") == record.revision)
    weights = (params.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return (record.version, dict(record.weights)) == (params["FunctionVersion"], dict(weights))


def _route(undoing: Undoing, record: Alias, before: Mapping[str, Any]) -> str:
    """Raises RefusedError when a version that it had is gone or somebody is quicker,
    CallFailedError."""
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
    return f"back on version {before['version']}"


def _locked(undoing: Undoing, resource: ResourceId, action: str, **params: Any) -> None:
    """Make a call with a RevisionId. Raises RefusedError when somebody was quicker,
    CallFailedError."""
    try:
        undoing.session.call((resource,), "lambda", action, **params)
    except CallFailedError as error:
        if error.failure.code == "PreconditionFailedException":
            raise RefusedError(CHANGED_SINCE) from error
        raise


def function(undoing: Undoing, resource: ResourceId) -> Todo:
    """A function that the run created goes; one that it changed gets back its image, settings and
    tags."""
    try:
        answer = get_function(undoing.session.client(resource), name_of(resource))
    except CallFailedError as error:
        if is_gone(error):
            return ABSENT
        raise
    created = undoing.calls(resource, "lambda:CreateFunction")
    if created and undoing.is_ours(answer.get("Tags") or {}):
        if not _is_unchanged(undoing, resource, answer):
            return nothing(UndoStatus.CANNOT, CHANGED_SINCE)
        record = undoing.session.read(resource)
        return remove(undoing, record) if isinstance(record, Function) else ABSENT
    before = _function_before(undoing, resource)
    if not before:
        return nothing(UndoStatus.CANNOT, "this run did not create it: it does not have its tag")
    if not _is_unchanged(undoing, resource, answer) and not (
        undoing.has_begun(resource) and _is_half_way(undoing, resource, answer, before)
    ):
        return nothing(UndoStatus.CANNOT, CHANGED_SINCE)
    words = _different(undoing, resource, answer, before)
    if not words:
        return nothing(UndoStatus.RESTORED, "it is as it was")
    if is_broken(_images(undoing, resource)):
        return nothing(UndoStatus.CANNOT, CHANGED_BETWEEN)
    do = partial(_put_back, undoing, resource, before)
    return Todo(UndoStatus.RESTORED, f"put back its {', '.join(words)}", do)


def _images(undoing: Undoing, resource: ResourceId) -> list[tuple[object, object]]:
    """Of each change of a function's image or settings the digest that it had, and was given."""
    changes = undoing.calls(
        resource, "lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode"
    )
    found: list[tuple[object, object]] = []
    for change in changes:
        had = str((change.params.get("kept") or {}).get("digest") or "")
        named = ecr_reference(str(change.params.get("ImageUri") or ""))
        found.append((had, named.digest if named else had))
    return found


def _function_before(undoing: Undoing, resource: ResourceId) -> dict[str, Any]:
    """How a function was before the run changed it."""
    changes = undoing.calls(
        resource, "lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode"
    )
    tagged = undoing.calls(resource, "lambda:TagResource", "lambda:UntagResource")
    before = dict(changes[0].params.get("kept") or {}) if changes else {}
    if tagged:
        before["tags"] = (tagged[0].params.get("kept") or {}).get("tags") or {}
    return before


def _is_unchanged(undoing: Undoing, resource: ResourceId, answer: Mapping[str, Any]) -> bool:
    """Whether nobody changed a function since the run left it. Of one that the run was stopped at,
    its image must be the one that it was given or had."""
    left, now = undoing.left(resource), state_of(answer)
    if left:
        same = left.get("revision") == now["revision"] or left.get("modified") == now["modified"]
        return bool(same and left.get("digest") == now["digest"])
    return digest_of(answer) in _given(undoing, resource)


def _is_half_way(
    undoing: Undoing, resource: ResourceId, answer: Mapping[str, Any], before: Mapping[str, Any]
) -> bool:
    """Whether a function is what an undo that was interrupted makes of it: its image and each
    setting are as the run found them, or as it left them."""
    left, config = undoing.left(resource), answer["Configuration"]
    settings = (key for key in _SETTINGS if key in left)
    return digest_of(answer) in _given(undoing, resource) and all(
        config.get(key) in (left[key], before.get(key)) for key in settings
    )


def _given(undoing: Undoing, resource: ResourceId) -> set[str]:
    """Digests that a function had before the run, or that the run gave it."""
    digests = {str(_function_before(undoing, resource).get("digest") or "")}
    for call in undoing.calls(resource, "lambda:CreateFunction", "lambda:UpdateFunctionCode"):
        code = call.params.get("Code") or call.params
        named = ecr_reference(str(code.get("ImageUri") or ""))
        digests.add(named.digest if named else "")
    return digests


def _different(
    undoing: Undoing, resource: ResourceId, answer: Mapping[str, Any], before: Mapping[str, Any]
) -> list[str]:
    """What of a function differs from how it was, in words."""
    words = []
    if before.get("digest") and before["digest"] != digest_of(answer):
        words.append(f"image ({str(before['digest'])[:19]})")
    if _settings(undoing, resource, answer, before):
        words.append("settings")
    present = answer.get("Tags") or {}
    if any(present.get(key) != value for key, value in (before.get("tags") or {}).items()):
        words.append("tags")
    return words


def _settings(
    undoing: Undoing, resource: ResourceId, answer: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """The settings to put back. Raises ApplyError when the copy of variables is damaged."""
    config = answer["Configuration"]
    wanted = {
        key: before[key] for key in _SETTINGS if key in before and config.get(key) != before[key]
    }
    copy = Copies(undoing.journal.folder).answers(resource)
    if copy:
        environment = copy["GetFunction"]["Configuration"]["Environment"]
        variables = {"Variables": environment.get("Variables") or {}}
        if ((config.get("Environment") or {}).get("Variables") or {}) != variables["Variables"]:
            wanted["Environment"] = variables
    return wanted


def _put_back(undoing: Undoing, resource: ResourceId, before: Mapping[str, Any]) -> str:
    """Image, settings and tags, each where it differs. Raises RefusedError, ApplyError,
    CallFailedError."""
    session, name = undoing.session, name_of(resource)
    answer = changed_no_more(session, resource)
    words = _different(undoing, resource, answer, before)
    if before.get("digest") and before["digest"] != digest_of(answer):
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
    _retag(undoing, resource, answer, before.get("tags") or {})
    return f"back: {', '.join(words)}"


def _retag(
    undoing: Undoing, resource: ResourceId, answer: Mapping[str, Any], tags: Mapping[str, Any]
) -> None:
    present, arn = answer.get("Tags") or {}, answer["Configuration"]["FunctionArn"]
    wanted = {key: value for key, value in tags.items() if value and present.get(key) != value}
    gone = [key for key, value in tags.items() if value is None and key in present]
    if wanted:
        undoing.session.call((resource,), "lambda", "TagResource", Resource=arn, Tags=wanted)
    if gone:
        undoing.session.call((resource,), "lambda", "UntagResource", Resource=arn, TagKeys=gone)


ALIAS, FUNCTION = alias, function
