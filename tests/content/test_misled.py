"""What the benchmark of recovery found: copies of one another, older builds below, steps that
change a file that was copied."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from jotgraph.links.content import grade_of
from jotgraph.links.model import Grade
from jotgraph.records import ContentVerdict
from tests.content.histories import Tree, imported
from tests.content.images import Content
from tests.content.test_dependencies import in_repository, match, under
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository, new_repository

APP = {
    "app.py": "# the app\n" * 20,
    "views.py": "# the views\n" * 20,
    "lib/a.py": "# of lib, a\n" * 20,
    "lib/b.py": "# of lib, b\n" * 20,
}
COPY = "COPY functions/pay /var/task # buildkit"


def edited(**files: str) -> dict[str, str]:
    return APP | {f"{name}.py": text * 20 for name, text in files.items()}


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, list[str]]:
    """Seven copies of a function: each held the files for one commit, and before and after it had
    others."""
    repository = new_repository(tmp_path_factory.mktemp("copies") / "shop")
    shas = []
    for place in range(7):
        functions: dict[str, str | bytes] = {}
        for copy in range(7):
            files = APP if copy == place else edited(app=f"# other {copy}\n")
            functions |= in_repository(f"functions/copy{copy}", files)
        shas.append(repository.commit(functions))
    repository.commit({"functions/copy6/app.py": "# other\n" * 20})
    return repository, shas


@pytest.mark.parametrize("number", range(7))
def test_each_of_seven_copies_of_a_function_leads_to_its_commit(
    number: int, copies: tuple[Repository, list[str]], tmp_path: Path
) -> None:
    repository, shas = copies
    answer = match([under("var/task", APP)], [COPY], repository, tmp_path)
    assert shas[number] in answer.commits
    assert (answer.count, grade_of(answer)) == (7, Grade.PROOF)


def test_a_part_of_one_function_that_is_the_whole_of_another_is_no_proof_of_both(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository("shop")
    whole = repository.commit(in_repository("functions/pay", APP))
    added = in_repository("functions/copy", APP | {"extra.py": "# more\n" * 20})
    gone = [f"functions/pay/{path}" for path in APP]
    repository.commit(added, remove=gone)
    answer = match([under("var/task", APP)], [COPY], repository, tmp_path)
    assert (answer.commits, grade_of(answer)) == ((whole,), Grade.PROOF)
    untold = match([under("var/task", APP)], [], repository, tmp_path)
    assert (untold.count, grade_of(untold)) == (2, Grade.SUPPORT)


def test_a_file_that_a_later_step_changed_is_modified(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository("shop")
    repository.commit(in_repository("functions/pay", edited(app="# an old app\n")))
    sha = repository.commit(in_repository("functions/pay", APP))
    step = "RUN sed -i s/a/b/ views.py app.py # buildkit"
    changed: dict[str, Content] = {"var/task/app.py": b"# sed\n", "var/task/views.py": b"# sed\n"}
    answer = match([under("var/task", APP), changed], [COPY, step], repository, tmp_path)
    assert (answer.verdict, answer.modified) == (
        ContentVerdict.NEAREST,
        ("var/task/app.py", "var/task/views.py"),
    )
    same: dict[str, Content] = {"var/task/app.py": APP["app.py"].encode()}
    answer = match([under("var/task", APP), same], [COPY, step], repository, tmp_path)
    assert (answer.commits, answer.modified) == ((sha,), ())


def test_an_older_build_below_does_not_speak_and_is_told(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    """The newer build lacks what the older one left: together they are a commit in between."""
    repository = git_repository("shop")
    left = {"old/a.py": "# left, a\n" * 20, "old/b.py": "# left, b\n" * 20}
    old = edited(app="# an old app\n") | left
    repository.commit(in_repository("functions/pay", old))
    repository.commit(in_repository("functions/pay", APP))
    sha = repository.commit(remove=[f"functions/pay/{path}" for path in left])
    layers = [under("var/task", old), under("var/task", APP)]
    answer = match(layers, [COPY, COPY], repository, tmp_path)
    assert (answer.verdict, answer.commits) == (ContentVerdict.EXACT, (sha,))
    assert answer.unexplained == ("var/task/old/a.py", "var/task/old/b.py")
    assert grade_of(answer) is Grade.STRONG


def test_an_older_build_of_other_files_below_does_not_speak(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    """Nothing of it is covered: the same instruction made both."""
    repository = git_repository("shop")
    left = {f"new{n}.py": f"# left, {n}\n" * 20 for n in range(6)}
    repository.commit(in_repository("functions/pay", left))
    sha = repository.commit(
        in_repository("functions/pay", APP), remove=[f"functions/pay/{path}" for path in left]
    )
    layers = [under("var/task", left), under("var/task", APP)]
    answer = match(layers, [COPY, COPY], repository, tmp_path)
    assert (answer.verdict, answer.commits) == (ContentVerdict.EXACT, (sha,))
    assert answer.unexplained == tuple(sorted(f"var/task/{path}" for path in left))
    assert grade_of(answer) is Grade.STRONG


WHOLE = "COPY . /app # buildkit"


@pytest.mark.parametrize("step", [WHOLE, ""])
def test_files_of_two_directories_that_changed_places_are_no_proof(
    step: str, git_repository: NewRepository, tmp_path: Path
) -> None:
    """Each directory has but this one file: it might have been copied from the other."""
    repository = git_repository("shop")
    deep = {"one/sub/deep.py": "# of one\n" * 20, "two/sub/deep.py": "# of two\n" * 20}
    repository.commit(in_repository(".", APP | deep))
    swapped = {
        "one/sub/deep.py": deep["two/sub/deep.py"],
        "two/sub/deep.py": deep["one/sub/deep.py"],
    }
    answer = match([under("app", APP | swapped)], [step] if step else [], repository, tmp_path)
    names = ("app/one/sub/deep.py", "app/two/sub/deep.py")
    assert (answer.modified, answer.renamed) == ((names, ()) if step else ((), names))
    assert grade_of(answer) is not Grade.PROOF


def test_a_directory_laid_over_another_by_a_step_of_its_own_is_in_its_place(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository("shop")
    shared = {"auth.py": "# shared\n" * 20, "db.py": "# shared, too\n" * 20}
    own = {"shared/auth.py": "# the function's own\n" * 20}
    sha = repository.commit(
        in_repository("functions/pay", APP | own) | in_repository("lib", shared)
    )
    layers = [under("var/task", APP | own), under("var/task/shared", shared)]
    steps = [COPY, "COPY lib /var/task/shared # buildkit"]
    answer = match(layers, steps, repository, tmp_path)
    assert (answer.commits, answer.modified, answer.renamed) == ((sha,), (), ())
    assert grade_of(answer) is Grade.PROOF


def test_a_directory_that_lacks_all_but_a_directory_in_it_is_no_proof(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    """History says that ``functions/pay`` was copied, of which every commit has more."""
    repository = git_repository("shop")
    repository.commit(in_repository("functions/pay", APP | {"views.py": "# old\n" * 20}))
    sha = repository.commit(in_repository("functions/pay", APP))
    inside = {path: text for path, text in APP.items() if path.startswith("lib/")}
    answer = match([under("var/task", inside)], [COPY], repository, tmp_path)
    assert sha in answer.commits
    assert answer.lacking == ("var/task/app.py", "var/task/views.py")
    assert grade_of(answer) is Grade.SUPPORT
    step = "COPY functions/pay/lib /var/task/lib # buildkit"
    answer = match([under("var/task", inside)], [step], repository, tmp_path)
    assert (answer.lacking, grade_of(answer)) == ((), Grade.PROOF)


def test_files_of_two_copies_are_no_directory_where_history_names_one(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    """A commit that is not in the clone had in one what is elsewhere in its copy only."""
    repository = git_repository("shop")
    copy = edited(app="# of the copy\n", views="# of the copy\n")
    repository.commit(in_repository("functions/pay", APP) | in_repository("functions/copy", copy))
    mixed = APP | {"views.py": copy["views.py"]}
    answer = match([under("var/task", mixed)], [COPY], repository, tmp_path)
    assert (answer.verdict, answer.modified) == (ContentVerdict.NEAREST, ("var/task/views.py",))
    untold = match([under("var/task", mixed)], [], repository, tmp_path)
    assert grade_of(untold) is Grade.SUPPORT


CLASSIC = "/bin/sh -c #(nop) COPY dir:a1a1 in /var/task "


def test_a_directory_that_only_another_place_explains_is_no_proof(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    """The function's copy of lib lacks a file, and is what lib was when the function had none."""
    repository = git_repository("shop")
    function = {"app.py": APP["app.py"], "views.py": APP["views.py"]}
    lib = {path: text for path, text in APP.items() if path.startswith("lib/")}
    sha = repository.commit(in_repository("functions/pay", function) | in_repository(".", lib))
    added = {"lib/c.py": "# of lib, c\n" * 20}
    built = repository.commit(
        in_repository("functions/pay", lib | added) | in_repository(".", added)
    )
    answer = match([under("var/task", APP)], [COPY], repository, tmp_path)
    assert answer.commits == (sha,)
    assert answer.renamed == ("var/task/lib/a.py", "var/task/lib/b.py")
    assert grade_of(answer) is Grade.STRONG
    classic = match([under("var/task", APP)], [CLASSIC], repository, tmp_path)
    assert (classic.commits, classic.lacking) == ((built,), ("var/task/lib/c.py",))
    steps = [COPY, "COPY lib /var/task/lib # buildkit"]
    apart = match(
        [under("var/task", function), under("var/task", lib)], steps, repository, tmp_path
    )
    assert (apart.commits, apart.renamed, grade_of(apart)) == ((sha,), (), Grade.PROOF)


@pytest.mark.parametrize("step", ["COPY /build/lib /opt/lib # buildkit", ""])
def test_a_directory_of_a_stage_that_was_edited_throughout_is_told(
    step: str, git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository("shop")
    lib = {f"{name}.py": f"# {name} of lib\n" * 20 for name in ("auth", "db", "log")}
    sha = repository.commit(in_repository("functions/pay", APP) | in_repository("lib", lib))
    changed = {path: f"# edited\n{text}" for path, text in lib.items()}
    layers = [under("opt/lib", changed), under("var/task", APP)]
    answer = match(layers, [step, COPY] if step else [], repository, tmp_path)
    assert answer.commits == (sha,)
    assert set(under("opt/lib", changed)) == {*answer.unexplained, *answer.modified}
    assert grade_of(answer) is not Grade.PROOF


def test_a_few_files_laid_over_others_are_of_the_same_build(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository("shop")
    production = {"app.py": "# for production\n" * 20}
    sha = repository.commit(
        in_repository("functions/pay", APP) | in_repository("production", production)
    )
    layers = [under("var/task", APP), under("var/task", production)]
    steps = [COPY, "COPY production/app.py /var/task/ # buildkit"]
    answer = match(layers, steps, repository, tmp_path)
    assert (answer.commits, answer.matched, answer.unexplained) == ((sha,), 4, ())


def test_a_class_too_long_to_list_is_kept_whole(tmp_path: Path) -> None:
    """1,205 commits on main and 2 of a merged branch have the files; 1,000 are listed."""
    function: Tree = {f"fn/{name}.py": f"# {name}\n".encode() * 20 for name in ("app", "views")}
    trees = [{"a.md": b"before\n"}]
    trees += [function | {"a.md": b"%d\n" % number} for number in range(1205)]
    parents: list[tuple[int, ...]] = [(), *((number,) for number in range(1205))]
    for above in ((600,), (1206,), (1205, 1207)):  # a branch of two, and its merge
        trees.append(function | {"b.md": b"%d\n" % len(trees)})
        parents.append(above)
    world = imported(tmp_path / "shop", trees, parents, random.Random(1), "change")
    files: dict[str, Content] = {path[3:]: data for path, data in function.items()}
    answer = match([files], ["COPY fn / # buildkit"], world.repository, tmp_path)
    assert (answer.count, len(answer.commits)) == (1208, 1000)
    shas = [commit.sha for commit in world.commits]
    members = []
    for sha, length in answer.runs:
        at = shas.index(sha)
        for _ in range(length):
            members.append(shas[at])
            at = parents[at][0]
    assert sorted(members) == sorted(shas[1:])
    assert len(answer.runs) == 2


SITE = "usr/local/lib/python3.12/site-packages/shop"
PIP = "RUN pip install /tmp/shop.whl # buildkit"
ADD = "/bin/sh -c #(nop) ADD file:b2b2 in / "
SYSTEM: dict[str, Content] = {f"usr/share/{n}": b"of the system %d\n" % n * 9 for n in range(9)}


def test_what_run_installed_is_found_and_proves_nothing(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository("shop")
    repository.commit(in_repository("src/shop", edited(app="# an old app\n")))
    sha = repository.commit(in_repository("src/shop", APP))
    compiled: dict[str, Content] = {f"{SITE}/__pycache__/app.pyc": b"\0" * 99, "var/log": b"x"}
    layers = [SYSTEM, under(SITE, APP) | compiled]
    answer = match(layers, [ADD, PIP], repository, tmp_path)
    assert (answer.verdict, answer.commits, answer.by_run) == (ContentVerdict.EXACT, (sha,), 4)
    assert grade_of(answer) is Grade.SUPPORT
    assert answer.unexplained == (f"{SITE}/__pycache__/app.pyc",)


def test_what_run_installed_is_silent_where_files_were_copied(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    """An older release of its own, installed below what was copied."""
    repository = git_repository("shop")
    repository.commit(in_repository("src/shop", edited(app="# an old app\n")))
    sha = repository.commit(in_repository("functions/pay", APP) | in_repository("src/shop", APP))
    layers = [SYSTEM, under(SITE, edited(app="# an old app\n")), under("var/task", APP)]
    answer = match(layers, [ADD, PIP, COPY], repository, tmp_path)
    assert (answer.commits, answer.by_run, grade_of(answer)) == ((sha,), 0, Grade.PROOF)


def test_what_run_made_of_nothing_known_is_none(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository("shop")
    repository.commit(in_repository("src/shop", APP))
    answer = match([SYSTEM, {"app": b"compiled" * 99}], [ADD, PIP], repository, tmp_path)
    assert (answer.verdict, answer.by_run) == (ContentVerdict.NONE, 0)


CLASSIC = "/bin/sh -c #(nop) COPY dir:c3c3 in /var/task "
PLACES = ("pay", "refund", "ship")


@pytest.mark.parametrize("step", [COPY, CLASSIC])
@pytest.mark.parametrize(
    ("taken", "modified"),
    [
        ({"app": "pay", "handler": "pay", "views": "pay"}, ()),
        ({"app": "pay", "handler": "refund", "views": "pay"}, ("handler",)),
        ({"app": "pay", "handler": "refund", "views": "refund"}, ("app",)),
    ],
    ids=["one", "a file of another", "a file left of it"],
)
def test_files_of_copies_of_one_another_mixed_in_one_directory_are_modified(
    step: str,
    taken: dict[str, str],
    modified: tuple[str, ...],
    git_repository: NewRepository,
    tmp_path: Path,
) -> None:
    """One directory was copied: what is not of the one that most is of was put into it."""
    if step == COPY and modified == ("app",):
        modified = ("handler", "views")  # history names the directory that less is of
    repository = git_repository("shop")
    files = {
        f"functions/{place}/{name}.py": f"# the {name} of {place}\n" * 20
        for place in PLACES
        for name in ("app", "handler", "views")
    }
    sha = repository.commit(in_repository(".", files))
    image = {f"{name}.py": files[f"functions/{place}/{name}.py"] for name, place in taken.items()}
    answer = match([under("var/task", image)], [step], repository, tmp_path)
    assert (answer.commits, answer.modified) == (
        (sha,),
        tuple(f"var/task/{name}.py" for name in modified),
    )
    assert (grade_of(answer) is Grade.PROOF) == (not modified)


def test_files_of_three_copies_in_one_directory_are_no_proof(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    """As above, where no file is left that only the directory that history names has."""
    repository = git_repository("shop")
    same = "# the app\n" * 20
    files = {
        f"functions/{place}/{name}.py": same if name == "app" else f"# {name} of {place}\n" * 20
        for place in PLACES
        for name in ("app", "handler", "views")
    }
    repository.commit(in_repository(".", files))
    mixed = {
        "app.py": same,
        "handler.py": files["functions/refund/handler.py"],
        "views.py": files["functions/ship/views.py"],
    }
    for number, step in enumerate((COPY, CLASSIC)):
        answer = match([under("var/task", mixed)], [step], repository, tmp_path / str(number))
        assert (answer.verdict, answer.modified_count) == (ContentVerdict.NEAREST, 1)


@pytest.mark.parametrize("step", ["COPY . /app # buildkit", ""])
@pytest.mark.parametrize(
    ("tracked", "built", "modified"),
    [
        (("link", "app.py"), ("link", "app.py"), ()),
        (b"app.py", b"app.py", ()),
        (b"app.py", ("link", "app.py"), ("app/current",)),
        (("link", "app.py"), b"app.py", ("app/current",)),
    ],
    ids=["link", "file", "file made a link", "link made a file"],
)
def test_a_link_is_no_file_that_says_where_it_leads(
    step: str,
    tracked: Content,
    built: Content,
    modified: tuple[str, ...],
    git_repository: NewRepository,
    tmp_path: Path,
) -> None:
    """Git keeps both as the same blob, and tells them apart by mode."""
    repository = git_repository("shop")
    if isinstance(tracked, tuple):
        (repository.path / "current").symlink_to(tracked[1])
    else:
        (repository.path / "current").write_bytes(tracked or b"")
    sha = repository.commit(in_repository(".", APP))
    assert repository.git("ls-tree", "--name-only", "HEAD", "current").strip() == "current"
    files = under("app", APP) | {"app/current": built}
    answer = match([files], [step] if step else [], repository, tmp_path)
    assert (answer.commits, answer.modified) == ((sha,), modified)
    assert (grade_of(answer) is Grade.PROOF) == (not modified)
