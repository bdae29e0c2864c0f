"""One function: created, or given another image and other settings; and its published versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.apply.backup import Copies
from jotgraph.deploy.registry_image import RegistryImage
from jotgraph.deploy.rollout import labels
from jotgraph.deploy.rollout.locked import change
from jotgraph.deploy.rollout.model import DeployOptions
from jotgraph.deploy.rollout.settling import is_broken, settled
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import ApplyError, CallFailedError, RefusedError
from jotgraph.records import ResourceId, name_of, place_of, version_id
from jotgraph.records.references import ecr_reference
from jotgraph.sources.connections import is_gone
from jotgraph.sources.functions.requests import get_function, list_versions

UNASSUMABLE = "cannot be assumed by Lambda"
"""What Lambda says for some seconds of a role that was just made."""
_SETTINGS = ("Role", "MemorySize", "Timeout", "Architectures")
"""Settings that are kept in the journal before they change; values of variables are not."""

_PUBLISH = "lambda:PublishVersion"
_PUBLISHED = ("CodeSha256", *_SETTINGS, "Environment")
"""What a run may have changed since it published a version."""


def read_function(run: Run, function: ResourceId) -> Any:
    """GetFunction's answer, or None when there is no such function. Raises CallFailedError."""
    try:
        return get_function(run.session.client(function), name_of(function))
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise


def refuse_other(current: Any, wanted: str, options: DeployOptions) -> None:
    """Raise RefusedError for a function that cannot run an image for a processor (``wanted``, in
    Lambda's words; empty where it says none)."""
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


def digest_of(current: Any) -> str:
    """The digest that a function or version runs; empty where it runs no image of ECR."""
    resolved = ecr_reference((current.get("Code") or {}).get("ResolvedImageUri"))
    sha = str((current.get("Configuration") or current).get("CodeSha256") or "")
    return resolved.digest if resolved else f"sha256:{sha}" if len(sha) == 64 else ""


def create(
    run: Run,
    function: ResourceId,
    image: RegistryImage,
    role: str,
    options: DeployOptions,
    tags: Mapping[str, str],
) -> None:
    """CreateFunction, again while Lambda does not believe in a role that was just made. Raises
    CallFailedError."""
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
    refused: CallFailedError | None = None
    run.tell(f"creating the function {name}")
    for _ in run.session.pauses():
        try:
            run.session.call((function,), "lambda", "CreateFunction", **request)
        except CallFailedError as error:
            if error.failure.code == "ResourceConflictException":
                return  # made by a call whose answer was lost, or by somebody else: looked at next
            if UNASSUMABLE not in error.failure.message:
                raise
            refused = error
        else:
            return
    if refused:
        raise refused


def update(
    run: Run,
    function: ResourceId,
    current: Any,
    image: RegistryImage,
    role: str,
    options: DeployOptions,
) -> Any:
    """Give a function the settings that are asked for, then the image; what is as wanted stays.
    Returns GetFunction's answer afterwards. Raises RefusedError when somebody else changes it at
    the same time, ApplyError when Lambda does not succeed, CallFailedError."""
    name, before = name_of(function), state_of(current)
    changed = settings_to_change(current["Configuration"], role, options)
    if changed:
        if "Environment" in changed:
            _keep_environment(run, function, current)
        run.tell(f"changing {', '.join(sorted(changed))} of {name}")
        change(
            run,
            function,
            "UpdateFunctionConfiguration",
            lambda: (
                not settings_to_change(read_function(run, function)["Configuration"], role, options)
            ),
            before,
            FunctionName=name,
            RevisionId=current["Configuration"]["RevisionId"],
            **changed,
        )
        current = settled(run, function)
    if digest_of(current) != image.digest or is_broken(current["Configuration"]):
        run.tell(f"giving {name} the image {image.digest[:19]}")
        change(
            run,
            function,
            "UpdateFunctionCode",
            lambda: digest_of(read_function(run, function)) == image.digest,
            before,
            FunctionName=name,
            ImageUri=image.uri,
            RevisionId=current["Configuration"]["RevisionId"],
            **({"Architectures": [options.architecture]} if options.architecture else {}),
        )
        current = settled(run, function)
    return current


def settings_to_change(
    config: Mapping[str, Any], role: str, options: DeployOptions
) -> dict[str, Any]:
    """The settings that are asked for and differ, as UpdateFunctionConfiguration takes them."""
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


def state_of(current: Any) -> dict[str, Any]:
    """What is kept of a function before it is changed, and compared before that is put back."""
    config = current["Configuration"]
    kept = {key: config[key] for key in _SETTINGS if key in config}
    code = current.get("Code") or {}
    return {
        **kept,
        "digest": digest_of(current),
        "image": code.get("ResolvedImageUri") or code.get("ImageUri") or "",
        "revision": config.get("RevisionId", ""),
        "modified": config.get("LastModified", ""),
    }


def _keep_environment(run: Run, function: ResourceId, current: Any) -> None:
    """Keep the values of variables in a file that their owner alone can read: the journal has none.
    What an interrupted attempt kept stays, for it is older. Raises ApplyError."""
    copies = Copies(run.journal.folder)
    if not copies.trouble(function):
        return
    environment = current["Configuration"].get("Environment") or {"Variables": {}}
    answers = {"GetFunction": {"Configuration": {"Environment": environment}}}
    copies.mark(function, [copies.write_answers(function, answers)])


def retag(
    run: Run, function: ResourceId, current: Any, image: RegistryImage
) -> tuple[dict[str, str | None], tuple[str, ...]]:
    """Let the labels of the image be tags of the function. Returns how the tags that changed were
    before, and what could not be a tag. Raises CallFailedError."""
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


def publish(run: Run, function: ResourceId, current: Any) -> tuple[str, Made]:
    """The number of the version of what the function is now, and whether this run published it.
    Lambda publishes nothing anew where nothing changed (API_PublishVersion). Raises RefusedError,
    ApplyError, CallFailedError."""
    name, sha = name_of(function), current["Configuration"]["CodeSha256"]
    description = f"jotgraph {run.name}"
    listed = _published(run, function)
    config = current["Configuration"]
    number = _ours(listed, description, config)
    highest = max((int(version["Version"]) for version in listed), default=0)
    # Another machine gives a run of the same command the same name, and so the same description.
    result = Made.CREATED if run.journal.attempts(function, _PUBLISH) else Made.THERE
    if not number:
        answer = change(
            run,
            function,
            "PublishVersion",
            lambda: bool(_ours(_published(run, function), description, config)),
            {"highest": highest},
            FunctionName=name,
            CodeSha256=sha,
            Description=description,
            RevisionId=current["Configuration"]["RevisionId"],
        )
        number = str((answer or {}).get("Version") or "")
        number = number or _ours(_published(run, function), description, config)
        if not number:
            raise ApplyError(f"{name}: a version was published but cannot be found; run again")
        result = Made.CREATED if int(number) > highest else Made.THERE
    settled(run, function, number)
    resource = version_id(*place_of(function), name, number)
    return number, run.made(resource, result, now={"code": sha, "description": description})


def _published(run: Run, function: ResourceId) -> list[Any]:
    listed = list_versions(run.session.client(function), name_of(function)).whole()
    return [version for version in listed if version["Version"] != "$LATEST"]


def _ours(listed: list[Any], description: str, config: Mapping[str, Any]) -> str:
    """The number of the version that this run published of what a function is; empty when there is
    none."""
    numbers = [
        int(version["Version"])
        for version in listed
        if version.get("Description") == description
        and all(version.get(key) == config.get(key) for key in _PUBLISHED)
    ]
    return str(max(numbers)) if numbers else ""
