"""The size of a folder, its links, and whether a commit has all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from jotgraph.deploy import validate
from jotgraph.deploy.validation.context import LIMIT, read_context, sizes
from tests.deploy.validation.folders import AWS, DOCKERFILE, HANDLER, brief, clean, found
from tests.rig.git import Repository, new_repository

FILES = {"app.py": HANDLER}
NOBODY = 65_534
WHOLE = f'FROM {AWS}\nCOPY . .\nCMD ["app.handler"]\n'


def large(folder: Path, name: str = "model.bin", size: int = LIMIT) -> None:
    """A file without blocks on the disk."""
    with (folder / name).open("wb") as file:
        file.truncate(size)


@pytest.mark.parametrize(
    ("dockerfile", "ignore", "size", "expected"),
    [
        ("", "", LIMIT, [("image-too-large", "wrong")]),
        ("", "*.bin", LIMIT, []),
        ("", "*\n!app.py\n!*.bin", LIMIT, [("image-too-large", "wrong")]),
        ("", "", LIMIT - 1_000_000, []),
        (WHOLE, "", LIMIT, [("image-too-large", "wrong")]),
        (
            WHOLE.replace(". .", "--exclude=*.bin . ."),
            "",
            LIMIT,
            [("context-too-large", "warning")],
        ),
        (WHOLE.replace("COPY", "COPY *.bin ./\nCOPY"), "", LIMIT, [("image-too-large", "wrong")]),
        (DOCKERFILE, "", LIMIT, [("context-too-large", "warning")]),
        (DOCKERFILE, "*.bin", LIMIT, []),
    ],
)
def test_sizes(
    tmp_path: Path, dockerfile: str, ignore: str, size: int, expected: list[tuple[str, str]]
) -> None:
    files = {**FILES, ".dockerignore": ignore, ".gitignore": "*.bin"}
    if dockerfile:
        files["Dockerfile"] = dockerfile
    Repository(tmp_path).write(files)
    large(tmp_path, size=size)
    result = validate(tmp_path, "app.handler")
    flaws = [(f.code.value, f.severity.value) for f in result.findings]
    assert [pair for pair in flaws if "large" in pair[0]] == expected


def test_the_ignore_file_of_the_dockerfile_counts_alone(tmp_path: Path) -> None:
    clean(tmp_path, {**FILES, "a.dockerignore": "*.txt", ".dockerignore": "*.py", "x.txt": "x"})
    assert set(read_context(tmp_path, "a").sizes) == {
        ".dockerignore", "a.dockerignore", "app.py",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ignore", "expected"),
    [("", False), ("\ufeff*.md", False), ("!.git", True), ("!.git/HEAD", True)],
)
def test_git_is_sent_by_an_exception_alone(tmp_path: Path, ignore: str, expected: bool) -> None:
    clean(tmp_path, {**FILES, ".dockerignore": ignore, "x.md": "x"})
    sent = read_context(tmp_path, "Dockerfile").sizes
    assert (".git/HEAD" in sent) is expected
    assert ("x.md" in sent) is ("*.md" not in ignore)


def test_pipes_are_not_sent(tmp_path: Path) -> None:
    clean(tmp_path, FILES)
    os.mkfifo(tmp_path / "pipe")
    assert "pipe" not in read_context(tmp_path, "Dockerfile").sizes


def test_more_files_than_are_looked_at(tmp_path: Path) -> None:
    clean(tmp_path, {"a": "", "b": "", "c": ""})
    context = read_context(tmp_path, "Dockerfile", most=2)
    assert [brief(flaw) for flaw in sizes(None, context)] == [
        ("context-unknown", "unknown", "", None)
    ]
    whole = read_context(tmp_path, "Dockerfile", most=3)
    assert list(sizes(None, whole)) == []


@contextmanager
def without_rights() -> Iterator[None]:
    """Whoever runs the tests, if need be as nobody: root reads all."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_what_may_not_be_read() -> None:
    with TemporaryDirectory() as name:  # nobody may not look below the folders of pytest
        folder = Path(name)
        (folder / "a").mkdir()
        (folder / "a/b").touch()
        folder.chmod(0o755)
        (folder / "a").chmod(0)
        with without_rights():
            context = read_context(folder, "Dockerfile")
        (folder / "a").chmod(0o700)
    assert context.unread == ("a",)
    assert [flaw.code.value for flaw in sizes(None, context)] == ["context-unknown"]


def test_an_ignore_file_that_is_no_file(tmp_path: Path) -> None:
    clean(tmp_path, FILES)
    os.mkfifo(tmp_path / ".dockerignore")
    context = read_context(tmp_path, "Dockerfile")
    assert context.unread == (".dockerignore",)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("app.py", []),
        ("../x", []),
        ("../../x", [("link-outside", "warning", "a/link", None)]),
        ("/etc/passwd", [("link-outside", "warning", "a/link", None)]),
    ],
)
def test_links(
    tmp_path: Path, target: str, expected: list[tuple[str, str, str, int | None]]
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/link").symlink_to(target)
    assert found(tmp_path, FILES, "app.handler") == expected


def test_a_changed_file_and_an_untracked_one(tmp_path: Path) -> None:
    clean(tmp_path, {**FILES, ".gitignore": "*.log", ".dockerignore": "*.md"})
    for name in ("note.log", "note.md"):
        (tmp_path / name).write_text("x")
    assert validate(tmp_path, "app.handler").findings == ()
    (tmp_path / "app.py").write_text(HANDLER + "\n")
    (tmp_path / "new.py").write_text("")
    expected = [("work-tree-dirty", ""), ("work-tree-untracked", "new.py")]
    for allowed, severity in ((False, "wrong"), (True, "warning")):
        result = validate(tmp_path, "app.handler", allow_dirty=allowed)
        assert [brief(flaw) for flaw in result.findings] == [
            (code, severity, file, None) for code, file in expected
        ]


def test_untracked_files_elsewhere_do_not_count(tmp_path: Path) -> None:
    clean(tmp_path, {"shop/app.py": HANDLER})
    (tmp_path / "new.py").write_text("")
    assert validate(tmp_path / "shop", "app.handler").findings == ()


def test_no_repository_and_no_commit(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(HANDLER)
    outside = validate(tmp_path, "app.handler").findings
    new_repository(tmp_path)
    empty = validate(tmp_path, "app.handler").findings
    for flaws in (outside, empty):
        assert [brief(flaw) for flaw in flaws] == [("no-commit", "warning", "", None)]
    assert outside != empty


def test_a_repository_that_git_refuses(tmp_path: Path) -> None:
    clean(tmp_path, FILES)
    (tmp_path / ".git/config").write_text("[core\n")
    result = [brief(flaw) for flaw in validate(tmp_path, "app.handler").findings]
    assert result == [("work-tree-unknown", "unknown", "", None)]


def test_a_filter_that_is_not_run(tmp_path: Path) -> None:
    clean(tmp_path, {**FILES, ".gitattributes": "*.txt filter=x\n", "a.txt": "a"})
    Repository(tmp_path).git("config", "filter.x.clean", f"touch {tmp_path / 'ran'}; cat")
    (tmp_path / "a.txt").write_text("b")
    result = [brief(flaw) for flaw in validate(tmp_path, "app.handler").findings]
    assert result == [("work-tree-unknown", "unknown", "", None)]
    assert not (tmp_path / "ran").exists()
