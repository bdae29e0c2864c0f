"""From a folder to a function that runs: the only creator."""

from jotgraph.deploy.build import build_image, dockerfile_text
from jotgraph.deploy.validation import split_target, validate

__all__ = ["build_image", "dockerfile_text", "split_target", "validate"]
