"""What a scan is said to take, held to the calls that it made."""

from __future__ import annotations

from collections import Counter

from jotgraph.clients.aws import RATES
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.accounts import in_every_account
from jotgraph.sources.aws.everywhere import in_every_region
from jotgraph.sources.estimate import ScanPlan, calls_of, estimate, planned
from tests.rig.wire import by_sockets
from tests.sources.accounts.forty import (
    ACCOUNTS,
    BUSY,
    CHOICE,
    DENIED,
    FORTY,
    REGIONS,
    THROTTLED,
    Scanned,
)

SIGNING_IN = ("sts", "organizations")


def _plan(aws: Sandbox, scanned: Scanned) -> ScanPlan:
    scope = scanned.inventory.scope
    return ScanPlan(
        places=scope.places,
        homes=tuple((account, "us-east-1") for account in scope.accounts),
        enabled=scope.enabled,
        assumed=frozenset(scope.accounts) - {aws.account},
    )


def test_it_is_what_the_scan_called(scanned: Scanned, forty: Sandbox) -> None:
    """By account, region and call; but of the place that was throttled, of which nothing is known,
    and for who signs in: AssumeRole is a call of the caller's own account."""
    made = Counter(
        (call.account, "" if call.service == "iam" else call.region, call.name)
        for call in scanned.calls
        if call.service not in SIGNING_IN
    )
    said = calls_of(_plan(forty, scanned), scanned.inventory)
    throttled = {call for call in {*made, *said} if call[:2] == THROTTLED and "lambda" in call[2]}
    of_tags = {(*THROTTLED, "tagging:GetResources")}
    signing_in = {call for call in said if call[2].startswith(SIGNING_IN)}
    for call in throttled | of_tags | signing_in:
        made.pop(call, None)
        said.pop(call, None)
    assert said == made


def test_signing_in_is_counted_by_account(scanned: Scanned, forty: Sandbox) -> None:
    found = dict(estimate(_plan(forty, scanned), scanned.inventory).by_call)
    denied = 1  # is not signed in to, and was asked about
    assert found["sts:AssumeRole"] == scanned.count("AssumeRole") - denied
    caller = 1  # is asked who it is before any role is assumed
    assert found["sts:GetCallerIdentity"] == scanned.count("GetCallerIdentity") - caller


def test_the_slowest_limit_binds_where_it_is_slower_than_all_calls(
    scanned: Scanned, forty: Sandbox
) -> None:
    plan = _plan(forty, scanned)
    found = estimate(plan, scanned.inventory)
    assert found.known == len(plan.places)
    assert found.unknown == 0
    first = found.limits[0]
    assert (first.account, first.region, first.quota) == (*BUSY, "lambda")
    assert first.calls == 2 + 30 + 1 + 1
    assert first.seconds == round((first.calls - RATES["lambda"] / 10) / RATES["lambda"], 1)
    everywhere = tuple((account, region) for account in FORTY for region in REGIONS)
    large = ScanPlan(places=everywhere, homes=everywhere[::3], enabled=everywhere)
    binds = estimate(large, scanned.inventory).binds
    assert binds == "64 calls at once of 0.1 s each"  # 3,000 calls take longer
    alone = ScanPlan(places=(BUSY,), homes=(), enabled=(BUSY,))
    assert estimate(alone, scanned.inventory).binds == f"lambda of {BUSY[0]} in {BUSY[1]}"
    assert estimate(alone, scanned.inventory).seconds == first.seconds


def test_of_what_nobody_has_scanned_the_fewest_calls_are_counted() -> None:
    place = (BUSY,)
    found = estimate(ScanPlan(places=place, homes=place, enabled=place))
    assert (found.known, found.unknown) == (0, 1)
    assert found.calls == 3 + 3 + 1 + 4 + 12  # the account, Lambda, ECR, its registry, workloads


def test_it_signs_in_and_says_who_is_denied(signed_in: Sandbox) -> None:
    made = by_sockets(use_docker=False, regions=REGIONS, attempts=1, rounds=1)
    clients = in_every_account(made, CHOICE)
    plan, scope, gaps = planned(in_every_region(clients), quick=False, usage=False)
    assert len(plan.places) == len(ACCOUNTS) * len(REGIONS) - 1
    assert scope.unread_accounts == (DENIED,)
    assert {gap.account for gap in gaps if gap.asked} == {DENIED}
    assert {call.service for call in signed_in.calls} == {"sts", "organizations", "ec2"}
