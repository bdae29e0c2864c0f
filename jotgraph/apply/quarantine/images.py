"""ECR images archived: they cannot be pulled any more, and can be restored.

An archived image is answered with 404, is charged for 90 days at least, and comes back within 20
minutes (ECR user guide, "Archiving an image", "Restoring an image"). Which images ECR refuses to
archive is not documented: ``ImageStorageClassUpdateNotSupportedException`` is a refusal here.
Indexes before what they list, as they are deleted; put back the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jotgraph.apply.backup import keep_images
from jotgraph.apply.changes import READ, changed, unpulled
from jotgraph.apply.ecr import digest_of, spare_users, subjects
from jotgraph.apply.quarantine.functions import Results
from jotgraph.apply.quarantine.hand import Hand
from jotgraph.apply.quarantine.restore import put_back
from jotgraph.apply.quarantine.snapshot import facts
from jotgraph.apply.run import Run, require_same
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.plan import Step
from jotgraph.plan.outcome import NotProven, Refused, Status
from jotgraph.records import EcrImage, Function, ResourceId, Version, ecr_repo_id
from jotgraph.sources.single import images, parts
from jotgraph.store.holdings import hold, holding

Asleep = Callable[[Function | Version], bool]
_UNSUPPORTED = "ImageStorageClassUpdateNotSupportedException"
_PULLABLE = ("ACTIVE", "ACTIVATING")


def archive(run: Run, hand: Hand, steps: Sequence[Step], asleep: Asleep) -> Results:
    """Archive images of one repository, none of which waits for another.

    All of them and all that could run them are looked at before, and again after: what came into
    use meanwhile is restored. Raises CallFailedError when the first look fails.
    """
    region, name = parts(steps[0].id)[1], parts(steps[0].id)[2].partition("@")[0]
    place = hand.place(steps[0].id)
    ended: Results = {}
    there = images(run.world, ecr_repo_id(place.account, region, name))
    going = [each for each in steps if _may_be_archived(hand, each, there, ended)]
    going = [each for each in going if unpulled(run, each, there, ended)]
    if going and (said := changed(place, name, going[0])):
        ended |= {each.id: (Status.REFUSED, said) for each in going}
        going = []
    _restore(hand, [each.id for each in steps if each.id in ended], ended)
    if going and run.backup:
        active = [e for e in going if there[digest_of(e)].status == "ACTIVE"]
        found = [there[digest_of(each)] for each in active]
        if found:
            run.journal.add(READ, steps=tuple(each.id for each in active))
        failed = keep_images(hand.journal.folder, place, name, found) if found else {}
        ended |= {
            e.id: (Status.FAILED, failed[digest_of(e)]) for e in active if digest_of(e) in failed
        }
        going = [each for each in going if each.id not in ended]
    if going:
        spare_users(run, region, going, ended, asleep)
    _restore(hand, [each.id for each in going if each.id in ended], ended)
    going = [each for each in going if each.id not in ended]
    for each in going:
        _archive(hand, each, there[digest_of(each)], ended)
    going = [each for each in going if each.id not in ended]
    if going:
        _see(run, hand, going, ended, asleep)
    return ended


def _may_be_archived(hand: Hand, step: Step, there: dict[str, EcrImage], ended: Results) -> bool:
    """Whether an image is there, unchanged, and nothing that can be pulled refers to it."""
    found, held = there.get(digest_of(step)), holding(hand.journal, step.id)
    try:
        if found is None:
            raise Refused("it is gone")
        ours = {"status": ["ARCHIVED", "ACTIVATING"]} if held else {}
        require_same(step, found, ours=ours)
        for each in there.values():
            if found.digest in subjects(each) and each.status in _PULLABLE:
                raise Refused(f"{each.digest[:19]} refers to it and is not archived")
    except Refused as no:
        ended[step.id] = (Status.REFUSED, str(no))
        return False
    return True


def _archive(hand: Hand, step: Step, found: EcrImage, ended: Results) -> None:
    hold(hand.journal, step.id, {"status": found.status})
    repository = parts(step.id)[2].partition("@")[0]
    try:
        if found.status != "ARCHIVED":
            hand.call(
                step.id,
                "ecr",
                "UpdateImageStorageClass",
                repositoryName=repository,
                imageId={"imageDigest": found.digest},
                targetStorageClass="ARCHIVE",
            )
    except CallFailedError as error:
        refused = error.failure.code == _UNSUPPORTED
        status = Status.REFUSED if refused else Status.FAILED
        ended[step.id] = (status, error.failure.detail)
        _restore(hand, [step.id], ended)


def _see(run: Run, hand: Hand, going: Sequence[Step], ended: Results, asleep: Asleep) -> None:
    """Look again at everything: archived, and still used by nothing; otherwise restore it."""
    region, name = parts(going[0].id)[1], parts(going[0].id)[2].partition("@")[0]
    trouble: Results = {}
    there: dict[str, EcrImage] = {}
    try:
        there = images(run.world, ecr_repo_id(hand.place(going[0].id).account, region, name))
        spare_users(run, region, going, trouble, asleep)
    except (CallFailedError, ApplyError) as error:
        said = error.failure.detail if isinstance(error, CallFailedError) else str(error)
        trouble = dict.fromkeys((e.id for e in going), (Status.FAILED, said))
    for step in going:
        found = there.get(digest_of(step))
        if step.id in trouble:
            ended[step.id] = trouble[step.id]
        elif found is None or found.status != "ARCHIVED":
            ended[step.id] = (Status.FAILED, "it was archived, and does not look so")
        else:
            hand.journal.add("held", steps=(step.id,), params=facts(found))
            ended[step.id] = (Status.DONE, "archived")
    _restore(hand, [e.id for e in going if ended[e.id][0] is not Status.DONE], ended)


def _restore(hand: Hand, images: Sequence[ResourceId], ended: Results) -> None:
    """Put images back that may not be archived, and add that to their reasons."""
    for each in images:
        held = holding(hand.journal, each)
        if held is None:
            continue
        status, because = ended[each]
        try:
            ended[each] = (status, f"{because}; put back: {put_back(hand, held)}")
        except (Refused, NotProven, CallFailedError, ApplyError) as worse:
            run = hand.journal.folder.name
            words = f"{because}; and it could not be put back ({worse}): jotgraph release {run}"
            ended[each] = (Status.FAILED, words)
