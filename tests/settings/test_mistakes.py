"""Why a value of a file does not fit: msgspec's words, as people write them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jotgraph.records import Kind
from jotgraph.settings.mistakes import Mistake, mistake


class Wanted(msgspec.Struct):
    many: int | None = None
    names: tuple[str, ...] = ()
    kind: Kind = Kind.ROLE


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"many": "x"}, Mistake("a whole number is needed, not text",
                                "many: a whole number is needed, not text")),
        ({"names": [1]}, Mistake("text is needed, not a whole number",
                                 "names[0]: text is needed, not a whole number")),
        ({"kind": "a - at b"}, Mistake("Invalid enum value 'a - at b'",
                                       "Invalid enum value 'a - at b' - at `$.kind`")),
    ],
)  # fmt: skip
def test_what_msgspec_says(given: dict[str, Any], expected: Mistake) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(given, Wanted)
    assert mistake(raised.value) == expected


def test_what_we_say_stays_as_it_is() -> None:
    message = "'5' is no span: Expected `int`, got `str`"
    assert mistake(ValueError(message)) == Mistake(message, message)
    assert mistake(ValueError()) == Mistake("", "")
