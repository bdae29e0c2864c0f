"""Scans of many accounts with one caller: the list of accounts, and a role session for each."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from jotgraph.clients import Clients
from jotgraph.clients.aws import Aws
from jotgraph.errors import CallFailedError, OptionError, SourceError
from jotgraph.settings.files import ORGANIZATION
from jotgraph.sources.accounts.choice import AccountChoice
from jotgraph.sources.accounts.listed import accounts_in
from jotgraph.sources.accounts.organization import ListedAccounts, read_organization
from jotgraph.sources.accounts.sessions import assumed
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import Threads, caller_of, open_threads

__all__ = ["AccountChoice", "in_every_account"]


def in_every_account(
    clients: Clients, choice: AccountChoice, own_roles: Collection[str] = ()
) -> Clients:
    """Return the clients with a session for each requested account.

    Calls: 1 GetCallerIdentity, and for an organization max(1, ceil(accounts/20)) ListAccounts. A
    role is assumed at its first call. The caller's own account needs no role; only one in
    ``own_roles`` is assumed there. Raises OptionError for options that do not fit together or the
    caller, and SourceError when the caller or the organization's accounts cannot be read.
    """
    if not choice:
        return clients
    choice.check()
    if len(clients.aws) != 1:
        raise OptionError(
            "--role-arn is assumed by one session: pass one --profile"
            if clients.aws
            else "--role-arn reads AWS, and --no-aws says not to"
        )
    (base,) = clients.aws
    named = {} if choice.accounts in ("", ORGANIZATION) else accounts_in(choice.accounts)
    choice.roles(named)  # two roles for one account are found before anything is asked
    with open_threads(clients.aws) as threads:
        caller, listed = _who(base, choice, named, threads)
    roles = choice.roles(listed.names)
    names = {**dict.fromkeys(roles, ""), **listed.names}
    sessions = tuple(
        replace(
            base
            if account == caller and roles[account] not in own_roles
            else assumed(base, roles[account], choice.external_id),
            account=account,
            account_name=name,
        )
        for account, name in sorted(names.items())
    )
    known = {account: name for account, name in sorted(names.items()) if name}
    return replace(clients, aws=sessions, gaps=(*clients.gaps, *listed.gaps), names=known)


def _who(
    base: Aws, choice: AccountChoice, named: dict[str, str], threads: Threads
) -> tuple[str, ListedAccounts]:
    """The caller's account, and the accounts to read."""
    try:
        account, arn = caller_of(base, threads, base.home)
    except CallFailedError as error:
        whose = f" of profile {base.profile}" if base.profile else ""
        raise SourceError(
            f"no role can be assumed: the caller{whose} is not known ({error.failure.detail})"
        ) from error
    _refuse_partitions(choice, arn, base)
    if choice.accounts != ORGANIZATION:
        return account, ListedAccounts(named)
    place = RegionClient(base, account, base.home, threads.buckets, threads.pool)
    return account, read_organization(place)


def _refuse_partitions(choice: AccountChoice, caller: str, base: Aws) -> None:
    """Raise OptionError for a role or region in another partition than the caller's: credentials
    are only valid in their own (IAM guide, "Amazon Resource Names", partitions)."""
    matched = re.match(r"arn:(aws[a-z-]*):", caller)
    own = matched[1] if matched else "aws"
    for partition, arn in choice.partitions.items():
        if partition != own:
            raise OptionError(
                f"--role-arn {arn} is of the partition {partition}, and the caller {caller} is of "
                f"{own}: a role can only be assumed from its own partition: sign in there, and "
                "scan it separately"
            )
    for region in base.regions:
        if (partition := base.session.get_partition_for_region(region)) != own:
            raise OptionError(
                f"--region {region} is of the partition {partition}, and the caller is of {own}"
            )
