"""How images are built of a history: each recipe with the ways in which tools are misled."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

from benchmarks.recovery.builds import Build, Copy, Layer, Plan
from benchmarks.recovery.histories import World, below, functions
from tests.content.changes import Change, Files
from tests.content.histories import Tree, copied

SYSTEM: Files = {
    f"usr/share/doc/package{n}/copyright": b"of the system, number %d\n" % n * 9 for n in range(60)
}
BASE = Layer("/bin/sh -c #(nop) ADD file:b2b2 in / ", SYSTEM)
SITE = "usr/local/lib/python3.12/site-packages"
Recipe = Callable[[Tree, World, random.Random], Plan]


def whole_repository(tree: Tree, world: World, rng: random.Random) -> Plan:
    return Plan((Copy("", "app"),))


def one_function(tree: Tree, world: World, rng: random.Random) -> Plan:
    return Plan((Copy(rng.choice(functions(tree)), "var/task"),), (BASE,))


def classic_builder(tree: Tree, world: World, rng: random.Random) -> Plan:
    return replace(one_function(tree, world, rng), builder="classic")


def two_stages(tree: Tree, world: World, rng: random.Random) -> Plan:
    return replace(one_function(tree, world, rng), builder="stages")


def flattened(tree: Tree, world: World, rng: random.Random) -> Plan:
    return replace(one_function(tree, world, rng), builder="flat")


def function_and_lib(tree: Tree, world: World, rng: random.Random) -> Plan:
    function = Copy(rng.choice(functions(tree)), "var/task")
    return Plan((Copy("lib", "opt/python/lib"), function), (BASE,))


def lib_in_function(tree: Tree, world: World, rng: random.Random) -> Plan:
    return Plan((Copy(rng.choice(functions(tree)), "var/task"), Copy("lib", "var/task/shared")))


def two_functions(tree: Tree, world: World, rng: random.Random) -> Plan:
    """Often copies of one another."""
    first, second = rng.sample(functions(tree), 2)
    return Plan((Copy(first, "srv/one"), Copy(second, "srv/other")))


def one_file(tree: Tree, world: World, rng: random.Random) -> Plan:
    return Plan((Copy(_file(tree, "lib", rng), "var/task/"),), (BASE,))


def renamed_by_copy(tree: Tree, world: World, rng: random.Random) -> Plan:
    file = _file(tree, rng.choice(functions(tree)), rng)
    return Plan((Copy("lib", "var/task/lib"), Copy(file, "var/task/lambda_function.py")))


def crlf_checkout(tree: Tree, world: World, rng: random.Random) -> Plan:
    return replace(one_function(tree, world, rng), checkout=crlf)


def crlf(files: Tree) -> Tree:
    """As git checks them out on Windows."""
    return {path: data.replace(b"\n", b"\r\n") for path, data in files.items()}


def deleted_by_run(tree: Tree, world: World, rng: random.Random) -> Plan:
    plan = one_function(tree, world, rng)
    (copy,) = plan.copies
    path = rng.choice(sorted(copied(tree, copy.source)))[len(copy.source) + 1 :]
    folder, _, name = f"{copy.target}/{path}".rpartition("/")
    return replace(plan, above=(Layer("RUN rm it # buildkit", {f"{folder}/.wh.{name}": b""}),))


def installed_packages(tree: Tree, world: World, rng: random.Random) -> Plan:
    """A package of somebody else, a version that functions may have vendored, below the files."""
    package = rng.choice(world.upstream)
    installed = {f"{SITE}/toolbox/{path}": data for path, data in package.items()}
    plan = one_function(tree, world, rng)
    return replace(plan, base=(BASE, Layer("COPY /venv / # buildkit", {**installed})))


def own_release(tree: Tree, world: World, rng: random.Random) -> Plan:
    """The repository's own lib, as an older commit released it, is a dependency of the image."""
    package = rng.choice(world.releases)
    installed = {f"{SITE}/lib/{path}": data for path, data in package.items()}
    plan = one_function(tree, world, rng)
    return replace(plan, base=(BASE, Layer("COPY /venv / # buildkit", {**installed})))


def own_release_in_base(tree: Tree, world: World, rng: random.Random) -> Plan:
    """The same in the base image's one layer, where Debian would have it."""
    package = rng.choice(world.releases)
    installed = {f"usr/lib/python3/dist-packages/lib/{p}": data for p, data in package.items()}
    plan = one_function(tree, world, rng)
    return replace(plan, base=(Layer(BASE.step, SYSTEM | installed),))


def installed_from_the_folder(tree: Tree, world: World, rng: random.Random) -> Plan:
    """The repository's lib is installed as a package, beside one of somebody else that functions
    may have vendored, and nothing else is copied."""
    package = {f"{SITE}/toolbox/{path}": data for path, data in rng.choice(world.upstream).items()}
    theirs = _installed("toolbox", "toolbox", package)
    ours = _installed("acme_lib", "lib", below(tree, "lib"))
    ours[f"{SITE}/acme_lib-1.0.dist-info/direct_url.json"] = b'{"url":"file:///src","dir_info":{}}'
    step = "COPY /venv / # buildkit"
    above = (Layer(step, {**ours}),)
    base = (BASE, Layer(step, {**package, **theirs}))
    return Plan((Copy("lib", f"{SITE}/lib"),), base, above, builder="stages")


def _installed(name: str, folder: str, files: Iterable[str]) -> Files:
    """What an installer leaves beside a package."""
    lines = "".join(f"{folder}/{path.rpartition('/')[2]},sha256=x,9\n" for path in files)
    return {f"{SITE}/{name}-1.0.dist-info/RECORD": lines.encode()}


def bundled(tree: Tree, world: World, rng: random.Random) -> Plan:
    return replace(one_function(tree, world, rng), builder="bundle")


def over_an_older_build(tree: Tree, world: World, rng: random.Random) -> Plan:
    """The base image is the same function as another commit had it."""
    plan = one_function(tree, world, rng)
    (copy,) = plan.copies
    older = rng.choice(world.synthetic.commits).tree
    files = plan.copied(dict(older))[0]
    return replace(plan, base=(BASE, Layer(f"COPY {copy.source} /{copy.target} # buildkit", files)))


def _changed_by_run(tree: Tree, world: World, rng: random.Random) -> Plan:
    plan = one_function(tree, world, rng)
    (copy,) = plan.copies
    path = _file(copied(tree, copy.source), copy.source, rng)[len(copy.source) + 1 :]
    data = tree[f"{copy.source}/{path}"] + b"# by sed\n"
    above = Layer("RUN sed -i it # buildkit", {f"{copy.target}/{path}": data})
    return replace(plan, above=(above,))


CLEAN: tuple[Recipe, ...] = (
    whole_repository, one_function, classic_builder, two_stages, flattened, function_and_lib,
    lib_in_function, two_functions, one_file, renamed_by_copy, crlf_checkout, deleted_by_run,
    installed_packages, own_release, own_release_in_base, over_an_older_build,
    installed_from_the_folder, bundled,
)  # fmt: skip
DIRTY: tuple[Recipe, ...] = (
    whole_repository, one_function, classic_builder, function_and_lib, lib_in_function,
    two_functions, installed_packages, own_release, own_release_in_base,
)  # fmt: skip
"""What is built with a changed work tree."""


def clean(recipe: Recipe, world: World, rng: random.Random) -> Build:
    """A build of a commit as it is checked out."""
    commit = rng.choice(world.buildable)
    plan = recipe(commit.tree, world, rng)
    return Build(_name(recipe), commit.sha, plan.checkout(commit.tree), plan, True)


def commit_not_in_the_clone(world: World, rng: random.Random) -> Build:
    """Of a branch that was squashed and deleted."""
    tree = rng.choice(world.unpushed)
    plan = one_function(tree, world, rng)
    return Build(_name(commit_not_in_the_clone), "", tree, plan, True)


def changed_by_run(world: World, rng: random.Random) -> Build:
    """A later step of the Dockerfile changes a file that was copied."""
    commit = rng.choice(world.buildable)
    plan = _changed_by_run(commit.tree, world, rng)
    return Build(_name(changed_by_run), commit.sha, commit.tree, plan, False)


def dirty(change: Change, world: World, rng: random.Random) -> Build:
    """A build of a work tree in which something was changed below what is copied."""
    while True:
        commit = rng.choice(world.buildable)
        plan = rng.choice(DIRTY)(commit.tree, world, rng)
        parts: list[Files] = [dict(copied(commit.tree, copy.source)) for copy in plan.copies]
        before = [dict(part) for part in parts]
        if all(parts):
            change(parts, rng)
        if parts != before and all(parts):
            break
    kept = {p: d for p, d in commit.tree.items() if not any(p in part for part in before)}
    context: Files = {**kept}
    for part in parts:
        context |= part
    return Build(f"dirty: {_name(change)}", commit.sha, context, plan, False)


def _name(function: Callable[..., object]) -> str:
    return function.__name__.replace("_", " ")


def _file(tree: Tree, folder: str, rng: random.Random) -> str:
    """A Python file of a folder that is not empty."""
    files = below(tree, folder)
    names = [name for name, data in files.items() if name.endswith(".py") and len(data) > 100]
    return f"{folder}/{rng.choice(sorted(names))}"
