"""Paths within an image and a repository, and maps from one to the other. Pure.

Paths have no leading slash; ``""`` is the root.
"""

from __future__ import annotations

import msgspec


class DirectoryMap(msgspec.Struct, frozen=True, order=True):
    """Files below ``image`` were copied from below ``repository``; ``""`` is the root."""

    image: str
    repository: str


def under(path: str, directory: str) -> bool:
    return not directory or path.startswith(directory + "/")


def join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory and name else directory or name


def relative(path: str, directory: str) -> str:
    return path[len(directory) + 1 :] if directory else path


def upwards(directory: str) -> list[str]:
    """Return a directory and all its parents, the root last."""
    directories = [directory]
    while directory:
        directory = directory.rpartition("/")[0]
        directories.append(directory)
    return directories
