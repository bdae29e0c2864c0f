"""What should have been read and was not, and what is referred to and was not found."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import ClassVar

import msgspec

from jotgraph.records.fields import Fields
from jotgraph.records.ids import ResourceId
from jotgraph.records.kinds import Kind, kinds_of_service, listed_with
from jotgraph.records.phrases import counted

NOT_YET = "not-yet"
"""The reason of a gap that a running or interrupted scan has still to read."""


class Amount(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, order=True):
    """The number of resources that a gap is about, where it is counted."""

    form: str = ""
    """What is missing, with ``{}`` in place of the counted resources: ``layers of {} that nothing
    runs``."""
    number: int = 0
    noun: str = ""
    """The counted noun in the singular: ``image``."""
    whole: int = 0
    """The total that ``count`` is a part of; 0 where it is not stated."""
    place: str = ""
    """The repository of the counted resources."""

    def __bool__(self) -> bool:
        return bool(self.form)

    @property
    def words(self) -> str:
        """For people: ``layers of 2 images of shop/app that nothing runs``."""
        return self._words(f" of {self.place}" if self.place else "")

    def _words(self, of: str) -> str:
        whole = f" of {self.whole:,}" if self.whole else ""
        number = counted(self.number, self.noun) if self.noun else f"{self.number:,}"
        return self.form.format(f"{number}{whole}{of}")


NO_AMOUNT = Amount()


def together(gaps: Iterable[Gap]) -> list[str]:
    """Join amounts into one text; amounts with the same wording are added up."""
    alike: dict[tuple[str, ...], list[Gap]] = {}
    for gap in gaps:
        amount = gap.amount
        key = (amount.form, amount.noun) if amount else (gap.about,)
        alike.setdefault(key, []).append(gap)
    return [_sum(same) for same in alike.values()]


def _sum(gaps: list[Gap]) -> str:
    amounts = {(gap.account, gap.region, gap.amount) for gap in gaps if gap.amount}
    if len(amounts) < 2:
        return gaps[0].about
    counts = [amount for _, _, amount in amounts]
    places = {(account, region, amount.place) for account, region, amount in amounts}
    summed = msgspec.structs.replace(
        counts[0],
        number=sum(amount.number for amount in counts),
        whole=sum(amount.whole for amount in counts),
    )
    several = counts[0].place and len(places) > 1
    return summed._words(f" of {len(places):,} repositories") if several else summed.words


class Gap(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, order=True):
    """Something that should have been read and was not. Unread is never absent."""

    service: str
    """``lambda``, ``ecr``, ``iam``, ``docker``, ``git``…"""
    action: str
    """The call that failed or was left out: ``ListFunctions``, ``GET /images/json``…"""
    account: str = ""
    region: str = ""
    resource: str = ""
    """The one resource or repository it is about; empty when it is about all of a place."""
    reason: str
    """One word for scripts: ``credentials denied throttled unreachable error shallow unsupported
    left-out not-yet``."""
    detail: str = ""
    """One sentence for people, with what to do about it; for what was left out, what it is."""
    hides: tuple[Kind, ...] = ()
    """Kinds of which unread resources may exist."""
    facts: tuple[str, ...] = ()
    """Facts of known resources that were not read: ``deployed-tag policy labels callers``…"""

    option: str = ""
    """The option of ``scan`` that reads it: ``--usage``, ``--refresh``."""
    amount: Amount = NO_AMOUNT
    """The amount that ``detail`` states, as a value."""
    UNWRITTEN: ClassVar[frozenset[str]] = frozenset({"amount"})
    """Fields that JSON leaves out, because ``detail`` states them."""

    @property
    def written(self) -> Gap:
        """The gap as JSON has it, without its amount: what a plan file holds is read again and
        hashed."""
        return msgspec.structs.replace(self, amount=NO_AMOUNT) if self.amount else self

    @property
    def asked(self) -> bool:
        """Whether the scan was asked to read it, and failed or has not yet done so."""
        return self.reason != "left-out"

    @property
    def pending(self) -> bool:
        """Whether a running scan has still to read it, or an interrupted one was stopped before."""
        return self.reason == NOT_YET

    @property
    def why(self) -> str:
        """The reason as people read it: ``denied``, ``not yet``."""
        return self.reason.replace("-", " ")

    @property
    def about(self) -> str:
        """The gap's detail or, when it was redacted, the name of its call."""
        return self.detail or f"{self.service} {self.action}"

    @property
    def name(self) -> str:
        """The call that was not read: ``lambda:ListFunctions``."""
        return f"{self.service}:{self.action}"

    @property
    def call(self) -> str:
        """What was not read, and where: ``lambda ListFunctions in 111122223333/eu-west-1``."""
        where = "/".join(filter(None, (self.account, self.region, self.resource)))
        return f"{self.service} {self.action}{f' in {where}' if where else ''}"


_NO_KIND = frozenset({"cloudwatch"})
"""Services that list no kind of resource: their gaps hide none."""


@lru_cache(maxsize=4096)
def hidden_kinds(gap: Gap) -> frozenset[Kind]:
    """The kinds that a gap may hide; all of its service's kinds when the gap names none."""
    hides = gap.hides
    if not hides and not gap.facts:
        listed = kinds_of_service(gap.service)
        hides = listed if listed or gap.service in _NO_KIND else tuple(Kind)
    return frozenset(hides).union(*map(listed_with, hides))


def concerns(gap: Gap, place: tuple[str, str], name: str = "") -> bool:
    """Whether a gap affects a place or, with a ``name``, the function, repository or role of that
    name. An empty region stands for every region of the account."""
    account, region = place
    resource = (
        gap.resource.rpartition("/function:")[2] if "/function:" in gap.resource else gap.resource
    )
    return (
        gap.account in ("", account)
        and (not region or gap.region in ("", region))
        and (not name or resource in ("", name) or not _plain(resource))
    )


def _plain(resource: str) -> bool:
    """Whether a gap names its resource by a bare name that can be compared with other names."""
    return ":" not in resource and "@" not in resource


class Missing(Fields, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="missing"):
    """Something that is referred to and was not found where it should be. Made by the graph,
    never read or stored. ``looked`` tells whether the place it should be in was read whole: only
    then is it known to be absent."""

    resource: ResourceId
    looked: bool = False

    @property
    def id(self) -> ResourceId:
        return self.resource
