"""The types of claims about an image's commits, and of what they amount to together."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.links import Author, Evidence, Grade, Relation
from jotgraph.records import ContentMatch, ResourceId


class Disagreement(StrEnum):
    """Why claims about one image contradict one another; the first explanation that fits is
    given."""

    DIRTY_BUILD = "dirty-build"
    """The image has the files of the commit it claims, except for a few that were edited."""
    INHERITED_LABEL = "inherited-label"
    """The label was inherited from the base image."""
    REWRITTEN_HISTORY = "rewritten-history"
    """No repository holds the commit it claims (rebased, squashed, a pull request's merge commit),
    but one holds its files."""
    STALE_LABEL = "stale-label"
    """The commit it claims exists and has other files: from a build cache or a build argument."""
    DEPLOYMENT_DISAGREES = "deployment-disagrees"
    """The function's own tags, environment or description name another commit than its image
    does."""
    CLOCK_SKEW = "clock-skew"
    """The image says that it is older than the commit."""
    CLAIMS_DISAGREE = "claims-disagree"
    """Two claims differ, such as a label and a tag, neither of them on bytes."""


class Explanation(msgspec.Struct, frozen=True):
    """One disagreement among claims."""

    kind: Disagreement
    statement: str
    """The explanation in one sentence."""
    conflict: bool = True
    """False where one side is known not to describe this image (a label of its base)."""


class Claim(msgspec.Struct, frozen=True):
    """One claim about the commits of one image."""

    on: ResourceId
    """The resource that carries it: the image, a copy, an index, an attestation, a function."""
    commits: tuple[str, ...]
    """The SHAs that it allows, newest first; the first of ``count``."""
    count: int
    grade: Grade
    """The evidence's grade, or that of the link to ``on`` if it is lower."""
    evidence: Evidence
    author: Author = Author.BUILDER
    modified: tuple[str, ...] = ()
    """For a claim on bytes, files of the image that differ in the commits (bounded)."""
    modified_count: int = 0
    match: ContentMatch | None = None
    """For a claim on bytes, the record behind it."""

    @property
    def whole(self) -> bool:
        """Whether all its commits are listed."""
        return self.count <= len(self.commits)


class Claims(msgspec.Struct, frozen=True):
    """What is believed about the commits of one image."""

    images: tuple[ResourceId, ...] = ()
    """The images in question; empty when no image was named."""
    commits: tuple[str, ...] = ()
    """SHAs that every claim kept allows, newest first. Empty when nothing is known."""
    count: int = 0
    """How many commits that are; more than ``len(commits)`` when a claim lists only its first."""
    picked: tuple[str, ...] = ()
    """Those of several commits with equal files that a label, tag or the like names. It picks them,
    and proves nothing that the files leave open."""
    grade: Grade | None = None
    """The grade of the best claim, one step up when independent claims agree on the set."""
    relation: Relation | None = None
    rule: str = ""
    """The rule of the best claim."""
    conflict: bool = False
    reason: str = ""
    """In a conflict, what disagrees and the likely reason."""
    dirty: bool = False
    """Whether something says that the work tree had changes."""
    records: tuple[Claim, ...] = ()
    """Every claim, best first, including those set aside."""
    explanations: tuple[Explanation, ...] = ()
    """Every disagreement, worst first."""
    content: tuple[str, ...] = ()
    """SHAs of the commits whose files the image has, all equal, whatever was claimed. The first of
    ``content_count``."""
    content_count: int = 0
    later: int = 0
    """Commits that were set aside because they are later than the image."""
    beside: tuple[ContentMatch, ...] = ()
    """Matches with further repositories, whose files the image also holds."""

    @property
    def measured(self) -> tuple[str, ...]:
        """The commits that lag is measured from. They are the believed ones; or, where these
        contradict equal files, the commits of the files, so that a label newer than its image makes
        nothing current."""
        believed = self.picked or self.commits
        equal = set(believed).intersection(self.content)
        return believed if equal else self.content or believed

    @property
    def listed_whole(self) -> bool:
        """Whether ``measured`` lists every commit the image may come from, none of them unread or
        cut off."""
        if self.picked:
            return True
        listed, count = self.commits, self.count
        if self.measured != self.commits:
            listed, count = self.content, self.content_count
        by_files = self.relation is Relation.CONTENT_EQUALS
        cut = by_files and any(match.shallow for match in self.matches)
        return count <= len(listed) and not cut

    @property
    def doubt(self) -> str:
        """Why the commits may be wrong: ``hint`` when only hints are known, ``near`` when they are
        the nearest by files and no claim names them; else empty."""
        if self.grade is Grade.HINT:
            return "hint"
        near = self.relation is Relation.CONTENT_EQUALS and not self.content
        return "near" if near and not self.dirty else ""

    @property
    def matches(self) -> tuple[ContentMatch, ...]:
        """The records behind claims on bytes that are more than a hint, best first."""
        compared = [claim for claim in self.records if claim.match is not None]
        return tuple(
            dict.fromkeys(
                claim.match for claim in compared if claim.match and claim.grade > Grade.HINT
            )
            if compared
            else ()
        )

    @property
    def kind(self) -> Disagreement | None:
        """The kind of the conflict; empty when there is none."""
        return next(
            (explanation.kind for explanation in self.explanations if explanation.conflict), None
        )

    @property
    def verdict(self) -> str:
        """One word: ``conflict``, ``unknown``, or the grade ``proof strong support hint``."""
        if self.conflict:
            return "conflict"
        return self.grade.name.lower() if self.grade is not None else "unknown"
