"""Which accounts by which roles: what fits together, and what is said where it does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jotgraph.clients import Clients
from jotgraph.errors import JotgraphError, OptionError
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import Member
from jotgraph.sources.accounts import AccountChoice, in_every_account
from jotgraph.sources.accounts.listed import accounts_in
from tests.rig.wire import by_sockets

ROLE = "arn:aws:iam::{account}:role/jotgraph"
ONE, TWO = "111122223333", "444455556666"


def _file(folder: Path, text: str) -> str:
    path = folder / "accounts.txt"
    path.write_text(text)
    return str(path)


def test_a_file_has_an_account_a_line_with_its_name(tmp_path: Path) -> None:
    text = f"# ours\n{ONE}  shop of the north  # a comment\n\n{TWO}\n999900001111,billing\n"
    assert accounts_in(_file(tmp_path, text)) == {
        ONE: "shop of the north",
        TWO: "",
        "999900001111": "billing",
    }


def test_a_file_that_a_spreadsheet_wrote(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(f"\ufeff{ONE},shop\r\n{TWO},\r\n".encode())
    assert accounts_in(str(path)) == {ONE: "shop", TWO: ""}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "١١١١٢٢٢٢٣٣٣٣\n",
            ", line 1: '١١١١٢٢٢٢٣٣٣٣' is not an account: 12 digits are expected, and after them "
            "a name if you like",
        ),
        (
            f"{ONE}\n11112222333\n",
            ", line 2: '11112222333' is not an account: 12 digits are expected, and after them a "
            "name if you like; these are 11",
        ),
        (
            "1111-2222-3333 shop\n",
            ", line 1: '1111-2222-3333' is not an account: 12 digits are expected, and after them "
            "a name if you like; write 111122223333",
        ),
        (
            "shop 111122223333\n",
            ", line 1: 'shop' is not an account: 12 digits are expected, and after them a name if "
            "you like",
        ),
        (f"{ONE}\n{TWO}\n{ONE} again\n", f", line 3: {ONE} is on line 1 already"),
        ("# none\n", " names no account: one a line is expected, of 12 digits"),
    ],
)
def test_a_line_that_is_no_account(tmp_path: Path, text: str, reason: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(OptionError) as error:
        accounts_in(path)
    assert str(error.value) == path + reason


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(OptionError, match=r"no file 'acounts.txt'; or write organization"):
        accounts_in("acounts.txt")


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        (AccountChoice("organization"), "--accounts needs the role to assume: --role-arn 'arn:"),
        (AccountChoice(external_id="x"), "--external-id needs the role to assume"),
        (AccountChoice("", (ROLE,)), "is a pattern and needs the accounts that it is of"),
        (
            AccountChoice("organization", (f"arn:aws:iam::{ONE}:role/jotgraph",)),
            f"--accounts needs a role in each account, and arn:aws:iam::{ONE}:role/jotgraph is of "
            "one",
        ),
        (
            AccountChoice("organization", (ROLE, ROLE.replace("jotgraph", "other"))),
            "two roles for each account",
        ),
        (
            AccountChoice("organization", ("arn:aws:iam:{account}:role/jotgraph",)),
            "is not the ARN of a role; write arn:aws:iam::{account}:role/jotgraph",
        ),
        (
            AccountChoice(
                "", (f"arn:aws:iam::{ONE}:role/reader", f"arn:aws:iam::{ONE}:role/jotgraph")
            ),
            f"two roles for account {ONE}: arn:aws:iam::{ONE}:role/reader and "
            f"arn:aws:iam::{ONE}:role/jotgraph; keep one",
        ),
    ],
)
def test_options_that_do_not_fit_together(
    aws_environment: Sandbox, choice: AccountChoice, reason: str
) -> None:
    with pytest.raises(OptionError) as error:
        in_every_account(_clients(), choice)
    assert reason in str(error.value)
    assert len(aws_environment.calls) == 0


def test_two_roles_for_an_account_of_the_file(tmp_path: Path, aws_environment: Sandbox) -> None:
    special = f"arn:aws:iam::{ONE}:role/special"
    choice = AccountChoice(_file(tmp_path, f"{ONE}\n{TWO}\n"), (ROLE, special))
    with pytest.raises(OptionError, match=f"two roles for account {ONE}: .* and {special}"):
        in_every_account(_clients(), choice)


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_a_role_of_another_partition(
    tmp_path: Path, aws_environment: Sandbox, partition: str
) -> None:
    pattern = ROLE.replace("arn:aws:", f"arn:{partition}:")
    with pytest.raises(OptionError) as error:
        in_every_account(_clients(), AccountChoice(_file(tmp_path, ONE), (pattern,)))
    assert f"--role-arn {pattern} is of the partition {partition}, and the caller arn:aws:" in str(
        error.value
    )


def test_a_region_of_another_partition(tmp_path: Path, aws_environment: Sandbox) -> None:
    with pytest.raises(OptionError, match=r"--region cn-north-1 is of the partition aws-cn"):
        in_every_account(
            _clients("us-east-1", "cn-north-1"), AccountChoice(_file(tmp_path, ONE), (ROLE,))
        )


def test_an_account_that_is_in_no_organization(aws_environment: Sandbox) -> None:
    _fails(f"--accounts organization: {aws_environment.account} is in none; or name the accounts")


def test_an_organization_without_active_accounts(aws_environment: Sandbox) -> None:
    aws = aws_environment
    seed.organization(aws, {ONE: "a"}, suspended=[ONE, aws.account])
    _fails(f"the organization of {aws.account} has no active account")


def test_an_account_that_still_runs_what_it_has_is_read(aws_environment: Sandbox) -> None:
    """One that is about to be closed, and one in a state that nobody knows, which is not the
    harmless one."""
    closing, unknown, suspended = ONE, TWO, "777788889999"
    seed.organization(
        aws_environment,
        {closing: "a", unknown: "b", suspended: "c"},
        closing=[closing],
        suspended=[suspended],
    )
    assert aws_environment.world.organization is not None
    members = aws_environment.world.organization.members
    aws_environment.world.organization = replace(
        aws_environment.world.organization, members={**members, unknown: Member("b", "")}
    )
    clients = in_every_account(_clients(), AccountChoice("organization", (ROLE,)))
    assert [session.account for session in clients.aws] == sorted(
        (aws_environment.account, closing, unknown)
    )
    assert [gap.detail for gap in clients.gaps] == [f"account {suspended} (c), which is suspended"]


def test_who_may_not_list_accounts(aws_environment: Sandbox) -> None:
    seed.organization(aws_environment, {ONE: "a"})
    aws_environment.faults.deny("organizations")
    _fails("the accounts could not be listed (AccessDeniedException")


def test_half_a_list_is_none(aws_environment: Sandbox) -> None:
    seed.organization(aws_environment, {f"{n:012}": "" for n in range(1, 30)})
    aws_environment.faults.deny("organizations", nth=2)
    _fails("the accounts could not be listed")


def test_an_organization_of_the_caller_alone_needs_no_role(aws_environment: Sandbox) -> None:
    seed.organization(aws_environment, {})
    (session,) = in_every_account(_clients(), AccountChoice("organization", (ROLE,))).aws
    assert (session.account, session.role_arn) == (aws_environment.account, "")


def test_roles_of_their_own_accounts_need_no_list(aws_environment: Sandbox) -> None:
    roles = tuple(ROLE.replace("{account}", account) for account in (ONE, TWO))
    sessions = in_every_account(_clients(), AccountChoice("", roles)).aws
    assert [(session.account, session.role_arn) for session in sessions] == [
        (ONE, roles[0]),
        (TWO, roles[1]),
    ]


def test_keys_are_taken_anew_before_they_end(aws_environment: Sandbox, tmp_path: Path) -> None:
    """With 10 minutes left botocore must refresh; the sandbox's hour ends so much earlier."""
    aws = aws_environment
    seed.member_role(aws, ONE, external_id="ours")
    choice = AccountChoice(_file(tmp_path, ONE), (ROLE,), "ours")
    (session,) = in_every_account(_clients(), choice).aws
    aws.world.ahead = -3300.0
    for _ in range(2):
        assert session.client("sts", "us-east-1").get_caller_identity()["Account"] == ONE
    assert aws.calls.count("AssumeRole") == 2
    aws.world.ahead = 0.0
    session.client("sts", "us-east-1").get_caller_identity()
    session.client("sts", "us-east-1").get_caller_identity()
    assert aws.calls.count("AssumeRole") == 3


def _clients(*regions: str) -> Clients:
    return by_sockets(use_docker=False, regions=regions or ("us-east-1",))


def _fails(reason: str) -> None:
    with pytest.raises(JotgraphError) as error:
        in_every_account(_clients(), AccountChoice("organization", (ROLE,)))
    assert reason in str(error.value)
