"""Graphviz, asked the same once: what it writes depends on what it is given alone, and to start it
takes longer than most of what tests draw. That it says the same twice is shown of the command
``render``, which asks it each time."""

from __future__ import annotations

from functools import lru_cache

import pytest

from jotgraph.render.picture.layout import graphviz_engine

run = graphviz_engine.run
AT_ONCE = 1.0
"""Who waits for fewer seconds is about what happens when they are over."""


@lru_cache(maxsize=500)
def _drawn(source: str, form: str, engine: str, layout: str) -> bytes:
    return run(source, form, engine=engine, layout=layout)


def drawn(
    source: str,
    form: str,
    *,
    engine: str = graphviz_engine.PURE,
    layout: str = "dot",
    seconds: float = graphviz_engine.SECONDS,
) -> bytes:
    """As ``graphviz_engine.run``."""
    if seconds < AT_ONCE or form == "pdf":  # which a program draws that may be gone from the path
        return run(source, form, engine=engine, layout=layout, seconds=seconds)
    return _drawn(source, form, engine, layout)


def draw_once(patch: pytest.MonkeyPatch) -> None:
    """Let whoever lays out get what was laid out before."""
    patch.setattr(graphviz_engine, "run", drawn)
