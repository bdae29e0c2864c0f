"""Stores test results as evidence about the digest that was tested."""

from __future__ import annotations

import getpass
import os
import platform
from collections.abc import Sequence

import msgspec

from jotgraph.deploy.testing.cases import Case
from jotgraph.queries.answers.testing import CaseResult, TestReport
from jotgraph.records import CaseOutcome, ImageTest
from jotgraph.records.references import DIGEST
from jotgraph.store.evidence import keep_test

_UNSEEN = "which image answered is not known: the function runs no image, or was changed meanwhile"


def keep(report: TestReport, cases: Sequence[Case], by: str = "") -> TestReport:
    """Store the outcome of each case under the digest that answered it. ``by`` is the ARN that was
    signed in; if empty, the user of this machine. Returns the report with the files. Raises
    ApplyError when one cannot be written."""
    by_digest: dict[str, list[CaseOutcome]] = {}
    for case, result in zip(cases, report.results, strict=True):
        digest = result.digest if report.function else report.image
        by_digest.setdefault(digest, []).append(_outcome(case, result))
    unseen = [digest for digest in by_digest if not DIGEST.fullmatch(digest)]
    files = [
        keep_test(
            ImageTest(
                at=report.at,
                image=digest,
                config_digest=report.config_digest,
                function=report.function,
                where=report.where,
                by=by or _whoami(),
                cases=tuple(outcomes),
            )
        )
        for digest, outcomes in sorted(by_digest.items())
        if digest not in unseen
    ]
    return msgspec.structs.replace(
        report, evidence=tuple(map(str, files)), unkept=_UNSEEN if unseen else ""
    )


def _outcome(case: Case, result: CaseResult) -> CaseOutcome:
    return CaseOutcome(case.name, case.event_digest, case.expected_digest, result.passed)


def _whoami() -> str:
    """Return ``user@machine``."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        user = str(os.getuid())
    return f"{user}@{platform.node()}"
