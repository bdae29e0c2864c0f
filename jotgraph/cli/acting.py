"""The identity of a run: sessions of profiles, and roles that they assume."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from jotgraph.cli.options import gather
from jotgraph.cli.place_options import external_id_option, profiles_option, regions_option

if TYPE_CHECKING:
    from jotgraph.clients import Clients

F = TypeVar("F", bound=Callable[..., Any])

_ROLE_IN_EACH_ACCOUNT = click.option(
    "--role-arn",
    "role_arns",
    multiple=True,
    metavar="ARN",
    help="Role that the profile assumes in each account for this command: "
    "arn:aws:iam::{account}:role/NAME.",
)


def acting_roles(command: F) -> F:
    """Return ``--role-arn`` and ``--external-id`` of a command that changes something; no setting
    supplies such a role."""
    return _ROLE_IN_EACH_ACCOUNT(external_id_option()(command))


_ONE_ROLE = click.option(
    "--role-arn",
    "role_arns",
    multiple=True,
    metavar="ARN",
    help="Role that the profile assumes for this command: arn:aws:iam::123456789012:role/NAME.",
)


class Acting(NamedTuple):
    """The identity with which a command acts in one account, and the region."""

    profiles: tuple[str, ...] = ()
    role_arns: tuple[str, ...] = ()
    external_id: str = ""
    regions: tuple[str, ...] = ()

    def connect(self, *, use_docker: bool = False, **how: Any) -> Clients:
        """Connect to that account, and to the engine if needed. Raises OptionError."""
        from jotgraph import clients  # noqa: PLC0415 -- boto3 is heavy

        made = clients.connect(
            use_docker=use_docker, profiles=self.profiles, regions=self.regions, **how
        )
        return by_role(made, self.role_arns, self.external_id)


def acting(command: F) -> F:
    """Add the options of ``Acting``; the command gets ``acting``."""
    options = (profiles_option, _ONE_ROLE, external_id_option(), regions_option)
    return gather(command, "acting", Acting, lambda values: Acting(**values), options)


def by_role(made: Clients, role_arns: Sequence[str], external_id: str) -> Clients:
    """Return the clients with the session of a single role. Raises OptionError for several roles,
    and for a pattern."""
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- with what only a run needs
    from jotgraph.settings.role_arns import ANY_ACCOUNT  # noqa: PLC0415 -- rarely needed
    from jotgraph.sources.accounts import (  # noqa: PLC0415 -- boto3 is heavy
        AccountChoice,
        in_every_account,
    )

    if len(role_arns) > 1:
        raise OptionError("this acts in one account; pass one --role-arn")
    for arn in role_arns:
        if ANY_ACCOUNT in arn:
            raise OptionError(
                f"--role-arn {arn} is a pattern, and this acts in one account; write its 12 digits "
                f"in place of {ANY_ACCOUNT}"
            )
    choice = AccountChoice("", tuple(role_arns), external_id)
    return in_every_account(made, choice, own_roles=role_arns)


def by_roles(
    made: Clients, role_arns: Sequence[str], external_id: str, accounts: Collection[str]
) -> Clients:
    """Return the clients with a role session in each of these accounts. A pattern does not apply to
    the caller's own account, where its profile acts. Raises OptionError for options that do not fit
    together."""
    if not (role_arns or external_id) or not made.aws:
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
    if role_arns and not named:
        return made
    choice = AccountChoice("", tuple(named), external_id)
    roles = in_every_account(made, choice, own_roles=role_arns)
    return replace(roles, aws=(*roles.aws, *made.aws))
