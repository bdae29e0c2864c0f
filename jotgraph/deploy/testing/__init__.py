"""Runs an image, or invokes a function, with events, and compares the answers with expectations."""

from jotgraph.deploy.testing.cases import Case, read_cases
from jotgraph.deploy.testing.deployed import Invocation, function_named, invoke, invoke_cases
from jotgraph.deploy.testing.image import RunOptions
from jotgraph.deploy.testing.keeping import keep
from jotgraph.deploy.testing.local import run_cases

__all__ = [
    "Case",
    "Invocation",
    "RunOptions",
    "function_named",
    "invoke",
    "invoke_cases",
    "keep",
    "read_cases",
    "run_cases",
]
