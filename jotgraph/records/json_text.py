"""JSON that somebody else wrote: whatever is wrong with it is one error."""

from __future__ import annotations

import json
import threading
from typing import Any

import msgspec

NOT_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no JSON of the type asked for: cut off, of other types,
not in UTF-8, or nested too deep."""


def parsed(text: str) -> Any:
    """The value of a JSON text. Raises ValueError for what is none, or is nested too deep."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


_making = threading.Lock()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def decoder(of: Any) -> msgspec.json.Decoder[Any]:
    """The decoder of a type, made once, for threads that share it.

    msgspec looks at a class when it is first decoded, and a thread that decodes it meanwhile may
    use what is only half known of it, of which the process dies.
    """
    with _making:
        if of not in _decoders:
            _decoders[of] = msgspec.json.Decoder(of)
        return _decoders[of]
