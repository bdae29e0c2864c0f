"""What botocore makes again for each session and client, though it is the same every time: the
methods of a service, the rules of its addresses, copies of events. Tests make thousands of clients,
and half of what one costs is spared so. It changes botocore in the process of the tests alone, not
in the commands that they start."""

from __future__ import annotations

import copy
import inspect
import os
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

import pytest
from botocore import args, client, endpoint, hooks, httpsession, regions, session
from botocore.model import ServiceModel

Made = dict[Any, Any]
_aliased: dict[str, str] = {}
"""Names of events as botocore has them today, by any that they have had."""
PATCH = pytest.MonkeyPatch()
MANY_RULES = 500
"""More than botocore has services: those of loaders that are gone would be kept."""
PROFILES = ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")
PROXIES = tuple(f"{name}_proxy" for name in ("http", "https", "all"))
PROXIES += tuple(map(str.upper, PROXIES))


def make_once() -> None:
    """Let botocore do so, from now on; ``PATCH.undo()`` ends it."""
    PATCH.undo()
    creator: Any = client.ClientCreator
    PATCH.setattr(creator, "_load_service_model", _service_model)
    for name in ("_create_methods", "_create_name_mapping"):
        PATCH.setattr(creator, name, _of_model(name, getattr(creator, name)))
    arguments: Any = args.ClientArgsCreator
    PATCH.setattr(arguments, "compute_s3_config", _of_client(arguments.compute_s3_config))
    sessions: Any = session.Session
    PATCH.setattr(sessions, "get_scoped_config", _of_profile(sessions.get_scoped_config))
    events: Any = hooks
    PATCH.setattr(events, "accepts_kwargs", _accepts_kwargs(events.accepts_kwargs))
    PATCH.setattr(events._PrefixTrie, "append_item", _append)
    PATCH.setattr(events._PrefixTrie, "remove_item", _of_its_own(events._PrefixTrie.remove_item))
    PATCH.setattr(events._PrefixTrie, "__copy__", _shared)
    PATCH.setattr(events.EventAliaser, "__init__", _named_once(events.EventAliaser.__init__))
    PATCH.setattr(events.EventAliaser, "__copy__", _copied_aliaser)
    PATCH.setattr(endpoint, "get_environ_proxies", _proxies(endpoint.get_environ_proxies))
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


def _of_client(real: Callable[..., Made | None]) -> Callable[..., Made | None]:
    """What is configured for S3, which a client of any service looks up three times."""

    def once(creator: Any, config: Any) -> Made | None:
        known = _kept(creator, "_s3")
        if id(config) not in known:
            known[id(config)] = real(creator, config), config  # whose id stays its own
        found = known[id(config)][0]
        return found and dict(found)

    return once


def _of_profile(real: Callable[..., Made]) -> Callable[..., Made]:
    """The part of the configuration that is the profile's, which a client looks up 50 times."""

    def once(made: Any) -> Made:
        named = made.instance_variables().get("profile"), *map(os.environ.get, PROFILES)
        known = _kept(made, "_of_profile")
        if known.get("named") != named or known.get("of") is not made._profile_map:
            found = real(made)
            known.update(named=named, of=made._profile_map, found=found)
        scoped: Made = known["found"]
        return scoped

    return once


def _accepts_kwargs(real: Callable[[Any], object]) -> Callable[[Any], object]:
    """Whether a handler takes anything by name: a function's code says so."""

    def accepts(handler: Any) -> object:
        function = getattr(handler, "__func__", handler)
        if type(function) is not FunctionType or hasattr(function, "__signature__"):
            return real(handler)
        return function.__code__.co_flags & inspect.CO_VARKEYWORDS

    return accepts


def _shared(trie: Any) -> Any:
    """A copy of the handlers of a session, which are many, for a client, which adds a few: what
    both know stays the same node until one of them changes it."""
    made = type(trie)()
    made._root = trie._root
    return made


def _path(trie: Any, key: str) -> dict[str, Any]:
    """The node of a key, with all nodes on the way there, as one that nobody else knows."""
    node = trie._root = _copied(trie._root)
    for part in key.split("."):
        known = node["children"].get(part)
        made = _copied(known) if known else {"chunk": part, "values": None, "children": {}}
        node["children"][part] = node = made
    return node


def _copied(node: dict[str, Any]) -> dict[str, Any]:
    """A node whose children are the same, and whose handlers may be changed."""
    values = node["values"]
    return {
        "chunk": node["chunk"],
        "values": values and hooks.NodeList([*values[0]], [*values[1]], [*values[2]]),
        "children": dict(node["children"]),
    }


def _append(trie: Any, key: str, value: Any, section: int = 1) -> None:
    node = _path(trie, key)
    if node["values"] is None:
        node["values"] = hooks.NodeList([], [], [])
    node["values"][section].append(value)


def _of_its_own(real: Callable[..., None]) -> Callable[..., None]:
    """How a handler is removed, of nodes that nobody else knows."""

    def remove(trie: Any, key: str, value: Any) -> None:
        node = trie._root
        for part in key.split("."):
            node = node and node["children"].get(part)
        if node:
            _path(trie, key)
        real(trie, key, value)

    return remove


def _proxies(real: Callable[[str], Made]) -> Callable[[str], Made]:
    """Those of the environment, which is gone through where it may name one."""
    return lambda url: real(url) if any(map(os.environ.get, PROXIES)) else {}


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
