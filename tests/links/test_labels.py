"""Rules on labels, annotations and environment."""

from __future__ import annotations

import pytest

from jotgraph.links import Rule, labels
from jotgraph.records import ImageType, Inventory, commit_id, pairs
from tests.factories import (
    REVISION,
    commit,
    digest,
    ecr_image,
    git_repository,
    inventory,
    local_image,
    sha,
)
from tests.links.found import found, statements

SOURCE = "org.opencontainers.image.source"
REMOTE = "git@github.com:acme/shop.git"
URL = "https://github.com/Acme/shop"
ALL = (
    labels.revision_label,
    labels.revision_label_alone,
    labels.revision_label_other,
    labels.revision_label_short,
    labels.revision_label_weak,
    labels.revision_label_unresolved,
    labels.revision_env,
)


def world(image: object, *others: object, remote: str = REMOTE) -> Inventory:
    return inventory(commit(1), commit(2), git_repository(remote=remote), image, *others)


def said(inventory: Inventory) -> dict[str, list[str]]:
    """Rule -> commits it names, of the rules that say anything."""
    every = {rule.name: [target for _, target in found(rule, inventory)] for rule in ALL}
    return {name: targets for name, targets in every.items() if targets}


@pytest.mark.parametrize(
    ("revision", "source"),
    [
        (REVISION, SOURCE),
        ("org.label-schema.vcs-ref", "org.label-schema.vcs-url"),
        ("RESPONDER_COMMIT", "RESPONDER_PKG_SOURCE"),
        ("git-commit", SOURCE),
    ],
)
def test_a_full_revision_of_the_repository_it_names(revision: str, source: str) -> None:
    image = ecr_image(1, labels={revision: sha(1), source: URL})
    assert said(world(image)) == {"revision_label": [commit_id(sha(1))]}
    assert found(labels.revision_label, world(image)) == [(image.id, commit_id(sha(1)))]


def test_a_dirty_build_says_so() -> None:
    image = ecr_image(1, labels={REVISION: f"{sha(1)}-dirty", SOURCE: URL})
    assert statements(labels.revision_label, world(image)) == [
        f"its label {REVISION} says {sha(1)} with uncommitted changes, a commit of "
        "github.com/acme/shop, which its source label names"
    ]


def test_an_annotated_tag_is_the_commit_it_is_on() -> None:
    """Some builds write what ``git rev-parse TAG`` says: the tag's own object."""
    repository = git_repository(remote=REMOTE, tag_objects=((sha(7), sha(1)),))
    image = ecr_image(1, labels={REVISION: sha(7), SOURCE: URL})
    known = inventory(commit(1), repository, image)
    assert said(known) == {"revision_label": [commit_id(sha(1))]}
    assert statements(labels.revision_label, known) == [
        f"its label {REVISION} says {sha(7)}, an annotated tag on {sha(1)}, a commit of "
        "github.com/acme/shop, which its source label names"
    ]
    other = inventory(commit(1), git_repository(remote=REMOTE), image)
    assert said(other) == {"revision_label_unresolved": [commit_id(sha(7))]}


def test_annotations_of_an_index_count_and_those_of_a_signature_do_not() -> None:
    notes = pairs({REVISION: sha(1), SOURCE: URL})
    index = ecr_image(1, type=ImageType.INDEX, annotations=notes)
    signature = ecr_image(2, type=ImageType.SIGNATURE, annotations=notes)
    assert found(labels.revision_label, world(index, signature)) == [(index.id, commit_id(sha(1)))]


@pytest.mark.parametrize("source", ["", "https://github.com/base/images", "None"])
def test_a_full_revision_without_its_repository_is_weaker(source: str) -> None:
    image = ecr_image(1, labels={REVISION: sha(1), SOURCE: source})
    assert said(world(image)) == {"revision_label_alone": [commit_id(sha(1))]}


def test_a_remote_that_does_not_hold_the_commit_does_not_vouch() -> None:
    image = ecr_image(1, labels={REVISION: sha(3), SOURCE: URL})
    both = inventory(
        commit(1),
        commit(3, repositories=("fork",)),
        git_repository(remote=REMOTE),
        git_repository("fork", remote="https://github.com/me/shop"),
        image,
    )
    assert said(both) == {"revision_label_alone": [commit_id(sha(3))]}


def test_a_short_revision() -> None:
    image = ecr_image(1, labels={REVISION: sha(1)[:8]})
    assert said(world(image)) == {"revision_label_short": [commit_id(sha(1))]}


def test_a_short_revision_that_begins_two_commits_says_nothing() -> None:
    image = ecr_image(1, labels={REVISION: sha(1)[:7]})
    assert said(world(image)) == {}


def test_a_short_revision_among_very_many_commits_is_a_hint() -> None:
    many = tuple(commit(n * 16) for n in range(30_000))
    bare = ecr_image(1, labels={REVISION: sha(16)[:7]})
    vouched = ecr_image(2, labels={REVISION: sha(16)[:7], SOURCE: URL})
    crowd = inventory(*many, git_repository(remote=REMOTE), bare, vouched)
    assert found(labels.revision_label_weak, crowd) == [(bare.id, commit_id(sha(16)))]
    assert found(labels.revision_label_short, crowd) == [(vouched.id, commit_id(sha(16)))]


def test_a_full_revision_that_is_nowhere_leads_to_a_missing_commit() -> None:
    image = ecr_image(1, labels={REVISION: "d" * 40, SOURCE: URL})
    assert said(world(image)) == {"revision_label_unresolved": [commit_id("d" * 40)]}
    assert statements(labels.revision_label_unresolved, world(image)) == [
        f"its label {REVISION} says {'d' * 40}, a revision of github.com/acme/shop that no "
        "repository read holds"
    ]


@pytest.mark.parametrize(
    "value", ["", "None", "main", "v1.2.3", "unknown", "abc12", "d" * 12, "d" * 64]
)
def test_values_that_are_no_known_revision_say_nothing(value: str) -> None:
    assert said(world(ecr_image(1, labels={REVISION: value, SOURCE: URL}))) == {}


def test_an_abbreviation_under_another_name_says_nothing() -> None:
    assert said(world(ecr_image(1, labels={"maintainer": sha(1)[:12], "built": sha(2)[:9]}))) == {}


BASE = (digest(100),)
OWN = (*BASE, digest(101))


def test_what_a_known_base_hands_down_is_dropped() -> None:
    claims = {REVISION: sha(1), SOURCE: URL}
    base = ecr_image(1, labels=claims, diff_ids=BASE, env=(("GIT_SHA", sha(1)),))
    child = ecr_image(2, labels=claims, diff_ids=OWN, env=(("GIT_SHA", sha(1)),))
    own = ecr_image(3, labels=claims | {REVISION: sha(2)}, diff_ids=OWN)
    everything = world(base, child, own)
    assert found(labels.revision_label, everything) == [
        (base.id, commit_id(sha(1))),
        (own.id, commit_id(sha(2))),
    ]
    assert found(labels.revision_env, everything) == [(base.id, commit_id(sha(1)))]


def test_an_image_with_equal_layers_is_no_base() -> None:
    claims = {REVISION: sha(1), SOURCE: URL}
    same = (ecr_image(1, labels=claims, diff_ids=BASE), ecr_image(2, labels=claims, diff_ids=BASE))
    assert len(found(labels.revision_label, world(*same))) == 2


def test_a_base_in_the_local_engine_counts() -> None:
    claims = {REVISION: sha(1), SOURCE: URL}
    here = inventory(
        commit(1),
        git_repository(remote=REMOTE),
        local_image(7, labels=claims, diff_ids=BASE),
        ecr_image(1, labels=claims, diff_ids=OWN),
    )
    assert found(labels.revision_label, here) == [(local_image(7).id, commit_id(sha(1)))]


@pytest.mark.parametrize(
    "value", [sha(1), f"shop@{sha(1)}", f"vcs.ref.head.revision={sha(1)},service.name=x"]
)
def test_environment_gives_a_full_revision(value: str) -> None:
    image = ecr_image(1, env=(("SENTRY_RELEASE", value),))
    assert said(world(image)) == {"revision_env": [commit_id(sha(1))]}
    named_by_a_team = ecr_image(1, env=(("ACME_REV", value),))
    assert said(world(named_by_a_team)) == {}


@pytest.mark.parametrize("value", [sha(1)[:12], "d" * 40, f"{sha(1)}0", "1.2.3", ""])
def test_environment_that_gives_none(value: str) -> None:
    assert said(world(ecr_image(1, env=(("GIT_SHA", value),)))) == {}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_an_image_without_labels_says_nothing(rule: Rule) -> None:
    assert found(rule, world(ecr_image(1))) == []


BUILDPACK = "io.buildpacks.project.metadata"


@pytest.mark.parametrize(
    "form", ["{}", '{{"source": {{"version": {{"commit": "{}"}}}}}}', "shop@{}"]
)
def test_a_full_revision_under_any_other_name(form: str) -> None:
    for where in (
        {"labels": {BUILDPACK: form.format(sha(1))}},
        {"annotations": ((BUILDPACK, form.format(sha(1))),)},
    ):
        assert said(world(ecr_image(1, **where))) == {"revision_label_other": [commit_id(sha(1))]}


def test_other_labels_that_name_no_commit() -> None:
    for text in ("d" * 40, sha(1)[:12], f"{sha(1)}0", f"sha256:{'d' * 64}", "x" * 50):
        assert said(world(ecr_image(1, labels={BUILDPACK: text}))) == {}
    base = ecr_image(2, labels={"x": sha(1)}, diff_ids=(digest(7),))
    child = ecr_image(1, labels={"x": sha(1)}, diff_ids=(digest(7), digest(8)))
    (pair,) = found(labels.revision_label_other, world(child, base))
    assert pair[0] == base.id
