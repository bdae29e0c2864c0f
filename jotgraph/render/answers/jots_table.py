"""The table of deployments in a terminal: one line each, what is wrong first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from jotgraph.queries.answers.jots import Jot, Jots
from jotgraph.records import last_name_of
from jotgraph.records.ids import short
from jotgraph.records.references import reference
from jotgraph.render.answers.apart import digits_for, lengthened
from jotgraph.render.answers.fitted import Column, Fitted, Narrowing, Shortening
from jotgraph.render.answers.grid import account_words
from jotgraph.render.answers.jots import DATES, NO_MORE, Extra
from jotgraph.render.answers.jots_words import (
    commit_words,
    files_words,
    function_words,
    local_words,
    route_words,
    states_styled,
    tag_words,
)
from jotgraph.render.answers.labels import standing_style

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

_NAME = 28
"""Width of names in a narrow terminal; longer ones have a line of their own."""
_DAY = len("2026-11-27")
_STEPS = (
    Narrowing("Local image", Shortening.OUT),
    Narrowing("Commit"),
    Narrowing("Image"),
    Narrowing("Deployment", Shortening.OWN_LINE),
    Narrowing("Role", Shortening.OUT),
    Narrowing("Place"),
    Narrowing("Lag"),
    Narrowing("State"),
    Narrowing("Aliases", Shortening.BELOW),
    Narrowing("Lag"),
    Narrowing("Image", Shortening.OUT),
    Narrowing("Commit"),
    Narrowing("Lag", Shortening.OUT),
    Narrowing("Place", Shortening.OUT),
    Narrowing("Commit", Shortening.OUT),
)
"""How the columns shrink, the least important first."""
_EARLIER = {"Built": 0, "Pushed": 1, "Committed": 2}
"""Of the dates, those that say less than when it was deployed."""


def as_table(answer: Jots, extra: Extra = NO_MORE) -> Group:
    """Return one line for each deployment, with a shared account above them; requested columns
    shrink last."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    if not answer.jots:
        return Group()
    title, place = _places(answer.jots, dict(answer.about.scope.names))
    heading = [Text(title, "dim", no_wrap=True, overflow="ellipsis")] if title else []
    columns = _columns(answer.jots, place, extra)
    return Group(*heading, Fitted(columns, _steps(extra), "Deployment", _NAME))


def _steps(extra: Extra) -> tuple[Narrowing, ...]:
    asked = tuple(reversed(extra.cells()))
    shorter = (Narrowing(heading) for heading in asked if heading in DATES)
    first_out = sorted(asked, key=lambda heading: _EARLIER.get(heading, len(_EARLIER)))
    return (*shorter, *_STEPS, *(Narrowing(heading, Shortening.OUT) for heading in first_out))


def _columns(
    jots: Sequence[Jot], place: Sequence[Callable[[Jot], Text]], extra: Extra
) -> list[Column]:
    writers: dict[str, Sequence[Callable[[Jot], Text]]] = {
        "State": (_state, _worst_state),
        "Deployment": (_deployment,),
        "Aliases": (_aliases,),
        "Commit": (
            _commit_and_files,
            _plain(lambda jot: commit_words(jot.commit)),
            _plain(lambda jot: short(jot.commit.commit) + "+" * bool(jot.commit.more)),
        ),
        "Lag": (_lag, _lag_alone, _lag_briefly),
        "Image": (_image, _image_of_a_function),
        "Local image": (_local,),
        "Role": (_plain(lambda jot: last_name_of(jot.role) if jot.role else ""),),
        "Place": place,
        **{heading: _asked(heading, write) for heading, write in extra.cells().items()},
    }
    digits = digits_for(pair for jot in jots for pair in _digests(jot).items())
    return [
        Column(
            heading,
            [
                [lengthened(write(jot), _digests(jot).values(), digits) for jot in jots]
                for write in forms
            ],
        )
        for heading, forms in writers.items()
    ]


def _digests(jot: Jot) -> dict[str, str]:
    """What its row shows the first digits of, by the words before them."""
    images = {f"{jot.image.repository}{tag_words(jot)} @": jot.image.digest} if jot.image else {}
    return {**images, **({"commit ": jot.commit.commit} if jot.commit.commit else {})}


def _asked(heading: str, write: Callable[[Jot], str]) -> Sequence[Callable[[Jot], Text]]:
    """A requested column; a time is shortened to its date."""
    whole = _plain(write)
    return (whole, _plain(lambda jot: write(jot)[:_DAY])) if heading in DATES else (whole,)


def _places(
    jots: Sequence[Jot], names: Mapping[str, str]
) -> tuple[str, Sequence[Callable[[Jot], Text]]]:
    """The place above the table, and that in each row: several accounts by name, if known, before
    the region."""
    accounts = {jot.account for jot in jots if jot.account.isdecimal()}
    places = {(jot.account, jot.region) for jot in jots if jot.account}
    if len(places) == 1:
        ((account, region),) = places
        return f"{account_words(account, names)} {region}", (_plain(lambda _: ""),)
    if len(accounts) == 1:
        return account_words(next(iter(accounts)), names), (_plain(lambda jot: jot.region),)

    def named(jot: Jot) -> str:
        return f"{account_words(jot.account, names)} {jot.region}".strip()

    def briefly(jot: Jot) -> str:
        return f"{names.get(jot.account, '')} {jot.region}".strip()

    return "", (_plain(named), _plain(briefly))


def _plain(words: Callable[[Jot], str]) -> Callable[[Jot], Text]:
    def cell(jot: Jot) -> Text:
        from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

        return Text(words(jot))

    return cell


def _state(jot: Jot) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return Text(", ").join(Text(state.words, state.style) for state in states_styled(jot))


def _worst_state(jot: Jot) -> Text:
    """The worst state alone, without its details."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    states = states_styled(jot)
    if not states:
        return Text()
    text = Text(states[0].brief, states[0].style)
    return text.append(f" +{len(states) - 1}", "dim") if len(states) > 1 else text


def _deployment(jot: Jot) -> Text:
    """What runs; for an unused image its name, without which the row would be ambiguous when the
    image column is left out."""
    return _plain(function_words)(jot) if jot.function else _image_briefly(jot)


def _aliases(jot: Jot) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return Text(route_words(jot), "cyan")


def _commit_and_files(jot: Jot) -> Text:
    """``1a2b3c4d5 +8, 1 file differs``."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    cell = Text(commit_words(jot.commit))
    if files := files_words(jot.commit):
        cell.append(f", {files}", "yellow" if jot.commit.modified else "dim")
    return cell


def _lag(jot: Jot) -> Text:
    return _standing(jot, jot.commit.standing.words())


def _lag_alone(jot: Jot) -> Text:
    return _standing(jot, jot.commit.standing.words(touching=False))


def _lag_briefly(jot: Jot) -> Text:
    return _standing(jot, jot.commit.standing.words(touching=False, ref=False))


def _standing(jot: Jot, words: str) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return Text(words, standing_style(jot.commit.standing))


def _image(jot: Jot) -> Text:
    """``shop/checkout:1.4 +2 @1a2b3c4d5``; only the digest if the row has the name already."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    if jot.image is None:
        return _only_local(jot) if jot.function else Text()
    if not jot.function:
        return Text(f"@{short(jot.image.digest)}", "dim")
    tag = tag_words(jot)
    cell = Text(f"{jot.image.repository}{tag}")
    return cell.append(f"{' ' * bool(tag)}@{short(jot.image.digest)}", "dim")


def _image_briefly(jot: Jot) -> Text:
    """``shop/checkout:1.4``, or the digest of an untagged image."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    if jot.image is None:
        return _only_local(jot)
    return Text(f"{jot.image.repository}{tag_words(jot) or f'@{short(jot.image.digest)}'}")


def _image_of_a_function(jot: Jot) -> Text:
    return _image_briefly(jot) if jot.function else _image(jot)


def _only_local(jot: Jot) -> Text:
    """The place of an image that no registry has."""
    return _local(jot).append(" (local)", "dim") if jot.local_images else _local(jot)


def _local(jot: Jot) -> Text:
    """``name:tag`` without the registry's host."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    named = reference(local_words(jot))
    return Text(f"{named.path}:{named.tag}" if named.tag else named.path)
