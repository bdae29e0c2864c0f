"""How a thing was before a quarantine is in its tags: another machine can put it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.apply.release import release
from jotgraph.errors import ApplyError
from jotgraph.plan.outcome import ReleaseReceipt
from jotgraph.records import ResourceId
from jotgraph.records.quarantine import BEFORE, before_of, before_tags
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import Estate
from tests.apply.runs import connect
from tests.apply.test_quarantine import estate, planned, set_aside, world
from tests.strength import examples

__all__ = ["estate"]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Move to a machine that has no journal."""
    return lambda: monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))


def released(run: str, *names: str) -> ReleaseReceipt:
    return release(run, connect(), patience=0.3, marked=[ResourceId(name) for name in names])


def test_another_machine_puts_everything_back(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    before = world(aws_environment)
    receipt = set_aside(planned("function:app"))
    assert receipt.proven
    elsewhere()
    result = released(receipt.run, *(outcome.id for outcome in receipt.outcomes))
    assert {outcome.status.value for outcome in result.outcomes} == {"released"}, result
    assert world(aws_environment) == before
    assert {outcome.status.value for outcome in released(receipt.run).outcomes} == {"there"}


def test_a_role_alone_gets_its_trust_policy_back(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    role = "role:123456789012/app-role"
    before = aws_environment.client("iam").get_role(RoleName="app-role")["Role"]
    receipt = set_aside(planned("function:app"))
    elsewhere()
    assert released(receipt.run, role).whole
    after = aws_environment.client("iam").get_role(RoleName="app-role")["Role"]
    assert after["AssumeRolePolicyDocument"] == before["AssumeRolePolicyDocument"]
    assert after.get("Tags", []) == before.get("Tags", [])


def test_what_the_run_did_not_mark_is_left_alone(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    receipt = set_aside(planned("function:app"))
    elsewhere()
    now = world(aws_environment)
    role, other = "role:123456789012/app-role", "role:123456789012/other-role"
    for run, name, words in (
        (receipt.run, other, "is not marked by run"),
        ("0123456789ab", role, f"is not marked by run 0123456789ab, but {receipt.run}"),
        (receipt.run, "role:123456789012/none", "is gone"),
        (receipt.run, f"ecr-image:123456789012/us-east-1/common@{estate.shared}", "not in quara"),
        ("../evil", role, "is no name of a run"),
    ):
        with pytest.raises(ApplyError, match=words):
            released(run, name)
    assert world(aws_environment) == now


def test_a_mark_without_how_it_was_is_no_help(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    receipt = set_aside(planned("function:app"))
    aws_environment.client("iam").untag_role(RoleName="app-role", TagKeys=[f"{BEFORE}:1"])
    elsewhere()
    with pytest.raises(ApplyError, match="do not say how it was before"):
        released(receipt.run, "role:123456789012/app-role")


@examples(50)
@given(st.dictionaries(st.text(), st.one_of(st.none(), st.integers(0, 2**53), st.text())))
def test_what_is_written_into_tags_is_read_again(before: dict[str, Any]) -> None:
    tags = before_tags(before)
    assert before_of(sorted(tags.items())) == json.loads(json.dumps(before))
    assert all(0 < len(value) <= 256 for value in tags.values())


def test_a_long_trust_policy_takes_several_tags() -> None:
    trust = "".join(f"{n:x}" for n in range(1200))
    tags = before_tags({"trust": trust})
    assert len(tags) > 1
    assert before_of(tags.items()) == {"trust": trust}
    for missing in tags:
        assert before_of([tag for tag in tags.items() if tag[0] != missing]) == {}


@pytest.mark.parametrize("value", ["", "?", "AAAA", "eJw=", "W10="])
def test_foreign_tags_are_not_believed(value: str) -> None:
    assert before_of([(f"{BEFORE}:1", value), ("team", "x")]) == {}
