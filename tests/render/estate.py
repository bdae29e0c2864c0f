"""A lifelike estate as literal records and links: three teams, and all that goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeAlias

from jotgraph import graph as graphs
from jotgraph.analysis.health import TABLE, Finding
from jotgraph.graph import ResourceGraph
from jotgraph.links import Evidence, Grade, Link, Relation
from jotgraph.records import (
    Alias,
    Commit,
    CoverageState,
    EcrImage,
    EcrRepository,
    Function,
    Gap,
    GitRepository,
    ImageType,
    Inventory,
    LocalImage,
    ResourceId,
    Role,
    Scope,
    Trigger,
    Version,
    commit_id,
    ecr_image_id,
)
from jotgraph.render.picture.drawing.states import meant
from tests.estates import asked

PROD, DATA = "111122223333", "444455556666"
WEST, EAST = "eu-west-1", "us-east-1"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def link(
    source: ResourceId, target: ResourceId, relation: Relation, grade: Grade = Grade.PROOF
) -> Link:
    said = f"{relation} as read"
    return Link(source, target, Evidence("literal", relation, grade, said))


def commit(repository: str, text: str, subject: str, days: int = 3) -> Commit:
    return Commit(
        sha=sha(text)[:40],
        subject=subject,
        author="Ada",
        committed_at=NOW - timedelta(days=days),
        repositories=(repository,),
    )


def image(account: str, region: str, repository: str, text: str, *tags: str) -> EcrImage:
    return EcrImage(
        account=account,
        region=region,
        repository=repository,
        digest=f"sha256:{sha(text)}",
        tags=tags,
        size=84_000_000 + len(text) * 1_300_000,
        pushed_at=NOW - timedelta(days=2),
        type=ImageType.IMAGE,
    )


def local(text: str, *tags: str) -> LocalImage:
    return LocalImage(image_id=f"sha256:{sha('local' + text)}", tags=tags, size=212_000_000)


def function(account: str, region: str, name: str, text: str, role: str) -> Function:
    return Function(
        account=account,
        region=region,
        name=name,
        code_sha256=sha(text),
        role_arn=f"arn:aws:iam::{account}:role/{role}",
        last_modified=NOW - timedelta(days=1),
    )


def version(account: str, region: str, name: str, number: str, text: str) -> Version:
    return Version(
        account=account,
        region=region,
        name=name,
        number=number,
        code_sha256=sha(text),
        last_modified=NOW - timedelta(days=9 - int(number)),
    )


def chain(
    made: Commit | None, built: LocalImage | None, pushed: EcrImage, *users: Function | Version
) -> list[Link]:
    found = [link(each.id, pushed.id, Relation.RUNS) for each in users]
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
    return {each: tuple(_finding(each, word) for word in said) for each, said in words.items()}


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
    c1 = commit("checkout", "c1", "Charge in the customer's currency", 1)
    c2 = commit("checkout", "c2", "Retry on 409 from the ledger", 5)
    c3 = commit("checkout", "c3", "Round half to even", 30)
    l1 = local("c1", "checkout:c1", "checkout:latest")
    l2 = local("c2", "checkout:c2")
    dangling = local("old")
    e1 = image(PROD, WEST, "shop/checkout", "c1", "v12", "latest")
    e2 = image(PROD, WEST, "shop/checkout", "c2", "v11")
    e3 = image(PROD, WEST, "shop/checkout", "c3", "v7")
    e4 = image(PROD, WEST, "shop/checkout", "c0")
    f = function(PROD, WEST, "checkout-api", "c1", "shop/checkout-role")
    v7, v8 = (version(PROD, WEST, "checkout-api", *each) for each in (("7", "c2"), ("8", "c1")))
    live = Alias(
        account=PROD,
        region=WEST,
        function_name="checkout-api",
        name="live",
        version="7",
        weights=(("8", 0.1),),
    )
    stage = Alias(
        account=PROD, region=WEST, function_name="checkout-api", name="staging", version="8"
    )
    role = Role(account=PROD, name="checkout-role", path="/shop/")
    queue = Trigger(
        account=PROD,
        region=WEST,
        uuid="5f0c6f0e-1111-4444-9999-000000000000",
        function_arn=f.id,
        source_arn=f"arn:aws:sqs:{WEST}:{PROD}:orders",
        state="Enabled",
    )
    # search: the tag moved after the deployment
    s1 = commit("search", "s1", "Index synonyms", 2)
    s2 = commit("search", "s2", "Drop the old analyser", 12)
    se1 = image(PROD, WEST, "search", "s1", "stable")
    se2 = image(PROD, WEST, "search", "s2")
    sl1 = local("s1", "search:dev")
    sf = function(PROD, WEST, "search-query", "s2", "search-role")
    sg = function(PROD, WEST, "search-index", "s1", "search-role")
    srole = Role(account=PROD, name="search-role")
    # mail: the image is gone
    gone = ecr_image_id(PROD, WEST, "mail/sender", f"sha256:{sha('gone')}")
    mf = function(PROD, WEST, "mail-sender", "gone", "mail-role")
    mrole = Role(account=PROD, name="mail-role")
    # data team, two regions of another account, one image built from two claimed commits
    d1 = commit("etl", "d1", "Partition by day", 4)
    d2 = commit("etl", "d2", "Partition by hour", 6)
    de = image(DATA, EAST, "etl/nightly", "d1", "2026.11")
    dw = image(DATA, WEST, "etl/nightly", "d1", "2026.11")
    df = function(DATA, EAST, "etl-nightly", "d1", "etl-role")
    dg = function(DATA, WEST, "etl-nightly", "d1", "etl-role")
    drole = Role(account=DATA, name="etl-role")
    # nobody's
    empty = EcrRepository(account=PROD, region=EAST, name="legacy/reports")
    lost = Role(account=PROD, name="reports-lambda-2019", created_at=NOW - timedelta(days=900))
    zipped = Function(
        account=PROD,
        region=WEST,
        name="rotate-keys",
        package_type="Zip",
        runtime="python3.13",
        role_arn="x",
    )
    zrole = Role(account=PROD, name="rotate-keys-role")
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
        *(link(each.id, f.id, Relation.PART_OF) for each in (v7, v8, live, stage)),
        link(live.id, v7.id, Relation.ROUTES_TO),
        link(live.id, v8.id, Relation.ROUTES_TO),
        link(stage.id, v8.id, Relation.ROUTES_TO),
        link(queue.id, live.id, Relation.INVOKES),
        *(link(each.id, role.id, Relation.ASSUMES) for each in (f, v7, v8)),
        *(link(each.id, srole.id, Relation.ASSUMES) for each in (sf, sg)),
        link(mf.id, mrole.id, Relation.ASSUMES),
        *(link(each.id, drole.id, Relation.ASSUMES) for each in (df, dg)),
        link(zipped.id, zrole.id, Relation.ASSUMES),
    ]
    inventory = Inventory(
        taken_at=NOW,
        scope=Scope(
            accounts=(PROD, DATA),
            places=((PROD, WEST), (PROD, EAST), (DATA, WEST), (DATA, EAST)),
            git=("checkout", "etl", "search"),
            engine="laptop",
            coverage=(
                *asked((PROD, WEST), batch=CoverageState.DENIED),
                *asked((PROD, EAST), (DATA, WEST), (DATA, EAST)),
            ),
        ),
        gaps=(
            Gap(
                service="ecr",
                action="GetLifecyclePolicy",
                reason="denied",
                facts=("lifecycle",),
            ),
        ),
        git=(
            GitRepository(
                key="checkout",
                remotes=("git@github.com:acme/checkout.git",),
                refs=(("refs/heads/main", c1.sha), ("refs/tags/v11", c2.sha)),
            ),
            GitRepository(key="search", remotes=("https://gitlab.com/acme/search",)),
            GitRepository(key="etl"),
        ),
        commits=(c1, c2, c3, s1, s2, d1, d2),
        local_images=(l1, l2, dangling, sl1),
        ecr_repositories=(
            EcrRepository(account=PROD, region=WEST, name="shop/checkout"),
            EcrRepository(account=PROD, region=WEST, name="search"),
            empty,
        ),
        ecr_images=(e1, e2, e3, e4, se1, se2, de, dw),
        functions=(f, sf, sg, mf, df, dg, zipped),
        versions=(v7, v8),
        aliases=(live, stage),
        triggers=(queue,),
        roles=(role, srole, mrole, drole, lost, zrole),
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
    return inventory, links, told(states)


def shop_graph() -> tuple[ResourceGraph, Told]:
    inventory, links, states = shop()
    return graphs.build(inventory, links), states


def crowd(apps: int, shared_role: bool = False) -> ResourceGraph:
    """Chains of commit, local image, image and its elder, function with a version, role."""
    commits, locals_, images, functions, versions, roles = [], [], [], [], [], []
    links: list[Link] = []
    for number in range(apps):
        name = f"app-{number:05}"
        made, built = commit("mono", name, f"Release {name}"), local(name, f"{name}:v2")
        pushed = image(PROD, WEST, f"team-{number % 7}/{name}", name, "v2")
        old = image(PROD, WEST, f"team-{number % 7}/{name}", name + "old", "v1")
        runs = function(PROD, WEST, name, name, f"{name}-role")
        frozen = version(PROD, WEST, name, "1", name)
        role = Role(account=PROD, name="everyone" if shared_role else f"{name}-role")
        links += chain(made, built, pushed, runs, frozen)
        links += chain(None, None, old)
        links.append(link(frozen.id, runs.id, Relation.PART_OF))
        links.append(link(runs.id, role.id, Relation.ASSUMES))
        commits.append(made)
        locals_.append(built)
        images += [pushed, old]
        functions.append(runs)
        versions.append(frozen)
        roles.append(role)
    inventory = Inventory(
        taken_at=NOW,
        scope=Scope(
            accounts=(PROD,),
            places=((PROD, WEST),),
            git=("mono",),
            coverage=asked((PROD, WEST)),
        ),
        commits=tuple(commits),
        local_images=tuple(locals_),
        ecr_images=tuple(images),
        functions=tuple(functions),
        versions=tuple(versions),
        roles=tuple({each.id: each for each in roles}.values()),
    )
    return graphs.build(inventory, links)
