"""A picture that is opened in a window, or shown by a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.render.files import export
from tests.render import goldens
from tests.rig.browser import Tab

_SHOWN = "(({width, height}) => [width, height])(document.documentElement.getBoundingClientRect())"
_DRAWN = "(({width, height}) => [width, height])(document.documentElement.viewBox.baseVal)"


@pytest.mark.parametrize("room", [390, 1440])
def test_it_is_as_wide_as_a_window_and_no_wider(tab: Tab, tmp_path: Path, room: int) -> None:
    graph, options = goldens.demo()
    picture = tmp_path / "demo.svg"
    picture.write_text(str(export.render(graph, ".svg", options)), encoding="utf-8")
    tab.page.set_viewport_size({"width": room, "height": 900})
    tab.open(picture, ready=False)
    wide, high = tab.ask(_DRAWN)
    shown = tab.ask(_SHOWN)
    assert shown == [room, pytest.approx(high * room / wide, abs=1)]
    tab.page.set_viewport_size({"width": int(wide) + 500, "height": 900})
    assert tab.ask(_SHOWN) == [wide, high], "not larger than it was drawn"
