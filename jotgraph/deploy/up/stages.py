"""The stages of one run, whose results are recorded so that the same command resumes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jotgraph.deploy.run import Made, Run
from jotgraph.errors import ApplyError, CallFailedError, UsageError, reason_of
from jotgraph.queries.answers.testing import TestReport
from jotgraph.queries.answers.up import Result, Stage, StageDone
from jotgraph.records import ResourceId

_LINE = "stage"
"""Key of a journal line for a completed stage."""


class StageError(ApplyError):
    """Raised when a stage failed; what was created before is kept and recorded."""

    def __init__(self, run: Run, stage: Stage, message: str) -> None:
        self.run, self.stage, self.reason = run.name, stage, message
        self.made = any(line.what == "intent" for line in run.journal.entries)
        undone = f"jotgraph undo {run.name} takes back what it made"
        after = undone if self.made else "nothing was made yet"
        super().__init__(f"{stage}: {message} (run {run.name}: the same command goes on; {after})")


class CasesFailedError(StageError):
    """Raised when an image or function answered otherwise than expected."""

    def __init__(self, run: Run, stage: Stage, report: TestReport) -> None:
        self.report = report
        failed = sum(not result.passed for result in report.results)
        super().__init__(run, stage, f"{failed} of {len(report.results)} cases failed")


class Stages:
    """The results of the stages so far."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.done: list[StageDone] = []
        self.before = tuple(
            stage
            for stage in Stage
            if any(line.what == _LINE and line.call == stage for line in run.journal.entries)
        )
        """The stages that a resumed run completed before."""
        if run.resumed:
            left = next((stage for stage in Stage if stage not in self.before), Stage.INVOKE)
            run.tell(f"going on with run {run.name}, which was interrupted in {left}")

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Name the stage in errors of the block. Raises StageError; a UsageError is passed on."""
        try:
            yield
        except (StageError, UsageError):
            raise
        except (ApplyError, CallFailedError) as error:
            raise StageError(self._run, stage, reason_of(error)) from error

    def end(
        self, stage: Stage, result: Result, statement: str, *resources: ResourceId
    ) -> StageDone:
        """Record a stage's result. Raises ApplyError."""
        done = StageDone(stage, result, statement, resources)
        if stage not in self.before:
            self._run.journal.add(_LINE, call=stage.value, result=result.value)
        self.done.append(done)
        self._run.tell(f"{stage}: {statement}")
        return done


def result_of(*made: Made) -> Result:
    """Return the result of a stage with several resources: the strongest of theirs."""
    return Result(next(result for result in Made if result in made).value)
