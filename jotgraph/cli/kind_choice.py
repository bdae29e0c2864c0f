"""Options for a kind of resource, which import the table of kinds when they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from jotgraph.records import Kind

    _Choice = click.Choice[str]
else:
    _Choice = click.Choice


class KindChoice(_Choice):
    """One of the kinds that a function returns when the option is used."""

    def __init__(self, kinds: Callable[[], Iterable[Kind]]) -> None:
        self._kinds = kinds
        super().__init__(())

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(kind.value for kind in self._kinds())

    @choices.setter
    def choices(self, _: object) -> None:
        """Return the choices for click: none, until they are asked for."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from difflib import get_close_matches  # noqa: PLC0415 -- only when the option is used

        near = get_close_matches(str(value), self.choices, n=1)
        if near and value not in tuple(_every()):
            self.fail(f"unknown kind {value!r}; did you mean {near[0]!r}?", param, ctx)
        return super().convert(value, param, ctx)


class KindOption(click.Option):
    """An option for kinds, which its help lists in the text. As a metavar they are wider than a
    terminal."""

    def __init__(self, *names: Any, **words: Any) -> None:
        super().__init__(*names, **{"metavar": "KIND", "multiple": True, **words})

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        kinds = self.type.choices if isinstance(self.type, KindChoice) else ()
        return record and (record[0], f"{record[1]} Kinds: {', '.join(kinds)}.")


def _every() -> Iterable[Kind]:
    from jotgraph.records import KINDS  # noqa: PLC0415 -- msgspec takes 15 ms

    return KINDS


def _judged() -> Iterable[Kind]:
    from jotgraph.records import JUDGED  # noqa: PLC0415 -- as above

    return JUDGED


def _deletable() -> Iterable[Kind]:
    from jotgraph.records import DELETABLE  # noqa: PLC0415 -- as above

    return DELETABLE


EVERY, JUDGED, DELETABLE = KindChoice(_every), KindChoice(_judged), KindChoice(_deletable)
