"""The command ``jotgraph check``, a gate for continuous integration."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.defaults import settable
from jotgraph.cli.options import Output, output
from jotgraph.cli.scan_options import Reading, reading

if TYPE_CHECKING:
    from jotgraph.policy_check import Policy

_DEFAULT = "jotgraph.toml"
_FIRST = """\
# What must hold of the estate: jotgraph check. Every key: docs/policy-file.md of jotgraph.

no_broken = true             # no function runs an image that is missing, archived or refused
no_drift = ["*"]             # no deployed tag has moved to another image: aliases, functions
max_orphans = 20             # unused resources of all kinds
# max_lag = 30               # commits behind ref that change files in the image
# ref = "main"               # default: each repository's HEAD
# max_image_age_days = 180   # of images that run
# max_critical_running = 0   # critical vulnerabilities in images that run, by ECR's scans
# allow_unscanned = true     # an image that runs without a scan does not fail that rule
# require_tested = true      # each image that Lambda runs was tested, and no case failed
# no_gaps = true             # everything that was asked for was read
# keep_images = 5            # newest images of each repository, kept for a rollback
# protect = ["shop/*"]       # must not be unused

# [max_orphans_of]
# ecr-image = 10

# [[must_contain]]
# commit = "fix-1234"        # branch, tag or SHA
# alias = "prod"

# What options are without being typed: docs/settings.md.
# [defaults]
# regions = ["eu-west-1"]
# ref = "main"
"""


@click.command(epilog="Example: jotgraph check --policy jotgraph.toml --from prod --format junit")
@click.option(
    "--policy",
    metavar="FILE",
    default=_DEFAULT,
    show_default=True,
    help="Policy file, TOML or YAML, looked for up to the root of the git repository.",
    **settable("policy"),
)
@click.option("--init", is_flag=True, help="Write a commented policy file, and check nothing.")
@min_confidence
@output("check")
@reading
def check(policy: str, init: bool, confidence: str, output: Output, reading: Reading) -> None:
    """Check an inventory against a policy file.

    Exit codes: 0 no violations, 1 violations, 2 no policy file, a malformed one or one without a
    rule, 3 something that was asked for was not read (with --strict), 4 failed, or a service that a
    rule needs was not read.
    """
    if init:
        _write_first(policy)
        return
    from jotgraph import policy_check  # noqa: PLC0415 -- only a run needs it
    from jotgraph.analysis.health.names import titled  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.answers.check import note, writers  # noqa: PLC0415 -- as above

    file = _found(policy)
    rules = policy_check.read_policy(file)
    _require_rules(file, rules)
    graph = graphs.graph_of(reading, confidence)
    result = policy_check.check(graph, rules)
    answer.write(result, output, writers(partial(titled, graph), _below(file)))
    lines = [note(result)]
    lines += [
        f"{key} = {', '.join(names)} by {file}"
        for key, names in (("ignore", rules.ignore), ("assume_no", rules.assume_no))
        if names
    ]
    unread = tuple(dict.fromkeys(violation.because for violation in result.failed))
    answer.finish(
        result.about,
        reading,
        note="\n".join(lines),
        any_found=bool(result.violations),
        unread=unread,
    )


def _require_rules(file: str, policy: Policy) -> None:
    """Raise OptionError for a policy without a rule: a gate that checks nothing would pass."""
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- what only a run needs
    from jotgraph.policy_check import rules_of  # noqa: PLC0415 -- as above

    if not rules_of(policy):
        raise OptionError(
            f"{file} sets no rule, so nothing would be checked; set one, such as no_broken = true "
            "(docs/policy-file.md)"
        )


def _found(policy: str) -> str:
    """The given policy file; if none is given, the project's."""
    from pathlib import Path  # noqa: PLC0415 -- what only a run needs

    from jotgraph.settings.files import project_file  # noqa: PLC0415 -- as above

    context = click.get_current_context()
    if context.get_parameter_source("policy") is not ParameterSource.DEFAULT:
        return policy
    return str(project_file(Path.cwd()) or policy)


def _below(policy: str) -> str:
    """The path of a file relative to here, for reports; its name if it is not below."""
    from pathlib import Path  # noqa: PLC0415 -- what only a run needs

    path, here = Path(policy).resolve(), Path.cwd().resolve()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name


def _write_first(policy: str) -> None:
    """Write an initial policy. Raises OptionError if there is one."""
    from pathlib import Path  # noqa: PLC0415 -- only with --init

    from jotgraph.errors import OptionError  # noqa: PLC0415 -- as above
    from jotgraph.store.writing import write_answer  # noqa: PLC0415 -- as above

    if Path(policy).suffix in (".yaml", ".yml"):
        raise OptionError(f"--init writes TOML, not {policy}: use --policy NAME.toml")
    if Path(policy).exists():
        raise OptionError(f"{policy} already exists, and --init does not overwrite it")
    write_answer(Path(policy), _FIRST)
    click.echo(f"wrote {policy}; check with: jotgraph check --policy {policy}", err=True)
