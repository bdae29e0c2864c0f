"""How much of what could be tried is tried; nothing of it is left to chance but a search.

======================  ==========================================================================
nothing                 what every day needs: a fixed selection of places, few drawn examples
``CI=true``             many more places and examples, and a test that cannot be run fails the run
``JOTGRAPH_THOROUGH=1`` every place, in every way
``JOTGRAPH_SEARCH=n``   other examples on every run, n times as many (``make fuzz``)
======================  ==========================================================================
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.internal.entropy import deterministic_PRNG

IN_CI = os.environ.get("CI", "").lower() in {"true", "1"}
EVERY_PLACE = bool(os.environ.get("JOTGRAPH_THOROUGH"))
MANY_PLACES = IN_CI or EVERY_PLACE
SEARCH = int(os.environ.get("JOTGRAPH_SEARCH") or 0)
PARTS = 4 if MANY_PLACES else 1
"""Tests into which the places of one kind are cut, for several workers: few places are not worth
the undisturbed run that every part begins with."""

SLOW_MACHINE = (HealthCheck.too_slow,)
DICE = st.integers(0, 2**32).map(Random)
"""One number a world: hypothesis would take seconds to draw each of its hundred choices."""


def one_in(plain: int, many: int = 1) -> int:
    """The step from one place to the next: every place where that is asked for, one in ``many``
    in CI, one in ``plain`` on every day. Where places come in pairs (before and after a call), an
    odd step takes some of both."""
    return 1 if EVERY_PLACE else many if MANY_PLACES else plain


def spread(count: int, step: int, *, part: int = 0, parts: int = 1, first: int = 0) -> range:
    """One part's share of the places ``first``, ``first + step`` and so on below ``count``: as far
    apart as they can be. The first part has a place: a walk without one could not fail."""
    places = range(first + step * part, count, step * parts)
    assert places or part, f"no place of {count} is tried: from {first}, one in {step}"
    return places


Row = TypeVar("Row")
LEFT: Counter[str] = Counter()
"""Rows of tests that are left to CI, by the name of their table."""


def some(table: str, rows: Iterable[Row], plain: int) -> list[Row]:
    """The rows of a test that proves the same of each: one in ``plain`` on every day, all in CI."""
    every = list(rows)
    chosen = every[:: 1 if MANY_PLACES else plain]
    LEFT[table] = len(every) - len(chosen)
    return chosen


def choose_profile() -> None:
    """Draw the same examples on every run and every machine, unless a search is asked for. No
    example is too slow: that would depend on what else the machine does.

    Hypothesis also draws numbers and texts that stand in the modules imported so far. Which these
    are depends on what the same worker ran before, and reading them costs seconds; a search may.
    """
    settings.register_profile(
        "fixed",
        max_examples=100 if MANY_PLACES or SEARCH else 40,
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=SLOW_MACHINE,
    )
    settings.register_profile("search", settings.get_profile("fixed"), derandomize=False)
    settings.load_profile("search" if SEARCH else "fixed")
    if not SEARCH:
        nothing = Constants()
        providers._get_local_constants = lambda: nothing
    with deterministic_PRNG():  # at first it goes through all objects, of which there are few now
        pass


def examples(plain: int = 100, *, many: int = 0, shrink: bool = True) -> settings:
    """Settings for a property: how many examples are drawn, and how many with CI=true (as many,
    unless told). A world that is drawn by one number cannot be shrunk."""
    count = many if many and MANY_PLACES else plain
    phases = [Phase.explicit, Phase.generate, *([Phase.shrink] if shrink else [])]
    return settings(max_examples=count * max(1, SEARCH), phases=phases)
