"""The accounts to read and the roles for them, as typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jotgraph.errors import OptionError
from jotgraph.settings.files import ORGANIZATION
from jotgraph.settings.role_arns import ANY_ACCOUNT, EXAMPLE, parsed


@dataclass(frozen=True)
class AccountChoice:
    """The options ``--accounts``, ``--role-arn`` and ``--external-id``."""

    accounts: str = ""
    """A file of accounts, or ``organization``."""
    role_arns: tuple[str, ...] = ()
    """ARNs of roles, each in its own account, or a pattern with ``{account}``."""
    external_id: str = ""

    def __bool__(self) -> bool:
        return bool(self.accounts or self.role_arns or self.external_id)

    def check(self) -> None:
        """Raise OptionError for options that do not fit together, before anything is read."""
        if not self.role_arns:
            option = "--accounts" if self.accounts else "--external-id"
            raise OptionError(f"{option} needs the role to assume: --role-arn '{EXAMPLE}'")
        for arn in self.role_arns:
            parsed(arn)
        patterns = [arn for arn in self.role_arns if ANY_ACCOUNT in arn]
        if patterns and not self.accounts:
            raise OptionError(
                f"--role-arn {patterns[0]} is a pattern and needs the accounts that it is of: "
                f"--accounts FILE, or --accounts {ORGANIZATION}"
            )
        if self.accounts and not patterns:
            raise OptionError(
                f"--accounts needs a role in each account, and {self.role_arns[0]} is of one: "
                f"--role-arn '{EXAMPLE}'"
            )
        if len(patterns) > 1:
            raise OptionError(
                f"two roles for each account: {patterns[0]} and {patterns[1]}; keep one"
            )

    @property
    def partitions(self) -> dict[str, str]:
        """Return a role of each partition, by partition."""
        return {parsed(arn)["partition"]: arn for arn in self.role_arns}

    def roles(self, accounts: Iterable[str]) -> dict[str, str]:
        """Return the role to assume in each account. Raises OptionError for two roles in one
        account."""
        by_account: dict[str, str] = {}
        for arn in self.role_arns:
            named = parsed(arn)["account"]
            for account in accounts if named == ANY_ACCOUNT else (named,):
                role = arn.replace(ANY_ACCOUNT, account)
                before = by_account.setdefault(account, role)
                if before != role or arn in self.role_arns[: self.role_arns.index(arn)]:
                    raise OptionError(
                        f"two roles for account {account}: {before} and {role}; keep one"
                    )
        return by_account
