"""Fill the sandbox in process, thousands of resources a second, with times of your choice.

Every function takes the running Sandbox first, then names; ``account`` and ``region`` default to
the sandbox's own. Times are aware datetimes. Nothing is logged as a call, nothing is checked that
only AWS would check (a role need not exist).
"""

from jotgraph.sandbox.ecr.put import digest_of
from jotgraph.sandbox.seed.ecr import (
    CONFIG,
    INDEX,
    LAYER,
    MANIFEST,
    image,
    image_config,
    index,
    manifest,
    repository,
    uri,
)
from jotgraph.sandbox.seed.functions import TRUST, alias, function, metric, role, trigger, version

__all__ = [
    "CONFIG",
    "INDEX",
    "LAYER",
    "MANIFEST",
    "TRUST",
    "alias",
    "digest_of",
    "function",
    "image",
    "image_config",
    "index",
    "manifest",
    "metric",
    "repository",
    "role",
    "trigger",
    "uri",
    "version",
]
