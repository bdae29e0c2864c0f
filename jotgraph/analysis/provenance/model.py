"""What a claim about the commits of an image is, and what is made of several."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.links import Author, Evidence, Grade, Relation
from jotgraph.records import ContentMatch, ResourceId


class Disagreement(StrEnum):
    """Why claims about one image may disagree; the first that fits is given."""

    DIRTY_BUILD = "dirty-build"
    """The image has the files of the commit it claims, but for a few that were edited."""
    INHERITED_LABEL = "inherited-label"
    """The label is the base image's."""
    REWRITTEN_HISTORY = "rewritten-history"
    """No repository has the commit it claims (rebased, squashed, a pull request's merge commit),
    but one has its files."""
    STALE_LABEL = "stale-label"
    """The commit it claims exists and has other files: a build cache, or a build argument."""
    DEPLOYMENT_DISAGREES = "deployment-disagrees"
    """The function's own tags, environment or description name another commit than its image."""
    CLOCK_SKEW = "clock-skew"
    """The image says that it is older than the commit."""
    CLAIMS_DISAGREE = "claims-disagree"
    """Two claims other than on bytes differ, such as a label and a tag."""


class Explanation(msgspec.Struct, frozen=True):
    """One disagreement among claims."""

    kind: Disagreement
    statement: str
    """In one sentence."""
    conflict: bool = True
    """False where one side is known to say nothing about this image (a label of its base)."""


class Claim(msgspec.Struct, frozen=True):
    """One claim about the commits of one image."""

    on: ResourceId
    """The resource that carries it: the image, a copy, an index, an attestation, a function."""
    commits: tuple[str, ...]
    """SHAs it allows, newest first; the first of ``count``."""
    count: int
    grade: Grade
    """The evidence's grade, or that of the link to ``on`` if it is worth less."""
    evidence: Evidence
    author: Author = Author.BUILDER
    modified: tuple[str, ...] = ()
    """Of a claim on bytes: files of the image that differ in the commits (bounded)."""
    modified_count: int = 0
    match: ContentMatch | None = None
    """Of a claim on bytes: the record it was made from."""

    @property
    def whole(self) -> bool:
        """Whether it lists all its commits, so that one that is not listed is not meant."""
        return self.count <= len(self.commits)


class Claims(msgspec.Struct, frozen=True):
    """What is believed of the commits of one image."""

    images: tuple[ResourceId, ...] = ()
    """The images asked about: one, or none when nothing that runs an image was named."""
    commits: tuple[str, ...] = ()
    """SHAs that all the claims kept allow, newest first. Empty: nothing is known."""
    count: int = 0
    """Size of the set; more than ``len(commits)`` when a claim lists only its first."""
    picked: tuple[str, ...] = ()
    """Of commits with equal files the ones that a label, a tag or the like names: it picks them,
    and proves nothing that the files leave open."""
    grade: Grade | None = None
    """Of the set: that of the best claim, one step more when independent claims agree on it."""
    relation: Relation | None = None
    rule: str = ""
    """The rule of the best claim."""
    conflict: bool = False
    reason: str = ""
    """In a conflict: what disagrees, and why that may be."""
    dirty: bool = False
    """Something says that the work tree had changes."""
    records: tuple[Claim, ...] = ()
    """Every claim, best first, those that were set aside too."""
    explanations: tuple[Explanation, ...] = ()
    """Every disagreement, worst first."""
    content: tuple[str, ...] = ()
    """SHAs whose files the image has, all of them equal: a fact about bytes, whatever was
    claimed. The first of ``content_count``."""
    content_count: int = 0
    later: int = 0
    """Commits set aside because they are later than the image."""
    beside: tuple[ContentMatch, ...] = ()
    """Matches with further repositories, of which the image holds other files."""

    @property
    def measured(self) -> tuple[str, ...]:
        """The commits that lag is measured from: what is believed, but where it contradicts files
        that are equal, those: a label that is newer than its image makes nothing current."""
        believed = self.picked or self.commits
        equal = set(believed).intersection(self.content)
        return believed if equal else self.content or believed

    @property
    def listed_whole(self) -> bool:
        """Whether ``measured`` are all the commits it may come from: none beyond the list and,
        where only the files speak for them, none in history that was not read."""
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
        """``hint`` when only hints are known, ``near`` when the commits are the nearest by files of
        which some differ and nobody says that it is they, else empty."""
        if self.grade is Grade.HINT:
            return "hint"
        near = self.relation is Relation.CONTENT_EQUALS and not self.content
        return "near" if near and not self.dirty else ""

    @property
    def matches(self) -> tuple[ContentMatch, ...]:
        """The records of claims on bytes that are more than a hint, best first."""
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
        """The kind of the conflict."""
        return next(
            (explanation.kind for explanation in self.explanations if explanation.conflict), None
        )

    @property
    def verdict(self) -> str:
        """``conflict``, ``unknown``, or the grade: ``proof strong support hint``."""
        if self.conflict:
            return "conflict"
        return self.grade.name.lower() if self.grade is not None else "unknown"
