"""An examination of the embedded AWS: all holds, each lie is found, and nothing is changed."""

from __future__ import annotations

import dataclasses
import inspect
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from itertools import zip_longest

import pytest

from jotgraph.clients import Clients
from jotgraph.doctor import examine
from jotgraph.doctor.access import access
from jotgraph.doctor.assumptions import RULES
from jotgraph.doctor.samples import Recorder, Samples
from jotgraph.doctor.sampling import sampling
from jotgraph.errors import Failure
from jotgraph.permissions import document, needs
from jotgraph.queries.answers.diagnosis import Attempt, ExaminationResult
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import ScanOptions
from jotgraph.sources.aws.places import open_threads, places_of
from tests.doctor.conftest import Examine
from tests.doctor.found import UNTRIED, by_id
from tests.doctor.lies import each, lie
from tests.strength import MANY_PLACES, some


def test_all_that_reading_can_show_holds_on_the_embedded_aws(examined: Examine) -> None:
    assumptions = by_id(examined())
    reasons = {
        name: str(assumption.details[0])
        for name, assumption in assumptions.items()
        if assumption.details
    }
    assert reasons == UNTRIED
    assert {
        name
        for name, assumption in assumptions.items()
        if assumption.result is ExaminationResult.HOLDS
    } == (assumptions.keys() - UNTRIED.keys())
    assert [
        name
        for name, assumption in assumptions.items()
        if assumption.samples < 1 and name not in UNTRIED
    ] == []


def test_every_action_of_a_scan_is_tried_and_allowed(examined: Examine) -> None:
    diagnosis = examined()
    assert {row.action for row in diagnosis.access} == {
        need.action for need in needs("doctor", pulls=True)
    }
    untried = {row.action: str(row.detail) for row in diagnosis.access if row.state != "allowed"}
    spared = "needed only where tag:GetResources may not be called, or for disabled triggers"
    deployed = "needed only where something was deployed while the scan was reading"
    pull = "ECR counts it as a pull: --pulls tries it"
    assert untried == {
        "ecr:ListTagsForResource": spared,
        "ecr:BatchGetImage": pull,
        "ecr:GetDownloadUrlForLayer": pull,
        "lambda:ListVersionsByFunction": deployed,
    }


def test_it_needs_what_a_scan_with_every_option_needs() -> None:
    options = inspect.signature(needs).parameters.keys() & {
        field.name for field in dataclasses.fields(ScanOptions)
    }
    every = needs("scan", usage=True, **dict.fromkeys(options - {"quick"}, True))
    assert {need.action for need in needs("doctor", pulls=True)} == {need.action for need in every}


def test_a_session_without_a_region_takes_nothing_from_another(clients: Clients) -> None:
    (located,) = clients.aws
    nowhere = dataclasses.replace(located, profile="nowhere", regions=())
    both = examine(dataclasses.replace(clients, aws=(nowhere, located)))
    alone = examine(clients)
    assert (alone.failing, both.failing) == ((), ("profile nowhere",))
    assert (both.access, both.blind) == (alone.access, False)


def test_a_resource_without_an_answer_hides_none_that_has_one(clients: Clients) -> None:
    """Threads ask about resources in any order."""
    recorder = Recorder()
    with open_threads(clients.aws) as threads:
        (place,), _ = places_of(clients.aws, threads)
        client = sampling(place, recorder)
        for name in ("zipped", "app"):
            client.ask("lambda", "ListAliases", "Aliases", FunctionName=name)
    answered = recorder.samples().items("lambda", "ListAliases", "Aliases")
    assert [alias["Name"] for _, alias in answered] == ["live"]


def test_a_denial_is_told_though_another_call_was_let_in() -> None:
    key = ("123456789012", "us-east-1", "ecr", "GetRepositoryPolicy")
    absent = Failure("error", "there is none", "RepositoryPolicyNotFoundException")
    denied = Failure("denied", "not authorized", "AccessDeniedException")
    for failures in ((absent, denied, absent), (denied, absent), (absent,)):
        recorder = Recorder()
        for failure in failures:
            recorder.failed(key, failure)
        assert recorder.samples().failures[key] is (denied if denied in failures else absent)


def test_it_reads_only_and_each_call_once(examined: Examine, aws: Sandbox) -> None:
    aws.calls.clear()
    examined()
    tally = Counter(aws.calls.tally())
    reading = ("Describe", "List", "Get", "BatchGet")
    assert [call for call in tally if not call.partition(":")[2].startswith(reading)] == []
    assert "ecr:BatchGetImage" not in tally
    often = {call: count for call, count in tally.items() if count > 1}
    assert often.keys() <= {
        "ecr:DescribeImages", "lambda:GetFunction", "tagging:GetResources",
        "sts:GetCallerIdentity", "ecr:DescribeImageScanFindings", "ecr:GetRepositoryPolicy",
        "ecr:GetLifecyclePolicy", "lambda:ListAliases", "lambda:ListFunctionUrlConfigs",
    }  # fmt: skip
    assert max(tally.values()) <= 5


def test_it_runs_under_exactly_its_policy(examined: Examine, aws: Sandbox) -> None:
    aws.enforce(document(needs("doctor")))
    assert {row.state for row in examined().access} == {Attempt.ALLOWED, Attempt.UNTRIED}


def deniable() -> list[tuple[str, ...]]:
    """Actions that are denied; on every day several at a time, at most one of each service: what
    one service refuses hides no call of another."""
    spared = ("ecr:ListTagsForResource", "lambda:ListTags", "lambda:ListVersionsByFunction")
    by_service: dict[str, list[str]] = {}
    for need in needs("doctor"):
        if need.action not in spared:
            by_service.setdefault(need.action.partition(":")[0], []).append(need.action)
    rows = zip_longest(*by_service.values())
    if MANY_PLACES:
        return [(action,) for row in rows for action in row if action]
    return [tuple(action for action in row if action) for row in rows]


@pytest.mark.parametrize(
    "actions", some("calls that doctor may not make", deniable(), 3), ids=lambda row: row[-1]
)
def test_what_may_not_be_read_is_named(
    examined: Examine, aws: Sandbox, actions: tuple[str, ...]
) -> None:
    aws.enforce(document(need for need in needs("doctor") if need.action not in actions))
    denied = {row.action: str(row.detail) for row in examined().access if row.state == "denied"}
    assert denied.keys() == {*actions}
    assert all(detail.startswith("denied, ") for detail in denied.values())


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda aws: aws.faults.throttle("lambda", "ListFunctions"), "throttled, "),
        (lambda aws: aws.faults.error("lambda", "ListFunctions"), "error, InternalFailure: "),
        (lambda aws: aws.faults.reset("lambda", "ListFunctions"), "unreachable: "),
        (lambda aws: aws.faults.truncate("lambda", "ListFunctions"), ""),
    ],
    ids=["throttled", "500", "cut off", "half an answer"],
)
def test_what_fails_says_why(
    examined: Examine, aws: Sandbox, spoil: Callable[[Sandbox], object], reason: str
) -> None:
    spoil(aws)
    row = next(row for row in examined().access if row.action == "lambda:ListFunctions")
    assert (row.state, str(row.detail).startswith(reason)) == (Attempt.FAILED, True)


def test_an_answer_without_its_list_is_a_failure(
    examined: Examine, aws: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie(aws, monkeypatch, "ecr", "DescribeRepositories", lambda content: content.clear())
    row = next(row for row in examined().access if row.action == "ecr:DescribeRepositories")
    assert str(row.detail) == "error: the answer has no repositories"


def test_our_own_pull_is_seen_on_request(examined: Examine, aws: Sandbox) -> None:
    aws.calls.clear()
    assumption = by_id(examined(read_a_manifest=True))["own-pull-recorded"]
    assert (assumption.result, assumption.samples) == (ExaminationResult.HOLDS, 1)
    assert aws.calls.tally()["ecr:BatchGetImage"] == 1


def test_a_pull_that_is_tried_is_a_row_of_what_may_be_read(examined: Examine, aws: Sandbox) -> None:
    def state() -> Attempt:
        rows = {row.action: row.state for row in examined(read_a_manifest=True).access}
        return rows["ecr:BatchGetImage"]

    assert state() is Attempt.ALLOWED
    aws.faults.deny("ecr", "BatchGetImage")
    assert state() is Attempt.DENIED


def test_what_is_behind_a_denied_listing_says_so(examined: Examine, aws: Sandbox) -> None:
    aws.faults.deny("eks", "ListClusters")
    rows = {row.action: row for row in examined().access}
    assert (rows["eks:DescribeCluster"].state, str(rows["eks:DescribeCluster"].detail)) == (
        Attempt.UNTRIED,
        "another call of the service failed, so nothing is known to ask it about",
    )


def test_where_there_is_nothing_it_says_so(examined: Examine, aws: Sandbox) -> None:
    aws.reset()
    details = {row.action: str(row.detail) for row in examined().access if row.state == "not tried"}
    assert details["eks:DescribeCluster"] == "nothing there to ask it about"
    assert details["ecr:GetRepositoryPolicy"] == "nothing there to ask it about"


def test_a_service_that_is_not_offered_is_told_from_one_with_nothing() -> None:
    none = Samples((), {})
    place = ("123456789012", "us-east-1")
    details = {row.action: str(row.detail) for row in access(none, [place], {(*place, "gamelift")})}
    assert details["gamelift:ListContainerGroupDefinitions"] == (
        "the service is not offered in this region"
    )
    assert details["eks:ListClusters"] == "nothing there to ask it about"


def test_a_pull_that_is_not_recorded_is_no_proof(
    examined: Examine, aws: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jotgraph.doctor.pulls.WAITS", (0.0,))
    old = each("imageDetails", lastRecordedPullTime=1_700_000_000)
    lie(aws, monkeypatch, "ecr", "DescribeImages", old)
    assumption = by_id(examined(read_a_manifest=True))["own-pull-recorded"]
    assert assumption.result is ExaminationResult.UNTRIED
    assert "the pull time did not move" in str(assumption.details[0])


def test_what_is_relied_on_is_in_the_program() -> None:
    assert [rule.id for rule in RULES if find_spec(rule.used_in) is None] == []
    assert len({rule.id for rule in RULES}) == len(RULES)
