"""Images and roles that were created during the scan, after their listing.

A recent deployment whose image or role is in no listing may be newer than the listing. It is looked
up before anybody calls it gone: 1 DescribeImages for such an image, which in most cases is gone; if
it exists its repository is listed again, and for a role those of the account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Function,
    Gap,
    Kind,
    Place,
    ResourceId,
    Role,
    Version,
    Workload,
    account_of,
)
from jotgraph.records.gaps import concerns, hidden_kinds
from jotgraph.records.references import ecr_reference, role_of
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import homes_of
from jotgraph.sources.aws.roles import read_roles
from jotgraph.sources.aws.stages import Listings
from jotgraph.sources.ecr.listing import EcrRead, image_of, repository_record
from jotgraph.sources.ecr.requests import get_images, get_repository, list_images

LATELY = timedelta(hours=1)
"""How recent a deployment has to be for that, with allowance for clocks."""
User = Function | Version | Workload


class _Shelf(NamedTuple):
    """One repository."""

    account: str
    region: str
    name: str


@dataclass
class Since:
    """What was created after its listing; each is read once, however often it is asked for."""

    began: datetime
    gaps: list[Gap] = field(default_factory=list)
    _asked: set[tuple[_Shelf, str] | str] = field(default_factory=set)
    _images: dict[_Shelf, tuple[EcrImage, ...]] = field(default_factory=dict)
    _repositories: dict[_Shelf, EcrRepository] = field(default_factory=dict)
    _roles: list[Role] = field(default_factory=list)

    def with_what_came(self, listings: Listings, users: Iterable[User]) -> Listings:
        """Return the listings with what recent deployments use and was created after its
        listing."""
        lately = [user for user in users if self._is_of_lately(user)]
        self._look_for_images(listings, lately)
        self._look_for_roles(listings, lately)
        if self._images:
            listings = replace(listings, ecr=self._ecr(listings))
        known = {role.id for role in listings.roles} if self._roles else set()
        new = (role for role in self._roles if role.id not in known)
        return replace(listings, roles=(*listings.roles, *new))

    def _is_of_lately(self, user: User) -> bool:
        changed = user.changed_at if isinstance(user, Workload) else user.last_modified
        return changed is None or changed >= self.began - LATELY

    def _look_for_images(self, listings: Listings, users: Iterable[User]) -> None:
        places = {Place(place.account, place.region): place for place in listings.places}
        wanted = {named for user in users for named in _images_of(user)} - self._asked
        wanted = {(shelf, digest) for shelf, digest in wanted if Place(*shelf[:2]) in places}
        digests = {digest for _, digest in wanted}
        for image in listings.images if wanted else ():
            if image.digest in digests:
                shelf = _Shelf(image.account, image.region, image.repository)
                wanted.discard((shelf, image.digest))
        self._asked |= wanted
        by_place: dict[Place, dict[_Shelf, list[str]]] = defaultdict(lambda: defaultdict(list))
        for shelf, digest in sorted(wanted):
            if not _hidden(listings.gaps, Kind.ECR_IMAGE, Place(*shelf[:2]), shelf.name):
                by_place[Place(*shelf[:2])][shelf].append(digest)
        for where, shelves in sorted(by_place.items()):
            self._list_again(places[where], shelves)

    def _list_again(self, place: RegionClient, shelves: Mapping[_Shelf, list[str]]) -> None:
        def read(shelf: _Shelf) -> tuple[EcrImage, ...]:
            if not any(_is_there(place, shelf.name, digest) for digest in shelves[shelf]):
                return ()
            description = get_repository(place, shelf.name)
            if description is not None:
                self._repositories[shelf] = repository_record(place, description)
            details = list_images(place, shelf.name).whole()
            return tuple(image_of(place, detail) for detail in details)

        results = place.each("images pushed meanwhile", read, tuple(shelves))
        for shelf, result in zip(shelves, results, strict=True):
            if isinstance(result, Failure):
                self.gaps.append(
                    place.gap(
                        "ecr",
                        "DescribeImages",
                        result,
                        resource=shelf.name,
                        hides=(Kind.ECR_IMAGE,),
                    )
                )
            elif result:
                self._images[shelf] = result

    def _ecr(self, listings: Listings) -> tuple[EcrRead, ...]:
        """The listings, with the repositories that were listed again as they are now."""
        again = self._images.keys()
        reads = [
            replace(
                read,
                images=tuple(
                    image
                    for image in read.images
                    if _Shelf(image.account, image.region, image.repository) not in again
                ),
            )
            for read in listings.ecr
        ]
        known = {
            _Shelf(repository.account, repository.region, repository.name)
            for repository in listings.repositories
        }
        new = (self._repositories[shelf] for shelf in sorted(self._repositories.keys() - known))
        images = (image for shelf in sorted(again) for image in self._images[shelf])
        return (*reads, EcrRead(tuple(new), tuple(images)))

    def _look_for_roles(self, listings: Listings, users: Iterable[User]) -> None:
        wanted = {role for user in users for role in _roles_of(user)}
        if wanted:
            wanted -= {role.id for role in listings.roles}
        accounts = {account_of(role) for role in wanted}
        for home in homes_of(listings.places):
            where = Place(home.account, "")
            if home.account not in accounts or home.account in self._asked:
                continue
            self._asked.add(home.account)
            if not _hidden(listings.gaps, Kind.ROLE, where, ""):
                read = read_roles(home)
                self._roles += read.roles
                self.gaps += read.gaps


def _images_of(user: User) -> Iterator[tuple[_Shelf, str]]:
    """(repository, digest) of what runs."""
    named: list[tuple[str, str | None]]
    if isinstance(user, Workload):
        named = [(used.image, used.digest) for used in user.images]
    else:
        named = [(user.resolved_image_uri or user.image_uri or "", user.image_digest)]
    for text, digest in named:
        reference = ecr_reference(text)
        runs = digest or (reference.digest if reference else None)
        if reference and runs:
            yield _Shelf(reference.account, reference.region, reference.repository), runs


def _roles_of(user: User) -> Iterator[ResourceId]:
    arns = user.roles if isinstance(user, Workload) else (user.role_arn,)
    yield from filter(None, map(role_of, arns))


def _hidden(gaps: Iterable[Gap], kind: Kind, place: Place, name: str) -> bool:
    """Whether a listing failed: then nothing that it lacks is called gone."""
    return any(kind in hidden_kinds(gap) and concerns(gap, place, name) for gap in gaps)


def _is_there(place: RegionClient, repository: str, digest: str) -> bool:
    """Whether ECR has an image now. Raises CallFailedError when that cannot be read."""
    try:
        return bool(get_images(place, repository, digest=digest))
    except CallFailedError as error:
        if "NotFound" in error.failure.code:
            return False
        raise
