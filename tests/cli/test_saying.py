"""What commands say on stderr steers no terminal, whatever they have read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from jotgraph import store
from jotgraph.cli.saying import harmless
from tests.factories import gap
from tests.functional.conftest import Run
from tests.functional.conftest import run as run
from tests.functional.estate import estate

EVIL = "a\x1b]0;title\x07\u202eb\rc\x9b2J\n  d"


def test_lines_stay_and_what_steers_is_replaced() -> None:
    assert harmless(EVIL) == "a\ufffd]0;title\ufffd\ufffdb\ufffdc\ufffd2J\n  d"


def test_nobody_need_read_it() -> None:
    """``jotgraph apply ... 2>&1 | head``: the run goes on to its end."""
    reading, writing = os.pipe()
    os.close(reading)
    program = "from jotgraph.cli.saying import say; say('one'); say('two'); print('to the end')"
    ended = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=writing, check=False
    )
    os.close(writing)
    assert ended.stdout == b"to the end\n"


@pytest.mark.parametrize("command", [("ls",), ("orphans",), ("plan", "cleanup", "--orphans")])
def test_why_something_was_not_read(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    """A snapshot may be of somebody else, and AWS repeats names in its messages."""
    inventory = estate()
    unread = replace(gap("lambda:GetPolicy", reason="denied"), detail=EVIL)
    store.save(replace(inventory, gaps=(*inventory.gaps, unread)), tmp_path / "gaps.jsonl")
    said = run(*command, "--from", str(tmp_path / "gaps.jsonl")).stderr
    assert "denied: a\ufffd]0;title" in said
    assert not re.search("[\x07\x1b\r\x9b\u202e]", said)
