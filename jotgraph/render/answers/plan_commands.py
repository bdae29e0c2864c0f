"""The docker and aws commands for one step of a plan, as lines of a shell script.

Each step compares one fact of the plan with the present one, through the shell functions of
``plan_script``: ``same`` and ``within`` are false for a missing resource, and stop the script at a
difference. ``try`` runs a command and accepts that its target is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from shlex import quote

from jotgraph.plan.fingerprints import UNREAD
from jotgraph.plan.model import Action, Step
from jotgraph.records import (
    digest_of,
    function_name_of,
    key_of,
    last_name_of,
    name_of,
    place_of,
    qualifier_of,
    repository_name_of,
)
from jotgraph.records.quarantine import DENY_ALL

GONE = "(gone)"
"""The answer of a question about something that needs no further call. No tag and no ARN has
parentheses."""
_TEXT = "--output text"
_TAGS = "join(' ', sort(imageDetails[].imageTags[]))"


def commands(step: Step) -> list[str]:
    """Return the lines of one step."""
    facts = dict(step.fingerprint)
    match step.action:
        case Action.DELETE_TRIGGER | Action.DISABLE_TRIGGER:
            return _trigger(step, facts)
        case Action.DELETE_ALIAS | Action.DELETE_VERSION:
            return _part(step, facts)
        case Action.DELETE_FUNCTION:
            return _function(step, facts)
        case Action.THROTTLE_FUNCTION:
            return _throttle(step, facts)
        case Action.DELETE_IMAGE | Action.ARCHIVE_IMAGE:
            return _image(step, facts)
        case Action.DELETE_REPOSITORY:
            return _repository(step, facts)
        case Action.DELETE_ROLE:
            return _role(step, facts)
        case Action.DELETE_LOG_GROUP:
            return _log_group(step, facts)
        case Action.DENY_ROLE:
            return _deny(step, facts)
        case Action.REMOVE_CONTAINER:
            return _container(step, facts)
        case Action.REMOVE_LOCAL_IMAGE:
            return _local_image(step, facts)


def is_unchanged(step: Step) -> str:
    """Return the question whether a function to be deleted is unchanged, because its parts are
    deleted before it."""
    return _same(dict(step.fingerprint), "revision", _configuration(step, "RevisionId"))


def _trigger(step: Step, facts: Mapping[str, str]) -> list[str]:
    region, uuid = place_of(step.id)[1], name_of(step.id)
    which = f"--region {quote(region)} --uuid {quote(uuid)}"
    asked = "\"State=='Deleting' && '(gone)' || FunctionArn\""
    look = f"aws lambda get-event-source-mapping {which} --query {asked} {_TEXT}"
    if step.action is Action.DELETE_TRIGGER:
        call = f"aws lambda delete-event-source-mapping {which}"
    else:
        call = f"aws lambda update-event-source-mapping {which} --no-enabled"
    return _when([_same(facts, "function", look)], [f"try {call}"])


def _part(step: Step, facts: Mapping[str, str]) -> list[str]:
    """An alias, or a published version."""
    region = place_of(step.id)[1]
    named = f"--region {quote(region)} {_option('function-name', function_name_of(step.id))}"
    qualifier = qualifier_of(step.id)
    if step.action is Action.DELETE_ALIAS:
        alias = _option("name", qualifier)
        look = f"aws lambda get-alias {named} {alias} --query RevisionId {_TEXT}"
        call = f"aws lambda delete-alias {named} {alias}"
    else:
        asked = f"{named} --qualifier {quote(qualifier)}"
        look = f"aws lambda get-function-configuration {asked} --query RevisionId {_TEXT}"
        call = f"aws lambda delete-function {asked}"
    return _when([_same(facts, "revision", look)], [f"try {call}"])


def _configuration(step: Step, field: str) -> str:
    return f"aws lambda get-function-configuration {_named(step)} --query {field} {_TEXT}"


def _named(step: Step) -> str:
    region = place_of(step.id)[1]
    return f"--region {quote(region)} {_option('function-name', name_of(step.id))}"


def _function(step: Step, facts: Mapping[str, str]) -> list[str]:
    """A function: DeleteFunction would delete every version and alias too, so none may be left."""
    versions = f"aws lambda list-versions-by-function {_named(step)}"
    aliases = f"aws lambda list-aliases {_named(step)}"
    return _when(
        [
            _same(facts, "revision", _configuration(step, "RevisionId")),
            f"within '$LATEST' {versions} --query 'Versions[].Version' {_TEXT}",
            f"within '' {aliases} --query 'Aliases[].Name' {_TEXT}",
        ],
        [f"try aws lambda delete-function {_named(step)}"],
    )


def _throttle(step: Step, facts: Mapping[str, str]) -> list[str]:
    """Compare its code: reserving concurrency may change the revision, and the script may run
    twice."""
    call = f"aws lambda put-function-concurrency {_named(step)} --reserved-concurrent-executions 0"
    note = f"try aws lambda get-function-concurrency {_named(step)}"
    return _when(
        [_same(facts, "code", _configuration(step, "CodeSha256"))],
        [f"{note}  # note it: it is replaced", f"try {call}"],
    )


def _image(step: Step, facts: Mapping[str, str]) -> list[str]:
    account, region = place_of(step.id)
    where = f"--region {quote(region)} --registry-id {quote(account)}"
    where += f" --repository-name {quote(repository_name_of(step.id))}"
    image = quote(f"imageDigest={digest_of(step.id)}")
    look = f"aws ecr describe-images {where} --image-ids {image} --query"
    if step.action is Action.ARCHIVE_IMAGE:
        asked = f"\"imageDetails[0].imageStatus=='ARCHIVED' && '{GONE}' || {_TAGS}\""
        call = f"try aws ecr update-image-storage-class {where} --image-id {image}"
        call += " --target-storage-class ARCHIVE"
    else:
        asked = f'"{_TAGS}"'
        failed = "\"length(failures[?failureCode!='ImageNotFound'])\""
        delete = f"aws ecr batch-delete-image {where} --image-ids {image} --query {failed} {_TEXT}"
        call = f'test "$({delete})" = 0'
    return _when([_same(facts, "tags", f"{look} {asked} {_TEXT}", maybe_empty=True)], [call])


def _repository(step: Step, facts: Mapping[str, str]) -> list[str]:
    account, region = place_of(step.id)
    where = f"--region {quote(region)} --registry-id {quote(account)}"
    name = quote(repository_name_of(step.id))
    look = f"aws ecr describe-repositories {where} --repository-names {name}"
    look += f" --query 'repositories[0].createdAt' {_TEXT}"
    call = f"try aws ecr delete-repository {where} --repository-name {name}  # never with --force"
    return _when([_same(_times(facts), "created", look, word="same_time")], [call])


def _times(facts: Mapping[str, str]) -> Mapping[str, str]:
    """The creation time in both formats of aws."""
    if not (created := facts.get("created", "")):
        return facts
    at = datetime.fromisoformat(created).astimezone(UTC)
    return {"created": f"{at:%Y-%m-%dT%H:%M:%S} {at.timestamp():.0f}"}


def _log_group(step: Step, facts: Mapping[str, str]) -> list[str]:
    """CloudWatch Logs answers an unknown name with an empty list."""
    region, name = f"--region {quote(place_of(step.id).region)}", name_of(step.id)
    look = f"aws logs describe-log-groups {region} {_option('log-group-identifiers', name)}"
    look += f" --query \"logGroups[0].creationTime || '{GONE}'\" {_TEXT}"
    call = f"try aws logs delete-log-group {region} {_option('log-group-name', name)}"
    return _when([_same(_times(facts), "created", look, word="same_time")], [call])


def _role(step: Step, facts: Mapping[str, str]) -> list[str]:
    """A role: policies that were added since are found before any is removed."""
    role = _option("role-name", last_name_of(step.id))
    inline = " ".join(pair.rpartition("=")[0] for pair in facts.get("inline", "").split())
    attached, profiles = facts.get("attached", ""), facts.get("profiles", "")
    listings = (
        (profiles, "list-instance-profiles-for-role", "InstanceProfiles[].InstanceProfileName"),
        (attached, "list-attached-role-policies", "AttachedPolicies[].PolicyArn"),
        (inline, "list-role-policies", "PolicyNames[]"),
    )
    return _when(
        [
            _same(facts, "role-id", _role_id(role)),
            *(
                f"within {quote(words)} aws iam {call} {role} --query '{asked}' {_TEXT}"
                for words, call, asked in listings
            ),
        ],
        [
            *(
                f"try aws iam remove-role-from-instance-profile {role} "
                f"{_option('instance-profile-name', profile)}"
                for profile in profiles.split()
            ),
            *(
                f"try aws iam detach-role-policy {role} --policy-arn {quote(policy)}"
                for policy in attached.split()
            ),
            *(
                f"try aws iam delete-role-policy {role} {_option('policy-name', policy)}"
                for policy in inline.split()
            ),
            f"try aws iam delete-role {role}",
        ],
    )


def _deny(step: Step, facts: Mapping[str, str]) -> list[str]:
    role = _option("role-name", last_name_of(step.id))
    document = f"--policy-document {quote(DENY_ALL)}"
    return _when(
        [_same(facts, "role-id", _role_id(role))],
        [
            f"try aws iam get-role {role}  # note its trust policy: it is replaced",
            f"try aws iam update-assume-role-policy {role} {document}",
        ],
    )


def _role_id(role: str) -> str:
    return f"aws iam get-role {role} --query Role.RoleId {_TEXT}"


def _container(step: Step, facts: Mapping[str, str]) -> list[str]:
    name = quote(key_of(step.id))
    look = f"docker inspect --type container --format '{{{{.Image}}}}' {name}"
    return _when([_same(facts, "image", look)], [f"try docker rm {name}  # never with --force"])


def _local_image(step: Step, facts: Mapping[str, str]) -> list[str]:
    """Name by name; a name that another image has now stops the script."""
    lines: list[str] = []
    for name in facts.get("tags", "").split() or [key_of(step.id)]:
        look = f"docker image inspect --format '{{{{.Id}}}}' {quote(name)}"
        call = f"try docker rmi --no-prune {quote(name)}"
        lines += _when([_same(facts, "image", look)], [call])
    return lines


def _option(name: str, value: str) -> str:
    """An option of aws with its value, joined by ``=`` when the value begins like an option,
    because a role would otherwise be left half stripped."""
    return f"--{name}{'=' if value.startswith('-') else ' '}{quote(value)}"


def _same(
    facts: Mapping[str, str],
    fact: str,
    look: str,
    *,
    word: str = "same",
    maybe_empty: bool = False,
) -> str:
    """The question whether a fact is still as in the plan; an unknown one stops the script."""
    planned = facts.get(fact, UNREAD)
    if planned == UNREAD or not (planned or maybe_empty):
        return f"refuse 'the plan does not say what its {fact} was'"
    return f"{word} {quote(planned)} {look}"


def _when(questions: list[str], calls: list[str]) -> list[str]:
    """Calls to make when every question is answered with yes."""
    asked = " &&\n  ".join(questions)
    return [f"if {asked}; then", *(f"  {call}" for call in calls), "fi"]
