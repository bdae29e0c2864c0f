"""Builds an image of a folder with the Docker engine, whose labels and bytes identify its
commit."""

from jotgraph.deploy.build.image import build, build_image, dockerfile_text, subject_of
from jotgraph.deploy.build.options import Builder, BuildOptions
from jotgraph.deploy.build.preparation import InvalidFolderError, Prepared, prepare
from jotgraph.queries.answers.build import Built

__all__ = [
    "BuildOptions",
    "Builder",
    "Built",
    "InvalidFolderError",
    "Prepared",
    "build",
    "build_image",
    "dockerfile_text",
    "prepare",
    "subject_of",
]
