"""Caches answers about a graph on the graph itself.

The cache lives as long as the graph and is not copied with it. Queries over a large estate make
some hundred thousand lookups, a third of their time, so each signature gets the fastest cache that
fits it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeAlias, TypeVar, cast

from jotgraph.records import ResourceId

if TYPE_CHECKING:
    import networkx as nx

ResourceGraph: TypeAlias = "nx.DiGraph[ResourceId]"
P = ParamSpec("P")
T = TypeVar("T")


def remembered(
    ask: Callable[Concatenate[ResourceGraph, P], T],
) -> Callable[Concatenate[ResourceGraph, P], T]:
    """Cache the answers of a function of a graph, if the graph is frozen. A function of the graph
    alone, or with one more argument, takes positional arguments only."""
    parameters = list(inspect.signature(ask).parameters.values())[1:]
    attribute = f"_{ask.__qualname__}_{id(ask)}"
    answer: Callable[..., T]
    match parameters:
        case []:
            answer = _about_the_whole(ask, attribute)
        case [inspect.Parameter(default=inspect.Parameter.empty)]:
            answer = _about_one(ask, attribute)
        case _:
            answer = _about_several(ask, attribute)
    return cast("Callable[Concatenate[ResourceGraph, P], T]", wraps(ask)(answer))


def _about_the_whole(ask: Callable[..., T], attribute: str) -> Callable[[ResourceGraph], T]:
    def answer(graph: ResourceGraph, /) -> T:
        known: dict[str, T] = graph.__dict__
        try:
            return known[attribute]
        except KeyError:
            pass
        answered = ask(graph)
        if "frozen" in graph.__dict__:
            known[attribute] = answered
        return answered

    return answer


def _about_one(ask: Callable[..., T], attribute: str) -> Callable[[ResourceGraph, Any], T]:
    def answer(graph: ResourceGraph, of: Any, /) -> T:
        try:
            known: T = graph.__dict__[attribute][of]
        except KeyError:
            pass
        else:
            return known
        answered = ask(graph, of)
        if "frozen" in graph.__dict__:
            graph.__dict__.setdefault(attribute, {})[of] = answered
        return answered

    return answer


def _about_several(ask: Callable[..., T], attribute: str) -> Callable[..., T]:
    """Cache by all arguments. An omitted default and the same value given by name share an
    entry."""
    signature = inspect.signature(ask)
    defaults = [parameter.default for parameter in list(signature.parameters.values())[1:]]
    needed = defaults.count(inspect.Parameter.empty)
    rest = tuple(defaults[needed:])

    def answer(graph: ResourceGraph, /, *of: Any, **named: Any) -> T:
        known: dict[tuple[Any, ...], T] | None = graph.__dict__.get(attribute)
        if known is None:
            if "frozen" not in graph.__dict__:
                return ask(graph, *of, **named)
            known = graph.__dict__[attribute] = {}
        if named:
            whole = signature.bind(graph, *of, **named)
            whole.apply_defaults()
            key = (*whole.args[1:], *whole.kwargs.values())
        else:
            key = of + rest[len(of) - needed :]
        try:
            return known[
                key
            ]  # a key may be a long tuple of claims: its hash is made anew each time
        except KeyError:
            pass
        answered = known[key] = ask(graph, *of, **named)
        return answered

    return answer
