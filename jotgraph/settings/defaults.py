"""The table ``[defaults]``: its keys, and how a project's and a user's are combined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from jotgraph.errors import OptionError
from jotgraph.records import Convention
from jotgraph.settings.evidence import evidence_of
from jotgraph.settings.files import ORGANIZATION, TomlFile, project_file, read_toml, user_file
from jotgraph.settings.mistakes import known, mistake
from jotgraph.settings.spans import span_days

Text = Annotated[str, Meta(min_length=1, max_length=1000)]
Span = int | float | Text
"""Days as a number, or ``12h``, ``30d``, ``4w``."""


class Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Default values of options. A key that is not set leaves its option unchanged."""

    profiles: tuple[Text, ...] | None = None
    regions: tuple[Text, ...] | None = None
    accounts: Text | None = None
    """File of accounts, relative to the settings file, or ``organization``."""
    role_arn: Text | tuple[Text, ...] | None = None
    """Role for reading each account."""
    external_id: Text | None = None
    git: tuple[Text, ...] | None = None
    """Paths of git repositories, relative to the settings file."""
    ref: Text | None = None
    """Branch or tag to compare with."""
    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$")] | None = None
    """Name of snapshots: ``scan`` stores under it, and reading commands use its newest."""
    max_age: Span | None = None
    """The greatest age of the newest snapshot of ``name`` for a gate."""
    keep_tags: tuple[Text, ...] | None = None
    keep_images: Annotated[int, Meta(ge=0)] | None = None
    keep_days: Span | None = None
    ignore: tuple[Text, ...] | None = None
    """Doubts to ignore, where nothing is deleted."""
    assume_no: tuple[Text, ...] | None = None
    """Services assumed to run none of the images, where nothing is deleted."""
    policy: Text | None = None
    """Policy file of ``check``, relative to the settings file."""


KEYS: tuple[str, ...] = Defaults.__struct_fields__
SPANS = ("max_age", "keep_days")
KEEPING = ("keep_tags", "keep_images", "keep_days")
"""Keys that protect: a project adds to what a user keeps, and removes nothing."""
POLICY_KEYS = (
    "max_orphans", "max_orphans_of", "max_orphan_bytes", "no_drift", "no_broken",
    "no_recreated_roles", "max_lag", "ref", "max_image_age_days", "max_critical_running",
    "allow_unscanned", "require_tested", "no_gaps", "must_contain", "protect", "keep", "keep_last",
    "keep_images", "keep_days", "ignore", "assume_no", "apply",
)  # fmt: skip
"""Keys of a policy, which a project's file may contain too; ``policy_check`` reads them."""
TABLES = ("defaults", "evidence")
"""Tables that are read here; the rest of a project's file is the policy of ``check``."""


class SettingsLayer(NamedTuple):
    """The settings of one file."""

    path: Path
    project: bool
    values: Mapping[str, Any]
    evidence: tuple[Convention, ...] = ()


class Value(NamedTuple):
    """The value of a key, and the files that set it."""

    value: Any
    files: tuple[Path, ...]


def layers(directory: Path) -> tuple[SettingsLayer, ...]:
    """Return the settings that apply in a directory: the project's, then the user's, if there are
    any. Raises OptionError for a file that cannot be read or contains invalid settings."""
    project = project_file(directory)
    settings = [_layer(project, project=True)] if project else []
    with suppress(FileNotFoundError):
        settings.append(_layer(user_file(), project=False))
    return tuple(settings)


def _layer(path: Path, *, project: bool) -> SettingsLayer:
    file = read_toml(path)
    known(file, file.entries, (*TABLES, *POLICY_KEYS) if project else TABLES, "")
    return SettingsLayer(path, project, defaults_of(file), evidence_of(file))


def defaults_of(file: TomlFile) -> dict[str, Any]:
    """Return the table ``[defaults]`` of a file, by key. ``-`` in keys is read as ``_``, and paths
    are relative to the file. Raises OptionError, naming the line and the nearest known key."""
    table = file.entries.get("defaults", {})
    if not isinstance(table, Mapping):
        raise OptionError(f"{file.at('defaults')}: [defaults] is not a table")
    known(file, table, KEYS, "[defaults] ")
    spelt = {key.replace("-", "_"): value for key, value in table.items()}
    for key, value in spelt.items():
        try:
            msgspec.convert({key: value}, Defaults)
            if key in SPANS:
                span_days(str(value))
        except (msgspec.ValidationError, ValueError) as error:
            reason = mistake(error).reason
            raise OptionError(f"{file.at(key)}: [defaults] {key}: {reason}") from error
    values = msgspec.structs.asdict(msgspec.convert(spelt, Defaults))
    folder = file.path.absolute().parent
    if values["git"] is not None:
        values["git"] = tuple(str(folder / Path(path).expanduser()) for path in values["git"])
    if values["policy"] is not None:
        values["policy"] = str(folder / Path(values["policy"]).expanduser())
    if values["accounts"] not in (None, ORGANIZATION):
        values["accounts"] = str(folder / Path(values["accounts"]).expanduser())
    if isinstance(values["role_arn"], str):
        values["role_arn"] = (values["role_arn"],)
    return {key: value for key, value in values.items() if value is not None}


def effective(layers: Iterable[SettingsLayer]) -> dict[str, Value]:
    """Return the combined settings, by key. A project's value takes precedence over a user's,
    except for what is kept: there the patterns of both count, and the larger number."""
    by_key: dict[str, Value] = {}
    for layer in sorted(layers, key=lambda layer: layer.project):  # the user's first
        for key, value in layer.values.items():
            before = by_key.get(key)
            here = Value(value, (layer.path,))
            if layer.project and key in KEEPING:
                here = _kept(key, before, here)
            by_key[key] = here
    return {key: by_key[key] for key in KEYS if key in by_key and by_key[key].value is not None}


def _kept(key: str, before: Value | None, project: Value) -> Value:
    """What a user keeps, extended by a project; a project that keeps nothing has no effect."""
    if key == "keep_tags":
        patterns = (*(before.value if before else keep_by_default()), *project.value)
        files = before.files if before else ()
        return Value(tuple(dict.fromkeys(patterns)), (*project.files, *files))
    least = before or Value(None, ())
    return project if _size(project.value) > _size(least.value or 0) else least


def _size(value: Any) -> float:
    return span_days(str(value))


def keep_by_default() -> tuple[str, ...]:
    """Return the default patterns of tags that keep an image."""
    from jotgraph.analysis.usage import KEEP  # noqa: PLC0415 -- only a run needs it

    return KEEP
