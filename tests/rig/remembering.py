"""Clients that make the request of a call once: where to and of what bytes depends on nothing but
the call's parameters, and to find that out takes botocore a third of a call without sockets. A call
that was made before is carried at once, and goes botocore's whole way where it does not work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from botocore.client import BaseClient

NOT_ONE_ADDRESS = frozenset({"s3", "s3control"})
"""Services whose addresses depend on parameters."""
_Client: Any = BaseClient  # the stubs say nothing of what is private


Carry = Callable[..., "tuple[Any, Any] | None"]
"""A handler of ``before-call``: gives the answer and what it says, or nothing where the call did
not work."""
ERRORS = 300
_Known = dict[tuple[str, str], tuple[Any, dict[str, Any], str]]
"""A call's model, its request, which nobody changes, and the event that it goes by."""


class Remembering(_Client):  # type: ignore[misc]  # as above
    """A base of a client's class that goes before botocore's own."""

    carry: Carry

    def _make_api_call(self, operation_name: str, api_params: dict[str, Any]) -> Any:
        """As botocore does, in one step where the request is known."""
        known, now = self._carried
        if not all(map(_is_small, api_params.values())):  # to write down what they are takes longer
            now.key = None
            return super()._make_api_call(operation_name, api_params)
        key = operation_name, repr(api_params)
        if key in known:
            model, request, event = known[key]
            answer = self.carry(
                model=model,
                params=request,
                request_signer=self._request_signer,
                event_name=event,
            )
            if answer is not None:
                return self._told(model, event, *answer)
        now.key = key
        return super()._make_api_call(operation_name, api_params)

    def _told(self, model: Any, event: str, http: Any, parsed: Any) -> Any:
        """What an answer says; raises as botocore does."""
        context: dict[str, Any] = {}
        after = event.replace("before-call", "after-call", 1)
        self.meta.events.emit(
            after, http_response=http, parsed=parsed, model=model, context=context
        )
        if http.status_code < ERRORS:
            return parsed
        code = context.get("error_code_override") or parsed.get("Error", {}).get("Code")
        raise self.exceptions.from_code(code)(parsed, model.name)

    @cached_property
    def _carried(self) -> tuple[_Known, threading.local]:
        """Requests by the call and its parameters; and, of each thread, the call under way."""
        return {}, threading.local()

    def _note(self, model: Any, request: dict[str, Any]) -> None:
        """Remember the request of the call under way, unless the next one of the same parameters is
        another (idempotency tokens are drawn anew) or is read bit by bit."""
        known, now = self._carried
        key, now.key = getattr(now, "key", None), None
        whole = not (model.has_streaming_output or model.has_event_stream_output)
        if key is not None and whole and not model.idempotent_members:
            event = f"before-call.{self.meta.service_model.service_id.hyphenize()}.{model.name}"
            made = _copied(request)
            if isinstance(made["body"], dict):
                made["body"] = urlencode(list(made["body"].items()), doseq=True)
            known[key] = model, made, event

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
        self._note(operation_model, known[key])
        return _copied(known[key]) | {"context": context}


def _copied(request: dict[str, Any]) -> dict[str, Any]:
    """What its reader may change: a request's headers, its form, and the words of a signature."""
    return {
        name: dict(value) if isinstance(value, dict) else value for name, value in request.items()
    }


def _is_small(value: Any) -> bool:
    """Whether a parameter is worth to be remembered: what is uploaded is sent once."""
    return not isinstance(value, bytes | bytearray) and not hasattr(value, "read")


def remember(carry: Carry) -> Callable[..., None]:
    """A handler of ``creating-client-class`` for clients whose calls are carried so."""
    base = type("Carried", (Remembering,), {"carry": staticmethod(carry)})

    def prepend(base_classes: list[type], **_event: Any) -> None:
        base_classes.insert(0, base)

    return prepend
