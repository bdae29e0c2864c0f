"""From a folder to a function that runs: the only creator. It validates, and makes nothing yet."""

from jotgraph.deploy.validation import split_target, validate

__all__ = ["split_target", "validate"]
