"""The policy file of ``check``: its keys, and how it is parsed.

A policy is TOML (or YAML, where PyYAML is installed); docs/policy-file.md describes every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.analysis.usage import KEEP, Options
from jotgraph.errors import OptionError
from jotgraph.records import Kind
from jotgraph.settings.defaults import TABLES, defaults_of
from jotgraph.settings.files import read_text, read_toml
from jotgraph.settings.mistakes import mistake
from jotgraph.settings.spans import span_days


class MustContain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an alias runs must contain a commit."""

    commit: str
    """A commit-ish: branch, tag or SHA."""
    alias: str = "*"
    """Shell pattern of alias names."""


class RequireTested(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What runs must be tested, without a failure."""

    of: tuple[str, ...] = ("*",)
    """Shell patterns of aliases, functions (``name``) or versions (``name:7``)."""
    max_age: str = ""
    """A span such as ``30d``: older results do not count."""
    cases: tuple[str, ...] = ()
    """Shell patterns of case names; for each at least one case must have passed."""


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rules to check. A rule that is not set is not checked."""

    max_orphans: int | None = None
    max_orphans_of: dict[str, int] = {}
    """The most orphans by kind: ``ecr-image = 0``."""
    max_orphan_bytes: int | None = None
    no_drift: tuple[str, ...] = ()
    """Shell patterns of alias names, of functions (``name``) or versions (``name:7``)."""
    no_broken: bool = False
    no_recreated_roles: bool = False
    max_lag: int | None = None
    """The most commits behind the ref."""
    ref: str | None = None
    max_image_age_days: float | None = None
    """Of images that run."""
    max_critical_running: int | None = None
    """The most critical vulnerabilities in all images that run, by ECR's scans."""
    allow_unscanned: bool = False
    """Whether ``max_critical_running`` may pass with a running image without a valid scan."""
    require_tested: bool | RequireTested = False
    no_gaps: bool = False
    must_contain: tuple[MustContain, ...] = ()
    protect: tuple[str, ...] = ()
    """Shell patterns of resources that must not be orphans: names without the kind."""
    keep: tuple[str, ...] = KEEP
    keep_last: int | None = None
    keep_images: int | None = None
    keep_days: float = 0
    ignore: tuple[str, ...] = ()
    assume_no: tuple[str, ...] = ()
    """Services assumed to run no image of these accounts."""
    apply: dict[str, Any] = {}
    """What ``apply`` allows, whatever a plan says; no rule for an inventory."""


def read_policy(path: str | Path) -> Policy:
    """Read a policy file. Raises OptionError, naming a misspelt key and the nearest known one."""
    source = Path(path)
    try:
        if source.suffix in (".yaml", ".yml"):
            return parse_policy(_yaml(source, read_text(source)), str(source))
        file = read_toml(source)
    except FileNotFoundError as error:
        raise OptionError(
            f"there is no policy file {source}; name one with --policy, or write a first one with: "
            "jotgraph check --init"
        ) from error
    rules = {key: value for key, value in file.entries.items() if key not in TABLES}
    return parse_policy({**_kept(defaults_of(file)), **rules}, str(source))


def _kept(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The policy with the settings about orphans from ``[defaults]`` of the same file, where it has
    none itself: a project has one answer to what is unused."""
    kept = {key: defaults[key] for key in ("ref", "ignore", "assume_no") if key in defaults}
    if "keep_tags" in defaults:
        kept["keep"] = [*KEEP, *defaults["keep_tags"]]
    if defaults.get("keep_images"):
        kept["keep_images"] = defaults["keep_images"]
    if "keep_days" in defaults:
        kept["keep_days"] = span_days(str(defaults["keep_days"]))
    return kept


def parse_policy(table: Mapping[str, Any], source: str = "the policy") -> Policy:
    """Convert a mapping to a policy; ``-`` in keys is read as ``_``. Raises OptionError."""
    spelt = {str(key).replace("-", "_"): value for key, value in table.items()}
    _known(spelt, Policy.__struct_fields__, source)
    asked, kinds = spelt.get("must_contain"), spelt.get("max_orphans_of")
    for entry in asked if isinstance(asked, list) else ():
        if isinstance(entry, Mapping):
            _known(entry, MustContain.__struct_fields__, f"{source}, must_contain")
    tested = spelt.get("require_tested")
    if isinstance(tested, Mapping):
        tested = {str(key).replace("-", "_"): value for key, value in tested.items()}
        _known(tested, RequireTested.__struct_fields__, f"{source}, require_tested")
        spelt["require_tested"] = tested
    for kind in kinds if isinstance(kinds, Mapping) else ():
        _known({str(kind): 0}, tuple(Kind), f"{source}, max_orphans_of")
    try:
        policy = msgspec.convert(spelt, Policy)
    except msgspec.ValidationError as error:
        raise OptionError(f"{source}: {mistake(error).text}") from error
    options_of(policy).check()
    _check_tested(policy.require_tested, source)
    return policy


def _check_tested(rule: bool | RequireTested, source: str) -> None:
    """Raise OptionError for an invalid span, and for a rule about nothing, which always passes."""
    if not isinstance(rule, RequireTested):
        return
    if not rule.of:
        raise OptionError(f"{source}, require_tested: of names nothing")
    try:
        if rule.max_age:
            span_days(rule.max_age)
    except ValueError as error:
        raise OptionError(f"{source}, require_tested: {error}") from error


def options_of(policy: Policy) -> Options:
    """Return the options for verdicts in a policy."""
    return Options(
        keep=policy.keep,
        keep_last=policy.keep_last,
        keep_images=policy.keep_images,
        keep_days=policy.keep_days,
        ignore=policy.ignore,
        assume_no=policy.assume_no,
    )


def _known(entries: Mapping[str, Any], known: tuple[str, ...], source: str) -> None:
    for key in entries:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"; did you mean {str(near[0])!r}?" if near else f"; known: {', '.join(known)}"
            raise OptionError(f"{source}: unknown key {key!r}{hint}")


def _yaml(source: Path, text: str) -> Mapping[str, Any]:
    try:
        import yaml  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 -- optional
    except ImportError as error:
        needs = "reading YAML needs PyYAML (pip install 'jotgraph[yaml]'); TOML works without"
        raise OptionError(f"{source}: {needs}") from error
    try:
        entries = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # dates such as 2026-99-99
        raise OptionError(f"{source} is not YAML: {error}") from error
    if entries is None:
        return {}
    if not isinstance(entries, Mapping):
        raise OptionError(f"{source} is not a mapping of rules")
    return entries
