"""An organization of forty accounts in three regions: one that is denied, one that is suspended,
and one region of one account that is throttled. On every day it has nine: a scan makes clients
of fourteen services for each account and region, and takes as long as they are many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jotgraph.records import Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.call_log import Call
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import Progress, ScanOptions, collect
from jotgraph.sources.accounts import AccountChoice, in_every_account
from jotgraph.sources.aws.everywhere import in_every_region
from tests.rig.wire import Hook, Wire, by_sockets, nothing
from tests.strength import LEFT, MANY_PLACES

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
FORTY = tuple(f"{100000000000 + number}" for number in range(1, 41))
ACCOUNTS = FORTY if MANY_PLACES else FORTY[:9]
LEFT["accounts of an organization of forty"] = len(FORTY) - len(ACCOUNTS)
NAMES = {account: f"team-{number:02}" for number, account in enumerate(ACCOUNTS, start=1)}
DENIED = ACCOUNTS[6]
SUSPENDED = "100000000041"
THROTTLED = (ACCOUNTS[8], "eu-west-1")
OPTED_OUT = (ACCOUNTS[3], "us-west-2")
ROLE = "arn:aws:iam::{account}:role/jotgraph"
BUSY = (ACCOUNTS[0], "us-east-1")
"""Has thirty functions with published versions: aliases of each are listed, fifteen a second."""


def forty_accounts(aws: Sandbox) -> None:
    """Fill the organization: everywhere a repository, an image that a function runs, its role, and
    an image that nothing runs."""
    aws.world.regions = frozenset(REGIONS)
    seed.organization(aws, {**NAMES, SUSPENDED: "closed"}, suspended=[SUSPENDED])
    for account in ACCOUNTS:
        if account != DENIED:
            seed.member_role(aws, account)
        role = seed.role(aws, "app", account=account)
        for region in REGIONS:
            where: Any = {"account": account, "region": region}
            seed.repository(aws, "app", **where)
            config = seed.image_config({"made for": f"{account} {region}"})
            seed.image(aws, "app", "live", config=config, **where)
            seed.image(aws, "app", "old", config=seed.image_config({"of": account}), **where)
            seed.function(aws, "app", "app:live", role=role, **where)
    account, region = BUSY
    for number in range(30):
        role = f"arn:aws:iam::{account}:role/app"
        seed.function(aws, f"busy-{number}", role=role, account=account, region=region)
        seed.version(aws, f"busy-{number}", account=account, region=region)
    seed.opted_in(aws, OPTED_OUT[0], set(REGIONS) - {OPTED_OUT[1]})


def scan_all(
    aws: Sandbox,
    choice: AccountChoice,
    options: ScanOptions,
    progress: Progress | None = None,
    regions: tuple[str, ...] = REGIONS,
    at: Hook = nothing,
) -> Inventory:
    """Scan by AWS's own rates, without sockets."""
    wire = Wire(aws)
    wire.at = at
    made = wire.carry(by_sockets(use_docker=False, regions=regions, attempts=1, rounds=1))
    clients = in_every_account(made, choice)
    members = tuple(session for session in clients.aws if session.role_arn)
    carried = wire.carry(replace(clients, aws=members)).aws
    own = tuple(session for session in clients.aws if not session.role_arn)
    return collect(
        options, in_every_region(replace(clients, aws=(*own, *carried))), progress=progress
    )


CHOICE = AccountChoice("organization", (ROLE,))
Told = list[tuple[str, int, int | None]]


class Scanned:
    """What a scan gave, and the calls that it made."""

    def __init__(self, inventory: Inventory, calls: tuple[Call, ...], reports: Told) -> None:
        self.inventory, self.calls, self.told = inventory, calls, reports

    def count(self, action: str) -> int:
        return sum(call.action == action for call in self.calls)


def scan_once(aws: Sandbox, options: ScanOptions) -> Scanned:
    """Scan everything, while Lambda of one region of one account is throttled."""
    told: Told = []
    account, region = THROTTLED
    fault = aws.faults.throttle("lambda", account=account, region=region)
    aws.calls.clear()
    inventory = scan_all(aws, CHOICE, options, lambda *report: told.append(report))
    aws.faults.remove(fault)
    return Scanned(inventory, tuple(aws.calls), told)
