"""The links between resources, and the rules that find them.

Rules are pure functions of an inventory, registered in ``RULES``; their order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from jotgraph.links import (
    attestations,
    bases,
    content,
    copies,
    deployments,
    digests,
    files,
    labels,
    mentions,
    references,
    tags,
    timestamps,
    trees,
    versions,
    workloads,
)
from jotgraph.links.conventions import rules_of
from jotgraph.links.index import InventoryIndex
from jotgraph.links.model import Author, Evidence, Grade, Link, Match, Relation, Rule, rule
from jotgraph.records import Inventory

__all__ = [
    "AUTHORS",
    "RULES",
    "Author",
    "Evidence",
    "Grade",
    "InventoryIndex",
    "Link",
    "Match",
    "Relation",
    "Rule",
    "infer",
    "links_of",
    "rule",
    "rules_for",
]

RULES: tuple[Rule, ...] = (
    digests.resolved_digest,
    digests.code_sha256,
    digests.code_sha256_ambiguous,
    digests.unsettled_update,
    copies.config_digest,
    copies.repo_digest,
    copies.lost_digest,
    copies.containerd_digest,
    copies.same_layers,
    digests.index_child,
    digests.attestation_subject,
    attestations.statement_subject,
    digests.referrer_subject,
    digests.signature_tag,
    digests.container_image,
    references.stored_in,
    references.version_of,
    references.alias_of,
    references.routes_to,
    references.assumes_role,
    references.logs_to,
    mentions.named_in_text,
    references.invokes,
    references.deployed_tag,
    workloads.workload_digest,
    workloads.workload_tag,
    workloads.workload_revision,
    workloads.workload_role,
    labels.revision_label,
    labels.revision_label_alone,
    labels.revision_label_other,
    labels.revision_label_short,
    labels.revision_label_weak,
    labels.revision_label_unresolved,
    labels.revision_env,
    trees.tree_label,
    attestations.provenance_revision,
    attestations.provenance_revision_alone,
    attestations.signature_revision,
    tags.tag_full_sha,
    tags.tag_sam_image,
    tags.tag_short_sha,
    tags.tag_short_sha_weak,
    tags.tag_describe,
    tags.tag_describe_unconfirmed,
    tags.tag_git_tag,
    versions.version_label,
    versions.branch_name,
    deployments.function_tag,
    deployments.function_description,
    deployments.function_env,
    deployments.alias_name,
    deployments.alias_description,
    timestamps.created_at_commit_second,
    timestamps.created_at_foreign_second,
    timestamps.built_soon_after,
    files.file_git_head,
    files.file_revision,
    files.file_release,
    content.content_exact,
    content.content_exact_beside,
    content.content_partial,
    content.content_weak,
    bases.rootfs_prefix,
    bases.base_label,
)
"""Every built-in rule. Their order does not matter."""

AUTHORS: Mapping[str, Author] = MappingProxyType(
    {rule.name: rule.author for rule in RULES if rule.author is not None}
)
"""The author of the claims that a rule reads, by the rule's name."""


def rules_for(inventory: Inventory) -> tuple[Rule, ...]:
    """Return the built-in rules and those of the conventions in an inventory."""
    return (*RULES, *rules_of(inventory.scope.evidence))


def infer(inventory: Inventory, rules: Iterable[Rule] | None = None) -> Iterator[Link]:
    """Yield every link that the rules find, by default all rules that apply to the inventory. The
    order is unspecified; ``graph.build`` sorts."""
    return links_of(InventoryIndex(inventory), rules_for(inventory) if rules is None else rules)


def links_of(index: InventoryIndex, rules: Iterable[Rule]) -> Iterator[Link]:
    """Yield every link that these rules find in an indexed inventory."""
    for linking_rule in rules:
        name, relation, grade = linking_rule.name, linking_rule.relation, linking_rule.grade
        author = linking_rule.author
        evidence, before = None, None
        for match in linking_rule.find(index):
            claim = match[2:]
            if evidence is None or claim != before:  # often the same of all images of a repository
                evidence, before = Evidence(name, relation, grade, *claim, author), claim
            yield Link(match.source, match.target, evidence)
