"""A scan of forty accounts in three regions: one inventory, fewest calls, no rate exceeded."""

from __future__ import annotations

from jotgraph.clients.aws import BURSTS, RATES
from jotgraph.sandbox.server import Sandbox
from tests.sources.accounts.forty import (
    ACCOUNTS,
    BUSY,
    DENIED,
    NAMES,
    OPTED_OUT,
    REGIONS,
    SUSPENDED,
    THROTTLED,
    Scanned,
)


def test_one_inventory_has_every_account_and_region(scanned: Scanned, forty: Sandbox) -> None:
    scope = scanned.inventory.scope
    read = {forty.account, *ACCOUNTS} - {DENIED}
    assert scope.accounts == tuple(sorted(read))
    places = {(account, region) for account in read for region in REGIONS} - {OPTED_OUT}
    assert scope.places == tuple(sorted(places))
    assert dict(scope.names) == {**NAMES, forty.account: "management"}
    in_members = {(f.account, f.region) for f in scanned.inventory.functions}
    assert in_members == places - {THROTTLED} - {(forty.account, region) for region in REGIONS}


def test_what_was_not_read_is_a_gap_each(scanned: Scanned) -> None:
    gaps = [gap for gap in scanned.inventory.gaps if gap.asked]
    assert {(gap.service, gap.action, gap.account, gap.region, gap.reason) for gap in gaps} == {
        ("sts", "AssumeRole", DENIED, "", "denied"),
        ("lambda", "ListFunctions", *THROTTLED, "throttled"),
        ("lambda", "ListEventSourceMappings", *THROTTLED, "throttled"),
        ("lambda", "ListCapacityProviders", *THROTTLED, "throttled"),
    }
    assert scanned.inventory.scope.unread_accounts == (DENIED,)
    (denied,) = (gap for gap in gaps if gap.service == "sts")
    assert f"sts:AssumeRole on resource: arn:aws:iam::{DENIED}:role/jotgraph" in denied.detail
    assert denied.detail.endswith(
        "; create the role there, with a trust policy for the caller (jotgraph policy scan "
        "--trust CALLER prints how)"
    )


def test_a_suspended_account_is_said_and_left_out(scanned: Scanned) -> None:
    (gap,) = (gap for gap in scanned.inventory.gaps if gap.service == "organizations")
    assert (gap.account, gap.reason) == (SUSPENDED, "left-out")
    assert gap.detail == f"account {SUSPENDED} (closed), which is suspended"
    assert not [call for call in scanned.calls if call.account == SUSPENDED]


def test_a_region_without_opt_in_is_not_asked(scanned: Scanned) -> None:
    account, region = OPTED_OUT
    assert not [call for call in scanned.calls if (call.account, call.region) == (account, region)]


PAGE = 20
"""Accounts that ListAccounts tells at once."""


def test_the_calls_are_the_fewest(scanned: Scanned, forty: Sandbox) -> None:
    accounts = len(ACCOUNTS) + 1  # and the caller's
    places = (accounts - 1) * len(REGIONS) - 1
    assert {
        action: scanned.count(action)
        for action in (
            "ListAccounts", "AssumeRole", "GetCallerIdentity", "DescribeRegions",
            "GetAccountAuthorizationDetails", "ListFunctions", "DescribeRepositories",
            "DescribeImages", "ListAliases", "GetFunction",
        )
    } == {
        "ListAccounts": len({*NAMES, SUSPENDED, forty.account}) // PAGE + 1,
        "AssumeRole": len(ACCOUNTS),
        "GetCallerIdentity": accounts,
        "DescribeRegions": accounts - 1,
        "GetAccountAuthorizationDetails": accounts - 1,
        "ListFunctions": places + 1,  # of the busy place two pages
        "DescribeRepositories": places,
        "DescribeImages": places - len(REGIONS),  # the caller's account has no repository
        "ListAliases": 30,
        "GetFunction": places - len(REGIONS) - 1,
    }  # fmt: skip


def test_no_rate_is_exceeded(scanned: Scanned) -> None:
    """Of each account, region and quota; a busy machine lets calls arrive a moment late."""
    late = 1.0
    by_quota: dict[tuple[str, str, str], list[float]] = {}
    for call in scanned.calls:
        quota = call.name if call.name in RATES else call.service
        if quota in RATES:
            by_quota.setdefault((call.account, call.region, quota), []).append(call.at)
    for (_, _, quota), times in by_quota.items():
        burst = max(1.0, BURSTS.get(quota, RATES[quota] / 10))
        first, last = min(times), max(times)
        assert last - first >= (len(times) - burst) / RATES[quota] - late
    busiest = max(by_quota.items(), key=lambda item: len(item[1]))[0]
    assert busiest == (*BUSY, "lambda")


def test_accounts_are_read_in_parallel(scanned: Scanned) -> None:
    """Not one after the other: the first call of the last account comes before the first account is
    done, which is paced."""
    first = [call.at for call in scanned.calls if call.account == ACCOUNTS[0]]
    last = [call.at for call in scanned.calls if call.account == ACCOUNTS[-1]]
    assert min(last) < max(first)


def test_progress_is_told_by_account(scanned: Scanned, forty: Sandbox) -> None:
    read = sorted({forty.account: "management", **NAMES}.items())
    assert sorted(report for report in scanned.told if report[0].startswith("account ")) == [
        (f"account {account} ({name}): region", *[3 - (account == OPTED_OUT[0])] * 2)
        for account, name in read
        if account != DENIED
    ]
    assert ("accounts", len(ACCOUNTS), len(ACCOUNTS)) in scanned.told
