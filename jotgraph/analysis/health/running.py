"""Rules on what runs an image: whether Lambda can load it, and whether its tag moved."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.analysis.health.commands import NO_COMMAND, Command, another, ours
from jotgraph.analysis.health.drift import drift, workload_drift
from jotgraph.analysis.health.images import expires
from jotgraph.analysis.health.lambdas import function_tags
from jotgraph.analysis.health.model import Code, Fact, Finding
from jotgraph.analysis.health.names import image_name
from jotgraph.analysis.health.subject import Subject
from jotgraph.analysis.provenance.lost import is_lost, savers
from jotgraph.analysis.usage.principals import admitted
from jotgraph.graph import about, dependencies, dependents, grade, record
from jotgraph.links import Grade, Relation
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Function,
    Missing,
    Place,
    ResourceId,
    Version,
    Workload,
    ecr_image_id,
    place_of,
)
from jotgraph.records.ids import short
from jotgraph.records.looked import looked
from jotgraph.records.quarantine import QUARANTINED
from jotgraph.records.references import EcrReference, ecr_reference

_BY_REASON = {
    "ImageDeleted": Code.BROKEN,
    "InvalidImage": Code.BROKEN,
    "ImageAccessDenied": Code.REFUSED,
}
"""StateReasonCodes about the image (Lambda API, FunctionConfiguration)."""


def image(on: Subject) -> Iterator[Finding]:
    """The image that a function or version runs is gone, archived, refused or not read."""
    node = on.node
    if not isinstance(node, (Function, Version)) or not node.may_run_image:
        return
    images = dependencies(on.graph, on.id, Relation.RUNS)
    if not images:
        statement = "which image it runs was not read"
        yield on.unknown(Code.BROKEN, Fact.IMAGE, statement)
    findings = tuple(finding for used in images for finding in _loads(on, used))
    if findings and not _sure(on, images):
        statement = f"which of {len(images)} copies of its image it runs was not read"
        if len(images) == 1:
            name = image_name(on.graph, images[0])
            statement = f"whether it runs {name}, or a copy elsewhere, was not read"
            if isinstance(node, Function) and not node.runs_what_it_says:
                statement = f"it may run {name} or the image from before: {_UNSETTLED}"
        findings = (on.unknown(Code.BROKEN, Fact.IMAGE, statement),)
    by_lambda = _BY_REASON.get(node.state_reason or "")
    if by_lambda and all(finding.code is not by_lambda for finding in findings):
        lasting = f"Lambda says {node.state_reason} for its image: {_fails(on)}"
        statement = _said(node) if node.state == "Failed" else lasting
        yield on.finding(by_lambda, statement, _NEXT[by_lambda])
    yield from findings
    lost = [finding.about for finding in findings if finding.code is Code.BROKEN]
    for missing in lost[:1]:
        yield from _rescuable(on, missing)


_UNSETTLED = "its last update failed or is in progress"
_NEXT = {Code.BROKEN: ours("rescue"), Code.REFUSED: NO_COMMAND}


def _said(node: Function | Version) -> str:
    """Quote what Lambda reports: ``Lambda reports Failed (ImageDeleted)``."""
    reason = f" ({node.state_reason})" if node.state_reason else ""
    return f"Lambda reports {node.state}{reason}"


def _loads(on: Subject, image: ResourceId) -> Iterator[Finding]:
    """Why Lambda cannot load an image; None if it can."""
    node = record(on.graph, image)
    if isinstance(node, Missing):
        yield _absent(on, image, node)
    elif isinstance(node, EcrImage):
        if node.status != "ACTIVE":
            yield from _stored(on, image, node)
        if isinstance(on.node, (Function, Version)):
            yield from _refused(on, on.node, node)


def _absent(on: Subject, image: ResourceId, missing: Missing) -> Finding:
    """A finding for an image that is gone, or in a place that was not read."""
    name = image_name(on.graph, image)
    if missing.looked:
        statement = f"image {name} is gone from ECR: {_fails(on)}"
        return on.finding(Code.BROKEN, statement, ours("rescue"), fault=image)
    statement, place = f"it was not read whether image {name} is in ECR", place_of(image)
    if place not in about(on.graph).scope.places:
        statement += f": {place.account}/{place.region} was not scanned"
    command = on.scan_of(place)
    return on.finding(Code.IMAGE_UNREAD, statement, command, fault=image, unread=Fact.IMAGE)


def _stored(on: Subject, image: ResourceId, stored: EcrImage) -> Iterator[Finding]:
    """A finding for an image that is archived or about to be. It is broken, unless a quarantine
    archived it on purpose."""
    name, tags = image_name(on.graph, image), function_tags(on)
    if stored.status == "ACTIVATING":
        statement = f"ECR is restoring image {name} from the archive: until then a load fails"
        yield on.finding(Code.RESTORING, statement, fault=image)
    elif tags is None:
        statement = f"image {name} is archived; whether a run put it in quarantine was not read"
        yield on.unknown(Code.BROKEN, Fact.TAGS, statement)
    elif QUARANTINED not in dict(tags):
        statement = f"image {name} is archived: {_fails(on)}"
        yield on.finding(Code.BROKEN, statement, ours("rescue"), fault=image)


def _fails(on: Subject) -> str:
    lambdas = isinstance(on.node, (Function, Version))
    return (
        "the function fails when Lambda next loads it" if lambdas else "it fails on the next start"
    )


def workload(on: Subject) -> Iterator[Finding]:
    """The image that a workload runs is gone, archived or not read."""
    if isinstance(on.node, Workload):
        for image in dependencies(on.graph, on.id, Relation.RUNS):
            yield from starts(on, image)


def starts(on: Subject, image: ResourceId) -> Iterator[Finding]:
    """Why a workload cannot start with an image, and whether that can be mended; None if it can."""
    findings = tuple(_loads(on, image))
    yield from findings
    if any(finding.code is Code.BROKEN and finding.known for finding in findings):
        yield from _rescuable(on, image)


def _refused(on: Subject, node: Function | Version, image: EcrImage) -> Iterator[Finding]:
    """Why Lambda is not allowed to pull the image. Lambda pulls for another account only what the
    repository's policy allows (Lambda Developer Guide, images in another account); within one
    account it writes the policy itself."""
    if image.account == node.account:
        return
    owner = record(on.graph, image.repository_id) if image.repository_id in on.graph else None
    if not isinstance(owner, EcrRepository) or owner.policy is None:
        statement = f"the policy of {image.repository} was not read: it may refuse {node.account}"
        command = on.scan_of(place_of(image.id))
        yield on.unknown(Code.REFUSED, Fact.POLICY, statement, command)
        return
    who = admitted(owner.policy)
    if node.account not in who.accounts and not who.others:
        statement = f"the policy of {image.repository} no longer allows account {node.account}"
        command = on.command("show", owner.id)
        yield on.finding(Code.REFUSED, f"{statement}: {_fails(on)}", command, fault=image.id)


def _sure(on: Subject, images: tuple[ResourceId, ...]) -> bool:
    """Whether it is certain which image runs. It is not when several repositories hold the digest,
    or unread ones may, and GetFunction was not called."""
    runs = Relation.RUNS
    return len(images) == 1 and grade(on.graph, on.id, images[0], runs) >= Grade.STRONG


def _rescuable(on: Subject, image: ResourceId) -> Iterator[Finding]:
    if not is_lost(on.graph, image):
        return
    copies = savers(on.graph, image)
    if image in copies:
        statement = f"ECR can restore image {image_name(on.graph, image)} from the archive"
    elif copies:
        saver, worth = next(iter(copies.items()))
        sure = "a copy is left" if worth > Grade.HINT else "a copy may be left"
        statement = f"{sure}: {image_name(on.graph, saver)}"
    else:
        return
    yield on.finding(Code.RESCUABLE, statement, ours("rescue"), fault=image)


def state(on: Subject) -> Iterator[Finding]:
    """Lambda reports that it or its last update failed, or that it is idle."""
    node = on.node
    if not isinstance(node, (Function, Version)):
        return
    if not node.detail_read:
        yield on.unknown(Code.FAILED, Fact.STATE, "its state was not read", _detail(on))
        return
    own = node.state_reason in _BY_REASON
    if node.state == "Failed" and not own:
        yield on.finding(Code.FAILED, _said(node), _configuration(node))
    elif node.last_update_status == "Failed" and not own:
        statement = "its last update failed: it still runs what it ran before"
        yield on.finding(Code.FAILED, statement, _configuration(node))
    if (node.state == "Inactive" or node.state_reason == "Idle") and not own:
        statement = f"{_said(node)}: the next call fails and reactivates it"
        yield on.finding(Code.IDLE, statement)


def _configuration(node: Function | Version) -> Command:
    """The command that asks Lambda for its own report."""
    words = ["aws", "lambda", "get-function-configuration", "--region", node.region]
    words += ["--function-name", f"{node.account}:{node.name}"]
    words += ["--qualifier", node.number] if isinstance(node, Version) else []
    return another(*words)


def drifted(on: Subject) -> Iterator[Finding]:
    """The tag that it was deployed from now names another image."""
    node = on.node
    if isinstance(node, Workload):
        yield from _workload_drifted(on, node)
        return
    if not isinstance(node, (Function, Version)) or not node.may_run_image:
        return
    drifting, named = drift(on.graph, on.id), ecr_reference(node.image_uri)
    tag = f"tag {named.repository}:{named.tag or 'latest'}" if named else "the tag it follows"
    if drifting.moved_to:
        runs = min(dependencies(on.graph, on.id, Relation.RUNS))
        names = ", ".join(dict.fromkeys(f"@{short(digest)}" for digest in drifting.moved_to))
        statement = f"{tag} moved to {names}; runs {image_name(on.graph, runs)}"
        yield on.finding(Code.DRIFT, statement, _deploy(on, node))
    elif drifting.unclear:
        statement = f"which images the index of {tag} lists was not read"
        yield on.unknown(Code.DRIFT, Fact.INDEX, statement)
    elif node.image_uri is None:
        statement = "the tag it was deployed from was not read"
        yield on.unknown(Code.DRIFT, Fact.TAG, statement, _detail(on))
    elif named and not named.digest and not _tag_read(on, named):
        yield _tag_unread(on, tag, named)


def _workload_drifted(on: Subject, node: Workload) -> Iterator[Finding]:
    """The same for each image that a service resolved from a tag at deployment."""
    for used, drifting in workload_drift(on.graph, node):
        named = ecr_reference(used.image)
        assert named is not None
        tag = f"tag {named.repository}:{named.tag or 'latest'}"
        runs = ecr_image_id(named.account, named.region, named.repository, used.digest)
        if drifting.moved_to:
            names = ", ".join(dict.fromkeys(f"@{short(image)}" for image in drifting.moved_to))
            statement = f"{tag} moved to {names}; runs {image_name(on.graph, runs)}"
            yield on.finding(Code.DRIFT, statement, on.command("why"))
        elif drifting.unclear:
            statement = f"which images the index of {tag} lists was not read"
            yield on.unknown(Code.DRIFT, Fact.INDEX, statement)
        elif not looked(about(on.graph), runs):
            yield _tag_unread(on, tag, named)


def _tag_unread(on: Subject, tag: str, named: EcrReference) -> Finding:
    """A finding that it is unknown what a tag names now; its repository may be in another
    account."""
    statement = f"which image {tag} names now was not read"
    command = on.scan_of(Place(named.account, named.region))
    return on.unknown(Code.DRIFT, Fact.TAG, statement, command)


def _detail(on: Subject) -> Command | None:
    """The scan that calls GetFunction for it; none for zip packages and for versions that no alias
    routes to, of which it is never called (``sources.functions.detail``)."""
    node = on.node
    if isinstance(node, Version) and not dependents(on.graph, on.id, Relation.ROUTES_TO):
        return NO_COMMAND
    asked = isinstance(node, (Function, Version)) and node.may_run_image
    return None if asked else NO_COMMAND


def _tag_read(on: Subject, named: EcrReference) -> bool:
    """Whether it is known what a tag names: an image was found, or its whole repository was
    read."""
    if dependencies(on.graph, on.id, Relation.FOLLOWS):
        return True
    anything = ecr_image_id(named.account, named.region, named.repository, "sha256:")
    return looked(about(on.graph), anything)


def _deploy(on: Subject, node: Function | Version) -> Command:
    """The command that deploys what the tag names; none for a published version, which cannot
    change."""
    if isinstance(node, Version):
        return on.command("why")
    words = ["aws", "lambda", "update-function-code", "--region", node.region]
    words += ["--function-name", f"{node.account}:{node.name}", "--image-uri", node.image_uri or ""]
    return another(*words)


def expiring_image(on: Subject) -> Iterator[Finding]:
    """A lifecycle policy will soon remove the image that it runs."""
    images = dependencies(on.graph, on.id, Relation.RUNS)
    if len(images) == 1:
        yield from expires(on, images[0])
