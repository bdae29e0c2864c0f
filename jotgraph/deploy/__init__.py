"""From a folder to a running function: the only package that creates resources."""

from jotgraph.deploy.build import build_image, dockerfile_text
from jotgraph.deploy.validation import split_target, validate

__all__ = ["build_image", "dockerfile_text", "split_target", "validate"]
