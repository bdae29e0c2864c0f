"""How large the variables of a function may be: as Lambda counts them, as JSON."""

from __future__ import annotations

import json

import pytest

from jotgraph.deploy.rollout.environment import MOST, variables
from jotgraph.errors import OptionError

FRAME = len('{"AB":""}')


@pytest.mark.parametrize(
    "value",
    ["s" * (MOST - FRAME), '"' * ((MOST - FRAME) // 2), "\u00e9" * ((MOST - FRAME) // 2)],
    ids=["plain", "quotes", "beyond ASCII"],
)
def test_the_most_that_fits(value: str) -> None:
    assert variables(json.dumps({"AB": value}), "file") == {"AB": value}
    with pytest.raises(OptionError, match=r"bytes as JSON, and Lambda takes 4,096"):
        variables(json.dumps({"AB": value + '"'}), "file")


def test_names_and_brackets_count() -> None:
    many = {f"A{number:03}": "" for number in range(MOST // len('"A000":"",'))}
    assert variables(json.dumps(many), "file") == many
    with pytest.raises(OptionError, match="bytes as JSON"):
        variables(json.dumps({**many, "MORE": ""}), "file")
