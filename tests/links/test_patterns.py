"""Expressions of others are counted before they are run."""

from __future__ import annotations

import pytest

from jotgraph.links.patterns import LONGEST, PATTERN, compiled, revision_in

SHA = "(?P<revision>[0-9a-f]{7,40})"


@pytest.mark.parametrize(
    ("pattern", "text", "revision"),
    [
        (f"release-.*-{SHA}", "release-7-eu-abcdef1", "abcdef1"),
        (f"(?:rel|hot)fix-{SHA}", "hotfix-abcdef1", "abcdef1"),
        (f"{SHA}(?:-dirty)?", "abcdef1-dirty", "abcdef1"),
        (f"[^-]+-{SHA}", "web-abcdef1", "abcdef1"),
        (f"v[0-9]{{1,3}}\\.[0-9]{{1,3}}-{SHA}", "v1.20-abcdef1", "abcdef1"),
        (f"^{SHA}$", "abcdef1", "abcdef1"),
        (f"release-{SHA}", "release-abcdef1-x", ""),
        (f"release-{SHA}", "other", ""),
        (f"(?:x-{SHA})?latest", "latest", ""),
    ],
)
def test_what_the_group_holds_of_a_whole_text(pattern: str, text: str, revision: str) -> None:
    assert revision_in(pattern, text) == revision


def test_a_text_that_is_no_tag_is_not_matched() -> None:
    assert revision_in(f".*{SHA}", "x" * (LONGEST - 7) + "abcdef1") == "abcdef1"
    assert revision_in(f".*{SHA}", "x" * (LONGEST - 6) + "abcdef1") == ""


@pytest.mark.parametrize(
    "pattern",
    [
        f"(a+)+{SHA}",
        f"(a|a)*{SHA}",
        f"(?:[0-9]+-)*{SHA}",
        f"(?:(?:a?){{40}}){SHA}",
        f"{'a?' * 40}{SHA}",
        f".*.*.*{SHA}",
        f"(.*a){{20}}{SHA}",
        f"(?:ab|a|b){{11}}{SHA}",
    ],
)
def test_what_may_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="it may be tried in too many ways"):
        compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("release-(", "no regular expression: missing"),
        ("release-.*", r"a group \(\?P<revision>...\) is needed"),
        ("(?P<sha>[0-9a-f]+)", r"a group \(\?P<revision>...\) is needed"),
        (f"{SHA}(?=x)", "assert is not supported"),
        (f"{SHA}(?<!x)", "assert not is not supported"),
        (f"(?P<x>a){SHA}(?P=x)", "groupref is not supported"),
        (f"{SHA}(?>a+)", "atomic group is not supported"),
        (f"{SHA}a*+", "possessive repeat is not supported"),
        (f"(x)?{SHA}(?(1)y|z)", "groupref exists is not supported"),
        (SHA + "x" * PATTERN, f"more than {PATTERN} characters"),
        ("(" * 90 + SHA + ")" * 90, "more than"),
        (f"a{{99999999999}}{SHA}", "no regular expression"),
    ],
)
def test_what_is_no_expression_for_this_is_refused(pattern: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        compiled(pattern)


@pytest.mark.parametrize("pattern", [f".*{SHA}!", f".{{0,50}}.{{0,50}}{SHA}!", f"a*{SHA}x?!"])
def test_the_worst_that_is_let_through_ends(pattern: str) -> None:
    """No clock: one of the expressions above would not return within the test's own limit."""
    assert revision_in(pattern, "a" * LONGEST) == ""


def test_a_warning_of_the_compiler_is_not_shown_to_a_user() -> None:
    assert compiled(f"[[a]{SHA}").fullmatch("[abcdef1")
