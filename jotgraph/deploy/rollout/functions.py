"""Creates a function, or updates its image and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.apply.backup import Copies
from jotgraph.deploy.made_before import is_left, run_that_left, same_states
from jotgraph.deploy.registry_image import RegistryImage
from jotgraph.deploy.rollout import labels, roles
from jotgraph.deploy.rollout.known import changed_facts, left_by
from jotgraph.deploy.rollout.locked import change, changed_between, changed_meanwhile
from jotgraph.deploy.rollout.model import DeployOptions
from jotgraph.deploy.rollout.settling import is_broken, settled
from jotgraph.deploy.rollout.state import hash_of, in_words, running_digest, state_of
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import CallFailedError, RefusedError
from jotgraph.records import ResourceId, name_of
from jotgraph.records.ids import shortened
from jotgraph.records.quarantine import mark_in_tags
from jotgraph.sources.connections import is_gone
from jotgraph.sources.functions.requests import get_function


def read_function(run: Run, function: ResourceId) -> Any:
    """GetFunction's answer, or None when there is no such function. Raises CallFailedError."""
    try:
        return get_function(run.session.client(function), name_of(function))
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise


def refuse_in_quarantine(current: Any) -> None:
    """Raise RefusedError for a function in quarantine, which answers nobody whatever it runs."""
    mark = mark_in_tags(current.get("Tags") or {})
    if mark:
        name = current["Configuration"]["FunctionName"]
        raise RefusedError(
            f"{name} is in quarantine (run {mark.run}, {mark.since}) and answers no call: jotgraph "
            f"release {mark.run} restores it"
        )


def throttled(current: Any) -> tuple[str, ...]:
    """Return a remark about a function that somebody throttled on purpose."""
    reserved = (current.get("Concurrency") or {}).get("ReservedConcurrentExecutions")
    return (
        ("its reserved concurrency is 0: every call of it is throttled",) if reserved == 0 else ()
    )


def refuse_other(current: Any, wanted: str, options: DeployOptions) -> None:
    """Raise RefusedError for a function in quarantine, or one that cannot run an image for a
    processor. ``wanted`` is the processor in Lambda's words; empty when unknown."""
    refuse_in_quarantine(current)
    config = current["Configuration"]
    name = config["FunctionName"]
    if config.get("PackageType") != "Image":
        raise RefusedError(
            f"{name} is a function of package type {config.get('PackageType') or 'Zip'}, and a "
            "function never changes it: deploy the image as another function"
        )
    now = (config.get("Architectures") or ["x86_64"])[0]
    if wanted and now != wanted and options.architecture != wanted:
        raise RefusedError(
            f"the image is for {wanted} and {name} runs on {now}: build it for {now}, or pass "
            f"--architecture {wanted} to change the function"
        )


def create(
    run: Run,
    function: ResourceId,
    image: RegistryImage,
    role: str,
    options: DeployOptions,
    tags: Mapping[str, str],
) -> None:
    """Call CreateFunction, again while Lambda does not yet accept a role that was just created.
    Raises ApplyError, RefusedError, CallFailedError."""
    name = name_of(function)
    request: dict[str, Any] = {
        "FunctionName": name,
        "PackageType": "Image",
        "Code": {"ImageUri": image.uri},
        "Role": role,
        "Architectures": [image.lambda_architecture or "x86_64"],
        "Tags": {**tags, **run.tags},
    }
    if options.memory:
        request["MemorySize"] = options.memory
    if options.timeout:
        request["Timeout"] = options.timeout
    if options.environment is not None:
        request["Environment"] = {"Variables": dict(options.environment)}
    kept = {"asked": hash_of(options.environment or {})}
    run.tell(f"creating the function {name}")
    try:
        roles.once_assumable(
            run,
            role,
            lambda: run.session.call((function,), "lambda", "CreateFunction", kept=kept, **request),
        )
    except CallFailedError as error:
        # made by a call whose answer was lost, or by somebody else: looked at next
        if error.failure.code != "ResourceConflictException":
            raise


def update(
    run: Run,
    function: ResourceId,
    current: Any,
    image: RegistryImage,
    role: str,
    options: DeployOptions,
) -> Any:
    """Update the settings of a function, then the image, where they differ. Returns GetFunction's
    answer afterwards. Raises RefusedError when somebody else changes it at the same time,
    ApplyError when Lambda does not succeed, CallFailedError."""
    name, before = name_of(function), state_of(current)
    kept = {**before, "asked": hash_of(options.environment or {})}
    changed = settings_to_change(current["Configuration"], role, options)
    if changed:
        if "Environment" in changed:
            _keep_environment(run, function, current)
        run.tell(f"changing {', '.join(sorted(changed))} of {name}")
        roles.once_assumable(
            run,
            role or str(current["Configuration"].get("Role")),
            lambda: change(
                run,
                function,
                "UpdateFunctionConfiguration",
                lambda: (
                    not settings_to_change(
                        read_function(run, function)["Configuration"], role, options
                    )
                ),
                kept,
                FunctionName=name,
                RevisionId=current["Configuration"]["RevisionId"],
                **changed,
            ),
        )
        current = settled(run, function)
        require_asked(function, current, running_digest(current), role, options)
        note_left(run, function, before, current)
    if running_digest(current) != image.digest or is_broken(current["Configuration"]):
        run.tell(f"giving {name} the image {shortened(image.digest)}")
        change(
            run,
            function,
            "UpdateFunctionCode",
            lambda: running_digest(read_function(run, function)) == image.digest,
            state_of(current),
            FunctionName=name,
            ImageUri=image.uri,
            RevisionId=current["Configuration"]["RevisionId"],
            **({"Architectures": [options.architecture]} if options.architecture else {}),
        )
        current = settled(run, function)
    return current


def require_asked(
    function: ResourceId, current: Any, digest: str, role: str, options: DeployOptions
) -> None:
    """Raise RefusedError unless a function has the image and settings it was given. What somebody
    else changed a moment later must not be published as this run's."""
    asked = not settings_to_change(current["Configuration"], role, options)
    if not asked or running_digest(current) != digest:
        raise changed_meanwhile(function)


def settings_to_change(
    config: Mapping[str, Any], role: str, options: DeployOptions
) -> dict[str, Any]:
    """Return the requested settings that differ, as parameters of UpdateFunctionConfiguration."""
    wanted: dict[str, Any] = {}
    if role and config.get("Role") != role:
        wanted["Role"] = role
    if options.memory and config.get("MemorySize") != options.memory:
        wanted["MemorySize"] = options.memory
    if options.timeout and config.get("Timeout") != options.timeout:
        wanted["Timeout"] = options.timeout
    if options.environment is not None:
        variables = (config.get("Environment") or {}).get("Variables") or {}
        if variables != dict(options.environment):
            wanted["Environment"] = {"Variables": dict(options.environment)}
    return wanted


def refuse_changed_between(run: Run, function: ResourceId, current: Any) -> None:
    """Raise RefusedError when somebody else changed a function while this run was interrupted. This
    run would overwrite their settings. Other runs of this machine are not somebody else."""
    config, name = current["Configuration"], name_of(function)
    if not run.resumed or is_broken(config):
        return
    now = state_of(current)
    if run_that_left(function, now, run.name):
        return
    if facts := changed_facts(run.journal, function, now):
        raise changed_between(run, f"function {name}", in_words(facts, now))
    left = left_by(run.journal, function)
    if left and not any(is_left(left, state) for state in same_states(function, now)):
        raise changed_between(run, f"function {name}", f"last changed {now['modified']}")


def note_left(run: Run, function: ResourceId, before: Mapping[str, Any], current: Any) -> None:
    """Record how a call left a function, so that later changes by others are detected."""
    created = run.is_ours(current.get("Tags"))
    made = Made.CREATED if created else Made.CHANGED
    run.made(function, made, before={} if created else before, now=state_of(current))


def _keep_environment(run: Run, function: ResourceId, current: Any) -> None:
    """Store the values of variables in a file that only its owner can read: the journal has none.
    An interrupted attempt's file is kept, since it is older. Raises ApplyError."""
    copies = Copies(run.journal.folder)
    if not copies.trouble(function):
        return
    environment = current["Configuration"].get("Environment") or {"Variables": {}}
    answers = {"GetFunction": {"Configuration": {"Environment": environment}}}
    copies.mark(function, [copies.write_answers(function, answers)])


def retag(
    run: Run, function: ResourceId, current: Any, image: RegistryImage
) -> tuple[dict[str, str | None], tuple[str, ...]]:
    """Set the labels of the image as tags of the function. Returns the previous values of changed
    tags, and what could not be a tag. Raises CallFailedError."""
    present = current.get("Tags") or {}
    wanted = labels.tags_of(image.labels, present)
    gone = labels.outdated(present, wanted.tags)
    before = labels.changes(present, wanted.tags, gone)
    arn = current["Configuration"]["FunctionArn"]
    new = {key: value for key, value in wanted.tags.items() if present.get(key) != value}
    kept = {"tags": before}
    if new:
        run.session.call((function,), "lambda", "TagResource", kept=kept, Resource=arn, Tags=new)
    if gone:
        keys = list(gone)
        run.session.call(
            (function,), "lambda", "UntagResource", kept=kept, Resource=arn, TagKeys=keys
        )
    return before, wanted.left_out
