"""JMESPath over responses of AWS, with two more functions: the text before and after a
separator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from jotgraph.records.mentions import names_in_values


def search(expression: str, document: Any) -> Any:
    """Evaluate an expression; None for no result, and for a document that it cannot handle."""
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415 -- with botocore

    compiled, options = _compiled(expression)
    try:
        return compiled.search(document, options=options)
    except JMESPathError:
        return None


@cache
def _compiled(expression: str) -> tuple[Any, Any]:
    import jmespath  # noqa: PLC0415 -- with botocore, when AWS is read

    return jmespath.compile(expression), jmespath.Options(custom_functions=_functions())


@cache
def _functions() -> Any:
    from jmespath.functions import Functions, signature  # noqa: PLC0415 -- as above

    text: Any = {"types": ["string", "null"]}

    class Cuts(Functions):
        @signature(text, text)
        def _func_before(self, whole: str | None, separator: str) -> str | None:
            return whole and whole.partition(separator)[0]

        @signature(text, text)
        def _func_after(self, whole: str | None, separator: str) -> str | None:
            return whole and whole.rpartition(separator)[2]

    return Cuts()


def texts(answer: Any) -> tuple[str, ...]:
    """Return the texts in a result, in order, without duplicates and empty ones."""
    items = answer if isinstance(answer, list) else [answer]
    return tuple(dict.fromkeys(str(item) for item in items if item not in (None, "")))


def mentions(answer: Any) -> tuple[str, ...]:
    """Return ARNs of roles and functions, ECR references and digests anywhere in a response,
    sorted."""
    return names_in_values(_strings(answer))


def _strings(answer: Any) -> Iterator[str]:
    waiting = [answer]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, Sequence) and not isinstance(value, bytes):
            waiting.extend(value)
