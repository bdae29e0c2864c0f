"""Organizations' ListAccounts for the organization that ``seed.organization`` has made.

moto makes up the ids of accounts that it creates; an organization of known accounts is what tests
and scans need.
"""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.sandbox.wire import AwsError, Reply, Request, denied, json_reply
from jotgraph.sandbox.world import Handler, World

PAGE = 20
"""Accounts of a page, and the most that MaxResults may ask for (API_ListAccounts)."""


def list_accounts(world: World, request: Request) -> Reply:
    """List every account, 20 a page, for the management account or a delegated administrator only
    (API_ListAccounts)."""
    organization = world.organization
    if organization is None or request.account not in organization.members:
        raise AwsError(
            "AWSOrganizationsNotInUseException", "Your account is not a member of an organization."
        )
    if request.account not in organization.administrators:
        user = f"arn:aws:iam::{request.account}:user/jotgraph"
        raise denied("organizations", user, "organizations:ListAccounts")

    home = f"arn:aws:organizations::{organization.management}:account/o-sandbox"

    def rows() -> list[dict[str, object]]:
        return [
            {
                "Id": account,
                "Arn": f"{home}/{account}",
                "Email": f"{account}@example.org",
                "Name": member.name,
                "Status": member.status,
                "State": member.status,
                "JoinedMethod": "CREATED",
            }
            for account, member in sorted(organization.members.items())
        ]

    size = int(request.params.get("MaxResults") or PAGE)
    if not 1 <= size <= PAGE:
        raise AwsError("InvalidInputException", f"MaxResults must be from 1 to {PAGE}")
    token = request.params.get("NextToken")
    page, following = world.page(request, rows, size, token, "InvalidInputException")
    return json_reply({"Accounts": list(page), "NextToken": following})


HANDLERS: Mapping[str, Handler] = {"ListAccounts": list_accounts}
