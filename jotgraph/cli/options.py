"""Options that several commands share, each group gathered into one value."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from jotgraph.cli.defaults import settable
from jotgraph.cli.lazy import DEBUG
from jotgraph.render.answers.formats import formats_of
from jotgraph.settings.spans import span_days

if TYPE_CHECKING:
    from jotgraph.analysis.usage import Options

F = TypeVar("F", bound=Callable[..., Any])


class Output(NamedTuple):
    """How an answer is written to stdout."""

    format: str = "table"
    color: bool | None = None
    """None: only on a terminal, and not with NO_COLOR."""


def _debug(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[DEBUG] = True


debug = click.option(
    "--debug",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_debug,
    help="Show the traceback of an error.",
)


def _services(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> Any:
    """Parse ``ecs,batch``, also repeated, into services without duplicates."""
    names = (name.strip() for text in value for name in text.split(","))
    return tuple(dict.fromkeys(filter(None, names)))


def _assume_no(**words: Any) -> Callable[[F], F]:
    return click.option(
        "--assume-no",
        "assume_no",
        multiple=True,
        callback=_services,
        metavar="SERVICE,...",
        help="Assume that these services run none of the images (ecs,batch), so that images are "
        "not doubtful because the services were not read.",
        **words,
    )


assume_no = _assume_no(**settable("assume_no"))
"""The command gets ``assume_no``."""
assume_no_typed = _assume_no()
"""The same for commands that delete: there it has to be typed."""

ignore_option = click.option(
    "--ignore",
    multiple=True,
    metavar="DOUBT",
    help="Ignore this reason for doubt; repeatable.",
    **settable("ignore"),
)
ref_option = click.option(
    "--ref",
    metavar="REF",
    help="Compare with this branch or tag; default: HEAD.",
    **settable("ref"),
)


class Keeping(NamedTuple):
    """The rollback windows: unused resources that are kept."""

    keep_tags: tuple[str, ...] = ()
    keep_images: int | None = None
    keep_days: float = 0


def usage_options(
    keeping: Keeping,
    ignore: tuple[str, ...],
    assume_no: tuple[str, ...],
    *,
    keep_last: int | None = None,
    idle: bool = False,
) -> Options:
    """Return the options for verdicts, the same for every command. Raises OptionError."""
    from jotgraph.analysis.usage import KEEP, Options  # noqa: PLC0415 -- only a run needs it

    options = Options(
        keep=keeping.keep_tags or KEEP,
        keep_last=keep_last,
        keep_images=keeping.keep_images,
        keep_days=keeping.keep_days,
        idle_functions=idle,
        ignore=ignore,
        assume_no=assume_no,
    )
    options.check()
    return options


class NewFile(click.Path):
    """A file to write, whose folder must exist before anything is read."""

    def __init__(self, suffixes: Callable[[], Iterable[str]] | None = None) -> None:
        super().__init__(dir_okay=False, path_type=Path)
        self._suffixes = suffixes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"there is no folder {path.parent}; make it first", param, ctx)
        known = tuple(self._suffixes()) if self._suffixes else ()
        if known and path.suffix.lower() not in known:
            suffix = path.suffix or path.name
            self.fail(f"cannot draw a {suffix!r} file; try {' '.join(known)}", param, ctx)
        return path


def pictures() -> Iterable[str]:
    """Return the suffixes of pictures and graphs."""
    from jotgraph.render.files.export import FORMS  # noqa: PLC0415 -- only a run needs it

    return FORMS


def days(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """Parse ``14``, ``14d``, ``2w`` or ``12h`` into days: a callback of click."""
    try:
        return span_days(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error


def days_if_given(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Parse days like ``days``; None for an option that was not given."""
    return None if value is None else days(ctx, param, value)


def _keeping(*more_names: str) -> tuple[Callable[[F], F], ...]:
    return (
        click.option(
            "--keep-tag",
            *more_names,
            "keep_tags",
            multiple=True,
            metavar="PATTERN",
            help="Keep images with such a tag, instead of the default patterns; repeatable.",
            **settable("keep_tags"),
        ),
        click.option(
            "--keep-images",
            type=click.IntRange(0),
            metavar="N",
            help="Keep the newest N images of each repository.  [default: 1 of each repository "
            "that something runs from]",
            **settable("keep_images"),
        ),
        click.option(
            "--keep-days",
            callback=days,
            default="0",
            metavar="D",
            help="Keep what was pushed, pulled or published in this time: 30d, 4w.",
            **settable("keep_days"),
        ),
    )


KEEPING = _keeping()
"""Options of ``Keeping`` for commands that plan a deletion: there ``--keep`` names a resource."""


def keeping(command: F) -> F:
    """Add these options, with ``--keep`` for ``--keep-tag``; the command gets ``keeping``."""
    options = _keeping("--keep")
    return gather(command, "keeping", Keeping, lambda values: Keeping(**values), options)


def output(answer: str) -> Callable[[F], F]:
    """Add ``--format``, with the formats of an answer, and ``--color``; the command gets
    ``output``."""
    formats = formats_of(answer)
    options = (
        click.option(
            "--format",
            "format",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            help="Format of the answer.",
        ),
        click.option(
            "--color",
            type=click.Choice(("auto", "always", "never")),
            default="auto",
            show_default=True,
            help="auto: on a terminal, unless NO_COLOR is set.",
        ),
    )
    return lambda command: gather(command, "output", Output, _output, options)


def _output(values: dict[str, Any]) -> Output:
    color = {"always": True, "never": False}.get(values.pop("color"))
    if color is None and os.environ.get("NO_COLOR"):
        color = False
    return Output(color=color, **values)


def gather(
    command: F,
    name: str,
    _type: type,
    make: Callable[[dict[str, Any]], NamedTuple],
    options: tuple[Callable[[Any], Any], ...],
) -> F:
    """Add options whose values reach the command as one keyword argument."""

    @functools.wraps(command)
    def run(**values: Any) -> Any:
        mine = {name: values.pop(name) for name in names if name in values}
        return command(**values, **{name: make(mine)})

    names: list[str] = []
    decorated: Any = run
    before = len(getattr(run, "__click_params__", []))
    for option in reversed(options):
        decorated = option(decorated)
    for parameter in decorated.__click_params__[before:]:
        if parameter.expose_value:
            names.append(parameter.name)
    return decorated  # type: ignore[no-any-return] # click keeps the function's own type
