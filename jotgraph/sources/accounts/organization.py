"""Lists the accounts of an organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from jotgraph.errors import SourceError
from jotgraph.records import Gap
from jotgraph.sources.aws.calls import RegionClient

_NOT_IN_USE = "AWSOrganizationsNotInUseException"
_OR = "or name the accounts in a file: --accounts FILE"
_RUNS_NOTHING = frozenset({"SUSPENDED", "CLOSED", "PENDING_ACTIVATION"})
"""States (API_Account) in which an account runs nothing. An account that is about to be closed
still runs things, and one in an unknown state may."""


class ListedAccounts(NamedTuple):
    """The accounts to read, by id with their names, and a remark about those left out."""

    names: Mapping[str, str]
    gaps: tuple[Gap, ...] = ()


def read_organization(place: RegionClient) -> ListedAccounts:
    """List the accounts of the caller's organization, 20 a page, without those that run nothing.
    Raises SourceError when they cannot be listed: reading some of them as if they were all would be
    wrong."""
    listing = place.pages(
        "organizations", "ListAccounts", "Accounts", token="NextToken", MaxResults=20
    )
    if listing.failure:
        if listing.failure.code == _NOT_IN_USE:
            raise SourceError(f"--accounts organization: {place.account} is in none; {_OR}")
        raise SourceError(
            f"--accounts organization: the accounts could not be listed ({listing.failure.detail}; "
            "only the management account and delegated administrators may list them)"
        )
    active = {str(row["Id"]): _name(row) for row in listing.items if not _idle(row)}
    if not active:
        raise SourceError(
            f"--accounts organization: the organization of {place.account} has no active account; "
            f"{_OR}"
        )
    left_out = (_left_out(row) for row in listing.items if _idle(row))
    return ListedAccounts(dict(sorted(active.items())), tuple(left_out))


def _idle(row: Mapping[str, Any]) -> bool:
    return _state(row) in _RUNS_NOTHING


def _state(row: Mapping[str, Any]) -> str:
    """``State`` replaced ``Status`` in 2025 (API_Account)."""
    return str(row.get("State") or row.get("Status") or "")


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("Name") or "")


def _left_out(row: Mapping[str, Any]) -> Gap:
    state = _state(row).lower().replace("_", " ")
    return Gap(
        service="organizations",
        action="ListAccounts",
        account=str(row["Id"]),
        reason="left-out",
        detail=f"account {row['Id']} ({_name(row)}), which is {state}",
        facts=("accounts",),
    )
