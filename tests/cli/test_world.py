"""What is said while a scan runs."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from jotgraph.cli.world import progress_words


@pytest.mark.parametrize(
    ("done", "total", "words"),
    [
        (3, 9, "1,234 read · ECR repositories 3 of 9"),
        (1000, None, "1,234 read · ECR repositories 1,000"),
        (0, None, "1,234 read · ECR repositories"),
    ],
)
def test_progress_in_words(done: int, total: int | None, words: str) -> None:
    assert progress_words(1234, "ECR repositories", done, total) == words


def test_progress_is_one_line_on_a_terminal_and_nothing_in_a_file(tmp_path: Path) -> None:
    script = (
        "from jotgraph.cli.world import progress\n"
        "with progress() as tell:\n"
        "    if tell:\n"
        "        for n in range(5): tell(f'ecr DescribeImages r-{n}', n, None)\n"
    )
    env = os.environ | {"TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[2])}
    ours, theirs = pty.openpty()
    try:
        subprocess.run([sys.executable, "-c", script], env=env, stderr=theirs, check=True)
        said = os.read(ours, 1 << 16).decode()
    finally:
        os.close(theirs)
        os.close(ours)
    assert "10 read · ecr DescribeImages r-4 4" in said
    assert said.count("\n") <= 1
    quiet = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert (quiet.stdout, quiet.stderr) == ("", "")
