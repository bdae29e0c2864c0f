"""Options that are declared once, for the command of a stage and for ``up``, which has them all."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Declared(NamedTuple):
    """One option of a stage."""

    names: tuple[str, ...]
    words: Mapping[str, Any]
    """Names and parameters for click.option."""
    in_up: Mapping[str, Any]
    """What differs in ``up``: parameters, and ``names`` if another stage has an option of that
    name."""
    left_out: str
    """Why ``up`` lacks it; empty if it has it."""

    @property
    def dest(self) -> str:
        """Return the name of its value."""
        named = next((name for name in self.names if name.isidentifier()), "")
        return named or self.flags[-1].partition("/")[0].strip("-").replace("-", "_")

    @property
    def flags(self) -> tuple[str, ...]:
        """Return how it is typed with the command of its stage."""
        return tuple(name for name in self.names if name.startswith("-"))

    @property
    def up_flags(self) -> tuple[str, ...]:
        """Return how it is typed with ``up``."""
        return tuple(self.in_up.get("names", self.flags))


def declared(
    *names: str, in_up: Mapping[str, Any] | None = None, left_out: str = "", **words: Any
) -> Declared:
    """Declare an option, with the parameters of click.option."""
    return Declared(names, words, in_up or {}, left_out)


class SectionOption(click.Option):
    """An option under a heading of the help."""

    def __init__(self, *names: Any, section: str = "", **words: Any) -> None:
        self.section = section
        super().__init__(*names, **words)


class Sectioned(click.Command):
    """A command with so many options that its help has headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and isinstance(parameter, click.Option):
                heading = getattr(parameter, "section", "") or "Options"
                sections.setdefault(heading, []).append(record)
        for heading in sorted(sections, key="Options".__eq__):
            with formatter.section(heading):
                formatter.write_dl(sections[heading])


def options_of(stage: str, options: tuple[Declared, ...], *, section: str = "") -> Callable[[F], F]:
    """Add the options of a stage: as in its own command, or as in ``up``, where they have a section
    of the help. The command gets one mapping named after the stage, with the value of each
    option."""
    had = [option for option in options if not (section and option.left_out)]

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def run(**values: Any) -> Any:
            mine = {option.dest: values.pop(_parameter(stage, option)) for option in had}
            return command(**values, **{stage: mine})

        made: Any = run
        for option in reversed(had):
            words = dict(option.words)
            if section:
                words |= {**option.in_up, "cls": SectionOption, "section": section}
            flags = words.pop("names", option.flags)
            made = click.option(*flags, _parameter(stage, option), **words)(made)
        return made  # type: ignore[no-any-return] # click keeps the function's own type

    return decorate


def _parameter(stage: str, option: Declared) -> str:
    return f"{stage}_{option.dest}"
