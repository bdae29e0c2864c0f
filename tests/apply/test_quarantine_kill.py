"""A run that sets aside, and a release, that end before or after any call; then the same command:
the world of an undisturbed run, and at last the world that was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from jotgraph.records.quarantine import QUARANTINED
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.aws.calls import RegionClient
from tests.apply.aside import planned_of_estate, set_aside
from tests.apply.estate import Estate
from tests.apply.runs import statuses
from tests.apply.test_quarantine import estate, released, unanswered, world
from tests.strength import PARTS, one_in, spread
from tests.tally import KILLS, tried

__all__ = ["estate"]

EVERY = one_in(241, 5)
"""One in so many places; every place takes minutes."""


class Killed(BaseException):
    """No handler of the program's own catches it, as none catches a kill."""


@contextmanager
def killing(place: int) -> Iterator[list[str]]:
    """End the program before (even) or after (odd) a call, and every call that it might try while
    it unwinds. Gives the names of the calls."""
    real, names = RegionClient.ask, list[str]()

    def ask(self: RegionClient, service: str, action: str, /, *members: str, **params: Any) -> Any:
        names.append(f"{service}:{action}")
        if 2 * (len(names) - 1) >= place:
            raise Killed
        answer = real(self, service, action, *members, **params)
        if 2 * (len(names) - 1) + 1 >= place:
            raise Killed
        return answer

    RegionClient.ask = ask  # type: ignore[method-assign]
    try:
        yield names
    finally:
        RegionClient.ask = real  # type: ignore[method-assign]


NEVER = 10**9


def unmarked(seen: dict[str, Any]) -> dict[str, Any]:
    """A world without what no two runs have in common: times of marks, revisions."""
    functions = {
        name: (config["CodeSha256"], reserved, sorted(set(tags)), aliases)
        for name, (config, reserved, tags, aliases) in seen["functions"].items()
    }
    roles = {
        name: (*fields, [key for key, _ in tags]) for name, (*fields, tags) in seen["roles"].items()
    }
    return {**seen, "functions": functions, "roles": roles}


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_call_and_started_again(
    aws_environment: Sandbox, estate: Estate, part: int
) -> None:
    aws = aws_environment
    plan = planned_of_estate()
    with killing(NEVER) as there:
        set_aside(plan)
    during = unmarked(world(aws))
    assert QUARANTINED in during["functions"]["app"][2]
    with killing(NEVER) as back:
        released(plan)
    for place in spread(2 * len(there), EVERY, part=part, parts=PARTS):
        plan = planned_of_estate()
        before = world(aws)
        tried(KILLS)
        with killing(place), pytest.raises(Killed):
            set_aside(plan)
        again = set_aside(plan)
        assert again.proven, (there[place // 2], statuses(again))
        assert unmarked(world(aws)) == during, there[place // 2]
        assert unanswered(plan) == 0
        tried(KILLS)
        with killing(place % (2 * len(back))), pytest.raises(Killed):
            released(plan)
        result = released(plan)
        assert result.whole, (back[place // 2 % len(back)], result.outcomes)
        assert world(aws) == before
        assert unanswered(plan) == 0


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_call_and_released(
    aws_environment: Sandbox, estate: Estate, part: int
) -> None:
    """Whoever does not want to go on after all gets everything back."""
    aws = aws_environment
    plan = planned_of_estate()
    with killing(NEVER) as there:
        set_aside(plan)
    first = next(n for n, name in enumerate(there) if name == "lambda:UpdateEventSourceMapping")
    for place in spread(2 * len(there), EVERY, part=part, parts=PARTS, first=2 * first):
        plan = planned_of_estate()
        before = world(aws)
        tried(KILLS)
        with killing(place), pytest.raises(Killed):
            set_aside(plan)
        assert released(plan).whole
        assert world(aws) == before, there[place // 2]
        assert unanswered(plan) == 0
