"""The answers on the small estate as CSV and as Markdown, kept in ``expected/answers_as_*.txt``.

``python -m tests.functional.answers_written`` writes them anew after a change that is meant.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from click.testing import CliRunner

from jotgraph import store
from jotgraph.cli import cli
from tests.functional.estate import DENIED, estate

EXPECTED = Path(__file__).parent / "expected"
FORMATS = ("csv", "md")
ANSWERS = (
    ("ls", "--all"),
    ("show", "checkout:1"),
    ("trace", "checkout"),
    ("why", "billing"),
    ("why", "checkout:1", "main"),
    ("where", "v1"),
    ("orphans", "--all"),
    ("stale", "--all"),
    ("impact", "billing"),
    ("rescue",),
    ("costs",),
    ("plan", "delete", "billing"),
)


def written(stored: str, form: str) -> str:
    """Every answer in one format, each below its command."""
    parts = []
    for arguments in ANSWERS:
        asked = [*arguments, "--format", form, "--from", stored]
        result = CliRunner().invoke(cli, asked, prog_name="jotgraph")
        assert result.exit_code == 0, result.output
        parts.append(f"$ jotgraph {' '.join(arguments)}\n{result.stdout}")
    return "\n".join(parts)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "estate.jsonl"
        store.save(estate(DENIED), stored)
        for form in FORMATS:
            path = EXPECTED / f"answers_as_{form}.txt"
            path.write_text(written(str(stored), form), encoding="utf-8")


if __name__ == "__main__":
    main()
