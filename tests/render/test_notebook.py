"""A drawn graph shows and saves itself."""

from __future__ import annotations

from pathlib import Path

import pytest

import jotgraph
from jotgraph.errors import RenderError
from tests.render.estate import shop_graph


def test_a_notebook_gets_svg_without_a_prolog(tmp_path: Path) -> None:
    drawn = jotgraph.draw(shop_graph()[0], title="shop")
    assert drawn._repr_svg_().startswith("<svg ")
    assert drawn._repr_html_().startswith("<div ")
    assert drawn.save(tmp_path / "shop.svg").read_text().startswith("<?xml")
    with pytest.raises(RenderError, match="no picture is written"):
        drawn.save(tmp_path / "shop.doc")
