"""A lifelike example estate: four teams, two regions, and one of everything that goes wrong.

``write_history`` makes the git repository, ``fill`` the AWS side from it, ``docker_archive`` what a
real engine can load. What is in it and why: ``docs/example-estate.md``.
"""

from jotgraph.sandbox.estate.aws import Estate, fill
from jotgraph.sandbox.estate.history import History, write_history
from jotgraph.sandbox.estate.images import docker_archive

__all__ = ["Estate", "History", "docker_archive", "fill", "write_history"]
