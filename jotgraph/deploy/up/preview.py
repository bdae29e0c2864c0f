"""What ``up`` would do, by what is there now. Nothing is made, built or run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jotgraph.clients import Clients
from jotgraph.deploy.build.preparation import Prepared, prepare
from jotgraph.deploy.push import refuse_to_move, refuse_to_take, target_of
from jotgraph.deploy.push.images import REVISION
from jotgraph.deploy.registry_image import RegistryImage, read_image, repository_uri, tagged_digest
from jotgraph.deploy.rollout.aliases import LATEST, refuse_unfit
from jotgraph.deploy.rollout.functions import refuse_other, settings_to_change
from jotgraph.deploy.rollout.labels import tags_of
from jotgraph.deploy.rollout.roles import (
    FUNCTION_TAG,
    TRUST,
    log_policy,
    of_others,
    role_name,
    role_tags,
)
from jotgraph.deploy.rollout.state import digest_of
from jotgraph.deploy.run import place_of_run
from jotgraph.deploy.up.run_up import ARCHITECTURES, UpOptions, why_skipped
from jotgraph.errors import ApplyError, CallFailedError, RefusedError, reason_of
from jotgraph.queries.answers.up import Recipe, Result, Stage, StageDone, UpPlan
from jotgraph.records import (
    Alias,
    alias_id,
    ecr_image_id,
    function_id,
    name_of,
    place_of,
)
from jotgraph.records.phrases import counted
from jotgraph.sources.aws.roles import get_role
from jotgraph.sources.connections import Connections, connected, is_gone
from jotgraph.sources.ecr.requests import get_repository
from jotgraph.sources.functions.requests import get_function
from jotgraph.sources.single import read_alias

_DIGITS = 12
"""Of the commit, in the tag of an image."""


def preview(
    root: Path, handler: str, function: str, clients: Clients, options: UpOptions | None = None
) -> UpPlan:
    """What the same ``up`` would do now. Raises InvalidFolderError, OptionError, and ApplyError
    when nobody is signed in or what is there cannot be read."""
    options = options or UpOptions()
    prepared = prepare(root, handler, options.build)
    try:
        with connected(clients) as connections:
            return _Preview(connections, prepared, function, options).plan()
    except CallFailedError as error:
        raise ApplyError(f"what is there was not read: {reason_of(error)}") from error


class _Preview:
    """Looks at each place once."""

    def __init__(
        self, connections: Connections, prepared: Prepared, function: str, options: UpOptions
    ) -> None:
        self._connections, self._prepared, self._options = connections, prepared, options
        home = place_of_run(connections)
        self._function = function_id(*home, function)
        self._client = connections.region(*home)
        named = options.repository or function
        self._repository, tag = target_of(named, options.push.tag, home)
        self._named, self._tag = bool(tag), tag or _default_tag(prepared)
        self._detail = self._read_repository()
        self._tagged = self._read_tagged()
        self._current = self._read_function()
        self._alias = self._read_alias()
        self._role, self._is_own_role = self._read_role()

    def plan(self) -> UpPlan:
        stages = (
            self._validate(),
            self._build(),
            self._ask(Stage.TEST, "the image"),
            self._push(),
            self._deploy(),
            self._ask(Stage.INVOKE, "the function"),
        )
        return UpPlan(function=self._function, stages=stages, recipe=self._recipe())

    def _validate(self) -> StageDone:
        return StageDone(Stage.VALIDATE, Result.PASSED, self._prepared.validation.passed_words)

    def _build(self) -> StageDone:
        head = self._prepared.head
        commit = f"of commit {head.revision[:_DIGITS]}" if head else "of no commit"
        changes = ", with changes that are in none" if self._prepared.dirty else ""
        file = "a generated Dockerfile" if self._prepared.generated else self._prepared.dockerfile
        statement = f"an image {commit}{changes}, by {file}"
        return StageDone(Stage.BUILD, Result.CREATED, statement)

    def _ask(self, stage: Stage, whom: str) -> StageDone:
        if skipped := why_skipped(stage, self._options):
            return StageDone(stage, Result.SKIPPED, skipped)
        cases = counted(len(self._options.cases), "case")
        return StageDone(stage, Result.RUN, f"ask {whom} {cases}")

    def _push(self) -> StageDone:
        name = f"{name_of(self._repository)}:{self._tag}"
        if self._detail is None:
            new = f"{name}, in a new repository"
            return StageDone(Stage.PUSH, Result.CREATED, new, (self._repository,))
        if self._tagged is None:
            return StageDone(Stage.PUSH, Result.CREATED, name, (self._repository,))
        digest = self._tagged.digest[:19]
        if self._is_same_source():
            words = f"{name} is {digest}, of this commit already; pushed if the build differs"
            return StageDone(Stage.PUSH, Result.THERE, words, (self._tagged.id,))
        try:
            refuse_to_move(self._detail, self._repository, self._tag, self._tagged.digest)
            if not self._named:
                before = dict(self._tagged.labels)
                refuse_to_take(self._repository, self._tag, before, self._prepared.labels)
        except RefusedError as error:
            return StageDone(Stage.PUSH, Result.REFUSED, str(error), (self._tagged.id,))
        words = f"{name} moves from {digest}"
        return StageDone(Stage.PUSH, Result.CHANGED, words, (self._tagged.id,))

    def _deploy(self) -> StageDone:
        name, alias = name_of(self._function), self._options.deploy.alias
        led = (
            f", alias {alias} {'leads' if self._alias else 'is made and leads'} to it"
            if alias
            else ""
        )
        try:
            self._refuse()
        except RefusedError as error:
            return StageDone(Stage.DEPLOY, Result.REFUSED, str(error), (self._function,))
        if self._current is None:
            own = "" if self._options.deploy.role else " with a role of its own"
            statement = f"function {name}{own}, version 1{led}"
            return StageDone(Stage.DEPLOY, Result.CREATED, statement, (self._function,))
        digest = digest_of(self._current)
        runs = self._tagged and self._is_same_source() and digest == self._tagged.digest
        changed = self._changed()
        result = Result.CHANGED if changed or not runs or self._alias_moves() else Result.THERE
        now = "already" if runs else "now, a new version"
        more = f"; changed: {', '.join(changed)}" if changed else ""
        statement = f"{name} runs {digest[:19]} {now}{led}{more}"
        return StageDone(Stage.DEPLOY, result, statement, (self._function,))

    def _changed(self) -> list[str]:
        """The settings of the function that would be others."""
        config, asked = self._current["Configuration"], self._options.deploy
        role = str(config["Role"])
        if asked.role not in ("", role, role.rpartition("/")[2]):
            role = asked.role
        return sorted(settings_to_change(config, role, asked))

    def _alias_moves(self) -> bool:
        """Whether the alias is made, or runs another image than the function, or shares calls."""
        if not self._options.deploy.alias:
            return False
        if self._alias is None or self._alias.weights:
            return True
        version = self._alias.version
        of_alias = self._found(
            lambda: get_function(
                self._client, name_of(self._function), "" if version == LATEST else version
            )
        )
        return of_alias is None or digest_of(of_alias) != digest_of(self._current)

    def _refuse(self) -> None:
        """Raise RefusedError for what ``deploy`` would refuse."""
        deploy = self._options.deploy
        if deploy.role and not self._role:
            raise RefusedError(f"there is no role {deploy.role} in this account")
        if self._role and not deploy.role and not self._is_own_role:
            raise of_others(role_name(self._function))
        if self._current is not None:
            architecture = ARCHITECTURES[self._options.build.platform]
            refuse_other(self._current, architecture, deploy)
        if deploy.alias:
            refuse_unfit(self._alias, deploy.alias, deploy.weight)

    def _is_same_source(self) -> bool:
        """Whether the image under the tag says that it was built from just this."""
        if self._tagged is None:
            return False
        labels = dict(self._tagged.labels)
        return all(labels.get(key) == value for key, value in self._prepared.labels.items())

    def _read_repository(self) -> Mapping[str, Any] | None:
        repository: Mapping[str, Any] | None = self._found(
            lambda: get_repository(self._client, name_of(self._repository))
        )
        return repository

    def _read_tagged(self) -> RegistryImage | None:
        if self._detail is None:
            return None
        name = name_of(self._repository)
        digest = tagged_digest(self._client, name, self._tag)
        if not digest:
            return None
        image = ecr_image_id(*place_of(self._repository), name, digest)
        return read_image(self._connections, image)

    def _read_function(self) -> Any:
        return self._found(lambda: get_function(self._client, name_of(self._function)))

    def _read_alias(self) -> Alias | None:
        alias = self._options.deploy.alias
        if not alias or self._current is None:
            return None
        resource = alias_id(*place_of(self._function), name_of(self._function), alias)
        found: Alias | None = self._found(lambda: read_alias(self._connections, resource))
        return found

    def _read_role(self) -> tuple[str, bool]:
        """The ARN of the role that is given, or of a new function's own where that is there; and
        whether it was created for the function."""
        given = self._options.deploy.role
        if given.startswith("arn:") or not (given or self._current is None):
            return given, False
        name = given or role_name(self._function)
        role = self._found(lambda: get_role(self._client, name))
        if role is None:
            return "", False
        return str(role["Arn"]), role_tags(role).get(FUNCTION_TAG) == self._function

    @staticmethod
    def _found(read: Any) -> Any:
        """What a call answers, None for what is not there. Raises CallFailedError."""
        try:
            return read()
        except CallFailedError as error:
            if is_gone(error):
                return None
            raise

    def _recipe(self) -> Recipe:
        prepared, options = self._prepared, self._options
        build, deploy = options.build, options.deploy
        account, region = place_of(self._function)
        new, alias = self._current is None, self._alias
        return Recipe(
            account=account,
            region=region,
            folder=str(prepared.root),
            dockerfile=prepared.dockerfile,
            generated=prepared.text.decode() if prepared.generated else "",
            platform=build.platform,
            builder=build.builder.value,
            network=build.network,
            pull=build.pull,
            cache=build.cache,
            names=build.tags,
            labels=prepared.labels,
            arguments=tuple(sorted(build.arguments)),
            test_variables=tuple(sorted(options.test.environment)),
            test_network=options.test.network,
            repository=repository_uri(self._repository),
            tag=self._tag,
            new_repository=self._detail is None,
            scan_on_push=options.push.scan_on_push,
            immutable=options.push.immutable,
            lifecycle_policy=options.push.lifecycle_policy,
            function=name_of(self._function),
            new_function=new,
            settings=_settings(options, "" if new or not deploy.role else self._role, new=new),
            variables=None if deploy.environment is None else tuple(sorted(deploy.environment)),
            tags=tags_of(tuple(prepared.labels.items())).tags,
            role=self._role or (role_name(self._function) if new else ""),
            new_role=new and not self._role,
            role_tag=f"Key={FUNCTION_TAG},Value={self._function}",
            trust=json.dumps(TRUST),
            policy=json.dumps(log_policy(self._function)),
            alias=deploy.alias,
            new_alias=bool(deploy.alias) and alias is None,
            alias_version=alias.version if alias else "",
            weight=deploy.weight,
            events=tuple((case.name, case.event.decode().strip()) for case in options.cases),
            tested=not why_skipped(Stage.TEST, options),
            invoked=not why_skipped(Stage.INVOKE, options),
        )


def _settings(options: UpOptions, role: str, *, new: bool) -> tuple[tuple[str, str], ...]:
    """Options of the aws command for what is set beside the image and the variables."""
    deploy = options.deploy
    named = {
        "memory-size": str(deploy.memory or ""),
        "timeout": str(deploy.timeout or ""),
        "role": role,
        "architectures": ARCHITECTURES[options.build.platform] if new else "",
    }
    return tuple((name, value) for name, value in named.items() if value)


def _default_tag(prepared: Prepared) -> str:
    """The tag that ``push`` gives where none is named: the first digits of the commit; of an image
    of no commit it is not known before the build."""
    revision, dash, rest = prepared.labels.get(REVISION, "").partition("-")
    return f"{revision[:_DIGITS]}{dash}{rest}" if revision else "image"
