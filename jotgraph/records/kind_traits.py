"""Traits that kinds of resource share: where they live, their stage of work, and ways to name
them."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Home(StrEnum):
    """Where resources of a kind live, which decides how their ids begin."""

    REGION = "region"
    """``<account>/<region>/<name>``"""
    ACCOUNT = "account"
    """``<account>/<name>``: the same in every region."""
    ENGINE = "engine"
    """``<name>``: of the local Docker engine."""
    GIT = "git"
    """``<name>``: of the git repositories read."""


class Stage(IntEnum):
    """How far work has come: the columns of a picture, left to right."""

    COMMIT = 0
    ENGINE = 1
    REGISTRY = 2
    RUNTIME = 3
    ROLE = 4


class Way(IntEnum):
    """The ways to name a resource, in the order in which ``find`` tries them."""

    ID = 0
    """The id or the ARN."""
    FUNCTION = 1
    """A function's name."""
    QUALIFIED = 2
    """``function:alias``, ``function:7``, ``repo:tag``, ``repo@sha256:…``, with or without the
    registry's host."""
    DIGEST = 3
    """A whole digest, commit SHA, image or container id."""
    LOCAL = 4
    """A tag or digest reference of the local engine."""
    PLAIN = 5
    """Name of a role, an ECR repository, a container, a branch or a git tag."""
