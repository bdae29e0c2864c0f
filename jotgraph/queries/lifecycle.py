"""What a lifecycle policy removes from a repository, when, and which of it is in use.

A policy sees tags, times and counts, not use. A suggested policy protects what is in use now, not
an image that is deployed later.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime

from jotgraph.analysis.lifecycle import MOST_RULES, Fate, fates, read_rules
from jotgraph.analysis.usage import GraphIndex, Options, Verdict, index_of
from jotgraph.analysis.usage.verdicts import verdicts
from jotgraph.errors import OptionError
from jotgraph.graph import ResourceGraph
from jotgraph.queries.answers.lifecycle import Expiry, Lifecycle, Suggestion
from jotgraph.records import EcrImage, EcrRepository, ResourceId
from jotgraph.records.ids import shortened


def lifecycle(
    graph: ResourceGraph,
    resource: ResourceId,
    *,
    now: datetime,
    policy: str | None = None,
    suggest: bool = False,
    days: int = 90,
    options: Options | None = None,
) -> Lifecycle:
    """Evaluate a policy at ``now``, by default the repository's own. ``days`` is the age from which
    the suggestion expires tagged images that nothing uses. Raises OptionError for a resource that
    is no repository, a policy that ECR would refuse, or one that was not read."""
    index = index_of(graph)
    repository = index.repositories_by_id.get(resource)
    if repository is None:
        raise OptionError(f"{resource} is not an ECR repository that was read")
    text = repository.lifecycle if policy is None else policy
    if text is None:
        raise OptionError(
            f"the lifecycle policy of {repository.name} was not read: "
            "scan without --quick, allow ecr:GetLifecyclePolicy, or give one with --policy"
        )
    images = list(index.images_in.get(resource, {}).values())
    used = _uses(index, images, options or Options(), now)
    expired = fates(read_rules(text), images, now) if text else ()
    by_digest = {image.digest: image for image in images}
    expires = [_expiry(fate, by_digest[fate.digest], used) for fate in expired]
    return Lifecycle(
        about=index.about,
        repository=resource,
        policy=text,
        proposed=policy is not None,
        images=len(images),
        expires=tuple(sorted(expires, key=_order)),
        suggestion=_suggest(repository, images, used, now, days) if suggest else None,
    )


_Use = tuple[Verdict, str, tuple[ResourceId, ...]]


def _uses(
    index: GraphIndex, images: Iterable[EcrImage], options: Options, now: datetime
) -> dict[ResourceId, _Use]:
    """The verdict on each image."""
    judged = verdicts(index.graph, options, now)
    use_by_id: dict[ResourceId, _Use] = {}
    for image in images:
        if used := judged.in_use.get(image.id):
            way, because = used
            use_by_id[image.id] = Verdict.IN_USE, because, way
        elif doubts := judged.in_doubt.get(image.id):
            statements = "; ".join(doubt.statement for doubt in doubts)
            use_by_id[image.id] = Verdict.UNKNOWN, statements, ()
        else:
            use_by_id[image.id] = Verdict.ORPHAN, "nothing read uses it", ()
    return use_by_id


def _expiry(fate: Fate, image: EcrImage, used: dict[ResourceId, _Use]) -> Expiry:
    use, because, way = used[image.id]
    return Expiry(image.id, image.tags, fate.action, fate.rule, fate.at, use, because, way)


_ORDER = (Verdict.IN_USE, Verdict.UNKNOWN, Verdict.ORPHAN)


def _order(expiry: Expiry) -> tuple[int, float, ResourceId]:
    return (_ORDER.index(expiry.use), expiry.at.timestamp() if expiry.at else 0.0, expiry.id)


UNTAGGED_DAYS = 14


def _suggest(
    repository: EcrRepository,
    images: list[EcrImage],
    used: dict[ResourceId, _Use],
    now: datetime,
    days: int,
) -> Suggestion:
    """Suggest rules that remove nothing protected. A rule for one tag of each protected image comes
    first: a tag names one image, so "more than one" is never true, and no later rule may remove
    what an earlier one selected. Rules for untagged and then for any images follow, each only if
    the evaluator finds nothing protected among what it removes."""
    protected = [image for image in images if used[image.id][0] is not Verdict.ORPHAN]
    words = {Verdict.IN_USE: "in use", Verdict.UNKNOWN: "may be in use"}
    uses = {image.tags[0]: words[used[image.id][0]] for image in protected if image.tags}
    tags = sorted(uses)
    notes: list[str] = []
    keeping = [_rule(f"keep {tag}, {uses[tag]}", "tagged", [tag], count=1) for tag in tags]
    if len(keeping) > MOST_RULES - 2:
        statement = f"{len(tags)} tags are to be protected, and a policy has {MOST_RULES} rules"
        return Suggestion(None, (f"{statement}: give what runs a common tag, such as live-*",))
    rules = list(keeping)
    for rule, label in (
        (_rule("no tag", "untagged", [], age=UNTAGGED_DAYS), "images without a tag"),
        (_rule("any other tag", "tagged", ["*"], age=days), "tagged images"),
    ):
        harmed = _harmed([*rules, rule], images, protected, now)
        if harmed:
            names = ", ".join(
                f"{shortened(image.digest)} ({used[image.id][1]})" for image in harmed[:3]
            )
            more = f" and {len(harmed) - 3} more" if len(harmed) > 3 else ""
            notes.append(f"no rule for {label} is safe: in time it takes {names}{more}; tag them")
        else:
            rules.append(rule)
    if len(rules) == len(keeping):
        return Suggestion(None, tuple(notes))
    if repository.mutability != "IMMUTABLE" and keeping:
        notes.append("tags can move: an image that loses its tag loses its protection")
    notes.append("a policy cannot know use: suggest again after each deployment")
    return Suggestion(_document(rules), tuple(notes))


def _harmed(
    rules: list[dict[str, object]],
    images: list[EcrImage],
    protected: Collection[EcrImage],
    now: datetime,
) -> list[EcrImage]:
    taken = {fate.digest for fate in fates(read_rules(_document(rules)), images, now)}
    return [image for image in protected if image.digest in taken]


def _rule(
    description: str, status: str, patterns: list[str], *, count: int = 0, age: int = 0
) -> dict[str, object]:
    selection: dict[str, object] = {"tagStatus": status}
    if patterns:
        selection["tagPatternList"] = patterns
    if age:
        selection |= {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": age}
    else:
        selection |= {"countType": "imageCountMoreThan", "countNumber": count}
    return {"description": description, "selection": selection, "action": {"type": "expire"}}


def _document(rules: list[dict[str, object]]) -> str:
    numbered = [{"rulePriority": number, **rule} for number, rule in enumerate(rules, 1)]
    return json.dumps({"rules": numbered}, indent=2) + "\n"
