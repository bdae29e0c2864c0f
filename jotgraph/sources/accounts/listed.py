"""Reads a file of accounts: one in each line, optionally followed by a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from jotgraph.errors import OptionError
from jotgraph.records.file_forms import refuse_ours

LARGEST = 1 << 20
"""The largest file that is read, in bytes: more accounts than an organization may have."""
_ACCOUNT = re.compile(r"[0-9]{12}")
_EXPECTED = "12 digits are expected, and after them a name if you like"


def accounts_in(path: str) -> dict[str, str]:
    """Return the accounts in a file, each with its name or an empty text. ``#`` begins a comment.
    Raises OptionError, with the line, for an invalid account or a duplicate."""
    accounts: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(_text(path).splitlines(), start=1):
        account, _, name = line.partition("#")[0].replace(",", " ").strip().partition(" ")
        if not account:
            continue
        if not _ACCOUNT.fullmatch(account):
            raise OptionError(
                f"{path}, line {number}: {account[:40]!r} is not an account: {_near(account)}"
            )
        if account in accounts:
            raise OptionError(
                f"{path}, line {number}: {account} is on line {lines[account]} already"
            )
        accounts[account], lines[account] = name.strip(), number
    if not accounts:
        raise OptionError(f"{path} names no account: one a line is expected, of 12 digits")
    return accounts


def _text(path: str) -> str:
    try:
        with Path(path).expanduser().open("rb") as file:
            content = file.read(LARGEST + 1)
        refuse_ours(path, content, "a list of accounts")
        if len(content) > LARGEST:
            raise OptionError(f"{path} is larger than {LARGEST >> 20} MiB: no list of accounts")
        return content.decode("utf-8-sig")  # spreadsheets begin theirs with a byte order mark
    except FileNotFoundError:
        raise OptionError(
            f"--accounts: there is no file {path!r}; or write organization for every account of "
            "the organization"
        ) from None
    except OSError as error:
        raise OptionError(f"--accounts: {path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError:
        raise OptionError(f"--accounts: {path} is not text") from None


def _near(text: str) -> str:
    """What is expected, and a likely correction."""
    return "; ".join((_EXPECTED, *_guesses(text)))


def _guesses(text: str) -> Iterator[str]:
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) == 12:
        yield f"write {digits}"
    elif digits == text:
        yield f"these are {len(text)}"
