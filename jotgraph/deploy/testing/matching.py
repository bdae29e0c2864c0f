"""Compares an answer with its expectation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jotgraph.errors import OptionError
from jotgraph.queries.answers.testing import Mismatch

EXACT, SUBSET, PATH, ERROR = "$exact", "$subset", "$path", "$error"
DIRECTIVES = (EXACT, SUBSET, PATH, ERROR)
"""Keys that say how an expectation is compared."""
_LONGEST = 200
"""Characters of a value in a difference."""
_AROUND, _BEFORE = 72, 24
"""Characters shown of a long value around a difference, and before it."""
_DEEPEST = 100


def read_expectation(value: Any, match: str, source: str) -> Mapping[str, Any]:
    """Parse an expectation into directives: those of an object, else the whole value by ``match``.
    Raises OptionError for an unknown directive, and for an invalid path."""
    if isinstance(value, dict) and value and all(key.startswith("$") for key in value):
        unknown = sorted(set(value) - {*DIRECTIVES})
        if unknown:
            raise OptionError(f"{source}: {unknown[0]!r} is none of {', '.join(DIRECTIVES)}")
        expectation = value
    else:
        expectation = {f"${match}": value}
    if PATH in expectation:
        _check_paths(expectation[PATH], source)
    if ERROR in expectation and len(expectation) > 1:
        raise OptionError(f"{source}: a failure has no answer: {ERROR} must be alone")
    if ERROR in expectation and not isinstance(expectation[ERROR], str):
        raise OptionError(f'{source}: {ERROR} names a type of error, such as "KeyError"')
    return expectation


def _check_paths(paths: Any, source: str) -> None:
    from jmespath import compile as compiled  # noqa: PLC0415 -- only where a path is named
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415 -- as above

    if not isinstance(paths, dict) or not paths:
        raise OptionError(f"{source}: {PATH} is an object of JMESPath expressions and their values")
    for path in paths:
        try:
            compiled(path)
        except (JMESPathError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise OptionError(
                f"{source}: {path!r} is not a JMESPath expression ({reason})"
            ) from error


def differences(expectation: Mapping[str, Any], answer: Any) -> tuple[Mismatch, ...]:
    """Yield the differences of an answer, in the order of the expectation."""
    mismatches: list[Mismatch] = []
    if EXACT in expectation:
        mismatches += _compare("", expectation[EXACT], answer, exact=True)
    if SUBSET in expectation:
        mismatches += _compare("", expectation[SUBSET], answer, exact=False)
    for path, value in expectation.get(PATH, {}).items():
        mismatches += _compare(path, value, _search(path, answer), exact=True)
    return tuple(mismatches)


def _search(path: str, answer: Any) -> Any:
    from jmespath import search  # noqa: PLC0415 -- as above
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415 -- as above

    try:
        return search(path, answer)
    except JMESPathError as error:  # a function of it got a value of another type
        return f"({str(error).splitlines()[0]})"


def _compare(
    path: str, expected: Any, answered: Any, *, exact: bool, depth: int = 0
) -> Iterator[Mismatch]:
    if depth > _DEEPEST:
        if expected != answered:
            yield Mismatch(path, *_apart(expected, answered))
    elif isinstance(expected, dict) and isinstance(answered, dict):
        yield from _objects(path, expected, answered, exact, depth)
    elif isinstance(expected, list) and isinstance(answered, list):
        yield from _lists(path, expected, answered, exact, depth)
    elif not _same(expected, answered):
        yield Mismatch(path, *_apart(expected, answered))


def _objects(
    path: str, expected: dict[str, Any], answered: dict[str, Any], exact: bool, depth: int
) -> Iterator[Mismatch]:
    for key, value in expected.items():
        inner = _member(path, key)
        if key not in answered:
            yield Mismatch(inner, shortened(value), "")
        else:
            yield from _compare(inner, value, answered[key], exact=exact, depth=depth + 1)
    for key in answered if exact else ():
        if key not in expected:
            yield Mismatch(_member(path, key), "", shortened(answered[key]))


def _lists(
    path: str, expected: list[Any], answered: list[Any], exact: bool, depth: int
) -> Iterator[Mismatch]:
    """Element by element: a list is no set, whatever way it is compared."""
    for place in range(max(len(expected), len(answered))):
        inner = f"{path}[{place}]"
        if place >= len(answered):
            yield Mismatch(inner, shortened(expected[place]), "")
        elif place >= len(expected):
            yield Mismatch(inner, "", shortened(answered[place]))
        else:
            yield from _compare(
                inner, expected[place], answered[place], exact=exact, depth=depth + 1
            )


def _same(expected: Any, answered: Any) -> bool:
    """Whether values are equal as JSON: ``1`` is ``1.0``, and ``true`` is neither."""
    if isinstance(expected, bool) or isinstance(answered, bool):
        return expected is answered
    return bool(expected == answered)


def _member(path: str, key: str) -> str:
    """``body.items``, or ``body."a.b"`` for a key that is no word, as in JMESPath."""
    word = key if key.isidentifier() and key.isascii() else json.dumps(key, ensure_ascii=False)
    return f"{path}.{word}" if path else word


def _apart(expected: Any, answered: Any) -> tuple[str, str]:
    """Two values as JSON, both cut around their first difference if they are long."""
    texts = [json.dumps(value, ensure_ascii=False) for value in (expected, answered)]
    pairs = enumerate(zip(*texts, strict=False))
    same = next((place for place, (left, right) in pairs if left != right), min(map(len, texts)))
    if same < _LONGEST // 2 or min(map(len, texts)) <= _LONGEST:
        return shortened(expected), shortened(answered)
    first = same - _BEFORE
    cut = [text[first : first + _AROUND] for text in texts]
    ends = ["" if first + _AROUND >= len(text) else "…" for text in texts]
    return f"…{cut[0]}{ends[0]}", f"…{cut[1]}{ends[1]}"


def shortened(value: Any) -> str:
    """Return a value as JSON on one line, cut if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
