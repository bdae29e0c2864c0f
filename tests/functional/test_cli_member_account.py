"""What acts in an account by a role of it, as a scan reads it."""

from __future__ import annotations

import json

import pytest

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.functional.conftest import Run

MEMBER, OTHER = "111122223333", "444455556666"
ROLE = "arn:aws:iam::{account}:role/jotgraph"
ACCOUNTS = ("--no-docker", "--accounts", "organization", "--role-arn", ROLE)


@pytest.fixture
def estate(aws_environment: Sandbox) -> Sandbox:
    aws = aws_environment
    seed.organization(aws, {MEMBER: "shop", OTHER: "billing"})
    for account in (MEMBER, OTHER):
        seed.member_role(aws, account)
        seed.role(aws, "pay-role", account=account)
        role = f"arn:aws:iam::{account}:role/pay-role"
        seed.repository(aws, "pay", account=account)
        seed.image(aws, "pay", "v1", config=seed.image_config({"of": account}), account=account)
        seed.function(aws, "pay", "pay:v1", role=role, account=account)
    return aws


def _functions(aws: Sandbox, account: str) -> list[str]:
    answer = aws.client("lambda", account=account).list_functions()
    return [one["FunctionName"] for one in answer["Functions"]]


def test_a_plan_of_many_accounts_is_applied_and_undone_by_roles(run: Run, estate: Sandbox) -> None:
    pay = f"function:{MEMBER}/us-east-1/pay"
    planned = run(
        "plan", "delete", pay, "--only", "function", *ACCOUNTS, "--usage", "-o", "plan.json"
    )
    assert planned.exit_code == 0, planned.stderr
    signed_out = run("apply", "plan.json", "--yes")
    assert signed_out.exit_code == 4
    assert signed_out.stderr.splitlines()[-1] == (
        f"jotgraph: account {MEMBER}, {OTHER} of the plan is not signed in to; pass its --profile, "
        "or --role-arn 'arn:aws:iam::{account}:role/NAME'"
    )
    applied = run("apply", "plan.json", "--yes", "--role-arn", ROLE, "--format", "json")
    assert applied.exit_code == 0, applied.stderr
    assert (_functions(estate, MEMBER), _functions(estate, OTHER)) == ([], ["pay"])
    name = json.loads(applied.stdout)["run"]
    undone = run("undo", name, "--role-arn", ROLE)
    assert undone.exit_code == 0, undone.stderr
    assert _functions(estate, MEMBER) == ["pay"]


def test_delete_acts_by_the_roles_that_it_reads_by(run: Run, estate: Sandbox) -> None:
    pay = f"function:{MEMBER}/us-east-1/pay"
    deleted = run("delete", pay, "--only", "function", *ACCOUNTS, "--usage", "--yes")
    assert deleted.exit_code == 0, deleted.stderr
    assert (_functions(estate, MEMBER), _functions(estate, OTHER)) == ([], ["pay"])


def test_what_is_no_role_is_usage(run: Run, estate: Sandbox) -> None:
    pay = f"function:{MEMBER}/us-east-1/pay"
    run("plan", "delete", pay, "--only", "function", *ACCOUNTS, "--usage", "-o", "plan.json")
    result = run("apply", "plan.json", "--yes", "--role-arn", "jotgraph")
    assert result.exit_code == 2
    assert "--role-arn 'jotgraph' is not the ARN of a role; write arn:" in result.stderr
    assert _functions(estate, MEMBER) == ["pay"]


def test_doctor_looks_at_a_member_account(run: Run, estate: Sandbox) -> None:
    one = ROLE.replace("{account}", MEMBER)
    result = run("doctor", "--no-docker", "--role-arn", one, "--region", "us-east-1")
    assert result.exit_code == 0, result.stderr
    assert MEMBER in result.stdout
    assert OTHER not in result.stdout
