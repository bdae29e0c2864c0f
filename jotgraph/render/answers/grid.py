"""Rows about resources, as a table for a terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, TypeVar

from jotgraph.records import Kind, Pairs, Place, ResourceId, kind_of, place_of
from jotgraph.records.ids import NOWHERE
from jotgraph.records.titles import title
from jotgraph.render.answers.apart import told_apart
from jotgraph.render.answers.findings import CODE_STYLE
from jotgraph.render.answers.fitted import Column, Fitted, Narrowing, Shortening
from jotgraph.render.answers.short_ids import without_place
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

A = TypeVar("A")
NO_NAMES: Mapping[str, str] = MappingProxyType({})
Named: TypeAlias = Callable[[ResourceId], str]
"""Returns the display name of a resource: ``titled`` of a graph."""

WRONG = "bold red"
STYLE = {
    **CODE_STYLE,
    "in-use": "green",
    "unknown": "dim",
    "not": "dim",
    "breaks": WRONG,
    "ok": "green",
    "lacks": WRONG,
    "violation": WRONG,
    "contains": "green",
    "removed": "red",
    "added": "green",
}
_RIGHT = ("Frees", "Age")
_NAME = 28
"""Width of names in the narrowest terminal; longer ones have a line of their own."""


class Row(NamedTuple):
    """One row: a word, the resource it is about (or none), and why."""

    word: str | tuple[str, ...]
    """Several words, worst first, for a row with several states."""
    resource: ResourceId | None
    cells: tuple[str | tuple[str, ...], ...] = ()
    """Each in full, or in full followed by shorter and shorter forms."""
    because: str = ""
    before: str = ""
    """The resources before ``path`` in the reason."""
    path: tuple[ResourceId, ...] = ()
    name: str = ""
    """The subject of a row without a resource."""


class Grid(NamedTuple):
    """Headings (of the word, of further cells) and ordered rows."""

    word: str
    cells: Sequence[str]
    """The least important cell is last: it is shortened first."""
    rows: Sequence[Row]
    named: Named = title
    accounts: Pairs = ()
    """(account, name) of the accounts whose name is known."""


def grid_writers(
    grid: Callable[[A], Grid], as_json: Callable[[A], str], csv_rows: Callable[[A], TextTable]
) -> Writers[A]:
    """Return the writers of an answer with rows about resources; accounts have the names in its
    scope."""

    def named(answer: A) -> Grid:
        about = getattr(answer, "about", None)
        made = grid(answer)
        return made if about is None else made._replace(accounts=about.scope.names)

    return table_like(
        lambda answer: listing(named(answer)),
        as_json,
        csv_rows,
        lambda answer: markdown_rows(named(answer)),
    )


def by_place(resource: ResourceId) -> tuple[bool, int, str, str]:
    """A sort key within one word: AWS before the engine, then kind, account and region, then id."""
    place = place_of(resource)
    return (place == NOWHERE, _KINDS.index(kind_of(resource)), "/".join(place), resource)


_KINDS = tuple(Kind)


class _Identified(Protocol):
    @property
    def id(self) -> ResourceId: ...


J = TypeVar("J", bound=_Identified)


def in_place_order(rows: Iterable[J]) -> list[J]:
    """Sort statements about resources like ``by_place``."""
    return sorted(rows, key=lambda row: by_place(row.id))


def markdown_rows(grid: Grid) -> TextTable:
    """Return the rows with display names, each with its place and its reason."""
    grid = _told_apart(grid)
    places = any(_place(row.resource) != NOWHERE for row in grid.rows)
    rows = [
        (
            ", ".join(_forms(row.word)),
            _kind(row),
            _name(grid, row),
            *(_forms(cell)[0] for cell in row.cells),
            *([_place_words(grid, row)] if places else []),
            _reason(grid, row),
        )
        for row in grid.rows
    ]
    place = ("Place",) if places else ()
    return TextTable((grid.word, "Kind", "Name", *grid.cells, *place, "Because"), rows)


def _place_words(grid: Grid, row: Row) -> str:
    account, region = _place(row.resource)
    return " ".join(filter(None, (account_words(account, dict(grid.accounts)), region)))


def listing(grid: Grid) -> Group:
    """Return the rows for a terminal with common columns, and a shared account above them."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    if not grid.rows:
        return Group()
    grid = _told_apart(grid)
    shared, names = common_place(_place(row.resource) for row in grid.rows), dict(grid.accounts)
    columns = [
        Column(grid.word, column_forms([_words(_forms(row.word)) for row in grid.rows])),
        Column("Kind", [[Text(_kind(row)) for row in grid.rows]]),
        Column("Name", [[Text(_name(grid, row)) for row in grid.rows]]),
        *_cells(grid),
        Column(
            "Place",
            column_forms([place_forms(row.resource, shared, names) for row in grid.rows]),
        ),
    ]
    prefix = place_prefix(shared)
    reasons = [Text(without_place(_reason(grid, row), prefix), "dim") for row in grid.rows]
    heading = place_heading(shared, names)
    return Group(*heading, Fitted(columns, _steps(grid), "Name", _NAME, reasons))


def _steps(grid: Grid) -> list[Narrowing]:
    """The steps in which columns shrink. Each is shortened first, then long names get a line of
    their own, then columns are left out from the last; the first cell and the place come at the
    very end."""
    forms = max((len(_forms(cell)) for row in grid.rows for cell in row.cells), default=1)
    shorter = [Narrowing(heading) for heading in reversed(grid.cells) for _ in range(forms - 1)]
    least_first = (*reversed(grid.cells[1:]), "Kind", *grid.cells[:1], "Place")
    out = [Narrowing(heading, Shortening.OUT) for heading in least_first]
    return [
        *shorter,
        Narrowing("Place"),
        Narrowing("Name", Shortening.OWN_LINE),
        Narrowing(grid.word),
        *out,
    ]


def _cells(grid: Grid) -> list[Column]:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return [
        Column(
            heading,
            column_forms([[Text(form) for form in _forms(row.cells[number])] for row in grid.rows]),
            heading in _RIGHT,
        )
        for number, heading in enumerate(grid.cells)
    ]


def column_forms(cells: Sequence[Sequence[Text]]) -> list[list[Text]]:
    """Turn the forms of each row into forms of the column; a cell without a shorter form is
    kept."""
    most = max(map(len, cells))
    return [[forms[min(number, len(forms) - 1)] for forms in cells] for number in range(most)]


def _forms(cell: str | tuple[str, ...]) -> tuple[str, ...]:
    return (cell,) if isinstance(cell, str) else cell


def _words(words: tuple[str, ...]) -> list[Text]:
    """``broken, rescuable, idle``, each in its colour; shortened to ``broken +2``."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    known = [Text(word, STYLE.get(word, "")) for word in words]
    whole = Text(", ").join(known)
    more = len(known) - 1
    return [whole, known[0].copy().append(f" +{more}", "dim")] if more else [whole]


def _place(resource: ResourceId | None) -> Place:
    return NOWHERE if resource is None else place_of(resource)


def common_place(places: Iterable[Place]) -> Place:
    """Return the account that all rows share, and the region if they share it."""
    named = [place for place in places if place != NOWHERE]
    accounts = {place.account for place in named if place.account.isdecimal()}
    regions = {place.region for place in named if place.region}
    everywhere = len(regions) == 1 and len({place.account for place in named}) == 1
    if len(accounts) != 1:
        return NOWHERE
    return Place(accounts.pop(), regions.pop() if everywhere else "")


def account_words(account: str, names: Mapping[str, str]) -> str:
    """``111122223333 (shop)``, or the id alone where no name is known."""
    return f"{account} ({names[account]})" if names.get(account) else account


def place_heading(shared: Place, names: Mapping[str, str] = NO_NAMES) -> list[Text]:
    """Return the line above a table that names the place of all rows; None if there is none."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    words = (account_words(shared.account, names), shared.region)
    return [Text(" ".join(filter(None, words)), "dim")] if any(shared) else []


def place_prefix(shared: Place) -> str:
    """Return the beginning of ids in that place."""
    return "".join(f"{part}/" for part in shared if part)


def place_forms(
    resource: ResourceId | None, shared: Place, names: Mapping[str, str] = NO_NAMES
) -> list[Text]:
    """Return the place without what all rows share; in short the account's name, or the end of its
    number."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    place = _place(resource)
    account = "" if place.account == shared.account else place.account
    region = "" if place.region == shared.region else place.region
    if not account.isdecimal():
        return [Text(region or account)]  # "elsewhere": the name of what was listed says enough
    short = names.get(account) or f"…{account[-4:]}"
    whole = account_words(account, names)
    return [Text(f"{whole} {region}".strip()), Text(f"{short} {region}".strip())]


def _kind(row: Row) -> str:
    return "" if row.resource is None else kind_of(row.resource).value


def _name(grid: Grid, row: Row) -> str:
    return row.name if row.resource is None else grid.named(row.resource)


def _told_apart(grid: Grid) -> Grid:
    return grid._replace(named=told_apart(grid.named, (row.resource for row in grid.rows)))


def _reason(grid: Grid, row: Row) -> str:
    if not row.path:
        return without_place(row.because)
    place = _place(row.resource)
    steps = " → ".join(_step(grid, resource, place) for resource in row.path)
    return f"{row.before} {steps}".strip()


def _step(grid: Grid, resource: ResourceId, place: Place) -> str:
    """``function checkout``, with its region or account if the row is elsewhere."""
    where = place_of(resource)
    words = f"{kind_of(resource)} {grid.named(resource)}"
    if where in (place, NOWHERE):
        return words
    known = where.account == place.account or not where.account.isdecimal()
    elsewhere = (where.region,) if known else where
    return f"{words} in {' '.join(filter(None, elsewhere))}" if any(elsewhere) else words


def titles(named: Named, resources: Iterable[ResourceId]) -> tuple[str, ...]:
    """Return the display names of several resources, each once."""
    return tuple(dict.fromkeys(map(named, resources)))


def titled_by(titles: Iterable[tuple[ResourceId, str]], resource: ResourceId) -> str:
    """Return the display name from a plan, else the one in the id."""
    return dict(titles).get(resource) or title(resource)
