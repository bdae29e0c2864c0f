"""The lineages of a resource: commit, local image, registry image, function, role.

A shared resource (a role, a repository, a base image) ends a lineage and does not lead on to
others.
"""

from jotgraph.queries.lineage.paths import trace

__all__ = ["trace"]
