"""What ``up`` would do, given what exists. Nothing is created, built or run."""

from __future__ import annotations

from pathlib import Path

from jotgraph.clients import Clients
from jotgraph.deploy.build.preparation import Prepared, prepare
from jotgraph.deploy.push import refuse_to_move, refuse_to_take
from jotgraph.deploy.rollout.aliases import refuse_unfit
from jotgraph.deploy.rollout.functions import refuse_other, settings_to_change
from jotgraph.deploy.rollout.roles import of_others, role_name
from jotgraph.deploy.rollout.state import running_digest
from jotgraph.deploy.up.existing import Existing, look
from jotgraph.deploy.up.recipe import recipe_of
from jotgraph.deploy.up.run_up import ARCHITECTURES, UpOptions, why_skipped
from jotgraph.errors import ApplyError, CallFailedError, RefusedError, reason_of
from jotgraph.queries.answers.up import Result, Stage, StageDone, UpPlan
from jotgraph.records import name_of
from jotgraph.records.ids import short, shortened
from jotgraph.records.phrases import counted
from jotgraph.sources.connections import connected


def preview(
    root: Path, handler: str, function: str, clients: Clients, options: UpOptions | None = None
) -> UpPlan:
    """Return what the same ``up`` would do now. Raises InvalidFolderError, OptionError, and
    ApplyError when nobody is signed in or what exists cannot be read."""
    options = options or UpOptions()
    prepared = prepare(root, handler, options.build)
    try:
        with connected(clients) as connections:
            there = look(connections, prepared, function, options)
    except CallFailedError as error:
        raise ApplyError(f"what is there was not read: {reason_of(error)}") from error
    return _Preview(there, prepared, options).plan()


class _Preview:
    def __init__(self, there: Existing, prepared: Prepared, options: UpOptions) -> None:
        self._there, self._prepared, self._options = there, prepared, options

    def plan(self) -> UpPlan:
        stages = (
            self._validate(),
            self._build(),
            self._ask(Stage.TEST, "the image"),
            self._push(),
            self._deploy(),
            self._ask(Stage.INVOKE, "the function"),
        )
        return UpPlan(
            function=self._there.function,
            stages=stages,
            recipe=recipe_of(self._there, self._prepared, self._options),
        )

    def _validate(self) -> StageDone:
        return StageDone(Stage.VALIDATE, Result.PASSED, self._prepared.validation.passed_words)

    def _build(self) -> StageDone:
        head = self._prepared.head
        commit = f"of commit {short(head.revision)}" if head else "without a commit"
        changes = ", with uncommitted changes" if self._prepared.dirty else ""
        file = "a generated Dockerfile" if self._prepared.generated else self._prepared.dockerfile
        statement = f"an image {commit}{changes}, by {file}"
        return StageDone(Stage.BUILD, Result.CREATED, statement)

    def _ask(self, stage: Stage, whom: str) -> StageDone:
        if skipped := why_skipped(stage, self._options):
            return StageDone(stage, Result.SKIPPED, skipped)
        cases = counted(len(self._options.cases), "case")
        return StageDone(stage, Result.RUN, f"ask {whom} {cases}")

    def _push(self) -> StageDone:
        name = f"{name_of(self._there.repository)}:{self._there.tag}"
        if self._there.repository_detail is None:
            new = f"{name}, in a new repository"
            return StageDone(Stage.PUSH, Result.CREATED, new, (self._there.repository,))
        if self._there.tagged is None:
            return StageDone(Stage.PUSH, Result.CREATED, name, (self._there.repository,))
        digest = shortened(self._there.tagged.digest)
        if self._is_same_source():
            words = f"{name} is {digest}, of this commit already; pushed if the build differs"
            return StageDone(Stage.PUSH, Result.THERE, words, (self._there.tagged.id,))
        try:
            refuse_to_move(
                self._there.repository_detail,
                self._there.repository,
                self._there.tag,
                self._there.tagged.digest,
            )
            if not self._there.tag_is_named:
                before = dict(self._there.tagged.labels)
                refuse_to_take(
                    self._there.repository, self._there.tag, before, self._prepared.labels
                )
        except RefusedError as error:
            return StageDone(Stage.PUSH, Result.REFUSED, str(error), (self._there.tagged.id,))
        words = f"{name} moves from {digest}"
        return StageDone(Stage.PUSH, Result.CHANGED, words, (self._there.tagged.id,))

    def _deploy(self) -> StageDone:
        name, alias = name_of(self._there.function), self._options.deploy.alias
        led = (
            f", alias {alias} {'leads' if self._there.alias else 'is made and leads'} to it"
            if alias
            else ""
        )
        try:
            self._refuse()
        except RefusedError as error:
            return StageDone(Stage.DEPLOY, Result.REFUSED, str(error), (self._there.function,))
        if self._there.current is None:
            own = "" if self._options.deploy.role else " with a role of its own"
            statement = f"function {name}{own}, version 1{led}"
            return StageDone(Stage.DEPLOY, Result.CREATED, statement, (self._there.function,))
        digest = running_digest(self._there.current)
        runs = self._there.tagged and self._is_same_source() and digest == self._there.tagged.digest
        changed = self._changed()
        result = Result.CHANGED if changed or not runs or self._alias_moves() else Result.THERE
        now = "already" if runs else "now, a new version"
        more = f"; changed: {', '.join(changed)}" if changed else ""
        statement = f"{name} runs {shortened(digest)} {now}{led}{more}"
        return StageDone(Stage.DEPLOY, result, statement, (self._there.function,))

    def _changed(self) -> list[str]:
        """The settings of the function that would change."""
        config, asked = self._there.current["Configuration"], self._options.deploy
        role = str(config["Role"])
        if asked.role not in ("", role, role.rpartition("/")[2]):
            role = asked.role
        return sorted(settings_to_change(config, role, asked))

    def _alias_moves(self) -> bool:
        """Whether the alias is created, runs another image than the function, or shares calls."""
        if not self._options.deploy.alias:
            return False
        if self._there.alias is None or self._there.alias.weights:
            return True
        behind = self._there.behind_alias
        return behind is None or running_digest(behind) != running_digest(self._there.current)

    def _refuse(self) -> None:
        """Raise RefusedError for what ``deploy`` would refuse."""
        deploy = self._options.deploy
        if deploy.role and not self._there.role:
            raise RefusedError(f"there is no role {deploy.role} in this account")
        if self._there.role and not deploy.role and not self._there.is_own_role:
            raise of_others(role_name(self._there.function))
        if self._there.current is not None:
            architecture = ARCHITECTURES[self._options.build.platform]
            refuse_other(self._there.current, architecture, deploy)
        if deploy.alias:
            refuse_unfit(self._there.alias, deploy.alias, deploy.weight)

    def _is_same_source(self) -> bool:
        """Whether the image with the tag says that it was built from the same source."""
        if self._there.tagged is None:
            return False
        labels = dict(self._there.tagged.labels)
        return all(labels.get(key) == value for key, value in self._prepared.labels.items())
