"""Why something is in a plan, as a value: what ``apply`` asks again, what no undo brings back."""

from __future__ import annotations

from typing import Any

import pytest

from jotgraph.analysis.health import Code
from jotgraph.graph import build
from jotgraph.plan import Plan, plan_cleanup, plan_delete
from jotgraph.plan.file import parse
from jotgraph.plan.model import Step
from jotgraph.plan.reasons import fault_of
from jotgraph.plan.stale import called, stale
from jotgraph.records import Inventory
from jotgraph.records.gaps import Amount
from jotgraph.render.answers.envelope import json_text
from tests.factories import NOW, ecr_image, ecr_repository, function, gap, inventory, role, trigger


def cleaned(world: Inventory, *codes: Code) -> dict[str, Step]:
    graph = build(world)
    plan = plan_cleanup(graph, now=NOW, also=stale(graph, codes), orphaned=False, kinds=())
    return {step.id: step for step in plan.steps}


FAILED = function(state="Failed", state_reason="SubnetOutOfIPAddresses", invocations=0)


def test_a_step_says_for_which_finding_it_goes() -> None:
    step = cleaned(inventory(FAILED), Code.FAILED)[FAILED.id]
    assert (step.finding, fault_of(step)) == (Code.FAILED, Code.FAILED)
    assert step.because == "failed: Lambda reports Failed (SubnetOutOfIPAddresses)"


def test_what_works_as_before_a_failed_update_stays_though_nobody_called_it_lately() -> None:
    graph = build(inventory(function(last_update_status="Failed", invocations=0)))
    (failed,) = stale(graph, [Code.FAILED])
    assert list(called(graph, [failed], ())) == [
        (failed, "its last update failed: what ran before it works still")
    ]
    assert list(called(build(inventory(FAILED)), [FAILED.id], ())) == []


def test_of_what_nobody_calls_no_fault_is_looked_for_again() -> None:
    called = function(invocations=0)
    step = cleaned(inventory(called), Code.IDLE)[called.id]
    assert (step.finding, fault_of(step)) == (Code.IDLE, None)


def test_a_reason_that_only_begins_like_a_finding_is_none() -> None:
    """What somebody named goes as asked for, whatever is wrong with it."""
    (step,) = plan_delete(build(inventory(FAILED)), (FAILED.id,), now=NOW).steps
    assert (step.because, step.finding, fault_of(step)) == ("asked for", None, None)


def of_triggers(*records: object, **how: Any) -> Plan:
    world = build(inventory(*records))
    return plan_cleanup(world, now=NOW, **how)


CALLS = trigger(function="gone")


def test_a_trigger_whose_function_is_gone_comes_back_by_no_undo() -> None:
    (step,) = of_triggers(CALLS).steps
    assert (step.because, step.calls_nothing) == ("it calls gone, which is gone", True)


def test_so_it_is_where_somebody_names_the_trigger() -> None:
    (step,) = plan_delete(build(inventory(CALLS)), (CALLS.id,), now=NOW).steps
    assert (step.because, step.calls_nothing) == ("asked for", True)


def test_a_trigger_that_goes_with_its_function_comes_back_with_it() -> None:
    called = trigger(function="pay")
    steps = plan_delete(build(inventory(function(), called)), (function().id,), now=NOW).steps
    assert {step.id: step.calls_nothing for step in steps} == {
        called.id: False,
        function().id: False,
    }


@pytest.mark.parametrize("action", ["lambda:ListFunctions", "lambda:*"])
def test_of_a_function_that_nobody_looked_for_nothing_is_claimed(action: str) -> None:
    unread = inventory(CALLS, gap(action))
    (step,) = plan_delete(build(unread), (CALLS.id,), now=NOW).steps
    assert not step.calls_nothing


def test_a_plan_of_gaps_that_count_is_read_as_it_is_written() -> None:
    amount = Amount("layers of {} that nothing runs", 2, "image", place="app")
    left_out = gap("content:read layers", reason="left-out", detail=amount.words, amount=amount)
    made = plan_delete(build(inventory(FAILED, left_out)), (FAILED.id,), now=NOW)
    assert parse(json_text(made).encode()) == made
    assert [gap.detail for gap in made.gaps] == ["layers of 2 images of app that nothing runs"]


def test_an_image_that_is_gone_is_kept_as_that() -> None:
    graph = build(inventory(function(runs=1), ecr_repository(), role()))
    plan = plan_delete(graph, [function().id], now=NOW)
    assert {survivor.id: survivor.because for survivor in plan.kept} == {
        ecr_image(1).id: "already gone"
    }
