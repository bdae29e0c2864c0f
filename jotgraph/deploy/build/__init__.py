"""From a folder to an image of the Docker engine, whose labels and bytes tell its commit."""

from jotgraph.deploy.build.image import Built, build, subject_of
from jotgraph.deploy.build.options import Builder, BuildOptions
from jotgraph.deploy.build.preparation import InvalidFolderError, Prepared, prepare

__all__ = [
    "BuildOptions",
    "Builder",
    "Built",
    "InvalidFolderError",
    "Prepared",
    "build",
    "prepare",
    "subject_of",
]
