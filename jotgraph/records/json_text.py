"""Parsing of foreign JSON: every fault in it raises one exception."""

from __future__ import annotations

import json
import threading
from typing import Any

import msgspec

NOT_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""Exceptions of msgspec for bytes that do not parse: truncated, of another type, not UTF-8, or
nested too deep."""


def parsed(text: str) -> Any:
    """Parse JSON text. Raises ValueError for text that is not JSON or is nested too deep."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


_making = threading.Lock()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def decoder(of: Any) -> msgspec.json.Decoder[Any]:
    """Return a cached decoder for a type, safe to share between threads. msgspec inspects a class
    when it is first decoded. Another thread that decodes the same class meanwhile can see it half
    inspected, which crashes the process."""
    with _making:
        if of not in _decoders:
            _decoders[of] = msgspec.json.Decoder(of)
        return _decoders[of]
