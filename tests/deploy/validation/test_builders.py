"""What ``validate`` says of Dockerfiles is what builders do with them: a real engine is asked of
the same table in ``tests/live/test_build.py``."""

from __future__ import annotations

from pathlib import Path

from jotgraph.deploy import validate
from jotgraph.queries.answers.validation import FlawCode, FlawSeverity
from tests.deploy.build.folders import BASE
from tests.deploy.build.folders import sources as files_of
from tests.rig.git import Repository

DOCKERFILES = {
    "FROM {base}": True,
    "from {base} as one\nFROM one": True,
    "FROM {base}\n# a comment\nENV A=1 \\\n  # inside\n  B=2": True,
    "ARG V=3.13\nFROM public.ecr.aws/lambda/python:$V": True,
    "ARG V\nFROM public.ecr.aws/lambda/python:${V:-3.13}": True,
    "# escape=`\nFROM {base}\nENV A=1 `\n  B=2": True,
    "\ufeffFROM {base}": True,
    "FROM {base}\r\nENV A=1\r\n": True,
    "FROM {base}\nCMD [\"a.b\"]\nENTRYPOINT [\"x\"]": True,
    "": False,
    "# nothing\n": False,
    "ENV A=1\nFROM {base}": False,
    "FROM": False,
    "FROM {base} one": False,
    "FROM {base} as": False,
    "FROM {base} like one": False,
    "FROM {base} as one two": False,
    "FROM {base}\nBOGUS x": False,
    "FROM {base}\nCOPY app.py": False,
    "FROM {base}\nCOPY": False,
    "FROM {base}\nENV A": False,
    "FROM {base}\nENV": False,
    "FROM {base}\nWORKDIR": False,
    "FROM {base}\nEXPOSE": False,
    "FROM {base}\nLABEL a": False,
    "FROM {base}\nUSER": False,
    "FROM {base}\nADD x": False,
    "FROM {base}\nARG": False,
    "FROM {base} as 1one": False,
    "FROM {base}\nHEALTHCHECK": False,
    "FROM {base}\nONBUILD FROM x": False,
    "FROM {base}\nSTOPSIGNAL": False,
    "FROM {base}\nVOLUME": False,
    "FROM {base}\nSHELL /bin/sh": False,
    "FROM {base}\nCOPY --nosuch=1 app.py ./": False,
    "FROM {base}\nENV A=1 B": False,
    "FROM $NONE": False,
    "FROM {base}\nCMD": True,
    "FROM {base}\nENTRYPOINT": True,
    "FROM {base}\nENV A 1 2": True,
    "FROM {base}\nENV A=\"1 2\" B='3 4' C=5\\ 6": True,
    "FROM {base}\nENV =1": False,
    "FROM {base}\nLABEL a=1 b=\"x y\"": True,
    "FROM {base}\nARG A B=2": True,
    "FROM {base}\nARG =1": False,
    "FROM {base}\nCOPY [\"app.py\", \"x y/\"]": True,
    "FROM {base}\nCOPY [\"app.py\"]": False,
    "FROM {base}\nSHELL [\"/bin/sh\"]": True,
    "FROM {base}\nSHELL []": False,
    "FROM {base}\nHEALTHCHECK NONE": True,
    "FROM {base}\nHEALTHCHECK NONE x": False,
    "FROM {base}\nHEALTHCHECK --interval=5s CMD x": True,
    "FROM {base}\nHEALTHCHECK --nosuch=5s CMD x": False,
    "FROM {base}\nHEALTHCHECK CMD": False,
    "FROM {base}\nHEALTHCHECK x": False,
    "FROM {base}\nONBUILD RUN x": True,
    "FROM {base}\nONBUILD": False,
    "FROM {base}\nONBUILD BOGUS": True,
    "FROM {base}\nWORKDIR a b": True,
    "FROM {base}\nWORKDIR --x=1 a": False,
    "FROM {base}\nMAINTAINER": False,
    "FROM {base}\nVOLUME /a /b": True,
    "FROM {base}\nEXPOSE 80 81/udp": True,
}  # fmt: skip
"""Dockerfiles, and whether builders take them."""


REFUSED = {
    FlawCode.DOCKERFILE_INVALID,
    FlawCode.DOCKERFILE_UNKNOWN,
    FlawCode.BASE_INVALID,
    FlawCode.BASE_UNKNOWN,
}


def test_validate_lets_pass_what_builders_take(tmp_path: Path) -> None:
    passed = dict[str, bool]()
    folder = tmp_path / "shop"  # of no commit, which is a warning: git is asked one question then
    Repository(folder).write(files_of())
    for text in DOCKERFILES:
        (folder / "Dockerfile").write_text(text.replace("{base}", BASE), newline="")
        findings = validate(folder, "app.handler", allow_dirty=True).findings
        serious = {
            finding.code for finding in findings if finding.severity is not FlawSeverity.WARNING
        }
        passed[text] = not serious & REFUSED
    assert passed == DOCKERFILES
