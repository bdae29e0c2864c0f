"""Runs the cases of a test against an image of the local engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from jotgraph.deploy.testing.cases import Case
from jotgraph.deploy.testing.container import Started, started
from jotgraph.deploy.testing.image import RunOptions, engine_image, require_runnable
from jotgraph.deploy.testing.leftovers import living, remove_leftovers
from jotgraph.deploy.testing.replies import failed, judged
from jotgraph.errors import ApplyError, CallFailedError
from jotgraph.queries.answers.testing import CaseResult, CaseStatus, FunctionError, TestReport
from jotgraph.sources.connections import ask_engine
from jotgraph.sources.docker import engine_name, no_such_image

if TYPE_CHECKING:
    from docker import DockerClient

_TAIL = 50
"""Log lines shown in a report."""
_FRESH = frozenset({CaseStatus.TIMEOUT, CaseStatus.STOPPED})
"""Results after which the next event gets a new container."""


def run_cases(
    engine: DockerClient,
    image: str,
    cases: Sequence[Case],
    options: RunOptions | None = None,
    *,
    now: datetime,
    tell: Callable[[CaseResult], None] = lambda result: None,
) -> TestReport:
    """Run each case in turn, in one container as long as it answers, like Lambda. Leftovers of
    killed tests are removed first. Raises UnknownNameError for an unknown image, ApplyError when
    the engine fails."""
    api, options = engine.api, options or RunOptions()
    try:
        try:
            subject = engine_image(api, image)
        except CallFailedError as error:
            if error.failure.code != "NotFound":
                raise
            raise no_such_image(image) from error
        require_runnable(subject, options)
        where = engine_name(ask_engine(api.info))
        remove_leftovers(api)
        with living() as run:
            runner = _Runner(lambda: started(api, subject, run, options), tell)
            results = runner.run(cases)
    except CallFailedError as error:
        raise ApplyError(f"the Docker engine failed: {error.failure.message}") from error
    return TestReport(
        at=now,
        image=subject.id,
        config_digest=subject.config_digest,
        where=where,
        results=tuple(results),
        log=runner.log,
    )


class _Runner:
    """Runs cases, and starts a new container when one hangs or has exited."""

    def __init__(
        self,
        start: Callable[[], AbstractContextManager[Started]],
        tell: Callable[[CaseResult], None],
    ) -> None:
        self._start, self._tell = start, tell
        self.log: tuple[str, ...] = ()
        """Of the container of the first case that failed."""

    def run(self, cases: Iterable[Case]) -> list[CaseResult]:
        results: list[CaseResult] = []
        with ExitStack() as stack:
            container: Started | None = None
            for case in cases:
                container = container or stack.enter_context(self._start())
                result = self._one(container, case)
                results.append(result)
                self._tell(result)
                if not result.passed and not self.log:
                    self.log = container.log(_TAIL)
                if result.status in _FRESH:
                    stack.close()
                    container = None
        return results

    def _one(self, container: Started, case: Case) -> CaseResult:
        begun = time.monotonic()
        try:
            reply = container.function.invoke(case.event)
        except CallFailedError as error:
            message = f"the engine failed: {error.failure.message}"
            reply = failed(FunctionError(message), CaseStatus.STOPPED)
        return judged(case, reply, round(time.monotonic() - begun, 3))
