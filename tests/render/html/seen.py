"""Questions to an open page, in words."""

from __future__ import annotations

from tests.rig.browser import Tab


def heading(tab: Tab) -> str:
    """What the pane of details is about."""
    return tab.page.locator("#details h2").inner_text()


def selected(tab: Tab) -> str:
    return str(tab.ask("jotgraph.selected()"))


def lit(tab: Tab) -> list[str]:
    found = tab.ask("jotgraph.lit()")
    assert isinstance(found, list)
    return found


def passing(tab: Tab) -> list[str]:
    """Ids that the filters let pass."""
    found = tab.ask("jotgraph.passing()")
    assert isinstance(found, list)
    return found


def rows(tab: Tab) -> list[str]:
    """Names in the list of jots, from the top."""
    return tab.page.locator("#jots-body .row-name").all_inner_texts()


def at(tab: Tab, resource: str) -> tuple[float, float]:
    """Where the middle of a resource's card is in the window."""
    return _in_window(tab, tab.ask("id => jotgraph.at(id)", resource))


def on_line(tab: Tab, source: str, target: str) -> tuple[float, float]:
    """Where a point of the line between two resources is in the window."""
    return _in_window(tab, tab.ask("ends => jotgraph.line(...ends)", [source, target]))


def _in_window(tab: Tab, point: list[float]) -> tuple[float, float]:
    box = tab.page.locator("#canvas").bounding_box()
    assert box is not None
    assert 0 <= point[0] <= box["width"], point
    assert 0 <= point[1] <= box["height"], point
    return box["x"] + point[0], box["y"] + point[1]
