"""Clients that make the request of a call once: where to and of what bytes depends on nothing but
the call's parameters, and to find that out takes botocore a third of a call without sockets."""

from __future__ import annotations

from typing import Any

from botocore.client import BaseClient

NOT_ONE_ADDRESS = frozenset({"s3", "s3control"})
"""Services whose addresses depend on parameters."""
_Client: Any = BaseClient  # the stubs say nothing of what is private


class Remembering(_Client):  # type: ignore[misc]  # as above
    """A base of a client's class that goes before botocore's own."""

    def _resolve_endpoint_ruleset(
        self, operation_model: Any, params: Any, request_context: Any, *rest: Any, **more: Any
    ) -> Any:
        made = super()._resolve_endpoint_ruleset
        if operation_model.service_model.service_name in NOT_ONE_ADDRESS or rest or more:
            return made(operation_model, params, request_context, *rest, **more)
        known = self.__dict__.setdefault("_addresses", {})
        if operation_model.name not in known:
            context = dict(request_context)
            found = made(operation_model, params, context)
            added = {
                name: value
                for name, value in context.items()
                if request_context.get(name) is not value
            }
            known[operation_model.name] = found, added
        (url, headers, properties), added = known[operation_model.name]
        request_context.update(_copied(added))
        return url, dict(headers), properties

    def _convert_to_request_dict(
        self, api_params: Any, operation_model: Any, endpoint_url: str, *rest: Any, **more: Any
    ) -> Any:
        made = super()._convert_to_request_dict
        context, headers = more.get("context"), more.get("headers")
        plain = not rest and more.keys() == {"context", "headers"} and not headers
        if not plain or not all(map(_is_small, api_params.values())):
            return made(api_params, operation_model, endpoint_url, *rest, **more)
        known = self.__dict__.setdefault("_requests", {})
        key = operation_model.name, endpoint_url, repr(api_params)
        if key not in known:
            known[key] = made(api_params, operation_model, endpoint_url, **more)
        return _copied(known[key]) | {"context": context}


def _copied(found: dict[str, Any]) -> dict[str, Any]:
    """What its reader may change: a request's headers, its form, and the words of a signature."""
    return {
        name: dict(value) if isinstance(value, dict) else value for name, value in found.items()
    }


def _is_small(value: Any) -> bool:
    """Whether a parameter is worth to be remembered: what is uploaded is sent once."""
    return not isinstance(value, bytes | bytearray) and not hasattr(value, "read")


def remember(base_classes: list[type], **_event: Any) -> None:
    """A handler of ``creating-client-class``."""
    base_classes.insert(0, Remembering)
