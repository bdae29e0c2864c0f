"""Tags of functions: read for zip packages and unchanged functions too, or said to be unread."""

from __future__ import annotations

import pytest

from jotgraph.records import Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan

TAGS = (("jotgraph:protect", "so"),)


def _fill(aws: Sandbox, *tagged: str) -> None:
    seed.repository(aws, "app")
    seed.image(aws, "app", "v1")
    for name in ("image", "other"):
        tags = dict(TAGS) if name in tagged else {}
        seed.function(aws, name, image="app:v1", tags=tags)
    for name in ("zip", "zipped"):
        tags = dict(TAGS) if name in tagged else {}
        seed.function(aws, name, tags=tags)
    seed.version(aws, "image")
    seed.alias(aws, "image", "live", "1")


def _tags(inventory: Inventory) -> dict[str, object]:
    return {function.name: function.tags for function in inventory.functions}


def _told(inventory: Inventory) -> list[tuple[str, str, str]]:
    return [
        (gap.action, gap.resource, gap.reason)
        for gap in inventory.gaps
        if "tags" in gap.facts and gap.service == "lambda"
    ]


def _narrow(aws: Sandbox, *actions: str) -> None:
    """A policy of long ago: everything but these."""
    aws.enforce(
        {
            "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": list(actions), "Resource": "*"},
            ]
        }
    )


NOBODY = {"image": (), "other": (), "zip": (), "zipped": ()}


def test_every_function_has_its_tags_in_one_call(aws: Sandbox, scan: Scan) -> None:
    _fill(aws, "image", "zip")
    found = scan()
    assert _tags(found) == NOBODY | {"image": TAGS, "zip": TAGS}
    assert found.versions[0].tags == TAGS
    assert _told(found) == []
    assert (aws.calls.count("GetResources"), aws.calls.count("ListTags")) == (1, 0)


def test_tags_of_unchanged_functions_are_read_again(aws: Sandbox, scan: Scan) -> None:
    _fill(aws)
    first = scan()
    assert _tags(first) == NOBODY
    arn = next(function.arn for function in first.functions if function.name == "image")
    aws.client("lambda").tag_resource(Resource=arn, Tags=dict(TAGS))
    second = scan(first, refresh=False)
    assert aws.calls.count("GetFunction") == 3
    assert (_tags(second), _told(second)) == (NOBODY | {"image": TAGS}, [])


def test_many_tagged_functions_take_more_pages(aws: Sandbox, scan: Scan) -> None:
    for number in range(101):
        seed.function(aws, f"zip-{number}", tags={"n": str(number)})
    found = scan()
    assert all(tags == (("n", name[4:]),) for name, tags in _tags(found).items())
    assert aws.calls.count("GetResources") == 2


def test_without_listtags_getresources_tells(aws: Sandbox, scan: Scan) -> None:
    _fill(aws, "image", "zip")
    _narrow(aws, "lambda:ListTags")
    found = scan()
    assert (_tags(found), _told(found)) == (NOBODY | {"image": TAGS, "zip": TAGS}, [])


def test_without_either_no_function_is_said_to_have_no_tags(aws: Sandbox, scan: Scan) -> None:
    _fill(aws, "image", "zip")
    _narrow(aws, "lambda:ListTags", "tag:GetResources")
    found = scan()
    assert set(_tags(found).values()) == {None}
    assert found.versions[0].tags is None
    assert _told(found) == [("ListTags", "", "denied")]
    assert aws.calls.count("ListTags") == 1


@pytest.mark.parametrize("tagged", [(), ("image",), ("zip",)])
def test_without_getresources_zip_functions_are_asked_one_by_one(
    aws: Sandbox, scan: Scan, tagged: tuple[str, ...]
) -> None:
    _fill(aws, *tagged)
    _narrow(aws, "tag:GetResources")
    found = scan()
    assert (_tags(found), _told(found)) == (NOBODY | dict.fromkeys(tagged, TAGS), [])
    assert aws.calls.count("ListTags") == (2 if tagged == ("image",) else 3)


def test_without_getresources_unchanged_functions_are_left_out(aws: Sandbox, scan: Scan) -> None:
    _fill(aws, "zip")
    first = scan()
    _narrow(aws, "tag:GetResources")
    second = scan(first, refresh=False)
    assert _tags(second) == {"image": None, "other": None, "zip": TAGS, "zipped": ()}
    assert _told(second) == [("ListTags", "", "left-out")]
    assert _told(scan(first)) == []


def test_a_denial_of_one_zip_function_is_its_own(aws: Sandbox, scan: Scan) -> None:
    seed.function(aws, "zip")
    seed.function(aws, "zipped", tags=dict(TAGS))
    _narrow(aws, "tag:GetResources")
    aws.faults.deny("lambda", "ListTags", times=1)
    found = scan()
    assert list(_tags(found).values()).count(None) == 1
    assert [(action, reason) for action, _, reason in _told(found)] == [("ListTags", "denied")]


def test_a_quick_scan_and_an_empty_place_ask_nothing(aws: Sandbox, scan: Scan) -> None:
    scan()
    _fill(aws, "zip")
    assert set(_tags(scan(quick=True)).values()) == {None}
    assert (aws.calls.count("GetResources"), aws.calls.count("ListTags")) == (0, 0)
