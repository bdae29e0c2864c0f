"""Each answer has a writer for each of its formats, and no other."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

from jotgraph.render import answers
from jotgraph.render.answers.formats import formats_of
from jotgraph.render.answers.writers import Writers

MODULES = [
    importlib.import_module(f"{answers.__name__}.{module.name}")
    for module in pkgutil.iter_modules(answers.__path__)
]
WRITERS: dict[str, Callable[..., Writers[Any]]] = {
    module.__name__.rpartition(".")[2]: module.writers
    for module in MODULES
    if inspect.isfunction(getattr(module, "writers", None))
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_writers_are_those_of_the_formats(name: str) -> None:
    make = WRITERS[name]
    given = [
        None
        for parameter in inspect.signature(make).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    assert set(make(*given)) == set(formats_of(name))


def test_all_answers_are_looked_at() -> None:
    assert len(WRITERS) >= 18
    assert {"orphans", "plan", "check", "policy"} <= WRITERS.keys()
