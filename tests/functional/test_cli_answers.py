"""The answers of verdicts as people see them, whole outputs compared."""

from __future__ import annotations

import pytest

from tests.functional.conftest import Run, expected


@pytest.mark.parametrize(
    ("arguments", "file", "note"),
    [
        (("orphans", "--all"), "orphans_with_what_is_in_use", "3 orphans"),
        (("stale", "--all"), "stale_and_what_is_well", "checked: "),
        (("where", "main"), "where_main", "4 contain it, 8 lack it"),
        (("impact", "shop/checkout"), "impact_of_a_repository", " left unused, "),
    ],
)
def test_answers(run: Run, whole: str, arguments: tuple[str, ...], file: str, note: str) -> None:
    result = run(*arguments, "--from", whole)
    assert result.exit_code == 0
    assert note in result.stderr
    assert result.stdout == expected(file)


def test_the_same_twice_differs_in_nothing(run: Run, whole: str) -> None:
    result = run("diff", whole, whole)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "0 added, 0 removed, 0 changed\n"


def test_what_is_found_goes_before_what_was_not_read(run: Run, stored: str) -> None:
    assert run("stale", "--check", "--strict", "--from", stored).exit_code == 1
    assert run("stale", "--strict", "--from", stored).exit_code == 3
