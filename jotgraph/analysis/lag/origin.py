"""Where a resource comes from and how far that is behind, computed once for every view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jotgraph.analysis.lag import LagState, Standing, refs_of, standing, standing_of
from jotgraph.analysis.provenance import Claims, commits_of
from jotgraph.graph import ResourceGraph, remembered
from jotgraph.records import Kind, ResourceId, key_of, kind_of


class Origin(NamedTuple):
    """The commits that a resource probably comes from, and where they stand against a ref."""

    claims: Claims
    lag: Standing
    content: Standing | None
    """Where the newest commit with exactly its files stands; None when files were not compared."""

    @property
    def commit(self) -> str:
        """SHA of the commit that represents all of them, from which the lag is counted; empty when
        unknown."""
        return self.lag.commit

    @property
    def more(self) -> int:
        """How many other commits it may come from."""
        believed = self.commit in self.claims.commits
        count = self.claims.count if believed else self.claims.content_count
        return max(count - 1, 0)

    @property
    def lags(self) -> bool:
        """Whether a new build of the ref would differ; not where the ref has the very same
        files."""
        same = self.content is not None and self.content.state is LagState.CURRENT
        return self.lag.lags and (not same or bool(self.lag.inputs))


@remembered
def origin(graph: ResourceGraph, resource: ResourceId, ref: str | None = None) -> Origin:
    """Return where a resource comes from, compared with a branch or tag (each repository's HEAD by
    default). For a commit, where it stands itself. Raises UnknownNameError for a ref that no
    repository has."""
    claims = commits_of(graph, resource)
    own = (key_of(resource),) if kind_of(resource) is Kind.COMMIT else ()
    refs = refs_of(graph, ref)
    content = standing(graph, refs, claims.content) if claims.content else None
    return Origin(claims, standing_of(graph, refs, claims, own), content)


def beside(
    graph: ResourceGraph, resource: ResourceId, ref: str | None = None
) -> Iterator[tuple[str, Standing]]:
    """Yield each further git repository with files in the resource that lag."""
    claims, refs = commits_of(graph, resource), refs_of(graph, ref)
    for repository in sorted({match.repository for match in claims.beside}):
        matches = tuple(match for match in claims.beside if match.repository == repository)
        commits = matches[0].commits
        equal = () if matches[0].modified_count else commits
        lag = standing(graph, refs, commits, content=equal, matches=matches)
        content = standing(graph, refs, equal) if equal else None
        if Origin(claims, lag, content).lags:
            yield repository, lag
