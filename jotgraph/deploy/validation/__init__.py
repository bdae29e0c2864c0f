"""A folder and its handler, looked at before anything is built of them."""

from jotgraph.deploy.validation.folder import split_target, validate

__all__ = ["split_target", "validate"]
