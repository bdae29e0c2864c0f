"""What an ECR lifecycle policy expires or archives among a repository's images, and when.

As documented in the ECR user guide ("Automate the cleanup of images", lifecycle evaluation rules;
"Lifecycle policy properties"; "Examples of lifecycle policies", which are tests here): every rule
identifies images by tags and storage class, all rules at once; a rule cannot mark what a rule
before it identified, but still counts it; an image that an index refers to stays while the index
does; what refers to an image (``subject``) goes with it. What AWS leaves open is answered so that
more expires, not less: children of an index are counted; an image without a known time may expire
at any time. ECR acts within 24 hours of the time given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from jotgraph.errors import OptionError
from jotgraph.records import EcrImage
from jotgraph.records.json_text import parsed

MOST_RULES = 50
MOST_WILDCARDS = 4
"""Of a policy, and of a tag pattern (ECR user guide)."""


class CountType(StrEnum):
    COUNT = "imageCountMoreThan"
    PUSHED = "sinceImagePushed"
    PULLED = "sinceImagePulled"
    TRANSITIONED = "sinceImageTransitioned"


class LifecycleRule(msgspec.Struct, frozen=True):
    """One rule of a lifecycle policy."""

    priority: int
    status: str
    """``tagged``, ``untagged`` or ``any``."""
    patterns: tuple[str, ...]
    """All patterns must match, each any one tag; a prefix is a pattern that ends in ``*``."""
    count: CountType
    number: int
    action: str
    """``expire`` or ``transition`` (to the archive)."""

    @property
    def archived(self) -> bool:
        """Whether it applies to archived images, and only those."""
        return self.count is CountType.TRANSITIONED

    def identifies(self, image: EcrImage) -> bool:
        """Whether the tags and storage class of an image match the rule."""
        if self.archived != (image.status == "ARCHIVED"):
            return False
        if self.status == "tagged":
            return all(any(_like(pattern, tag) for tag in image.tags) for pattern in self.patterns)
        return self.status == "any" or not image.tags


class Fate(msgspec.Struct, frozen=True):
    """What a policy does to one image."""

    digest: str
    action: str
    """``expire`` or ``transition``."""
    rule: int
    """The priority of the rule."""
    at: datetime | None
    """When the image meets the rule: now if it does already, None when unknown."""


def read_rules(text: str) -> tuple[LifecycleRule, ...]:
    """Parse a policy into rules by priority. Raises OptionError for what ECR would refuse, naming
    the rule."""
    try:
        listed = parsed(text)["rules"]
        rules = tuple(sorted((_rule(item) for item in listed), key=lambda rule: rule.priority))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise OptionError(f"not a lifecycle policy ({type(error).__name__}: {error})") from None
    if not 0 < len(rules) <= MOST_RULES:
        raise OptionError(f"a lifecycle policy has 1 to {MOST_RULES} rules, not {len(rules)}")
    if len({rule.priority for rule in rules}) < len(rules):
        raise OptionError("two rules have the same rulePriority")
    for archived in (False, True):
        kinds = [rule.status for rule in rules if rule.archived == archived]
        if kinds.count("untagged") > 1 or kinds.count("any") > 1:
            raise OptionError("only one rule may select untagged images, and one any image")
        if "any" in kinds[:-1]:
            raise OptionError("a rule for any image must have the highest rulePriority")
    return rules


def _rule(document: Mapping[str, Any]) -> LifecycleRule:
    priority, chosen = int(document["rulePriority"]), document["selection"]
    count, action = CountType(chosen["countType"]), document["action"]["type"]
    prefixes, patterns = chosen.get("tagPrefixList") or (), chosen.get("tagPatternList") or ()
    rule = LifecycleRule(
        priority=priority,
        status=chosen["tagStatus"],
        patterns=(*patterns, *(f"{prefix}*" for prefix in prefixes)),
        count=count,
        number=chosen["countNumber"],
        action=action,
    )
    aged = count is not CountType.COUNT
    storage = chosen.get("storageClass", "standard")
    for wrong, why in (
        (rule.status not in ("tagged", "untagged", "any"), f"unknown tagStatus {rule.status!r}"),
        ((rule.status == "tagged") != bool(rule.patterns), "tags go with tagStatus tagged alone"),
        (bool(prefixes) and bool(patterns), "tagPrefixList and tagPatternList exclude each other"),
        (any(p.count("*") > MOST_WILDCARDS for p in patterns), f"over {MOST_WILDCARDS} wildcards"),
        (type(rule.number) is not int or rule.number < 1, "countNumber must be 1 or more"),
        (chosen.get("countUnit") != ("days" if aged else None), "countUnit is days, of ages only"),
        (storage != ("archive" if rule.archived else "standard"), "storageClass does not fit"),
        (action not in ("expire", "transition"), f"unknown action {action!r}"),
        (action == "expire" and count is CountType.PULLED, "pulls decide transitions only"),
        (action == "transition" and rule.archived, "what is archived can only expire"),
    ):
        if wrong:
            raise OptionError(f"rule {priority} of the lifecycle policy: {why}")
    return rule


def fates(
    rules: Iterable[LifecycleRule], images: Sequence[EcrImage], now: datetime
) -> tuple[Fate, ...]:
    """Return what happens to the images of a repository, by digest, if nothing more is pushed,
    pulled or tagged. Images that stay are left out."""
    marked, parents = _marked(rules, images, now), _parents(images)
    settled = {
        marked_digest: fate
        for marked_digest in marked
        if (fate := _settled(marked_digest, marked, parents, ()))
    }
    by_digest = dict(settled)
    for image in images:
        followed, own = settled.get(image.subject or ""), settled.get(image.digest)
        if followed and (own is None or (own.at and followed.at and followed.at < own.at)):
            by_digest[image.digest] = msgspec.structs.replace(followed, digest=image.digest)
    return tuple(by_digest[digest] for digest in sorted(by_digest))


def _marked(
    rules: Iterable[LifecycleRule], images: Sequence[EcrImage], now: datetime
) -> dict[str, Fate]:
    """What the rules mark, without regard to indexes."""
    by_digest: dict[str, Fate] = {}
    seen: set[str] = set()
    newest = sorted(images, key=_newest)
    for rule in sorted(rules, key=lambda rule: rule.priority):
        identified = [image for image in newest if rule.identifies(image)]
        for rank, image in enumerate(identified, 1):
            if image.digest in seen or (rule.count is CountType.COUNT and rank <= rule.number):
                continue
            by_digest[image.digest] = Fate(
                image.digest, rule.action, rule.priority, _at(rule, image, now)
            )
        seen.update(image.digest for image in identified)
    return by_digest


def _newest(image: EcrImage) -> tuple[float, str]:
    return (-image.pushed_at.timestamp() if image.pushed_at else 0.0, image.digest)


def _at(rule: LifecycleRule, image: EcrImage, now: datetime) -> datetime | None:
    """When an image meets a rule that may mark it; None when unknown. When it was archived is not
    read."""
    match rule.count:
        case CountType.COUNT:
            return now
        case CountType.PUSHED:
            since = image.pushed_at
        case CountType.PULLED:
            since = image.pulled_at or image.pushed_at
        case CountType.TRANSITIONED:
            since = None
    return None if since is None else max(now, since + timedelta(days=rule.number))


def _parents(images: Iterable[EcrImage]) -> dict[str, list[str]]:
    """The indexes that refer to each digest."""
    by_child: dict[str, list[str]] = {}
    for image in images:
        for child in image.children:
            by_child.setdefault(child.digest, []).append(image.digest)
    return by_child


def _settled(
    digest: str,
    marked: Mapping[str, Fate],
    parents: Mapping[str, list[str]],
    above: tuple[str, ...],
) -> Fate | None:
    """What happens to a digest once every index that refers to it is gone; None if one stays."""
    if digest in above or digest not in marked:
        return None
    fate = marked[digest]
    for index in parents.get(digest, ()):
        parent = _settled(index, marked, parents, (*above, digest))
        if parent is None or parent.action != "expire":
            return None
        at = max(fate.at, parent.at) if fate.at and parent.at else None
        fate = msgspec.structs.replace(fate, at=at)
    return fate


def _like(pattern: str, tag: str) -> bool:
    """Compile a tag pattern: ``*`` is any text, nothing else is special (ECR user guide, tag
    pattern list)."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), tag) is not None
