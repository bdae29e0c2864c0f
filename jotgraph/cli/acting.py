"""By whom a run acts: the sessions of profiles, and roles that they assume."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jotgraph.cli.options import external_id_option

if TYPE_CHECKING:
    from jotgraph.clients import Clients

F = TypeVar("F", bound=Callable[..., Any])

_ROLE = click.option(
    "--role-arn",
    "role_arns",
    multiple=True,
    metavar="ARN",
    help="Role to act by in each account of the plan, as --profile: "
    "arn:aws:iam::{account}:role/NAME.",
)


def acting_roles(command: F) -> F:
    """``--role-arn`` and ``--external-id`` of a command that acts; no setting names such a role."""
    return _ROLE(external_id_option()(command))


def by_roles(
    made: Clients, role_arns: Sequence[str], external_id: str, accounts: Collection[str]
) -> Clients:
    """The clients with a session of a role in each of these accounts. Where there is none for the
    caller's own account, its profile acts. Raises OptionError for what fits not together."""
    if not role_arns or not made.aws:
        return made
    from jotgraph.settings.role_arns import ANY_ACCOUNT, parsed  # noqa: PLC0415 -- rarely needed
    from jotgraph.sources.accounts import (  # noqa: PLC0415 -- boto3 is heavy
        AccountChoice,
        in_every_account,
    )

    named: dict[str, None] = {}
    for arn in role_arns:
        parsed(arn)
        for account in sorted(accounts) if ANY_ACCOUNT in arn else ("",):
            named[arn.replace(ANY_ACCOUNT, account)] = None
    if not named:
        return made
    roles = in_every_account(made, AccountChoice("", tuple(named), external_id))
    return replace(roles, aws=(*roles.aws, *made.aws))
