"""Which handler an image starts, from ``CMD`` and ``ENTRYPOINT`` of its Dockerfile."""

from __future__ import annotations

import re

import msgspec

from jotgraph.deploy.validation.dockerfile import Dockerfile, Instruction, lineage
from jotgraph.deploy.validation.flaws import flaw, shown
from jotgraph.queries.answers.validation import Flaw, FlawCode, FlawSeverity

HANDLER = re.compile(r"\w[\w/.-]*\.[^\W\d]\w*")
"""``module.function``, which Lambda's Python runtime splits at the last dot."""
AWS_BASE = re.compile(r"(?:.*/)?(?:lambda/python|aws-lambda-python)(?:[:@].*)?")
_PYTHON = re.compile(r"(?:.*/)?(?:lambda/|aws-lambda-)?python:3\.(\d+)(?:[.@-].*)?")
_SCRIPT = "/lambda-entrypoint.sh"
"""The program that AWS's bases start. It takes exactly one argument, the handler."""
_CLIENT = "awslambdaric"
_FORM = 'Write CMD ["module.function"].'


class Command(msgspec.Struct, frozen=True):
    """What an image starts."""

    handler: str = ""
    line: int | None = None
    runtime: bool = False
    """Whether it is Lambda's own Python runtime, which calls ``handler(event, context)``."""
    flaws: tuple[Flaw, ...] = ()


def is_aws_base(file: Dockerfile) -> bool:
    """Return whether an image builds on AWS's Python base."""
    stages = lineage(file)
    return bool(stages and stages[0].image and AWS_BASE.fullmatch(stages[0].image))


def python_of(file: Dockerfile | None) -> int | None:
    """Return the minor version of Python 3 from the tag of the base; None when the tag does not
    say."""
    stages = lineage(file) if file else ()
    match = _PYTHON.fullmatch(stages[0].image) if stages and stages[0].image else None
    return int(match[1]) if match and len(match[1]) < 4 else None


def command_of(file: Dockerfile, name: str) -> Command:
    """Return the command of the last stage."""
    entry: Instruction | None = None
    cmd: Instruction | None = None
    for stage in lineage(file):
        own = False
        for step in stage.steps:
            if step.name == "CMD":
                cmd, own = step, True
            elif step.name == "ENTRYPOINT":
                entry, cmd = step, cmd if own else None  # it takes away what the base starts
    script = is_aws_base(file) if entry is None else entry.exec_form == (_SCRIPT,)
    last = cmd or entry
    line = last.line if last else None
    if script:
        return _script(cmd, name, line)
    words = (*_words(entry), *_words(cmd))
    if _CLIENT in words and not (entry and entry.exec_form is None):
        return _client(words[words.index(_CLIENT) + 1 :], name, line)
    todo = "Name the handler (PATH:module.function), and see that the image starts awslambdaric."
    text = "CMD and ENTRYPOINT do not show whether the image starts Lambda's Python runtime."
    return Command(
        line=line,
        flaws=(flaw(FlawCode.COMMAND_UNKNOWN, FlawSeverity.UNKNOWN, text, todo, name, line),),
    )


def _words(step: Instruction | None) -> tuple[str, ...]:
    if step is None:
        return ()
    words = step.exec_form
    return ("/bin/sh", "-c", step.arguments) if words is None else words


def _script(cmd: Instruction | None, name: str, line: int | None) -> Command:
    words = _words(cmd)
    if not words:
        return _missing(name, line)
    if cmd is not None and cmd.exec_form is None:
        text = "CMD is a shell's command line, so that AWS's base gets /bin/sh for a handler."
        return _invalid(text, name, line)
    if len(words) != 1:
        text = f"CMD has {len(words)} words, and AWS's base takes exactly one, the handler."
        return _invalid(text, name, line)
    return _named(words[0], name, line)


def _client(words: tuple[str, ...], name: str, line: int | None) -> Command:
    if not words:
        return _missing(name, line)
    if words[0] == "/bin/sh":
        text = "CMD is a shell's command line, so that the client gets /bin/sh for a handler."
        return _invalid(text, name, line)
    return _named(words[0], name, line)


def _named(word: str, name: str, line: int | None) -> Command:
    if HANDLER.fullmatch(word):
        return Command(word, line, runtime=True)
    if "." not in word:
        return _invalid(f"The handler {shown(word)} is not module.function.", name, line)
    text = f"It is unknown whether {shown(word)} names a handler."
    finding = flaw(FlawCode.COMMAND_UNKNOWN, FlawSeverity.UNKNOWN, text, _FORM, name, line)
    return Command(line=line, runtime=True, flaws=(finding,))


def _missing(name: str, line: int | None) -> Command:
    text = "Neither CMD nor ENTRYPOINT names a handler, so that each function has to."
    finding = flaw(FlawCode.COMMAND_MISSING, FlawSeverity.WARNING, text, _FORM, name, line)
    return Command(line=line, runtime=True, flaws=(finding,))


def _invalid(text: str, name: str, line: int | None) -> Command:
    finding = flaw(FlawCode.COMMAND_INVALID, FlawSeverity.WRONG, text, _FORM, name, line)
    return Command(line=line, runtime=True, flaws=(finding,))
