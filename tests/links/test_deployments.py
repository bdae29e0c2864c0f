"""Revisions in what configures a function: tags, description, environment, aliases' names."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jotgraph.links import deployments
from jotgraph.records import Alias, Inventory, pairs
from tests.factories import (
    ACCOUNT,
    REGION,
    alias,
    commit,
    function,
    git_repository,
    inventory,
    sha,
    version,
)
from tests.links.found import found, statements

FUNCTION = f"function:{ACCOUNT}/{REGION}/pay"
ONE = f"commit:{sha(1)}"


def world(aliases: tuple[Alias, ...] = (), **fields: Any) -> Inventory:
    return inventory(git_repository(), commit(1), commit(2), function(**fields), *aliases)


@pytest.mark.parametrize(
    "tags",
    [{"GIT_SHA": sha(1)}, {"release": f"shop@{sha(1)}"}, {"commit": sha(1)[:10]},
     {"git-commit": sha(1)[:10] + "-dirty"}],
)  # fmt: skip
def test_a_tag_that_is_a_revision(tags: dict[str, str]) -> None:
    assert found(deployments.function_tag, world(tags=pairs(tags))) == [(FUNCTION, ONE)]


@pytest.mark.parametrize(
    "tags",
    [{"GIT_SHA": "d" * 40}, {"team": sha(1)[:10]}, {"commit": sha(1)[:6]},
     {"digest": f"{sha(1)}{'0' * 24}"}, {"x": f"z{sha(1)}"}, {}],
)  # fmt: skip
def test_a_tag_that_is_none(tags: dict[str, str]) -> None:
    assert found(deployments.function_tag, world(tags=pairs(tags))) == []


def test_tags_that_were_not_read_say_nothing() -> None:
    assert found(deployments.function_tag, world(tags=None)) == []


def test_a_description() -> None:
    known = world(description=f"deployed from {sha(1)} by ci")
    assert found(deployments.function_description, known) == [(FUNCTION, ONE)]
    assert statements(deployments.function_description, known) == [
        f"its description says {sha(1)}, a commit of shop"
    ]
    assert found(deployments.function_description, world(description=sha(1)[:10])) == []
    assert found(deployments.function_description, world(description="takes payments")) == []


def test_an_environment() -> None:
    rule = deployments.function_env
    assert found(rule, world(env=pairs({"GIT_SHA": sha(1)}))) == [(FUNCTION, ONE)]
    assert found(rule, world(env=pairs({"DD_VERSION": sha(1)[:9]}))) == [(FUNCTION, ONE)]
    assert found(rule, world(env=pairs({"DD_VERSION": "1.2.3"}))) == []
    assert found(rule, world(env=pairs({"GIT_SHA": "d" * 40}))) == []


def test_a_version_has_an_environment_of_its_own() -> None:
    deployed = version(7, env=(("GIT_SHA", sha(2)),))
    known = inventory(git_repository(), commit(1), commit(2), deployed)
    assert found(deployments.function_env, known) == [(deployed.id, f"commit:{sha(2)}")]


def test_an_alias_that_is_named_by_a_commit() -> None:
    rule = deployments.alias_name
    assert found(rule, world((alias(sha(1)),))) == [(alias(sha(1)).id, ONE)]
    assert found(rule, world((alias(sha(1)[:8]),))) == [(alias(sha(1)[:8]).id, ONE)]
    assert found(rule, world((alias("12345678"), alias("live"), alias("d" * 40)))) == []


def test_a_description_of_an_alias() -> None:
    def told(text: str) -> Alias:
        return msgspec.structs.replace(alias("live"), description=text)

    rule = deployments.alias_description
    assert found(rule, world((told(f"deployed {sha(1)}"),))) == [(alias("live").id, ONE)]
    assert found(rule, world((told(sha(1)[:9]), told("d" * 40), told("")))) == []
