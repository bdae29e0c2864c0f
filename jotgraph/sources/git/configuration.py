"""What the configuration of a repository says of its remotes and of how files are stored."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from jotgraph.sources.git.command import GitError, run

_ASKED = r"^(remote\..*\.url|core\.(autocrlf|filemode|symlinks))$"
_REMOTE = re.compile(r"remote\.(?P<name>.*)\.url")
_SECRET = re.compile(r"(?P<scheme>[a-z+]+://)[^@/\s]*@", re.IGNORECASE)
_SSH = re.compile(r"(?P<scheme>ssh://|git\+ssh://)(?P<user>[^:@/\s]+)(?::[^@/\s]*)?@", re.I)


class Configuration(msgspec.Struct, frozen=True):
    """A part of ``git config``, as git lists it."""

    remotes: tuple[tuple[str, str], ...] = ()
    """Name and URL, without credentials."""
    storage: tuple[tuple[str, str], ...] = ()
    """``core.autocrlf``, ``core.filemode`` and ``core.symlinks``, where they are set."""


def configuration_of(folder: Path) -> Configuration:
    """Ask git for the configuration of the repository that a folder is in."""
    try:
        output = run(folder, "config", "-z", "--get-regexp", _ASKED)
    except GitError:
        return Configuration()  # git's word for none
    remotes: list[tuple[str, str]] = []
    storage: list[tuple[str, str]] = []
    for entry in filter(None, output.decode("utf-8", "replace").split("\0")):
        name, _, value = entry.partition("\n")
        if remote := _REMOTE.fullmatch(name):
            remotes.append((remote["name"], without_credentials(value)))
        else:
            storage.append((name, value.lower()))
    return Configuration(tuple(remotes), tuple(storage))


def without_credentials(url: str) -> str:
    """A remote's URL without user, password and query. The user of SSH is a name, not a secret:
    it stays."""
    if user := _SSH.match(url):
        return f"{user['scheme']}{user['user']}@{url[user.end() :]}".partition("?")[0]
    return _SECRET.sub(r"\g<scheme>", url).partition("?")[0]
