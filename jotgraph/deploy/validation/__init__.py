"""Checks of a folder and its handler before anything is built."""

from jotgraph.deploy.validation.folder import split_target, validate

__all__ = ["split_target", "validate"]
