"""Graph and resource -> its lineages, each in the order in which work flows: commit, local image,
registry, function, role.

A lineage does not wander: what a function shares with others (a role, a repository, a base image)
ends its chain and does not lead on to them.
"""

from jotgraph.queries.lineage.paths import trace

__all__ = ["trace"]
