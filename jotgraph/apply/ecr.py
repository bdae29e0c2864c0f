"""ECR's writer: images in batches, by digest, and repositories that are empty."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from jotgraph.apply.backup import keep_images
from jotgraph.apply.changes import READ, changed, unpulled
from jotgraph.apply.copies import borrowed
from jotgraph.apply.run import Run, back_up, look, require_same, wait, wait_gone
from jotgraph.failures import CallFailedError
from jotgraph.plan import Step
from jotgraph.plan.fingerprints import CHILDREN
from jotgraph.plan.outcome import Refused, Status
from jotgraph.records import (
    EcrImage,
    Function,
    Kind,
    ResourceId,
    Version,
    ecr_repo_id,
    kind_of,
)
from jotgraph.records.references import ecr_reference
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.session import is_gone
from jotgraph.sources.single import configurations, images, parts, read_configuration

BATCH = 100
"""imageIds of one BatchDeleteImage (ECR API)."""
STILL_THERE = "ECR did not say that it cannot be deleted, and it is still there"
_REFERS = re.compile(r"sha256-([0-9a-f]{64})(?:\.\w+)?")

Result = tuple[Status, str]


def delete_images(run: Run, steps: Sequence[Step]) -> dict[ResourceId, Result]:
    """Delete up to BATCH images of one repository, none of which waits for another.

    Looked at just before the call, in this order: all images of the repository (fingerprints, and
    what refers to them now), then every function and version of the region in the plan's scope.
    Raises CallFailedError when that cannot be read: then nothing was done.
    """
    account, region, rest = parts(steps[0].id)
    name = rest.partition("@")[0]
    place = run.world.place(account, region)
    ended: dict[ResourceId, Result] = {}
    repository = ecr_repo_id(account, region, name)
    there = images(run.world, repository)
    going = [each for each in steps if _may_go(each, there, ended)]
    going = [each for each in going if unpulled(run, each, there, ended)]
    if going and run.backup:
        found = [there[digest_of(each)] for each in going]
        found = borrowed(run.journal.folder, place, name, found)
        if found:
            run.journal.add(READ, steps=tuple(each.id for each in going))
        failed = keep_images(run.journal.folder, place, name, found) if found else {}
        for each in [each for each in going if digest_of(each) in failed]:
            ended[each.id] = (Status.FAILED, failed[digest_of(each)])
            going.remove(each)
    if going and (said := changed(place, name, going[0])):
        ended |= {each.id: (Status.REFUSED, said) for each in going}
    if going := [each for each in going if each.id not in ended]:
        there = images(run.world, repository)
        going = [each for each in going if _may_go(each, there, ended)]
    if going:
        spare_users(run, region, going, ended)
    going = [each for each in going if each.id not in ended]
    if not going:
        return ended
    ended |= _delete(run, place, name, going)
    wait(run, lambda: not _unproven(run, repository, going, ended))
    return ended


def _unproven(
    run: Run, repository: ResourceId, going: Sequence[Step], ended: dict[ResourceId, Result]
) -> bool:
    """Look what is left, and say so; whether anything is that ECR did not refuse to delete."""
    left = images(run.world, repository)
    unproven = False
    for each in going:
        status, because = ended.get(each.id, (Status.DONE, "deleted"))
        if digest_of(each) not in left:
            ended[each.id] = (Status.DONE, because if because != STILL_THERE else "deleted")
        elif status is Status.DONE or because == STILL_THERE:
            ended[each.id] = (Status.FAILED, STILL_THERE)
            unproven = True
    return unproven


def delete_repository(run: Run, step: Step) -> str:
    """Delete a repository that is empty, archived images counted; never by force."""
    account, region, name = parts(step.id)
    place = run.world.place(account, region)
    if look(run, step) is None:
        return "it was gone already"
    back_up(run, step.id)
    if look(run, step) is None:
        return "it was gone already"
    if said := changed(place, name, step):
        raise Refused(said)
    held = images(run.world, step.id)
    if held:
        raise Refused(f"it holds {len(held)} images that the plan does not delete")
    try:
        run.write(step.id, place, "ecr", "DeleteRepository", repositoryName=name, force=False)
    except CallFailedError as error:
        if error.failure.code == "RepositoryNotEmptyException":
            raise Refused("something was pushed to it just now") from error
        raise
    wait_gone(run, step.id)
    return "deleted"


def _may_go(step: Step, there: dict[str, EcrImage], ended: dict[ResourceId, Result]) -> bool:
    """Whether an image is there, unchanged, and nothing else refers to it."""
    digest = digest_of(step)
    found = there.get(digest)
    if found is None:
        ended[step.id] = (Status.DONE, "it was gone already")
        return False
    try:
        require_same(step, found)
    except Refused as no:
        ended[step.id] = (Status.REFUSED, str(no))
        return False
    referring = [each for each in there.values() if digest in subjects(each)]
    if referring:
        said = f"{referring[0].digest[:19]} refers to it and is not deleted"
        ended[step.id] = (Status.REFUSED, said)
        return False
    return True


def subjects(image: EcrImage) -> set[str]:
    named = {f"sha256:{found[1]}" for tag in image.tags if (found := _REFERS.fullmatch(tag))}
    return (named | ({image.subject} if image.subject else set())) - {image.digest}


def spare_users(
    run: Run,
    region: str,
    going: Sequence[Step],
    ended: dict[ResourceId, Result],
    asleep: Callable[[Function | Version], bool] = lambda each: False,
) -> None:
    """Refuse the images that a function or version runs now, in any account of the scope, and
    the indexes of such images. Functions that are ``asleep`` run nothing."""
    wanted: dict[str, list[Step]] = {}
    waiting = [e for e in run.plan.steps if kind_of(e.id) is Kind.ECR_IMAGE and e.after]
    for step in going:
        for digest in _falling(step, waiting):
            wanted.setdefault(digest, []).append(step)
    accounts = {account for account, where in run.plan.scope.places if where == region}
    accounts.add(parts(going[0].id)[0])
    for account in sorted(accounts):
        for each in configurations(run.world, account, region):
            unclear = each.may_run_image and each.image_digest is None
            if unclear:
                for other in going:
                    said = f"which image {_named(each)} runs cannot be read"
                    ended[other.id] = (Status.REFUSED, said)
            for step in wanted.get(each.image_digest or "", ()):
                if _runs(run, each, step) and not asleep(each):
                    what = "it" if each.image_digest == digest_of(step) else "a part of it"
                    ended[step.id] = (Status.REFUSED, f"{_named(each)} runs {what} now")


def _falling(step: Step, waiting: Sequence[Step]) -> set[str]:
    """Digests of an image, of what it holds, and of those that wait for it. ``waiting`` are in the
    order of the plan, so that one pass is enough."""
    found = {step.id: step}
    for each in waiting:
        if not found.keys().isdisjoint(each.after):
            found[each.id] = each
    held = (dict(each.fingerprint).get(CHILDREN, "").split() for each in found.values())
    return {digest_of(each) for each in found.values()}.union(*held)


def _runs(run: Run, each: Function | Version, step: Step) -> bool:
    """Whether it runs this image rather than an equal one of another repository."""
    account, region, rest = parts(step.id)
    try:
        detail = read_configuration(run.world, each.id)
    except CallFailedError as error:
        return not is_gone(error)
    found = ecr_reference(detail.resolved_image_uri)
    if found is None:
        return True
    return (found.account, found.region, found.repository) == (
        account,
        region,
        rest.partition("@")[0],
    )


def _delete(
    run: Run, place: RegionClient, name: str, going: Sequence[Step]
) -> dict[ResourceId, Result]:
    """One BatchDeleteImage; what it says of each image that it did not just delete. A call that
    failed is no proof that nothing happened: the caller looks."""
    params = {
        "repositoryName": name,
        "imageIds": [{"imageDigest": digest_of(each)} for each in going],
    }
    ids = [each.id for each in going]

    def ask() -> object:
        return place.ask("ecr", "BatchDeleteImage", "imageIds", "failures", **params)

    try:
        answer = run.journal.call(ids, "ecr:BatchDeleteImage", params, ask)
    except CallFailedError as error:
        return dict.fromkeys(ids, (Status.FAILED, error.failure.detail))
    ended: dict[ResourceId, Result] = {}
    by_digest = {digest_of(each): each.id for each in going}
    assert isinstance(answer, dict)
    for failed in answer.get("failures") or ():
        code = failed.get("failureCode", "")
        said = f"{code}: {failed.get('failureReason', '')}"
        each = by_digest.get((failed.get("imageId") or {}).get("imageDigest", ""))
        if each is None:
            continue
        if code == "ImageReferencedByManifestList":
            ended[each] = (Status.REFUSED, f"an index lists it ({said})")
        elif code != "ImageNotFound":
            ended[each] = (Status.FAILED, said)
    return ended


def digest_of(step: Step) -> str:
    return step.id.rpartition("@")[2]


def _named(each: Function | Version) -> str:
    return f"{kind_of(each.id)} {parts(each.id)[2]}"
