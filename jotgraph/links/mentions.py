"""Rules on free text: what an environment, a tag or a policy names."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.links.index import InventoryIndex
from jotgraph.links.model import Grade, Match, Relation, rule
from jotgraph.records import Record, ResourceId
from jotgraph.records.mentions import Mention, mentions


@rule(Relation.MENTIONS, Grade.HINT)
def named_in_text(index: InventoryIndex) -> Iterator[Match]:
    """The environment, description, tags or policy of a function, version, alias, repository or
    role names a role, function or log group by its ARN, a log group of its region by the name that
    Lambda gives, or an image of ECR by its reference or digest. Of environment values only such
    names are read, and of inline policies of roles only functions, versions and aliases. Where the
    last update of a function is not through, what an earlier scan read as its image and role counts
    as well. What is not in the inventory is not linked."""
    inventory = index.inventory
    speaking: tuple[Record, ...] = (  # images, by far the most, name nothing that is read here
        *inventory.functions,
        *inventory.versions,
        *inventory.aliases,
        *inventory.ecr_repositories,
        *inventory.roles,
        *inventory.workloads,
    )
    for record in speaking:
        for mention in mentions(record):
            for target in _named(index, mention):
                if target != record.id:
                    statement = f"its {mention.where} names {mention.name}"
                    yield Match(record.id, target, statement, mention.where)


def _named(index: InventoryIndex, mention: Mention) -> Iterator[ResourceId]:
    if mention.resource is not None and mention.resource in index.by_id:
        yield mention.resource
    for image in index.ecr_by_digest.get(mention.digest, ()) if mention.digest else ():
        yield image.id
    if mention.image is not None:
        account, region, repository, tag, digest = mention.image
        for image in index.ecr_by_digest.get(digest, ()) if digest else ():
            if (account, region, repository) == (image.account, image.region, image.repository):
                yield image.id
        if not digest:
            yield from index.ecr.tagged(account, region, repository, tag)
