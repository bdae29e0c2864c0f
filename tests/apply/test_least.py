"""`apply` and `undo` under exactly their own policy, and with one action less."""

from __future__ import annotations

import pytest

from jotgraph.apply.undo import undo
from jotgraph.permissions import document, needs
from jotgraph.plan import Plan
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import Estate
from tests.apply.runs import actions, applied, connect, scan, statuses
from tests.apply.test_apply import whole_or_gone
from tests.strength import some

ACTIONS = some(
    "actions in whose absence nothing is lost", [need.action for need in needs("apply")], 47
)
"""``test_permissions`` goes without each of them; here the whole world is compared as well."""


def test_apply_and_undo_run_under_exactly_their_policy(
    aws_environment: Sandbox, plan: Plan
) -> None:
    aws_environment.enforce(document(needs("apply")))
    receipt = applied(plan, backup=True)
    assert receipt.proven, statuses(receipt)
    aws_environment.enforce(document(needs("undo")))
    outcomes = undo(receipt.run, connect()).outcomes
    assert [outcome.because for outcome in outcomes if "AccessDenied" in outcome.because] == []
    aws_environment.enforce(None)


@pytest.mark.parametrize("less", ACTIONS)
def test_with_one_action_less_nothing_is_lost_and_it_is_named(
    aws_environment: Sandbox, estate: Estate, plan: Plan, less: str
) -> None:
    before = {record.id for record in scan().records()}
    aws_environment.enforce(document(need for need in needs("apply") if need.action != less))
    aws_environment.calls.clear()
    receipt = applied(plan, backup=True)
    called = actions(aws_environment)
    aws_environment.enforce(None)
    if less in called:
        assert not receipt.proven
        named = (less, less.replace(":", " "))  # a call that failed, and a doubt for want of it
        reasons = [outcome.because for outcome in receipt.outcomes]
        assert any(word in because for word in named for because in reasons), statuses(receipt)
    else:  # nothing of this estate needs it
        assert receipt.proven
    whole_or_gone(aws_environment)
    gone = before - {record.id for record in scan().records()}
    done = {outcome.id for outcome in receipt.outcomes if outcome.status == "done"}
    assert gone == done
    assert applied(plan, backup=True).proven
