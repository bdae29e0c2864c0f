"""The table ``[evidence]``: where a team's builds record revisions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jotgraph.errors import OptionError
from jotgraph.records import Carrier, Convention
from jotgraph.settings.files import TomlFile
from jotgraph.settings.mistakes import known

TABLES: Mapping[str, Carrier] = {
    "labels": Carrier.LABEL,
    "tags": Carrier.TAG,
    "env": Carrier.ENV,
    "files": Carrier.FILE,
}
"""Tables of ``[evidence]``: names with their values."""
_MOST = 50
"""The most conventions in one file."""
_NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")


def evidence_of(file: TomlFile) -> tuple[Convention, ...]:
    """Return the conventions in a file, sorted. Raises OptionError, naming the line."""
    table = file.entries.get("evidence", {})
    if not isinstance(table, Mapping):
        raise OptionError(f"{file.at('evidence')}: [evidence] is not a table")
    known(file, table, TABLES, "[evidence] ")
    conventions = sorted(_conventions(file, table))
    names = [convention.name for convention in conventions]
    if len(names) > _MOST:
        raise OptionError(f"{file.path}: [evidence] has more than {_MOST} entries")
    for name in names:
        if names.count(name) > 1:
            raise OptionError(f"{file.at(name)}: [evidence] has {name!r} twice")
    return tuple(conventions)


def _conventions(file: TomlFile, table: Mapping[str, Any]) -> Iterator[Convention]:
    from jotgraph.links import RULES  # noqa: PLC0415 -- only with such a table
    from jotgraph.links.conventions import problem  # noqa: PLC0415 -- as above

    ours = {rule.name for rule in RULES}

    for key, entries in table.items():
        where = f"[evidence.{key}]"
        if not isinstance(entries, Mapping):
            raise OptionError(f"{file.at(key)}: {where} is not a table of names and values")
        for name, pattern in entries.items():
            at = f"{file.at(name)}: {where} {name!r}"
            if not _NAME.fullmatch(name):
                raise OptionError(f"{at}: no name for a rule; write 3 to 40 of a-z, 0-9 and _")
            if name in ours:
                raise OptionError(f"{at}: a rule of jotgraph has this name")
            if not isinstance(pattern, str):
                raise OptionError(f"{at}: text is needed")
            convention = Convention(
                name=name, carrier=TABLES[key], pattern=pattern, file=str(file.path)
            )
            if wrong := problem(convention):
                raise OptionError(f"{at}: {wrong}")
            yield convention


def merged(*sources: Iterable[Convention]) -> tuple[Convention, ...]:
    """Return conventions by name, sorted; the first one with a name counts."""
    by_name: dict[str, Convention] = {}
    for conventions in sources:
        for convention in conventions:
            by_name.setdefault(convention.name, convention)
    return tuple(sorted(by_name.values()))
