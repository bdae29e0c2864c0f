"""``invoke`` against the embedded AWS: answers, figures, versions and the digest that answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jotgraph import clients
from jotgraph.deploy.testing import Case, function_named, invoke_cases, keep
from jotgraph.errors import ApplyError, OptionError, UnknownNameError
from jotgraph.queries.answers.testing import CaseResult, CaseStatus, Figures, TestReport
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import Invoked
from jotgraph.sources.connections import Connections, connected
from jotgraph.store.evidence import read_tests
from tests import factories

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
PRICES = Case("prices", b'{"prices": [1, 2]}', {"$exact": {"total": 3}}, b'{"total": 3}')
WRONG = Case("wrong", b'{"prices": [1, 2]}', {"$exact": {"total": 4}}, b'{"total": 4}')
EMPTY = Case("empty", b"{}", {"$error": "KeyError"}, b'{"$error": "KeyError"}')


def total(event: Any, call: Invoked) -> Any:
    return {"total": sum(event["prices"])}


@contextmanager
def signed_in() -> Iterator[Connections]:
    with connected(clients.connect(use_docker=False, attempts=1)) as connections:
        yield connections


def shop(aws: Sandbox) -> str:
    """A function ``shop`` with an image and a handler; returns the digest."""
    seed.repository(aws, "team/app")
    digest = seed.image(aws, "team/app", "v1")
    seed.function(aws, "shop", "team/app:v1")
    aws.answer("shop", total)
    return str(digest)


def report_of(
    aws: Sandbox, name: str, *cases: Case, tell: Callable[[CaseResult], None] = lambda _: None
) -> TestReport:
    with signed_in() as connections:
        target = function_named(name, aws.account, aws.region)
        return invoke_cases(connections, target, cases, now=NOW, tell=tell)


def test_each_case_has_version_digest_figures_and_log(aws_environment: Sandbox) -> None:
    digest = shop(aws_environment)
    results: list[CaseResult] = []
    report = report_of(aws_environment, "shop", PRICES, WRONG, EMPTY, tell=results.append)
    arn = f"arn:aws:lambda:{aws_environment.region}:{aws_environment.account}:function:shop"
    assert (report.image, report.where, report.passed) == (digest, arn, False)
    right, wrong, empty = report.results
    assert [result.status for result in report.results] == [
        CaseStatus.PASSED, CaseStatus.DIFFERS, CaseStatus.PASSED,
    ]  # fmt: skip
    assert right.figures == Figures(1.5, 102, 100, 128, 40)
    assert wrong.figures == Figures(1.5, 2, None, 128, 40)
    assert {result.version for result in report.results} == {"$LATEST"}
    assert [(d.path, d.expected, d.answered) for d in wrong.differences] == [("total", "4", "3")]
    assert wrong.log[-1].startswith("REPORT RequestId")
    assert empty.error is not None
    assert [result.name for result in results] == ["prices", "wrong", "empty"]


def test_evidence_is_of_the_digest_that_answered(aws_environment: Sandbox) -> None:
    digest = shop(aws_environment)
    report = keep(report_of(aws_environment, "shop", PRICES, WRONG), (PRICES, WRONG), by="arn:me")
    (path,) = report.evidence
    assert Path(path).parent.name == digest.partition(":")[2]
    place = f"{aws_environment.account}/{aws_environment.region}"
    (test,) = read_tests().tests
    assert test == factories.image_test(
        digest,
        at=NOW,
        function=function_named("shop", *place.split("/")),
        where=report.where,
        by="arn:me",
        cases=(
            factories.case_outcome("prices", PRICES.event_digest, PRICES.expected_digest),
            factories.case_outcome(
                "wrong", WRONG.event_digest, WRONG.expected_digest, passed=False
            ),
        ),
    )


def test_a_weighted_alias_gives_evidence_of_both_digests(aws_environment: Sandbox) -> None:
    first = shop(aws_environment)
    client = aws_environment.client("lambda")
    client.publish_version(FunctionName="shop")
    second = seed.image(aws_environment, "team/app", "v2", config=seed.image_config({"v": "2"}))
    uri = client.get_function(FunctionName="shop")["Code"]["ImageUri"].replace(":v1", ":v2")
    client.update_function_code(FunctionName="shop", ImageUri=uri, Publish=True)
    client.create_alias(
        FunctionName="shop",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    cases = tuple(msgspec.structs.replace(PRICES, name=f"n{number}") for number in range(8))
    report = keep(report_of(aws_environment, "shop:live", *cases), cases)
    assert (report.image, len(report.evidence)) == ("", 2)
    tests = read_tests().tests
    assert {test.image for test in tests} == {first, second}
    assert sorted(case.name for test in tests for case in test.cases) == [c.name for c in cases]


def test_what_changed_meanwhile_is_evidence_of_nothing(aws_environment: Sandbox) -> None:
    shop(aws_environment)
    other = aws_environment.client("lambda")

    def change(_: CaseResult) -> None:
        other.update_function_configuration(FunctionName="shop", Description="changed")

    report = keep(report_of(aws_environment, "shop", PRICES, tell=change), (PRICES,))
    assert (report.passed, report.image, report.evidence) == (True, "", ())
    assert "changed meanwhile" in report.unkept
    assert read_tests() == ((), ())


def test_a_zip_function_is_invoked_and_no_image_is_tested(aws_environment: Sandbox) -> None:
    seed.function(aws_environment, "plain")
    aws_environment.answer("plain", total)
    report = keep(report_of(aws_environment, "plain", PRICES), (PRICES,))
    assert (report.passed, report.evidence) == (True, ())
    assert report.unkept


def test_a_slow_function_is_a_timeout(aws_environment: Sandbox) -> None:
    shop(aws_environment)

    def slow(event: Any, call: Invoked) -> Any:
        raise RuntimeError("2026-11-27T03:00:00.000Z 5f0a Task timed out after 3.00 seconds")

    aws_environment.answer("shop", slow)
    (result,) = report_of(aws_environment, "shop", PRICES).results
    assert result.status is CaseStatus.TIMEOUT


def test_what_is_not_there_or_not_run_is_told(aws_environment: Sandbox) -> None:
    with pytest.raises(UnknownNameError, match=r"there is no function:.*/shop"):
        report_of(aws_environment, "shop", PRICES)
    shop(aws_environment)
    with pytest.raises(UnknownNameError, match=r"there is no alias:.*/shop:live"):
        report_of(aws_environment, "shop:live", PRICES)
    aws_environment.faults.deny("lambda", "Invoke")
    with pytest.raises(ApplyError, match="not authorized to perform: lambda:InvokeFunction"):
        report_of(aws_environment, "shop", PRICES)


def test_a_broken_connection_invokes_once(aws_environment: Sandbox) -> None:
    shop(aws_environment)
    calls: list[Any] = []
    aws_environment.answer("shop", lambda event, call: calls.append(event))
    aws_environment.faults.reset("lambda", "Invoke", done=True)
    with pytest.raises(ApplyError, match="its answer was not read"):
        report_of(aws_environment, "shop", PRICES)
    assert calls == [json.loads(PRICES.event)]


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("shop", "function:1/r/shop"),
        ("shop:$LATEST", "function:1/r/shop"),
        ("shop:7", "version:1/r/shop:7"),
        ("shop:live", "alias:1/r/shop:live"),
        ("shop:$LATEST.PUBLISHED", "version:1/r/shop:$LATEST.PUBLISHED"),
        (
            "arn:aws:lambda:eu-west-1:210987654321:function:x:live",
            "alias:210987654321/eu-west-1/x:live",
        ),
        ("function:210987654321/eu-west-1/x", "function:210987654321/eu-west-1/x"),
    ],
)
def test_names_of_functions(name: str, resource: str) -> None:
    account, region = "123456789012", "us-east-1"
    expected = resource.replace(":1/r/", f":{account}/{region}/")
    assert function_named(name, account, region) == expected


@pytest.mark.parametrize("name", ["sh op", "shop:a b", "role:123456789012/x", ""])
def test_what_is_no_function_is_refused(name: str) -> None:
    with pytest.raises(OptionError):
        function_named(name, "123456789012", "us-east-1")
