"""Dependencies that look like the repository do not speak of the build."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from jotgraph.content.engine import Archive, match_image
from jotgraph.links.content import grade_of
from jotgraph.links.model import Grade
from jotgraph.records import ContentMatch, ContentVerdict, local_image_id
from tests.content.images import Content, layer, saved
from tests.content.opened import session_of
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository, new_repository

IMAGE = local_image_id("sha256:" + "a" * 64)
PACKAGE = {f"requests/{name}.py": f"# {name} of requests 1\n" * 20 for name in ("api", "models")}
NEXT = {path: text.replace("requests 1", "requests 2") for path, text in PACKAGE.items()}
APP = {f"{name}.py": f"# the {name}\n" * 20 for name in ("app", "handler", "views")}
OS: dict[str, Content] = {
    f"usr/share/doc/{n}": f"of the system {n}\n".encode() * 9 for n in range(40)
}
ADD = "/bin/sh -c #(nop) ADD file:b2b2 in / "
COPY = "COPY functions/pay /var/task # buildkit"


def under(folder: str, files: Mapping[str, str]) -> dict[str, Content]:
    return {f"{folder}/{path}": text.encode() for path, text in files.items()}


def in_repository(folder: str, files: Mapping[str, str]) -> dict[str, str | bytes]:
    return {f"{folder}/{path}": text for path, text in files.items()}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, list[str]]:
    """A function beside a package that it vendored: then a newer one, then none, while the
    function went on. The last three commits have the function as it is built."""
    repository = new_repository(tmp_path_factory.mktemp("shop") / "shop")
    app = in_repository("functions/pay", APP)
    vendored = in_repository("vendored", PACKAGE)
    shas = [repository.commit(app | vendored)]
    shas.append(repository.commit(in_repository("vendored", NEXT)))
    final = {"functions/pay/app.py": APP["app.py"] + "# fixed\n"}
    shas.append(repository.commit(final, remove=sorted(vendored)))
    shas.append(repository.commit({"docs/a.md": "about it\n" * 9}))
    shas.append(repository.commit({"docs/b.md": "about it\n" * 9}))
    return repository, shas


BUILT = APP | {"app.py": APP["app.py"] + "# fixed\n"}


def match(
    layers: list[dict[str, Content]], history: list[str], repository: Repository, cache: Path
) -> ContentMatch:
    archive = saved([layer(files) for files in layers], history)
    image = Archive(lambda: [archive])
    matches, gaps = match_image(IMAGE, image, session_of(repository, cache))
    assert gaps == ()
    (match,) = matches
    return match


@pytest.mark.parametrize(
    "folder",
    ["usr/lib/python3/dist-packages", "usr/share/perl5", "opt/vendor", "opt/node_modules"],
)
@pytest.mark.parametrize("with_steps", [True, False])
def test_a_base_of_what_was_vendored_once(
    folder: str, with_steps: bool, shop: tuple[Repository, list[str]], tmp_path: Path
) -> None:
    repository, shas = shop
    layers = [OS | under(folder, PACKAGE), under("var/task", BUILT)]
    answer = match(layers, [ADD, COPY] if with_steps else [], repository, tmp_path)
    assert (answer.verdict, answer.matched) == (ContentVerdict.EXACT, 3)
    assert set(answer.commits) == set(shas[2:])
    assert (answer.modified, answer.unexplained) == ((), ())
    assert (answer.dependencies_count, answer.dependencies) == (2, (f"{folder}/requests",))
    assert grade_of(answer) is Grade.PROOF


@pytest.mark.parametrize("version", [PACKAGE, NEXT])
@pytest.mark.parametrize("folder", ["var/task/node_modules", "venv/lib/python3.12/site-packages"])
def test_installed_packages_copied_with_the_application(
    version: Mapping[str, str], folder: str, shop: tuple[Repository, list[str]], tmp_path: Path
) -> None:
    repository, shas = shop
    layers = [under(folder, version), under("var/task", BUILT)]
    history = [f"COPY /build/packages /{folder} # buildkit", COPY]
    answer = match(layers, history, repository, tmp_path)
    assert answer.verdict is ContentVerdict.EXACT
    assert set(answer.commits) == set(shas[2:])
    assert (answer.modified_count, answer.dependencies_count) == (0, 2)


def test_packages_beside_a_function_are_known_by_their_dist_info(
    shop: tuple[Repository, list[str]], tmp_path: Path
) -> None:
    repository, shas = shop
    info = {"requests-1.0.dist-info/RECORD": "requests/api.py,,\n" * 3}
    files = under("var/task", BUILT | PACKAGE | info)
    answer = match([files], [], repository, tmp_path)
    assert answer.verdict is ContentVerdict.EXACT
    assert set(answer.commits) == set(shas[2:])
    assert answer.dependencies == ("var/task/requests",)
    assert answer.modified == ()
    assert grade_of(answer) is Grade.STRONG  # what pip left beside it is untracked


def test_an_image_of_nothing_but_a_package_speaks_by_it(
    shop: tuple[Repository, list[str]], tmp_path: Path
) -> None:
    repository, shas = shop
    folder = "usr/local/lib/python3.12/site-packages"
    layers = [OS, under(folder, NEXT)]
    answer = match(layers, [ADD, "COPY /built / # buildkit"], repository, tmp_path)
    assert (set(answer.commits), answer.matched) == ({shas[1]}, 2)
    assert answer.dependencies_count == 0


def test_a_package_directory_that_is_committed_is_the_repository(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    """Some commit node_modules: equal or modified there, it is no dependency from elsewhere."""
    repository = git_repository("shop")
    modules = in_repository("node_modules", PACKAGE)
    repository.commit(in_repository(".", APP) | modules)
    sha = repository.commit(in_repository("node_modules", NEXT))
    files = under("srv", APP | {f"node_modules/{path}": text for path, text in NEXT.items()})
    answer = match([files], ["COPY . /srv # buildkit"], repository, tmp_path)
    assert (answer.verdict, answer.commits, answer.matched) == (ContentVerdict.EXACT, (sha,), 5)
    assert answer.dependencies_count == 0
    assert grade_of(answer) is Grade.PROOF
    files["srv/node_modules/requests/api.py"] = b"# patched\n" * 9
    answer = match([files], ["COPY . /srv # buildkit"], repository, tmp_path)
    assert (answer.verdict, answer.modified) == (
        ContentVerdict.NEAREST,
        ("srv/node_modules/requests/api.py",),
    )


@pytest.mark.parametrize("step", ["COPY . /app # buildkit", ""])
@pytest.mark.parametrize("edited", [False, True], ids=["clean", "edited"])
def test_a_directory_that_became_a_submodule_speaks_of_no_commit_that_held_it(
    step: str, edited: bool, git_repository: NewRepository, tmp_path: Path
) -> None:
    """The build has the submodule at the version that was vendored before."""
    repository = git_repository("shop")
    vendored = {f"third/party/{n}.py": f"# {n} of the third party\n" * 20 for n in range(9)}
    first = repository.commit(in_repository(".", APP | vendored))
    repository.git("rm", "-rq", "third/party")
    (repository.path / ".gitmodules").write_text('[submodule "p"]\npath=third/party\nurl=x\n')
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{first},third/party")
    (repository.path / "third/party").mkdir(parents=True)
    moved = repository.commit({})
    last = repository.commit({"app.py": "# the new app\n" * 20})
    modules = {".gitmodules": (repository.path / ".gitmodules").read_text()}
    cache = tmp_path / "cache"
    steps = [step] if step else []

    def asked(files: Mapping[str, str]) -> ContentMatch:
        built = dict(files) | ({"views.py": "# edited\n" * 20} if edited else {})
        return match([under("app", built)], steps, repository, cache)

    modified = ("app/views.py",) if edited else ()
    inside = tuple(sorted(f"app/{path}" for path in vendored))
    new = {"app.py": "# the new app\n" * 20}
    for sha, files in ((last, APP | new), (moved, APP)):
        answer = asked(files | modules | vendored)
        assert (answer.commits, answer.modified) == ((sha,), modified)
        assert answer.unexplained == inside
    answer = asked(APP | vendored)  # the files of the commit that held them
    assert (answer.commits, answer.modified, answer.unexplained) == ((first,), modified, ())
    assert (grade_of(answer) is Grade.PROOF) == (not edited)
