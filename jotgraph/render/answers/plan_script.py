"""A plan as a commented shell script of the equivalent docker and aws commands.

It is for reading, and for those who may not run anything else. Before each call it compares one
fact of the target with the plan; only ``apply`` checks who uses the target now, and can undo it.
Missing targets are skipped, so that a script that stopped can be run again. It stops at the first
difference or failure, and when the plan has expired. A trigger is deleted without being disabled
first, because Lambda does not delete one that is being disabled (ResourceInUseException,
API_DeleteEventSourceMapping).
"""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from jotgraph.analysis.coverage import assumption, coverage_lines
from jotgraph.plan.model import Action, Plan, Step
from jotgraph.records import Kind, ResourceId, account_of, function_of, kind_of
from jotgraph.records.references import lambda_target
from jotgraph.render.answers.plan_commands import GONE, commands, is_unchanged
from jotgraph.render.words import clean

_NEWLINE = "\n"
_NO_SUCH = (
    r"An error occurred \((ResourceNotFound|NoSuchEntity|ImageNotFound|RepositoryNotFound)"
    r"(Exception)?\)|no such (container|image|object)"
)
_FUNCTIONS = f"""\
signed_in_to() {{ # a function of the same name in another account is another function
  if [ "$(aws sts get-caller-identity --query Account --output text)" != "$1" ]; then
    echo "sign in to account $1 first" >&2
    exit 1
  fi
}}
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
refuse() {{
  echo "$1; nothing more is done, make a new plan" >&2
  exit 1
}}
gone() {{ # whether the last command found nothing; any other failure stops the script
  if grep -Eiq '{_NO_SUCH}' "$errors"; then
    return 0
  fi
  cat "$errors" >&2
  exit 1
}}
try() {{ # try COMMAND: run it; that its target is gone already is fine
  "$@" 2>"$errors" || gone
}}
ask() {{ # ask COMMAND: whether there is an answer, which is then in $now
  if ! now=$("$@" 2>"$errors"); then
    gone
    return 1
  fi
  [ "$now" != '{GONE}' ]
}}
same() {{ # same FACT COMMAND: whether it is there; stops when the answer is not what was planned
  planned=$1
  shift
  ask "$@" || return 1
  [ "$now" = "$planned" ] || refuse "changed since it was planned: $*"
}}
within() {{ # within WORDS COMMAND: whether it is there; stops at a word that was not planned
  planned=$1
  shift
  ask "$@" || return 1
  for word in $now; do
    case " $planned " in
    *" $word "*) ;;
    *) refuse "$word is not in the plan: $*" ;;
    esac
  done
}}
same_time() {{ # same_time TIME COMMAND: as same, in any form in which aws writes a time
  planned=$1
  shift
  ask "$@" || return 1
  case $now in
  "${{planned%% *}}"* | "${{planned##* }}"*) ;;
  *) refuse "created again since it was planned: $*" ;;
  esac
}}
"""


def as_script(plan: Plan) -> str:
    """Return the script, with blocks and survivors as comments."""
    lines = [*_head(plan), *_steps(plan)]
    for title, rows in (
        ("blocked", plan.blocks),
        ("left for the sweep", plan.left),
        ("kept", plan.kept),
    ):
        lines += [""] if rows else []
        lines += [f"# {title}: {_comment(row.id)}: {_comment(row.because)}" for row in rows]
    return _NEWLINE.join(lines) + _NEWLINE


def _head(plan: Plan) -> list[str]:
    """The beginning, which stops a script that may not run."""
    lines = [
        "#!/bin/sh",
        f"# {_comment(plan.asked)}",
        f"# Planned from a scan of {plan.taken_at:%Y-%m-%d %H:%M} UTC; valid for one hour.",
        "# Each step compares one fact of its target with the plan and passes over what is gone:",
        "# the script can be run again. It does not look who uses the target now, and keeps no",
        "# copy: jotgraph apply does.",
        "set -euf",
        f'if [ "$(date +%s)" -ge {plan.expires_at.timestamp():.0f} ]; then',
        '  echo "this plan has expired; make a new one" >&2',
        "  exit 1",
        "fi",
        "export AWS_PAGER='' TZ=UTC",
        *_FUNCTIONS.splitlines(),
    ]
    if plan.over:
        lines += [f"# REFUSED: {_comment(plan.over)}", "exit 1"]
    lines += [f"# {_comment(line)}" for line in context(plan)]
    if plan.undecided:
        lines.append(f"# INCOMPLETE, what may use it was not read: {', '.join(plan.undecided)}")
    if plan.unread:
        lines += [f"# INCOMPLETE, unread: {_comment(', '.join(plan.unread))}", "exit 1"]
    return lines


def _steps(plan: Plan) -> Iterator[str]:
    """The lines of each step, after the checks of its account and function."""
    functions = {step.id: step for step in plan.steps if step.action is Action.DELETE_FUNCTION}
    before = ""
    for number, step in enumerate(plan.steps, 1):
        account = account_of(step.id)
        if account not in ("", before):
            before = account
            yield from ("", f"signed_in_to {quote(account)}")
        yield from ("", f"# {number}. {_comment(step.id)}: {_comment(step.because)}")
        owner = _function_of(step)
        if owner and (function := functions.pop(owner, None)):
            yield f"{is_unchanged(function)} || : # nothing is torn off a function that changed"
        yield from commands(step)


def _function_of(step: Step) -> ResourceId | None:
    """The function that a trigger calls, or that an alias or version belongs to."""
    if kind_of(step.id) is Kind.TRIGGER:
        target = lambda_target(dict(step.fingerprint).get("function", ""))
        return function_of(target) if target else None
    return function_of(step.id) if kind_of(step.id) in (Kind.ALIAS, Kind.VERSION) else None


def _comment(text: str) -> str:
    """Text that cannot end its comment."""
    return clean(text, 400)


def context(plan: Plan) -> list[str]:
    """Return the basis of the plan: which services were read where, and what is assumed of
    others."""
    assumed = assumption(plan.assumed)
    return [*coverage_lines(plan.scope), *([assumed] if assumed else [])]
