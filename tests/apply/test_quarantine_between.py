"""What somebody changes while something is being set aside, or after that was interrupted: it is
neither overwritten nor put back to what it was before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from jotgraph.records.quarantine import QUARANTINED
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.aws.calls import RegionClient
from tests.apply.aside import ODD_TRUST, planned_of_estate, role, set_aside
from tests.apply.estate import Estate
from tests.apply.runs import statuses
from tests.apply.test_quarantine import estate, released, world
from tests.apply.test_quarantine_kill import Killed
from tests.strength import some

__all__ = ["estate"]


@contextmanager
def killing_at(call: str, *, after: bool) -> Iterator[None]:
    """End the program before a call, or after it, and every call that follows."""
    real, ended = RegionClient.ask, [False]

    def ask(self: RegionClient, service: str, action: str, /, *members: str, **params: Any) -> Any:
        ended[0] |= f"{service}:{action}" == call and not after
        if ended[0]:
            raise Killed
        answer = real(self, service, action, *members, **params)
        ended[0] |= f"{service}:{action}" == call
        if ended[0]:
            raise Killed
        return answer

    RegionClient.ask = ask  # type: ignore[method-assign]
    try:
        yield
    finally:
        RegionClient.ask = real  # type: ignore[method-assign]


def concurrency(aws: Sandbox, reserved: int) -> None:
    aws.client("lambda").put_function_concurrency(
        FunctionName="app", ReservedConcurrentExecutions=reserved
    )


@pytest.mark.parametrize("effect", [False, True])
def test_what_is_reserved_after_an_interrupted_quarantine_comes_back(
    aws_environment: Sandbox, estate: Estate, effect: bool
) -> None:
    """The run was killed before it reserved nothing, or after; then somebody reserved 7."""
    aws = aws_environment
    plan = planned_of_estate()
    with killing_at("lambda:PutFunctionConcurrency", after=effect), pytest.raises(Killed):
        set_aside(plan)
    concurrency(aws, 7)
    receipt = set_aside(plan)
    assert receipt.proven, statuses(receipt)
    assert released(plan).whole
    assert world(aws)["functions"]["app"][1] == 7


def test_what_somebody_woke_is_not_put_to_sleep_again(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """By hand, and not by a release: the same plan is applied once more."""
    aws = aws_environment
    plan = planned_of_estate()
    assert set_aside(plan).proven
    concurrency(aws, 7)
    status, because = statuses(set_aside(plan))["function:app"]
    assert status != "done"
    why = "its reserved concurrency was changed to 7 since it was put in quarantine"
    assert because.startswith(why)
    assert world(aws)["functions"]["app"][1] == 7
    assert world(aws)["triggers"][estate.trigger][0] == "Enabled"


def enable(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").update_event_source_mapping(UUID=of.trigger, Enabled=True)


def trust(aws: Sandbox, of: Estate) -> None:
    role(aws).assume_role_policy_document = ODD_TRUST


def restore_image(aws: Sandbox, of: Estate) -> None:
    aws.client("ecr").update_image_storage_class(
        repositoryName="app", imageId={"imageDigest": of.old}, targetStorageClass="STANDARD"
    )


@pytest.mark.parametrize(
    ("put_back", "part", "why"),
    some(
        "what somebody put back",
        [
            (enable, "trigger:", "it was enabled since it was put in quarantine"),
            (trust, "role:", "its trust policy was put back since it was put in quarantine"),
            (
                restore_image,
                "ecr-image:app@{old}",
                "it was restored since it was put in quarantine",
            ),
        ],
        2,
    ),
)
def test_what_somebody_put_back_is_not_set_aside_again(
    aws_environment: Sandbox,
    estate: Estate,
    put_back: Callable[[Sandbox, Estate], None],
    part: str,
    why: str,
) -> None:
    aws = aws_environment
    plan = planned_of_estate()
    assert set_aside(plan).proven
    put_back(aws, estate)
    outcomes = statuses(set_aside(plan))
    (name,) = (name for name in outcomes if name.startswith(part.format(old=estate.old)))
    status, because = outcomes[name]
    assert (status, why in because) == ("refused", True), outcomes[name]
    now = world(aws)
    assert now["triggers"][estate.trigger][0] == ("Enabled" if put_back is enable else "Disabled")
    if put_back is trust:
        assert now["roles"]["app-role"][1] == ODD_TRUST
    if put_back is restore_image:
        assert now["images"][estate.old][0] == "ACTIVE"


def test_what_somebody_stopped_after_an_interrupted_quarantine_stays_stopped(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    plan = planned_of_estate()
    with killing_at("lambda:TagResource", after=True), pytest.raises(Killed):
        set_aside(plan)
    aws.client("lambda").update_event_source_mapping(UUID=estate.trigger, Enabled=False)
    concurrency(aws, 0)
    before = world(aws)
    found = statuses(set_aside(plan))
    assert found[f"trigger:{estate.trigger}"][0] == "refused"
    assert found["function:app"] == (
        "refused",
        "already in quarantine (its reserved concurrency is 0)",
    )
    assert world(aws) == before


def test_a_release_leaves_what_was_never_set_aside(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """Killed between the mark and the call; then somebody disabled the trigger himself."""
    aws = aws_environment
    before = world(aws)
    plan = planned_of_estate()
    with killing_at("lambda:TagResource", after=True), pytest.raises(Killed):
        set_aside(plan)
    aws.client("lambda").update_event_source_mapping(UUID=estate.trigger, Enabled=False)
    back = released(plan)
    assert [(outcome.status, outcome.because) for outcome in back.outcomes] == [
        ("released", "the run ended before it was put in quarantine")
    ]
    assert world(aws)["triggers"][estate.trigger][0] == "Disabled"
    aws.client("lambda").update_event_source_mapping(UUID=estate.trigger, Enabled=True)
    assert world(aws) == before


@pytest.mark.parametrize("call", ["lambda:TagResource", "lambda:UpdateEventSourceMapping"])
def test_a_trigger_that_calls_something_else_by_now_is_left_to_it(
    aws_environment: Sandbox, estate: Estate, call: str
) -> None:
    """Somebody points it elsewhere while it is being set aside."""
    aws = aws_environment
    plan = planned_of_estate()

    def point(*_: object) -> None:
        aws.client("lambda").update_event_source_mapping(UUID=estate.trigger, FunctionName="other")

    service, _, action = call.partition(":")
    aws.faults.before(service, action, call=point, times=1)
    found = statuses(set_aside(plan))
    status, because = found[f"trigger:{estate.trigger}"]
    assert (status, "function was" in because) == ("refused", True), found
    assert found["function:app"][0] == "refused"
    state, function = world(aws)["triggers"][estate.trigger]
    assert (state, function.rpartition(":")[2]) == ("Enabled", "other")
    tags = aws.client("lambda").list_tags(Resource=trigger_arn(estate))["Tags"]
    assert QUARANTINED not in tags


def trigger_arn(estate: Estate) -> str:
    return f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{estate.trigger}"


def test_a_trust_policy_that_is_being_changed_is_left(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    plan = planned_of_estate()

    def change_trust(*_: object) -> None:
        role(aws).assume_role_policy_document = seed.TRUST.replace("sts:AssumeRole", "sts:*")

    aws.faults.before("iam", "TagRole", call=change_trust, times=1)
    found = statuses(set_aside(plan))
    assert found["role:app-role"] == ("refused", "its trust policy is being changed")
    assert '"sts:*"' in world(aws)["roles"]["app-role"][1]
    assert world(aws)["roles"]["app-role"][3] == []
