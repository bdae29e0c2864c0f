"""A lifelike estate as literal records and links: three teams, and all that goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from jotgraph import graph as graphs
from jotgraph.analysis.health import TABLE, Finding
from jotgraph.graph import ResourceGraph
from jotgraph.links import Evidence, Grade, Link, Relation
from jotgraph.records import (
    Commit,
    CoverageState,
    EcrImage,
    Function,
    Inventory,
    LocalImage,
    ResourceId,
    Version,
    commit_id,
)
from jotgraph.render.picture.drawing.states import meant
from tests.factories import (
    ACCOUNT,
    HERE,
    OTHER_ACCOUNT,
    REGION,
    alias,
    asked,
    commit,
    days_ago,
    ecr_image,
    ecr_repository,
    function,
    gap,
    git_repository,
    inventory,
    local_image,
    role,
    scope,
    trigger,
    version,
)

PROD, DATA = ACCOUNT, OTHER_ACCOUNT
WEST, EAST = REGION, "us-east-1"


def link(
    source: ResourceId, target: ResourceId, relation: Relation, grade: Grade = Grade.PROOF
) -> Link:
    said = f"{relation} as read"
    return Link(source, target, Evidence("literal", relation, grade, said))


def chain(
    made: Commit | None, built: LocalImage | None, pushed: EcrImage, *users: Function | Version
) -> list[Link]:
    found = [link(user.id, pushed.id, Relation.RUNS) for user in users]
    if built:
        found.append(link(pushed.id, built.id, Relation.COPY_OF))
    if made:
        end = built or pushed
        found.append(link(end.id, made.id, Relation.BUILT_FROM, Grade.STRONG))
    found.append(link(pushed.id, pushed.repository_id, Relation.STORED_IN))
    return found


Told: TypeAlias = "dict[ResourceId, tuple[Finding, ...]]"


def told(words: Mapping[ResourceId, tuple[str, ...]]) -> Told:
    """Findings by their words: ``12 behind``, ``conflict: stale label``, ``role recreated``."""
    return {
        resource: tuple(_finding(resource, word) for word in resource_words)
        for resource, resource_words in words.items()
    }


def _finding(resource: ResourceId, word: str) -> Finding:
    (code,) = meant(word) or meant(word.partition(":")[0]) or meant(word.rpartition(" ")[2])
    return Finding(
        resource=resource,
        code=code,
        severity=TABLE[code].severity,
        word=word,
        statement=f"it is {word}",
        about=resource,
    )


def shop() -> tuple[Inventory, list[Link], Told]:
    """Records, links, and the findings of some resources."""
    c1 = commit(
        "c1",
        subject="Charge in the customer's currency",
        committed_at=days_ago(1),
        repositories=("checkout",),
    )
    c2 = commit(
        "c2",
        subject="Retry on 409 from the ledger",
        committed_at=days_ago(5),
        repositories=("checkout",),
    )
    c3 = commit(
        "c3", subject="Round half to even", committed_at=days_ago(30), repositories=("checkout",)
    )
    l1 = local_image("localc1", "checkout:c1", "checkout:latest")
    l2 = local_image("localc2", "checkout:c2")
    dangling = local_image("localold")
    e1 = ecr_image("c1", "v12", "latest", repository="shop/checkout")
    e2 = ecr_image("c2", "v11", repository="shop/checkout")
    e3 = ecr_image("c3", "v7", repository="shop/checkout")
    e4 = ecr_image("c0", repository="shop/checkout")
    f = function("checkout-api", "c1", tag=None, invocations=None, role="shop/checkout-role")
    v7 = version(7, "checkout-api", "c2", invocations=None)
    v8 = version(8, "checkout-api", "c1", invocations=None)
    live = alias("live", 7, "checkout-api", weights=(("8", 0.1),))
    stage = alias("staging", 8, "checkout-api")
    owner = role("checkout-role", path="/shop/")
    queue = trigger(
        account=PROD,
        region=WEST,
        uuid="5f0c6f0e-1111-4444-9999-000000000000",
        function_arn=f.id,
        source_arn=f"arn:aws:sqs:{WEST}:{PROD}:orders",
        state="Enabled",
    )
    # search: the tag moved after the deployment
    s1 = commit("s1", subject="Index synonyms", committed_at=days_ago(2), repositories=("search",))
    s2 = commit(
        "s2", subject="Drop the old analyser", committed_at=days_ago(12), repositories=("search",)
    )
    se1 = ecr_image("s1", "stable", repository="search")
    se2 = ecr_image("s2", repository="search")
    sl1 = local_image("locals1", "search:dev")
    sf = function("search-query", "s2", tag=None, invocations=None, role="search-role")
    sg = function("search-index", "s1", tag=None, invocations=None, role="search-role")
    srole = role("search-role")
    # mail: the image is gone
    gone = ecr_image("gone", repository="mail/sender").id
    mf = function("mail-sender", "gone", tag=None, invocations=None, role="mail-role")
    mrole = role("mail-role")
    # data team, two regions of another account, one image built from two claimed commits
    d1 = commit("d1", subject="Partition by day", committed_at=days_ago(4), repositories=("etl",))
    d2 = commit("d2", subject="Partition by hour", committed_at=days_ago(6), repositories=("etl",))
    de = ecr_image("d1", "2026.11", repository="etl/nightly", account=DATA, region=EAST)
    dw = ecr_image("d1", "2026.11", repository="etl/nightly", account=DATA)
    df = function(
        "etl-nightly", "d1", tag=None, invocations=None, role="etl-role", account=DATA, region=EAST
    )
    dg = function("etl-nightly", "d1", tag=None, invocations=None, role="etl-role", account=DATA)
    drole = role("etl-role", account=DATA)
    # nobody's
    empty = ecr_repository("legacy/reports", region=EAST)
    lost = role("reports-lambda-2019", created_at=days_ago(900))
    zipped = function("rotate-keys", None, role="rotate-keys-role", runtime="python3.13")
    zrole = role("rotate-keys-role")
    links = [
        *chain(c1, l1, e1, f, v8),
        *chain(c2, l2, e2, v7),
        *chain(c3, None, e3),
        *chain(None, None, e4),
        *chain(s1, sl1, se1, sg),
        *chain(s2, None, se2, sf),
        *chain(d1, None, de, df),
        *chain(d1, None, dw, dg),
        link(de.id, commit_id(d2.sha), Relation.BUILT_FROM, Grade.HINT),
        link(sf.id, se1.id, Relation.FOLLOWS),
        link(sg.id, se1.id, Relation.FOLLOWS),
        link(f.id, e1.id, Relation.FOLLOWS),
        link(mf.id, gone, Relation.RUNS),
        *(link(part.id, f.id, Relation.PART_OF) for part in (v7, v8, live, stage)),
        link(live.id, v7.id, Relation.ROUTES_TO),
        link(live.id, v8.id, Relation.ROUTES_TO),
        link(stage.id, v8.id, Relation.ROUTES_TO),
        link(queue.id, live.id, Relation.INVOKES),
        *(link(runner.id, owner.id, Relation.ASSUMES) for runner in (f, v7, v8)),
        *(link(function.id, srole.id, Relation.ASSUMES) for function in (sf, sg)),
        link(mf.id, mrole.id, Relation.ASSUMES),
        *(link(function.id, drole.id, Relation.ASSUMES) for function in (df, dg)),
        link(zipped.id, zrole.id, Relation.ASSUMES),
    ]
    whole = inventory(
        gap("ecr:GetLifecyclePolicy", facts=("lifecycle",), account="", region=""),
        git_repository(
            key="checkout",
            refs=(("refs/heads/main", c1.sha), ("refs/tags/v11", c2.sha)),
            remote="git@github.com:acme/checkout.git",
        ),
        git_repository(key="search", remote="https://gitlab.com/acme/search"),
        git_repository(key="etl"),
        c1,
        c2,
        c3,
        s1,
        s2,
        d1,
        d2,
        l1,
        l2,
        dangling,
        sl1,
        ecr_repository("shop/checkout"),
        ecr_repository("search"),
        empty,
        e1,
        e2,
        e3,
        e4,
        se1,
        se2,
        de,
        dw,
        f,
        sf,
        sg,
        mf,
        df,
        dg,
        zipped,
        v7,
        v8,
        live,
        stage,
        queue,
        owner,
        srole,
        mrole,
        drole,
        lost,
        zrole,
        scope=scope(
            (PROD, WEST),
            (PROD, EAST),
            (DATA, WEST),
            (DATA, EAST),
            git=("checkout", "etl", "search"),
            engine="laptop",
            coverage=(
                *asked((PROD, WEST), batch=CoverageState.DENIED),
                *asked((PROD, EAST), (DATA, WEST), (DATA, EAST)),
            ),
        ),
    )
    states = {
        gone: ("missing",),
        mf.id: ("broken",),
        sf.id: ("drift",),
        e3.id: ("orphan",),
        e4.id: ("orphan",),
        lost.id: ("orphan",),
        empty.id: ("orphan",),
        dangling.id: ("orphan",),
        de.id: ("conflict: other claim",),
        v7.id: ("4 behind",),
        sl1.id: ("dirty",),
        zipped.id: ("idle",),
    }
    return whole, links, told(states)


def shop_graph() -> tuple[ResourceGraph, Told]:
    inventory, links, states = shop()
    return graphs.build(inventory, links), states


def crowd(apps: int, shared_role: bool = False) -> ResourceGraph:
    """Chains of commit, local image, image and its elder, function with a version, role."""
    commits, locals_, images, functions, versions, roles = [], [], [], [], [], []
    links: list[Link] = []
    for number in range(apps):
        name = f"app-{number:05}"
        made, built = (
            commit(name, subject=f"Release {name}", repositories=("mono",)),
            local_image("local" + name, f"{name}:v2"),
        )
        pushed = ecr_image(name, "v2", repository=f"team-{number % 7}/{name}")
        old = ecr_image(name + "old", "v1", repository=f"team-{number % 7}/{name}")
        runs = function(name, name, tag=None, invocations=None, role=f"{name}-role")
        frozen = version(1, name, name, invocations=None)
        owner = role("everyone" if shared_role else f"{name}-role")
        links += chain(made, built, pushed, runs, frozen)
        links += chain(None, None, old)
        links.append(link(frozen.id, runs.id, Relation.PART_OF))
        links.append(link(runs.id, owner.id, Relation.ASSUMES))
        commits.append(made)
        locals_.append(built)
        images += [pushed, old]
        functions.append(runs)
        versions.append(frozen)
        roles.append(owner)
    whole = inventory(
        *commits,
        *locals_,
        *images,
        *functions,
        *versions,
        *{role.id: role for role in roles}.values(),
        scope=scope(HERE, git=("mono",), engine=""),
    )
    return graphs.build(whole, links)
