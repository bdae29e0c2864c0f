"""What a step deleted was there while the image was built, unless it was of another build below."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.links.content import grade_of
from jotgraph.links.model import Grade
from tests.content.images import Content
from tests.content.test_dependencies import in_repository, match, under
from tests.rig.git import Repository, new_repository

APP = {
    "app.py": "# the app\n" * 20,
    "views.py": "# the views\n" * 20,
    "lib/a.py": "# of lib, a\n" * 20,
    "lib/b.py": "# of lib, b\n" * 20,
}
COPY, REMOVE = "COPY . /app # buildkit", "RUN rm -rf /app/* # buildkit"
ADD = "/bin/sh -c #(nop) ADD file:b2b2 in / "
WITHOUT = {path: text for path, text in APP.items() if path != "lib/b.py"}
OPAQUE: dict[str, Content] = {"app/.wh..wh..opq": b""}
EACH: dict[str, Content] = {f"app/.wh.{name}": b"" for name in ("app.py", "views.py", "lib")}
ONE: dict[str, Content] = {"app/lib/.wh.b.py": b""}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    repository = new_repository(tmp_path_factory.mktemp("shop") / "shop")
    repository.commit(in_repository(".", APP))
    return repository


@pytest.mark.parametrize("gone", [OPAQUE, EACH, ONE], ids=["opaque", "each", "one"])
@pytest.mark.parametrize(
    "steps",
    [[], *([step, REMOVE, COPY] for step in (COPY, "COPY src /app # buildkit", ADD, "RUN make"))],
    ids=["no history", "same step", "another step", "base", "run"],
)
def test_a_file_that_only_an_older_build_had_deleted_is_lacking(
    gone: dict[str, Content], steps: list[str], shop: Repository, tmp_path: Path
) -> None:
    """The work tree lacked it: that the image below had lost its own says nothing of it."""
    layers = [under("app", APP), gone, under("app", WITHOUT)]
    answer = match(layers, steps, shop, tmp_path)
    assert (answer.lacking, grade_of(answer)) == (("app/lib/b.py",), Grade.SUPPORT)


@pytest.mark.parametrize("steps", [[COPY, REMOVE, COPY], []], ids=["history", "no history"])
def test_what_was_copied_again_after_it_was_deleted_is_proof(
    steps: list[str], shop: Repository, tmp_path: Path
) -> None:
    layers = [under("app", APP), OPAQUE, under("app", APP)]
    assert grade_of(match(layers, steps, shop, tmp_path)) is Grade.PROOF


@pytest.mark.parametrize("step", ["RUN rm /app/lib/b.py # buildkit", ""])
def test_a_file_deleted_after_it_was_copied_is_not_lacking(
    step: str, shop: Repository, tmp_path: Path
) -> None:
    steps = [COPY, step] if step else []
    answer = match([under("app", APP), ONE], steps, shop, tmp_path)
    assert (answer.lacking, grade_of(answer)) == ((), Grade.PROOF)


@pytest.mark.parametrize("with_steps", [True, False])
def test_a_file_deleted_before_another_directory_was_copied_is_not_lacking(
    with_steps: bool, tmp_path: Path
) -> None:
    repository = new_repository(tmp_path / "shop")
    lib = {path: text for path, text in APP.items() if path.startswith("lib/")}
    web = {f"web/{name}": text for name, text in APP.items() if "/" not in name}
    repository.commit(in_repository(".", lib | web))
    layers = [under("app", lib), ONE, under("app", web)]
    steps = ["COPY lib /app/lib # buildkit", "RUN rm b.py", "COPY web /app/web # buildkit"]
    answer = match(layers, steps if with_steps else [], repository, tmp_path / "cache")
    assert (answer.lacking, grade_of(answer)) == ((), Grade.PROOF)


@pytest.mark.parametrize("ends", ["\r\r\n", "\n\r"])
def test_line_ends_that_no_checkout_writes_are_modified(
    ends: str, shop: Repository, tmp_path: Path
) -> None:
    """A tool that converts twice adds to lines that end in CRLF already; git does not."""
    repository = new_repository(tmp_path / "windows")
    files = APP | {"run.bat": "echo a\r\necho b\r\n" * 8}
    repository.commit(in_repository(".", files))
    windows = {path: text.replace("\r", "").replace("\n", "\r\n") for path, text in files.items()}
    clean = match([under("app", windows)], [COPY], repository, tmp_path / "cache")
    assert grade_of(clean) is Grade.PROOF
    twice = windows | {"run.bat": files["run.bat"].replace("\r\n", ends)}
    answer = match([under("app", twice)], [COPY], repository, tmp_path / "cache")
    assert answer.modified == ("app/run.bat",)


DIST = {"dist/app.js": "// bundled\n" * 20, "dist/views.js": "// bundled, too\n" * 20}


@pytest.fixture(scope="module")
def once_tracked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, str]:
    """What a build makes was tracked, and is no more."""
    repository = new_repository(tmp_path_factory.mktemp("once") / "shop")
    repository.commit(in_repository(".", APP | DIST))
    return repository, repository.commit(remove=sorted(DIST))


@pytest.mark.parametrize("above", [True, False])
def test_what_run_made_is_of_no_commit_that_once_tracked_it(
    above: bool, once_tracked: tuple[Repository, str], tmp_path: Path
) -> None:
    repository, sha = once_tracked
    built = [(COPY, under("app", APP)), ("RUN npm run build # buildkit", under("app", DIST))]
    steps, layers = zip(*(built if above else built[::-1]), strict=True)
    answer = match([*layers], [*steps], repository, tmp_path)
    assert (answer.commits, answer.modified, answer.lacking) == ((sha,), (), ())


def test_a_file_that_run_makes_again_is_lacking_where_it_was_not_copied(
    shop: Repository, tmp_path: Path
) -> None:
    made = under("app", {"lib/b.py": APP["lib/b.py"]})
    answer = match([under("app", WITHOUT), made], [COPY, "RUN make"], shop, tmp_path)
    assert (answer.lacking, grade_of(answer)) == (("app/lib/b.py",), Grade.SUPPORT)


def test_a_file_that_run_made_a_hard_link_is_modified(shop: Repository, tmp_path: Path) -> None:
    linked: dict[str, Content] = {"opt/other": b"# other\n", "app/app.py": ("hard", "opt/other")}
    answer = match([under("app", APP), linked], [COPY, "RUN ln -f"], shop, tmp_path)
    assert answer.modified == ("app/app.py",)
