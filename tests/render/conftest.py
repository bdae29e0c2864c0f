"""What is laid out the same is laid out once."""

from __future__ import annotations

import pytest

from tests.rig.drawn_once import draw_once


@pytest.fixture(autouse=True)
def _drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    draw_once(monkeypatch)
