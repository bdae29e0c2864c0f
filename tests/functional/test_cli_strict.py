"""``--strict``: 3 for what was asked for and not read, by every command; 0 for what was not asked
for."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from jotgraph import store
from jotgraph.records import Gap, Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests import factories
from tests.functional.conftest import Run
from tests.functional.estate import ACCOUNT, DENIED, estate

COMMANDS = (
    ("ls",),
    ("show", "checkout"),
    ("trace", "checkout"),
    ("why", "checkout"),
    ("where", "main"),
    ("orphans",),
    ("stale",),
    ("rescue",),
    ("impact", "checkout"),
    ("lifecycle", "shop/checkout", "--policy", "policy.json"),
    ("check", "--policy", "holds.toml"),
    ("render", "-o", "out.dot"),
    ("plan", "cleanup"),
)
_POLICY = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 99},
            "action": {"type": "expire"},
        }
    ]
}
LENT = factories.gap(
    "lambda:GetFunction",
    reason="left-out",
    facts=("state",),
    account=ACCOUNT,
    option="--refresh",
)
LEFT_OUT = (
    factories.gap(
        "cloudwatch:GetMetricData", reason="left-out", facts=("invocations",), option="--usage"
    ),
    factories.gap("content:compare", reason="left-out", facts=("content",), option="--content"),
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "holds.toml").write_text("max_orphans = 99\nno_gaps = true\n")
    (tmp_path / "policy.json").write_text(json.dumps(_POLICY))


def strict(run: Run, command: tuple[str, ...], inventory: Inventory) -> int:
    store.save(inventory, "stored.jsonl")
    return run(*command, "--strict", "--from", "stored.jsonl").exit_code


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_was_not_asked_for_is_no_gap(run: Run, command: tuple[str, ...]) -> None:
    assert strict(run, command, estate()) == 0
    assert strict(run, command, estate(*LEFT_OUT)) == 0


def test_what_a_second_scan_did_not_read_again_is_one(run: Run) -> None:
    """An ordinary scan reads it: no gate is weaker after the second scan than after the first."""
    assert strict(run, ("ls",), estate(LENT)) == 3
    (Path("broken.toml")).write_text("no_broken = true\n")
    fine = estate(LENT)
    fine = msgspec.structs.replace(fine, functions=fine.functions[:2], versions=(), aliases=())
    store.save(fine, "fine.jsonl")
    gate = run("check", "--policy", "broken.toml", "--from", "fine.jsonl")
    assert gate.exit_code == 4
    assert "GetFunction" in gate.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_failed_is_one(run: Run, command: tuple[str, ...]) -> None:
    """A violation of ``no_gaps`` goes before the exit code of ``--strict``."""
    code = 1 if command[0] == "check" else 3
    assert strict(run, command, estate(DENIED, *LEFT_OUT)) == code
    throttled = msgspec.structs.replace(DENIED, reason="throttled")
    assert strict(run, command, estate(throttled)) == code


def test_what_an_ordinary_scan_reads_and_quick_does_not_is_one(run: Run) -> None:
    quick = estate(*LEFT_OUT)
    quick = msgspec.structs.replace(quick, scope=msgspec.structs.replace(quick.scope, quick=True))
    assert strict(run, ("ls",), quick) == 3


def _without_docker(*command: str) -> tuple[str, ...]:
    return (*command, "--no-docker", "--strict")


def test_an_ordinary_permitted_scan_is_enough(
    aws_environment: Sandbox, run: Run, tmp_path: Path
) -> None:
    seed.function(aws_environment, "zipped", role=seed.role(aws_environment, "app-role"))
    for command in (
        ("scan",),
        ("ls",),
        ("stale",),
        ("orphans",),
        ("check", "--policy", "holds.toml"),
    ):
        result = run(*_without_docker(*command))
        assert result.exit_code == 0, result.output
    stored = store.Snapshots().load("last")
    reasons = {gap.reason for gap in stored.gaps}
    assert reasons == {"left-out"}


def test_one_denied_call_is_too_little(aws_environment: Sandbox, run: Run) -> None:
    aws_environment.enforce(
        {
            "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "ecr:DescribeRegistry", "Resource": "*"},
            ]
        }
    )
    assert run(*_without_docker("scan")).exit_code == 3
    assert run(*_without_docker("orphans")).exit_code == 3


def test_a_gap_counts_once_for_no_gaps_and_never_for_what_was_left_out(run: Run) -> None:
    def violations(*gaps: Gap) -> str:
        store.save(estate(*gaps), "stored.jsonl")
        return run("check", "--policy", "holds.toml", "--from", "stored.jsonl").stdout

    assert "no_gaps" not in violations(*LEFT_OUT)
    assert violations(DENIED, *LEFT_OUT).count("no_gaps") == 1
