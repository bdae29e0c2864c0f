"""Gaps for images whose files were not compared, one for each repository and reason.

Which ones they are is not lost: an image of the inventory that has no content record was not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from jotgraph.records import (
    NOT_YET,
    EcrImage,
    Gap,
    ImageType,
    Inventory,
    Kind,
    ResourceId,
    as_id,
    digest_of,
    kind_of,
    place_of,
    repository_name_of,
    repository_of,
)
from jotgraph.records.gaps import Amount
from jotgraph.records.ids import shortened
from jotgraph.records.phrases import counted, listed
from jotgraph.records.references import DIGEST

_SHOWN = 3
_LEFT_OUT = "layers of {} that nothing runs"
_UNREAD = "its manifest could not be read"
_ARCHIVED = "layers of {} in ECR's archive"


def left_out(
    inventory: Inventory, origins: Iterable[ResourceId], wanted: Iterable[ResourceId] | None
) -> tuple[Gap, ...]:
    """Return gaps for ECR images (or those ``wanted``) without an origin, which are not
    compared."""
    reached = set(origins)
    chosen = None if wanted is None else set(wanted)
    configurations = (*inventory.functions, *inventory.versions)
    running = {record.image_digest for record in configurations}
    return tuple(
        _gap(image, running)
        for image in inventory.ecr_images
        if image.type in (ImageType.IMAGE, ImageType.UNKNOWN)
        and image.id not in reached
        and (chosen is None or image.id in chosen)
    )


def not_yet(inventory: Inventory) -> Inventory:
    """Return an inventory that says that no image's files were compared yet."""
    gap = Gap(
        service="content",
        action="read layers",
        reason=NOT_YET,
        detail="files in images",
        facts=("content",),
    )
    return msgspec.structs.replace(inventory, gaps=tuple(sorted((*inventory.gaps, gap))))


def _gap(image: EcrImage, running: set[str | None]) -> Gap:
    gap = Gap(
        service="content",
        action="read layers",
        resource=image.id,
        reason="error",
        detail=_UNREAD,
        facts=("content",),
    )
    if image.status != "ACTIVE":
        return _by_choice(gap, _ARCHIVED, image.repository, "")
    if image.digest in running:
        return gap
    return _by_choice(gap, _LEFT_OUT, image.repository, "jotgraph content")


def _by_choice(gap: Gap, form: str, repository: str, option: str) -> Gap:
    amount = Amount(form, 1, "image", place=repository)
    return msgspec.structs.replace(
        gap, reason="left-out", detail=amount.words, option=option, amount=amount
    )


def by_repository(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Gaps about several images of one ECR repository for one reason become one that counts them
    and names the first; the rest stay as they are."""
    others: list[Gap] = []
    groups: dict[tuple[str, ...], list[Gap]] = defaultdict(list)
    for gap in gaps:
        image = as_id(gap.resource)
        if image and kind_of(image) is Kind.ECR_IMAGE:
            same = DIGEST.sub("", gap.detail)
            groups[repository_of(image), gap.service, gap.action, gap.reason, same].append(gap)
        else:
            others.append(gap)
    return tuple(sorted((*others, *(_one(sorted(group)) for group in groups.values()))))


def _one(gaps: list[Gap]) -> Gap:
    if len(gaps) == 1:
        return gaps[0]
    images = [ResourceId(gap.resource) for gap in gaps]
    (account, region), repository = place_of(images[0]), repository_name_of(images[0])
    digests = [shortened(digest_of(image)) for image in images]
    amount = gaps[0].amount
    if amount:
        amount = msgspec.structs.replace(amount, number=len(gaps))
        detail = amount.words
    else:
        detail = (
            f"{counted(len(gaps), 'image')} ({listed(digests, _SHOWN)}), each: {gaps[0].detail}"
        )
    return msgspec.structs.replace(
        gaps[0],
        account=account,
        region=region,
        resource=repository,
        detail=detail,
        amount=amount,
    )
