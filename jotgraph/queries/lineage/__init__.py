"""The lineages of a resource: commit, local image, registry image, function, role.

A lineage does not wander: what a function shares with others (a role, a repository, a base image)
ends its chain and does not lead on to them.
"""

from jotgraph.queries.lineage.paths import trace

__all__ = ["trace"]
