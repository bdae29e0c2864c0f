"""``up``: the stages one after the other, in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from jotgraph.clients import Clients
from jotgraph.deploy.build import BuildOptions, Built
from jotgraph.deploy.build.preparation import prepare, require_right
from jotgraph.deploy.push import Pushed, PushOptions, push
from jotgraph.deploy.rollout import DeployOptions, Rollout, deploy, look_ahead
from jotgraph.deploy.run import Made, Run, running
from jotgraph.deploy.subject import content_told_apart, told_apart
from jotgraph.deploy.testing import Case, RunOptions, invoke_cases, keep
from jotgraph.deploy.up.lineage import graph_of
from jotgraph.deploy.up.stages import CasesFailedError, Stages, result_of
from jotgraph.deploy.up.workshop import Workshop
from jotgraph.deploy.validation import validate
from jotgraph.graph import ResourceGraph
from jotgraph.queries.answers.testing import TestReport
from jotgraph.queries.answers.up import Result, Stage, Up
from jotgraph.queries.answers.validation import Validation
from jotgraph.queries.deployment import deployment
from jotgraph.queries.lineage import trace
from jotgraph.records import ResourceId, alias_id, name_of, place_of, version_id
from jotgraph.records.ids import short, shortened
from jotgraph.records.phrases import counted
from jotgraph.records.references import role_of
from jotgraph.sources.git.head import head_of
from jotgraph.store.audit import Auditing

ARCHITECTURES = {"linux/amd64": "x86_64", "linux/arm64": "arm64"}
"""Docker platforms by Lambda's names of processors."""


class UpOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of ``up``: those of its stages."""

    build: BuildOptions = BuildOptions()
    test: RunOptions = RunOptions()
    push: PushOptions = PushOptions()
    deploy: DeployOptions = DeployOptions()
    repository: str = ""
    """Name of the repository in ECR; empty for the function's name."""
    cases: tuple[Case, ...] = ()
    """The cases for the image, and then for the function."""
    skip: frozenset[Stage] = frozenset()
    """Stages to skip: ``test`` and ``invoke``."""


def up(
    root: Path,
    handler: str,
    function: str,
    clients: Clients,
    workshop: Workshop,
    options: UpOptions | None = None,
    *,
    patience: float = 60.0,
    auditing: Auditing | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> tuple[Up, ResourceGraph]:
    """Deploy a folder to a function, and read back the result. Raises InvalidFolderError and
    OptionError before anything is created; StageError, with the run, for a stage that failed,
    CasesFailedError for an unexpected answer."""
    options = options or UpOptions()
    validation = validate(
        root,
        handler,
        dockerfile=options.build.dockerfile,
        allow_dirty=options.build.allow_dirty,
    )
    require_right(validation, options.build)
    options.deploy.check()
    workshop.require()
    subject = subject_of(root, handler or validation.handler, function, options)
    with running("up", subject, clients, patience=patience, auditing=auditing, tell=tell) as run:
        return _Maker(run, root, handler, function, workshop, options).make(validation)


def subject_of(root: Path, handler: str, function: str, options: UpOptions) -> Mapping[str, str]:
    """Return what identifies the run: the function, the commit or files, the options and the cases.
    Raises BuildError for files that cannot be read."""
    head = head_of(root)
    content = ""
    if head is None or options.build.allow_dirty:
        prepared = prepare(root, handler, options.build)
        if head is None or prepared.dirty:
            content = content_told_apart(prepared.tar())
    return {
        "function": function,
        "alias": options.deploy.alias,
        "handler": handler,
        "folder": head.folder if head else str(root.resolve()),
        "revision": head.revision if head else "",
        "content": content,
        "options": told_apart(options),
    }


class _Maker:
    """Makes one deployment."""

    def __init__(
        self,
        run: Run,
        root: Path,
        handler: str,
        function: str,
        workshop: Workshop,
        options: UpOptions,
    ) -> None:
        self._run, self._root, self._handler, self._function = run, root, handler, function
        self._workshop, self._options = workshop, options
        self._stages = Stages(run)

    def make(self, validation: Validation) -> tuple[Up, ResourceGraph]:
        stages = self._stages
        stages.end(Stage.VALIDATE, Result.PASSED, validation.passed_words)
        with stages.stage(Stage.DEPLOY):  # what it would refuse is refused before anything is made
            architecture = ARCHITECTURES[self._options.build.platform]
            look_ahead(self._run, self._function, architecture, self._options.deploy)
        with stages.stage(Stage.BUILD):
            built = self._build()
        with stages.stage(Stage.TEST):
            test = self._test(built)
        with stages.stage(Stage.PUSH):
            pushed = self._push(built)
        with stages.stage(Stage.DEPLOY):
            rollout = self._deploy(pushed)
        with stages.stage(Stage.INVOKE):
            invocation = self._invoke(rollout)
            graph = self._read_back(built, pushed, rollout)
        return Up(
            run=self._run.name,
            resumed=stages.before,
            stages=tuple(stages.done),
            deployment=deployment(graph, rollout.function),
            lineage=trace(graph, rollout.function),
            test=test,
            invocation=invocation,
        ), graph

    def _build(self) -> Built:
        built = self._workshop.build(self._root, self._handler, self._options.build, self._run)
        self._stages.end(Stage.BUILD, Result(built.result), _of_image(built), built.id)
        return built

    def _test(self, built: Built) -> TestReport | None:
        cases = self._options.cases
        if skipped := why_skipped(Stage.TEST, self._options):
            self._stages.end(Stage.TEST, Result.SKIPPED, skipped)
            return None
        now = datetime.now(UTC)
        report = keep(self._workshop.test(built, cases, self._options.test, now), cases)
        self._require(Stage.TEST, report)
        return report

    def _push(self, built: Built) -> Pushed:
        options, workshop = self._options, self._workshop
        repository = options.repository or self._function
        pushed = push(self._run, workshop.engine, workshop.image(built), repository, options.push)
        made = Made.CREATED if pushed.created_repository else Made.THERE
        new = " (created)" if pushed.created_repository else ""
        words = f"{name_of(pushed.repository)}{new}, tag {pushed.tag}, {shortened(pushed.digest)}"
        result = result_of(pushed.result, made)
        self._stages.end(Stage.PUSH, result, words, pushed.repository, pushed.image)
        return pushed

    def _deploy(self, pushed: Pushed) -> Rollout:
        rollout = deploy(self._run, pushed.reference, self._function, self._options.deploy)
        result, words, resources = _of_rollout(rollout)
        self._stages.end(Stage.DEPLOY, result, words, *resources)
        return rollout

    def _invoke(self, rollout: Rollout) -> TestReport | None:
        cases = self._options.cases
        if skipped := why_skipped(Stage.INVOKE, self._options):
            self._stages.end(Stage.INVOKE, Result.SKIPPED, skipped)
            return None
        target = version_of(rollout)
        report = invoke_cases(self._run.session, target, cases, now=datetime.now(UTC))
        report = keep(report, cases, by=self._run.connections.callers.get(self._run.place[0], ""))
        self._require(Stage.INVOKE, report)
        return report

    def _require(self, stage: Stage, report: TestReport) -> None:
        """Raise CasesFailedError unless every case passed."""
        if not report.passed:
            raise CasesFailedError(self._run, stage, report)
        self._stages.end(stage, Result.PASSED, f"{counted(len(report.results), 'case')} passed")

    def _read_back(self, built: Built, pushed: Pushed, rollout: Rollout) -> ResourceGraph:
        resources = [pushed.repository, pushed.image, rollout.function, version_of(rollout)]
        if rollout.alias:
            place, name = place_of(rollout.function), name_of(rollout.function)
            resources.append(alias_id(*place, name, rollout.alias))
        if role := role_of(rollout.role):
            resources.append(role)
        if self._workshop.engine is not None:
            resources.append(built.id)
        return graph_of(self._run, self._root, resources)


def version_of(rollout: Rollout) -> ResourceId:
    """Return the version that was published."""
    return version_id(*place_of(rollout.function), name_of(rollout.function), rollout.version)


def _of_rollout(rollout: Rollout) -> tuple[Result, str, tuple[ResourceId, ...]]:
    """The result for the function, in words."""
    name = name_of(rollout.function)
    words = [f"{name} runs {shortened(rollout.after)} as version {rollout.version}"]
    if rollout.before and rollout.before != rollout.after:
        words.append(f"previously {shortened(rollout.before)}")
    if rollout.alias:
        share = f"{rollout.weight:.0%} of " if rollout.weight else ""
        words.append(f"{share}alias {rollout.alias}")
    if rollout.role_created:
        words.append("with a role of its own (created)")
    role = role_of(rollout.role)
    resources = (rollout.function, version_of(rollout), *([role] if role else []))
    return Result(rollout.result.value), ", ".join((*words, *rollout.notes)), resources


def _of_image(built: Built) -> str:
    commit = f" of commit {short(built.commit)}" if built.commit else ", without a commit"
    dirty = ", with uncommitted changes" if built.dirty else ""
    return f"image {short(built.image_id)}{commit}{dirty}"


def why_skipped(stage: Stage, options: UpOptions) -> str:
    """Return why a stage with cases is skipped; empty when it is not."""
    if stage in options.skip:
        return "left out, as was asked for"
    return "" if options.cases else "there are no cases (--cases FOLDER)"
