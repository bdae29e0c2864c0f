"""Rules that a team has set."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.provenance import commits_of
from jotgraph.graph import build
from jotgraph.links import RULES, Author, Grade, Relation, files, infer, rules_for
from jotgraph.links.conventions import problem, rules_of
from jotgraph.queries.orphans import orphans
from jotgraph.records import Carrier, ContentMatch, Convention, Inventory, commit_id
from tests.factories import (
    commit,
    content_match,
    convention,
    ecr_image,
    file_fact,
    function,
    git_repository,
    inventory,
    local_image,
    scope,
    sha,
    version,
)
from tests.links.found import found, statements
from tests.links.world import world as everything

FILE = "/src/shop/jotgraph.toml"
LABEL = convention(name="acme_build", carrier=Carrier.LABEL, pattern="com.acme.build", file=FILE)
RELEASE = "rel-.*-(?P<revision>[0-9a-f]{7,40})"
TAG = convention(name="release_tag", carrier=Carrier.TAG, pattern=RELEASE, file=FILE)
HISTORY = (git_repository(head=500), commit(1), commit(500, 1))
FIVE = commit_id(sha(500))


def of(convention: Convention, *records: object) -> list[tuple[str, str]]:
    known = inventory(*HISTORY, *records)
    return [link for rule in rules_of((convention,)) for link in found(rule, known)]


def test_a_label_of_the_teams_own() -> None:
    built = ecr_image(1, labels={"com.acme.build": sha(500)})
    (rule,) = rules_of((LABEL,))
    assert of(LABEL, built) == [(built.id, FIVE)]
    assert statements(rule, inventory(*HISTORY, built)) == [
        f"its label com.acme.build says {sha(500)}, a commit of shop"
    ]
    assert of(LABEL, ecr_image(1, annotations={"com.acme.build": sha(500)})) == [(built.id, FIVE)]
    assert of(LABEL, local_image(1, labels={"com.acme.build": f"{sha(500)[:9]}-dirty"})) != []


def test_a_label_that_nearly_is_one() -> None:
    assert of(LABEL, ecr_image(1, labels={"com.acme.built": sha(500)})) == []
    assert of(LABEL, ecr_image(1, labels={"com.acme.build": sha(499)})) == []
    assert of(LABEL, ecr_image(1, labels={"com.acme.build": sha(500)[:6]})) == []
    assert of(LABEL, ecr_image(1, labels={"com.acme.build": "main"})) == []
    assert of(LABEL) == []


def test_a_label_that_a_base_handed_down_is_its_own() -> None:
    labels = {"com.acme.build": sha(500)}
    base = ecr_image(1, labels=labels, diff_ids=("sha256:a",))
    built = ecr_image(2, labels=labels, diff_ids=("sha256:a", "sha256:b"))
    assert of(LABEL, base, built) == [(base.id, FIVE)]


def test_a_tag_of_the_teams_own() -> None:
    image = ecr_image(1, f"rel-eu-{sha(500)[:9]}")
    assert of(TAG, image) == [(image.id, FIVE)]
    assert of(TAG, ecr_image(1, f"rel-eu-{sha(500)}")) == [(image.id, FIVE)]
    local = local_image(1, f"shop:rel-eu-{sha(500)[:9]}")
    assert of(TAG, local) == [(local.id, FIVE)]
    assert of(TAG, ecr_image(1, f"eu-{sha(500)[:9]}")) == []
    assert of(TAG, ecr_image(1, "rel-eu-abcdef1")) == []
    assert of(TAG) == []


ENV = convention(name="acme_rev", carrier=Carrier.ENV, pattern="ACME_REV", file=FILE)


def test_a_variable_of_the_teams_own() -> None:
    deployed = function("pay", env=(("ACME_REV", sha(500)),))
    assert of(ENV, deployed) == [(deployed.id, FIVE)]
    assert of(ENV, version(2, "pay", env=(("ACME_REV", f"{sha(500)[:9]}"),))) != []
    assert of(ENV, function("pay", env=(("ACME_REVISION", sha(500)),))) == []
    assert of(ENV, function("pay", env=(("ACME_REV", sha(499)),))) == []
    assert of(ENV) == []


def test_a_variable_of_the_teams_own_is_told_once() -> None:
    deployed = function("pay", env=(("ACME_REV", sha(500)), ("GIT_SHA", sha(1))))
    known = _with((ENV,), deployed)
    rules = {
        (link.evidence.rule, link.target) for link in infer(known) if link.source == deployed.id
    }
    assert {rule for rule in rules if rule[1].startswith("commit:")} == {
        ("acme_rev", FIVE),
        ("function_env", commit_id(sha(1))),
    }


def test_a_variable_in_the_environment_of_an_image() -> None:
    built = ecr_image(1, env=(("ACME_REV", sha(500)),))
    short = local_image(1, env=(("ACME_REV", f"{sha(500)[:9]}-dirty"),))
    assert of(ENV, built) == [(built.id, FIVE)]
    assert of(ENV, short) == [(short.id, FIVE)]
    of_functions, of_images = rules_of((ENV,))
    assert (of_functions.name, of_functions.author) == ("acme_rev", Author.DEPLOYER)
    assert (of_images.name, of_images.author) == ("acme_rev.image", Author.BUILDER)
    assert of_images.grade is Grade.SUPPORT
    assert statements(of_images, inventory(*HISTORY, built, short)) == [
        f"its environment ACME_REV says {sha(500)[:9]} with uncommitted changes, "
        "which begins one commit of 2",
        f"its environment ACME_REV says {sha(500)}, a commit of shop",
    ]


def test_an_image_that_nearly_says_a_revision() -> None:
    assert of(ENV, ecr_image(1, env=(("ACME_REVISION", sha(500)),))) == []
    assert of(ENV, ecr_image(1, env=(("ACME_REV", sha(499)),))) == []
    assert of(ENV, ecr_image(1, env=(("ACME_REV", "main"),))) == []
    assert of(ENV, ecr_image(1, labels={"ACME_REV": sha(500)})) == []
    assert of(ENV, ecr_image(1)) == []


def test_a_variable_that_a_base_handed_down_is_its_own() -> None:
    env = (("ACME_REV", sha(500)),)
    base = ecr_image(1, env=env, diff_ids=("sha256:a",))
    built = ecr_image(2, env=env, diff_ids=("sha256:a", "sha256:b"))
    other = ecr_image(3, env=(("ACME_REV", sha(1)),), diff_ids=("sha256:a", "sha256:b"))
    assert of(ENV, base, built) == [(base.id, FIVE)]
    assert of(ENV, base, other) == [(base.id, FIVE), (other.id, commit_id(sha(1)))]


def test_a_variable_of_an_image_is_told_once_and_gains_no_grade() -> None:
    built = ecr_image(1, env=(("ACME_REV", sha(500)), ("GIT_SHA", sha(1))))

    def rules(known: Inventory) -> set[tuple[str, str, Grade]]:
        return {
            (link.evidence.rule, link.target, link.evidence.grade)
            for link in infer(known)
            if link.source == built.id and link.target.startswith("commit:")
        }

    ours = ("revision_env", commit_id(sha(1)), Grade.SUPPORT)
    assert rules(_with((ENV,), built)) == {ours, ("acme_rev.image", FIVE, Grade.SUPPORT)}
    assert rules(_with((), built)) == {ours}


INFO = convention(name="build_info", carrier=Carrier.FILE, pattern="app/BUILD_INFO", file=FILE)


def _holding(path: str, kind: str, revision: str) -> ContentMatch:
    return content_match(local_image(1).id, 1, facts=(file_fact(path, kind, revision),))


def test_a_file_of_the_teams_own() -> None:
    image = local_image(1)
    source = _holding("app/BUILD_INFO", "own", sha(500))
    assert of(INFO, image, source) == [(image.id, FIVE)]
    assert of(INFO, image, _holding("app/BUILD_INFO", "own", sha(500)[:9])) == [(image.id, FIVE)]
    assert of(INFO, image, _holding("app/OTHER", "own", sha(500))) == []
    assert of(INFO, image, _holding("app/BUILD_INFO", "file", sha(500))) == []
    assert of(INFO, image, _holding("app/BUILD_INFO", "own", sha(499))) == []
    assert of(INFO, image) == []
    assert found(files.file_revision, inventory(*HISTORY, image, source)) == []
    (rule,) = rules_of((INFO,))
    assert rule.author is Author.FILES


def test_digits_that_chance_may_have_met_say_nothing() -> None:
    many = tuple(commit(number) for number in range(1, 30_000))
    (rule,) = rules_of((TAG,))
    image = ecr_image(1, f"rel-eu-{sha(500)[:7]}")
    assert found(rule, inventory(*many, git_repository(head=500), image)) == []


def test_a_rule_is_worth_no_more_than_the_kind_it_is_of() -> None:
    for rule in rules_of((LABEL, TAG)):
        assert (rule.relation, rule.grade) == (Relation.BUILT_FROM, Grade.SUPPORT)
        assert (rule.author, rule.source) == (Author.BUILDER, FILE)
        ours = [rule for rule in RULES if rule.name in ("revision_label", "tag_full_sha")]
        assert all(rule.grade <= our.grade for our in ours)


def _with(conventions: tuple[Convention, ...], *records: object) -> Inventory:
    where = scope(evidence=conventions)
    return inventory(*HISTORY, *records, scope=where)


def test_an_inventory_brings_its_own_rules() -> None:
    image = ecr_image(1, f"rel-eu-{sha(500)[:9]}", labels={"com.acme.build": sha(1)})
    known = _with((TAG, LABEL), image)
    assert [rule.name for rule in rules_for(known)[len(RULES) :]] == ["acme_build", "release_tag"]
    names = {link.evidence.rule for link in infer(known) if link.evidence.rule not in _OURS}
    assert names == {"acme_build", "release_tag"}
    claims = commits_of(build(known), image.id)
    told_by = {claim.evidence.rule: claim for claim in claims.records}
    assert told_by["acme_build"].commits == (sha(1),)
    assert told_by["release_tag"].commits == (sha(500),)
    assert {claim.author for claim in claims.records} == {Author.BUILDER}


_OURS = {rule.name for rule in RULES}


def test_what_is_wrong_with_a_convention() -> None:
    def wrong(carrier: Carrier, pattern: str) -> str:
        return problem(convention(name="own", carrier=carrier, pattern=pattern, file=FILE))

    assert wrong(Carrier.LABEL, "com.acme.build") == ""
    assert wrong(Carrier.LABEL, "org.opencontainers.image.revision") == "it is read already"
    assert wrong(Carrier.LABEL, "") == "a name of 1 to 200 characters is needed"
    assert wrong(Carrier.TAG, TAG.pattern) == ""
    assert wrong(Carrier.FILE, "app/BUILD_INFO") == ""
    assert wrong(Carrier.FILE, "/app/BUILD_INFO").startswith("a path from the root of the image")
    assert wrong(Carrier.FILE, "app//BUILD_INFO").startswith("a path from the root of the image")
    assert wrong(Carrier.ENV, "ACME_REV") == ""
    assert wrong(Carrier.ENV, "git_sha") == "it is read already"
    assert wrong(Carrier.TAG, "rel-.*") == "a group (?P<revision>...) is needed"


def test_no_convention_changes_a_verdict() -> None:
    """A claim about a commit is neither a use nor a doubt, whatever a cloned file calls one."""
    narrow = everything()
    wide = (
        convention(name="any_tag", carrier=Carrier.TAG, pattern="(?P<revision>.*)", file=FILE),
        convention(name="built", carrier=Carrier.LABEL, pattern="built", file=FILE),
    )
    wider = msgspec.structs.replace(
        narrow, scope=msgspec.structs.replace(narrow.scope, evidence=wide)
    )
    before, after = orphans(build(narrow)), orphans(build(wider))
    assert (before.orphans, before.unknown, before.in_use) == (
        after.orphans,
        after.unknown,
        after.in_use,
    )
    assert len(list(infer(wider))) > len(list(infer(narrow)))
