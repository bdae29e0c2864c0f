"""Tables of the same estates in 80, 100, 120 and 200 columns, whole outputs compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional import widths
from tests.functional.long_names import NAMES
from tests.strength import some

TAKEN = some("wider tables than the narrowest", widths.WIDTHS, len(widths.WIDTHS))
WIDEST_FIRST = sorted(widths.WIDTHS, reverse=True)
SHUFFLED = sorted(some("narrower tables of a shuffled estate", WIDEST_FIRST, len(WIDEST_FIRST)))
"""The widest shows all that the others show: in another order of records they cannot differ. Of the
estate as it is, the narrowest is left, in which most has to be fitted."""


@pytest.fixture(scope="module")
def estates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estates")
    widths.keep(folder)
    return folder


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, their records in another order."""
    folder = tmp_path_factory.mktemp("shuffled")
    widths.keep(folder, 7)
    return folder


@pytest.mark.parametrize(("estate", "name"), widths.CASES)
def test_tables_in_every_width(estates: Path, estate: str, name: str) -> None:
    kept = widths.path(estate, name).read_text(encoding="utf-8")
    shown = kept.split("$ COLUMNS=")[1:]
    wanted = [part for width, part in zip(widths.WIDTHS, shown, strict=True) if width in TAKEN]
    made = widths.text(estates, estate, name, TAKEN).split("$ COLUMNS=")[1:]
    assert [part.rstrip("\n") for part in made] == [part.rstrip("\n") for part in wanted]


@pytest.mark.parametrize(("estate", "name"), widths.CASES)
def test_records_in_another_order_are_the_same_tables(
    shuffled: Path, estate: str, name: str
) -> None:
    kept = widths.path(estate, name).read_text(encoding="utf-8")
    first = kept.index(f"$ COLUMNS={SHUFFLED[0]} ")
    assert widths.text(shuffled, estate, name, SHUFFLED) == kept[first:]


def test_there_is_no_golden_text_that_nothing_makes() -> None:
    made = {widths.path(estate, name) for estate, name in widths.CASES}
    assert set(widths.EXPECTED.iterdir()) == made


@pytest.mark.parametrize("name", [*widths.COMMANDS["long_names"], *widths.DRAWN, *widths.PLAIN])
def test_no_name_is_broken(name: str) -> None:
    """What is shown of a name is all of it: its first half is never without its second."""
    shown = widths.path("long_names", name).read_text(encoding="utf-8")
    for whole in NAMES:
        assert shown.count(whole[: len(whole) // 2]) == shown.count(whole), whole


@pytest.mark.parametrize(("estate", "name"), widths.CASES)
def test_columns_stand_one_below_the_other(estate: str, name: str) -> None:
    """A heading is there once in each width: there is one table with one set of columns."""
    for shown in widths.path(estate, name).read_text(encoding="utf-8").split("$ COLUMNS=")[1:]:
        headings = [line for line in shown.splitlines() if line.startswith(("State ", "Verdict "))]
        assert len(headings) <= 1
