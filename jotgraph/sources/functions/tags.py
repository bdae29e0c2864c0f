"""Tags of all functions: they protect, name a stack, or mark a quarantine.

GetResources returns those of 100 tagged functions a call, without functions that never had a tag
(Resource Groups Tagging API). GetFunction shows tags only to callers that may use ListTags ("Lambda
returns tag data only if you have explicit allow permissions for lambda:ListTags", API_GetFunction),
and otherwise looks as if there were none. So where GetResources is denied and no function shows a
tag, one ListTags tells the two apart, and one more is made for each zip function, for which
GetFunction is not called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import Function, Gap, Pairs, Trigger
from jotgraph.records.gaps import Amount
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.resource_tags import tagged_resources
from jotgraph.sources.functions.listing import FunctionRead
from jotgraph.sources.functions.requests import list_function_tags
from jotgraph.sources.options import REFRESH

FACTS = ("tags",)
DISABLED = "Disabled"
"""The state of a trigger that calls nothing."""
LEFT_OUT = "tags of {}"
Tags = Mapping[str, Pairs | None]
"""Tags by ARN; None is *not read*."""


def read_tags(place: RegionClient, read: FunctionRead) -> FunctionRead:
    """Read the tags of every function; those that GetFunction has shown are kept."""
    if not read.functions:
        return read
    tagged = tagged_resources(place, "lambda:function")
    if tagged is not None:
        tags: Tags = {
            function.arn: function.tags or tagged.get(function.arn, ())
            for function in read.functions
        }
        return _with(read, tags)
    shown, gaps = _shown(place, read.functions)
    if not gaps:
        zips = [
            function for function in read.functions if function.tags is None and _is_zip(function)
        ]
        asked, gaps = _asked(place, zips)
        shown = {**shown, **asked}
    read = replace(_with(read, shown), gaps=(*read.gaps, *gaps))
    lent = sum(function.tags is None and not _is_zip(function) for function in read.functions)
    if lent and not gaps:
        unread = Amount(LEFT_OUT, lent, "function")
        left_out = place.left_out("lambda", "ListTags", unread, REFRESH, FACTS)
        read = replace(read, gaps=(*read.gaps, left_out))
    return read


def _shown(place: RegionClient, functions: Iterable[Function]) -> tuple[Tags, list[Gap]]:
    """The tags that GetFunction showed; None for functions without one when ListTags is denied."""
    tags_by_arn: dict[str, Pairs | None] = {function.arn: function.tags for function in functions}
    bare = sorted(arn for arn, tags in tags_by_arn.items() if tags == ())
    if any(tags_by_arn.values()) or not bare:
        return tags_by_arn, []
    (answer,) = place.each("tags", lambda arn: function_tags(place, arn), bare[:1])
    if not isinstance(answer, Failure):
        return tags_by_arn, []
    return dict.fromkeys(tags_by_arn), [place.gap("lambda", "ListTags", answer, facts=FACTS)]


def _asked(place: RegionClient, functions: list[Function]) -> tuple[Tags, list[Gap]]:
    tags_by_arn: dict[str, Pairs | None] = {}
    gaps: list[Gap] = []
    answers = place.each("tags", lambda function: function_tags(place, function.arn), functions)
    for function, result in zip(functions, answers, strict=True):
        if isinstance(result, Failure):
            gap = place.gap("lambda", "ListTags", result, resource=function.name, facts=FACTS)
            gaps.append(gap)
        else:
            tags_by_arn[function.arn] = result
    return tags_by_arn, gaps


def function_tags(place: RegionClient, arn: str) -> Pairs:
    """Return the tags of one function or other resource of Lambda. Raises CallFailedError."""
    answer = list_function_tags(place, arn)
    return tuple(sorted((answer["Tags"] or {}).items()))


def read_trigger_tags(place: RegionClient, read: FunctionRead) -> FunctionRead:
    """Read the tags of every disabled trigger, which a quarantine may have marked, with one
    ListTags each."""
    disabled = [trigger for trigger in read.triggers if trigger.state == DISABLED]
    answers = place.each("tags", lambda trigger: trigger_tags(place, trigger.uuid), disabled)
    tags: dict[str, Pairs] = {}
    gaps: list[Gap] = []
    for trigger, result in zip(disabled, answers, strict=True):
        if isinstance(result, Failure):
            gap = place.gap("lambda", "ListTags", result, resource=trigger.uuid, facts=FACTS)
            gaps.append(gap)
        else:
            tags[trigger.uuid] = result
    triggers = tuple(
        msgspec.structs.replace(trigger, tags=tags.get(trigger.uuid)) for trigger in read.triggers
    )
    return replace(read, triggers=triggers, gaps=(*read.gaps, *gaps))


def with_tags(place: RegionClient, trigger: Trigger) -> Trigger:
    """Return a trigger with its tags if it is disabled; without them if they may not be read."""
    if trigger.state != DISABLED:
        return trigger
    try:
        return msgspec.structs.replace(trigger, tags=trigger_tags(place, trigger.uuid))
    except CallFailedError:
        return trigger


def trigger_tags(place: RegionClient, uuid: str) -> Pairs:
    """The tags of one trigger. Raises CallFailedError."""
    return function_tags(place, trigger_arn(place, uuid))


def trigger_arn(place: RegionClient, uuid: str) -> str:
    """The ARN by which Lambda tags an event source mapping (API_TagResource)."""
    partition = place.aws.session.get_partition_for_region(place.region)
    return f"arn:{partition}:lambda:{place.region}:{place.account}:event-source-mapping:{uuid}"


def _with(read: FunctionRead, tags: Tags) -> FunctionRead:
    """Versions have the tags of their function ("tags apply at the function level", Lambda guide);
    GetFunction shows them there on the same condition."""
    functions = tuple(
        msgspec.structs.replace(function, tags=tags.get(function.arn, function.tags))
        for function in read.functions
    )
    known = {function.name: function.tags for function in functions}
    versions = tuple(
        version
        if version.tags is None
        else msgspec.structs.replace(version, tags=known.get(version.name))
        for version in read.versions
    )
    return replace(read, functions=functions, versions=versions)


def _is_zip(function: Function) -> bool:
    return not function.may_run_image
