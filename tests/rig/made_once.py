"""What botocore makes again for each session and client, though it is the same every time: the
methods of a service, the rules of its addresses, copies of events. Tests make thousands of clients,
and half of what one costs is spared so. It changes botocore in the process of the tests alone, not
in the commands that they start."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

import pytest
from botocore import client, hooks, httpsession, regions
from botocore.model import ServiceModel

Made = dict[Any, Any]
_aliased: dict[str, str] = {}
"""Names of events as botocore has them today, by any that they have had."""
PATCH = pytest.MonkeyPatch()
MANY_RULES = 500
"""More than botocore has services: those of loaders that are gone would be kept."""


def make_once() -> None:
    """Let botocore do so, from now on; ``PATCH.undo()`` ends it."""
    PATCH.undo()
    creator: Any = client.ClientCreator
    PATCH.setattr(creator, "_load_service_model", _service_model)
    for name in ("_create_methods", "_create_name_mapping"):
        PATCH.setattr(creator, name, _of_model(name, getattr(creator, name)))
    events: Any = hooks
    PATCH.setattr(events, "accepts_kwargs", _accepts_kwargs(events.accepts_kwargs))
    PATCH.setattr(events._PrefixTrie, "_recursive_copy", lambda _trie, node: _copied(node))
    PATCH.setattr(events.EventAliaser, "__init__", _named_once(events.EventAliaser.__init__))
    PATCH.setattr(events.EventAliaser, "__copy__", _copied_aliaser)
    addresses: Any = regions
    PATCH.setattr(addresses, "EndpointProvider", _by_rules(addresses.EndpointProvider))
    sockets: Any = httpsession
    PATCH.setattr(sockets, "create_urllib3_context", cache(sockets.create_urllib3_context))


def _kept(owner: Any, name: str) -> Made:
    """What was made of something, which goes with it."""
    made: Made = owner.__dict__.setdefault(name, {})
    return made


def _service_model(creator: Any, service_name: str, api_version: str | None = None) -> ServiceModel:
    """One model for each that the loader has read."""
    read = creator._loader.load_service_model(service_name, "service-2", api_version=api_version)
    known = _kept(creator._loader, "_models")
    key = service_name, id(read)
    if key not in known:
        known[key] = ServiceModel(read, service_name=service_name)
    model: ServiceModel = known[key]
    return model


def _of_model(name: str, make: Callable[..., Made]) -> Callable[..., Made]:
    """A method of a creator that depends on the service alone, but for the events by which it
    tells of what it documents."""

    def once(creator: Any, model: ServiceModel) -> Made:
        known = _kept(model, name)
        if not known:
            alone = copy.copy(creator)
            alone._event_emitter = hooks.HierarchicalEmitter()  # the session's lives no longer
            known.update(make(alone, model))
        return dict(known)

    return once


def _accepts_kwargs(real: Callable[[Any], object]) -> Callable[[Any], object]:
    """Whether a handler takes anything by name: a function's code says so."""

    def accepts(handler: Any) -> object:
        function = getattr(handler, "__func__", handler)
        if type(function) is not FunctionType or hasattr(function, "__signature__"):
            return real(handler)
        return function.__code__.co_flags & inspect.CO_VARKEYWORDS

    return accepts


def _copied(node: dict[str, Any]) -> dict[str, Any]:
    """As botocore copies events of a session for a client, without asking each part how."""
    return {
        key: hooks.NodeList([*value[0]], [*value[1]], [*value[2]])
        if type(value) is hooks.NodeList
        else _copied(value)
        if type(value) is dict
        else value
        for key, value in node.items()
    }


def _named_once(real: Callable[..., None]) -> Callable[..., None]:
    def start(self: Any, event_emitter: Any, event_aliases: Any = None) -> None:
        real(self, event_emitter, event_aliases)
        if event_aliases is None:
            self._alias_name_cache = _aliased

    return start


def _copied_aliaser(self: Any) -> Any:
    """Its names stay those that are known already."""
    made = type(self)(copy.copy(self._emitter), self._event_aliases)
    made._alias_name_cache = self._alias_name_cache
    return made


def _by_rules(real: Any) -> Callable[..., Any]:
    """One provider of addresses for the rules of a service, that tells them apart by what it is
    asked."""
    made: dict[tuple[int, int], Any] = {}

    def provider(ruleset_data: Any, partition_data: Any, excluded_params: Any = None) -> Any:
        key = id(ruleset_data), id(partition_data)
        if key not in made:
            if len(made) > MANY_RULES:
                made.clear()
            found = real(ruleset_data, partition_data, excluded_params)
            made[key] = found, ruleset_data, partition_data  # whose ids stay theirs
        return made[key][0]

    return provider
