"""What the rules make of a content match: one link to the newest commit, with all candidates."""

from __future__ import annotations

from typing import Any

import pytest

from jotgraph.links import infer
from jotgraph.links.content import (
    content_exact,
    content_exact_beside,
    content_partial,
    content_weak,
)
from jotgraph.links.model import Rule
from jotgraph.records import ContentMatch, ContentVerdict, local_image_id, pairs
from tests.factories import NOW, content_match, inventory, local_image, sha

IMAGE = local_image_id("sha256:" + "a" * 64)
RULES = (content_exact, content_exact_beside, content_partial, content_weak)


def _match(verdict: ContentVerdict, **fields: Any) -> ContentMatch:
    known = {"maps": (("var/task", "functions/a"),), "matched": 5}
    return content_match(IMAGE, 2, 1, verdict=verdict, **(known | fields))


@pytest.mark.parametrize(
    ("match", "rule", "statement"),
    [
        (
            _match(ContentVerdict.EXACT),
            content_exact,
            "all 5 files match 2 commits of shop, newest a0000002c (functions/a)",
        ),
        (
            _match(ContentVerdict.EXACT, unexplained_count=600),
            content_exact_beside,
            "all 5 files match 2 commits of shop, newest a0000002c (functions/a); "
            "600 files not tracked by git",
        ),
        (
            _match(ContentVerdict.EXACT, unexplained_count=1, shallow=True),
            content_partial,
            "all 5 files match 2 commits of shop, newest a0000002c (functions/a); "
            "1 file not tracked by git; the clone is shallow",
        ),
        (
            _match(ContentVerdict.SUBSET, matched=1, maps=(("", ""),)),
            content_partial,
            "the file matches 2 commits of shop, newest a0000002c (part of the tree)",
        ),
        (
            _match(ContentVerdict.NEAREST, modified=("var/task/app.py",), modified_count=1),
            content_partial,
            "5 of 6 files match 2 commits of shop, newest a0000002c (functions/a); 1 file modified "
            "(var/task/app.py)",
        ),
        (
            _match(ContentVerdict.WEAK, count=1, commits=(sha(2),)),
            content_weak,
            "all 5 files match commit a0000002c of shop (functions/a)",
        ),
    ],
)
def test_each_verdict_by_one_rule(match: ContentMatch, rule: Rule, statement: str) -> None:
    (link,) = infer(inventory(match), RULES)
    assert (link.source, link.target) == (IMAGE, f"commit:{sha(2)}")
    assert (link.evidence.rule, link.evidence.statement) == (rule.name, statement)
    assert (link.evidence.candidates, link.evidence.count) == (match.commits, match.count)


def test_nothing_in_common_is_no_link() -> None:
    nothing = content_match(IMAGE, verdict=ContentVerdict.NONE)
    assert not list(infer(inventory(nothing), RULES))


def test_a_claim_within_a_long_list_is_listed() -> None:
    commits = tuple(sha(number) for number in range(500, 0, -1))
    label = pairs({"org.opencontainers.image.revision": sha(7)})
    image = local_image("sha256:" + "a" * 64, labels=label, created_at=NOW)
    match = _match(ContentVerdict.EXACT, commits=commits, count=500, newest=commits[0])
    (link,) = infer(inventory(match, image), RULES)
    assert link.evidence.candidates == (*commits[:99], sha(7))
