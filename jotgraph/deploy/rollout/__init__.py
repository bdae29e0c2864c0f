"""Deploys an image to a function or an ECS service, moves aliases, and rolls back.

A function is created or updated, never replaced. Everything that could be refused is checked before
anything is changed; what is already as required is left alone.
"""

from __future__ import annotations

import re
from typing import Any

from jotgraph.deploy.registry_image import INDEX_ADVICE, RegistryImage, find_image
from jotgraph.deploy.rollout import aliases, functions, labels, published, roles
from jotgraph.deploy.rollout.known import UPDATE_ALIAS
from jotgraph.deploy.rollout.model import DeployOptions
from jotgraph.deploy.rollout.moving import promote, rollback
from jotgraph.deploy.rollout.services import rollback_service, update_service
from jotgraph.deploy.rollout.settling import settled
from jotgraph.deploy.rollout.state import state_of
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import OptionError, RefusedError
from jotgraph.queries.answers.making import How, Rollout
from jotgraph.records import ResourceId, function_id
from jotgraph.records.ids import shortened

__all__ = [
    "DeployOptions",
    "How",
    "Rollout",
    "deploy",
    "look_ahead",
    "promote",
    "rollback",
    "rollback_service",
    "update_service",
]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def deploy(run: Run, image: str, function: str, options: DeployOptions | None = None) -> Rollout:
    """Deploy an ECR image to a function, publish a version, and move an alias to it.

    ``image`` is an ECR URI or ``repository[:tag][@digest]`` in the run's account and region. Raises
    OptionError; RefusedError, before anything is changed; ApplyError when Lambda does not succeed;
    CallFailedError.
    """
    options = options or DeployOptions()
    options.check()
    if not _NAME.fullmatch(function):
        raise OptionError(f"{function!r} is not a function name: letters, digits, - and _")
    registry_image = find_image(run.connections, run.place, image)
    _refuse_image(registry_image, run, options)
    resource = function_id(*run.place, function)
    current = look_ahead(run, function, registry_image.lambda_architecture, options)
    if current is not None:
        current = settled(run, resource, wanted=False)
    role, role_created = _role(run, resource, options, has_one=current is not None)
    return _Deployment(run, resource, registry_image, options).rollout(current, role, role_created)


def look_ahead(run: Run, function: str, architecture: str, options: DeployOptions) -> Any:
    """Raise RefusedError for whatever prevents a function from running any image for a processor.

    That is its quarantine, its package type, its own processor, alias weights set by somebody else,
    a missing role, or changes by others while the run was interrupted. Returns GetFunction's
    answer, None when there is no function. Raises CallFailedError.
    """
    resource = function_id(*run.place, function)
    current = functions.read_function(run, resource)
    if current is not None:
        functions.refuse_other(current, architecture, options)
        functions.refuse_changed_between(run, resource, current)
    if options.role:
        roles.find_role(run, options.role)
    if options.alias:
        alias = aliases.find_alias(run, resource, options.alias) if current else None
        moves = run.journal.attempts(alias.id, UPDATE_ALIAS) if alias else ()
        aliases.refuse_unfit(alias, options.alias, options.weight, moves)
        if alias:
            aliases.refuse_changed_between(run, alias)
    return current


def _role(
    run: Run, function: ResourceId, options: DeployOptions, *, has_one: bool
) -> tuple[str, bool]:
    """The role for the function, empty to keep its own, and whether this run created it. Raises
    RefusedError, CallFailedError."""
    if options.role:
        return roles.find_role(run, options.role), False
    tried = run.journal.attempts(function, "lambda:CreateFunction")
    if has_one and not tried:
        return "", False
    return roles.ensure_role(run, function)


def _refuse_image(image: RegistryImage, run: Run, options: DeployOptions) -> None:
    """Raise RefusedError for an image that Lambda does not accept here."""
    record = image.record
    if image.is_index:
        raise RefusedError(
            f"{record.repository}@{shortened(image.digest)} is an image index, and Lambda refuses "
            f"an index: {INDEX_ADVICE}"
        )
    if record.region != run.place[1]:
        raise RefusedError(
            f"the image is in {record.region}, and Lambda takes images from ECR in its own region "
            f"({run.place[1]}): push it there"
        )
    if record.status != "ACTIVE":
        raise RefusedError(f"the image is {record.status.lower()} in ECR: restore it first")
    wanted, own = options.architecture, image.lambda_architecture
    if wanted and own and wanted != own:
        raise RefusedError(f"the image is for {own}, and --architecture says {wanted}")
    if own and own not in ("x86_64", "arm64"):
        raise RefusedError(f"the image is for {own}, and Lambda runs x86_64 and arm64")


class _Deployment:
    """One function and the image to deploy."""

    def __init__(
        self, run: Run, function: ResourceId, image: RegistryImage, options: DeployOptions
    ) -> None:
        self.run, self.function, self.image, self.options = run, function, image, options

    def rollout(self, current: Any, role: str, role_created: bool) -> Rollout:
        """Create or update the function, publish it, and move the alias."""
        run, function, options = self.run, self.function, self.options
        before = state_of(current) if current else {}
        left_out: tuple[str, ...] = ()
        if current is None:
            tags = labels.tags_of(self.image.labels)
            left_out = tags.left_out
            functions.create(run, function, self.image, role, options, tags.tags)
        current = settled(run, function, wanted=False)
        tried = run.journal.intents(function, "lambda:CreateFunction")
        created = bool(tried) and run.is_ours(current.get("Tags"))
        if not created and not before:
            raise RefusedError(f"{function} was created by somebody else in the meantime")
        if created and not run.made_before(function):
            functions.note_left(run, function, {}, current)
        current = functions.update(run, function, current, self.image, role, options)
        tags_before, more = functions.retag(run, function, current, self.image)
        current = settled(run, function)
        functions.require_asked(function, current, self.image.digest, role, options)
        number, _ = published.publish(run, function, current)
        result = self._note(before, tags_before, created=created)
        notes = (*(left_out or more), *self._moved(number), *functions.throttled(current))
        return Rollout(
            run=run.name,
            function=function,
            version=number,
            alias=options.alias,
            weight=options.weight,
            before="" if created else self._before(before),
            after=self.image.digest,
            result=result,
            role=role or str(current["Configuration"]["Role"]),
            role_created=role_created,
            notes=notes,
        )

    def _moved(self, number: str) -> tuple[str, ...]:
        """Move the alias, and return remarks about it."""
        if not self.options.alias:
            return ()
        weight = self.options.weight
        aliases.move(self.run, self.function, self.options.alias, number, weight)
        if weight is None:
            return ()
        alias = aliases.require_alias(self.run, self.function, self.options.alias)
        if alias.weights:
            return ()
        return (f"alias {alias.name} is on version {number} already, so it shares no calls",)

    def _first_kept(self) -> dict[str, object]:
        """The function's state before the first call of this run that changed it."""
        calls = ("lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode")
        intents = self.run.journal.attempts(self.function, *calls)
        return dict(intents[0].params.get("kept") or {}) if intents else {}

    def _before(self, before: dict[str, object]) -> str:
        return str((self._first_kept() or before).get("digest") or "")

    def _note(
        self,
        before: dict[str, object],
        tags_before: dict[str, str | None],
        *,
        created: bool,
    ) -> Made:
        """Record the result for the function, by its state before this run."""
        run, function = self.run, self.function
        now = state_of(settled(run, function))
        if created:
            return run.made(function, Made.CREATED, now=now)
        first = self._first_kept()
        tagged = run.journal.intents(function, "lambda:TagResource", "lambda:UntagResource")
        if not first and not tagged:
            return run.made(function, Made.THERE, now=now)
        old_tags = dict(tagged[0].params["kept"]["tags"]) if tagged else tags_before
        was = {**(first or before), "tags": old_tags}
        return run.made(function, Made.CHANGED, before=was, now=now)
