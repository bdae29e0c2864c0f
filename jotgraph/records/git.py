"""What git holds: commits, and the repositories that give them their refs."""

from __future__ import annotations

from datetime import datetime

from jotgraph.records.fields import Fields, Pairs
from jotgraph.records.ids import ResourceId, commit_id


class Commit(Fields, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="commit"):
    """One commit of one or more of the git repositories read."""

    sha: str
    parents: tuple[str, ...] = ()
    committed_at: datetime
    authored_at: datetime | None = None
    author: str = ""
    subject: str = ""
    repositories: tuple[str, ...] = ()
    """Keys of the GitRepository records that hold it."""

    @property
    def id(self) -> ResourceId:
        return commit_id(self.sha)


class GitRepository(Fields, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="git"):
    """One git repository read. Not a resource: it gives commits their refs."""

    key: str
    """Short name that is unique in the inventory."""
    path: str = ""
    remotes: tuple[str, ...] = ()
    """URLs without credentials."""
    head: str | None = None
    """Commit SHA of HEAD; None in an empty repository."""
    head_ref: str = ""
    """``refs/heads/main``, or ``""`` when detached."""
    dirty: bool = False
    """Tracked files of the work tree or the index differ from HEAD."""
    shallow: bool = False
    object_format: str = "sha1"
    refs: Pairs = ()
    """(full ref name, commit SHA); annotated tags are peeled."""
    tag_objects: Pairs = ()
    """(SHA of an annotated tag's own object, commit SHA): some builders label images with the
    former."""
    trees: Pairs = ()
    """(``<commit>:<folder>``, id of its tree) for the folders that labels of images name."""
