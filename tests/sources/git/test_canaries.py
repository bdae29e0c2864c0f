"""No git command of the product runs what a repository names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jotgraph.content.engine import Content
from jotgraph.records import ContentVerdict, Gap
from jotgraph.sources.git.command import COMMANDS, run
from jotgraph.sources.git.repository import GitRead
from tests.sources.git.canaries import recorded, trap, use_everything
from tests.tally import CANARIES, SUNG, tried


def test_nothing_that_a_repository_names_is_run(tmp_path: Path) -> None:
    made = trap(tmp_path)
    with recorded(tmp_path) as commands:
        read, matched = use_everything(made, tmp_path / "cache")
    tried(CANARIES, len(made.names))
    tried(SUNG, len(made.sung()))
    assert made.sung() == []
    assert set(commands) == COMMANDS
    assert isinstance(read, GitRead)
    assert len(read.commits) == 4
    assert read.repository.refs[0][0] == "refs/heads/main"
    assert read.gaps == (
        Gap(
            service="git",
            action="status",
            resource="trap",
            reason="error",
            detail="whether 1 file differs from HEAD is not known: it is stored through "
            "evil-clean, which is not run",
            facts=("status",),
        ),
    )
    assert isinstance(matched, Content)
    assert [match.verdict for match in matched.matches] == [ContentVerdict.NEAREST]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["status", "--porcelain"], {"core.fsmonitor", "filter.evil-clean.clean"}),
        (["hash-object", "--path=x.process", "--stdin"], {"filter.evil-process.process"}),
        (["hash-object", "--path=x.odd", "--stdin"], {"filter.evil=clean.clean"}),
        (["hash-object", "--path=x.lfs", "--stdin"], {"filter.lfs.process"}),
        (["log", "-1"], {"gpg.program"}),
        (["diff", "HEAD~2", "HEAD"], {"diff.external"}),
        (["cat-file", "-p", "HEAD:Dockerfile"], {"remote.origin.uploadpack", "remote.ext.url"}),
        (["update-ref", "refs/heads/new", "HEAD"], {"other-hooks/reference-transaction"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "sings",
)
def test_the_canaries_can_sing(words: list[str], expected: set[str], tmp_path: Path) -> None:
    """As a person would run them, these commands do run what the repository names."""
    made = trap(tmp_path)
    subprocess.run(
        ["git", "--no-pager", "-C", str(made.repository.path), *words],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert expected <= set(made.sung())


def test_a_command_that_is_not_on_the_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="git status is not on the list"):
        run(tmp_path, "status")
