"""Options for where a command reads or acts: repositories, accounts, roles and regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from jotgraph.cli.defaults import settable

F = TypeVar("F", bound=Callable[..., Any])

git_option = click.option(
    "--git",
    "git",
    multiple=True,
    metavar="PATH",
    type=click.Path(),
    help="Git repository to read; repeatable. Default: the one you are in, if any.",
    **settable("git"),
)
profiles_option = click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="P",
    help="AWS profile; repeatable.",
    **settable("profiles"),
)
regions_option = click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="R",
    help="AWS region to sign in to.",
    **settable("regions"),
)
regions_to_read = click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="R",
    help="AWS region, or all: every enabled one; repeatable.",
    **settable("regions"),
)


def external_id_option(**setting: Any) -> Callable[[F], F]:
    """Return ``--external-id``, for the roles to assume."""
    return click.option(
        "--external-id",
        default="",
        metavar="ID",
        help="External id that the trust policies of these roles require.",
        **setting,
    )


ACCOUNTS = (
    click.option(
        "--accounts",
        "account_list",
        default="",
        metavar="FILE|organization",
        help="File with the accounts to read, one per line, or organization for all of its "
        "accounts; needs --role-arn.",
        **settable("accounts"),
    ),
    click.option(
        "--role-arn",
        "role_arns",
        multiple=True,
        metavar="ARN",
        help="Role to assume for reading each account: arn:aws:iam::{account}:role/jotgraph.",
        **settable("role_arn"),
    ),
    external_id_option(**settable("external_id")),
)
"""Options for many accounts."""


def accounts_options(command: F) -> F:
    """Add the options of ``ACCOUNTS``; the command gets each by its name."""
    for option in reversed(ACCOUNTS):
        command = option(command)
    return command
