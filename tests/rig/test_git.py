"""The repositories made for tests are the same on every run."""

from __future__ import annotations

from pathlib import Path

from tests.rig.fixtures import NewRepository
from tests.rig.git import clone


def test_the_same_steps_give_the_same_commits(git_repository: NewRepository) -> None:
    shas = []
    for name in ("one", "two"):
        repository = git_repository(name)
        repository.commit({"app.py": "print(1)\n"})
        repository.branch("side")
        repository.commit({"lib/a.py": "a = 1\n"}, "Add a")
        repository.switch("main")
        repository.commit(remove=["app.py"])
        repository.merge("side")
        repository.tag("v1")
        repository.tag("v2", message="second")
        shas.append(
            repository.git("log", "--all", "--format=%H %cI %an <%ae> %s%d", "--date-order")
        )
    assert shas[0] == shas[1]
    assert shas[0].splitlines()[-1] == (
        "8c760560ce4465e313200959585bc28c5eb7f8fc"
        " 2024-01-01T12:00:00+00:00 Ada <ada@example.com> change 1"
    )


def test_a_written_file_makes_the_work_tree_dirty(git_repository: NewRepository) -> None:
    repository = git_repository()
    repository.commit({"app.py": "print(1)\n"})
    assert repository.git("status", "--porcelain") == ""
    repository.write({"app.py": "print(2)\n"})
    assert repository.git("status", "--porcelain") == " M app.py"


def test_a_clone_may_be_shallow(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.commit()
    repository.commit()
    copy = clone(repository, tmp_path / "copy", "--depth=1")
    assert copy.head == repository.head
    assert copy.git("rev-list", "--count", "HEAD") == "1"


def test_the_object_format_may_be_sha256(git_repository: NewRepository) -> None:
    repository = git_repository(object_format="sha256")
    assert len(repository.commit({"a": "a\n"})) == 64
