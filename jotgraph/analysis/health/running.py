"""Rules on what runs an image: whether Lambda can load it, whether its tag moved on."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from jotgraph.analysis.health.drift import drift
from jotgraph.analysis.health.images import expires, is_lost, savers
from jotgraph.analysis.health.model import Code, Fact, Finding
from jotgraph.analysis.health.names import argument, image_name, short
from jotgraph.analysis.health.subject import REFRESH, Subject
from jotgraph.analysis.usage.principals import admitted
from jotgraph.analysis.usage.quarantine import mark_of
from jotgraph.graph import about, dependencies, looked, record
from jotgraph.links import Relation
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Function,
    Missing,
    ResourceId,
    Version,
    ecr_image_id,
)
from jotgraph.records.references import EcrReference, ecr_reference

_BY_REASON = {
    "ImageDeleted": Code.BROKEN,
    "InvalidImage": Code.BROKEN,
    "ImageAccessDenied": Code.REFUSED,
}
"""StateReasonCodes that are about the image (Lambda API, FunctionConfiguration)."""
_FAILS = "it fails when Lambda loads it again"


def image(on: Subject) -> Iterator[Finding]:
    """The image that a function or version runs is gone, archived, refused or not read."""
    node = on.node
    if not isinstance(node, Function | Version) or not node.may_run_image:
        return
    images = dependencies(on.graph, on.id, Relation.RUNS)
    if not images:
        said = "which image it runs was not read"
        yield on.unknown(Code.BROKEN, Fact.IMAGE, said, REFRESH)
    judged = [tuple(_loads(on, node, each)) for each in images]
    found = judged[0] if len(judged) == 1 else _of_several(on, judged)
    by_lambda = _BY_REASON.get(node.state_reason or "")
    if by_lambda and all(finding.code is not by_lambda for finding in found):
        said = f"Lambda says {node.state_reason} of its image: {_FAILS}"
        yield on.finding(by_lambda, said, _NEXT[by_lambda])
    yield from found
    lost = [finding.about for finding in found if finding.code is Code.BROKEN]
    for each in lost[:1]:
        yield from _rescuable(on, each)


_NEXT = {Code.BROKEN: "jotgraph rescue", Code.REFUSED: ""}


def _said(node: Function | Version) -> str:
    """What Lambda says of it: ``Lambda says it is Failed (ImageDeleted)``."""
    reason = f" ({node.state_reason})" if node.state_reason else ""
    return f"Lambda says it is {node.state}{reason}"


def _loads(on: Subject, node: Function | Version, image: ResourceId) -> Iterator[Finding]:
    """Why Lambda could not load an image; nothing if it could."""
    found, name = record(on.graph, image), image_name(on.graph, image)
    if isinstance(found, Missing):
        if found.looked:
            said = f"image {name} is gone from ECR: {_FAILS}"
            yield on.finding(Code.BROKEN, said, "jotgraph rescue", fault=image)
        else:
            said = f"whether image {name} is in ECR was not read"
            unread = Fact.IMAGE
            yield on.finding(Code.IMAGE_UNREAD, said, "jotgraph scan", fault=image, unread=unread)
        return
    if not isinstance(found, EcrImage):
        return
    if found.status == "ACTIVATING":
        said = f"ECR is restoring image {name} from the archive: until then a load fails"
        yield on.finding(Code.RESTORING, said, fault=image)
    elif found.status != "ACTIVE" and not mark_of(on.graph, node):
        said = f"image {name} is {found.status.lower()}: {_FAILS}"
        yield on.finding(Code.BROKEN, said, "jotgraph rescue", fault=image)
    yield from _refused(on, node, found)


def _refused(on: Subject, node: Function | Version, image: EcrImage) -> Iterator[Finding]:
    """Lambda pulls for another account only what the repository's policy lets it (Lambda
    Developer Guide, images in another account); within one it writes the policy itself."""
    if image.account == node.account:
        return
    owner = record(on.graph, image.repository_id) if image.repository_id in on.graph else None
    if not isinstance(owner, EcrRepository) or owner.policy is None:
        said = f"the policy of {image.repository} was not read: it may refuse {node.account}"
        yield on.unknown(Code.REFUSED, Fact.POLICY, said, "jotgraph scan")
        return
    who = admitted(owner.policy)
    if node.account not in who.accounts and not who.others:
        said = f"the policy of {image.repository} no longer lets account {node.account} in"
        command = f"jotgraph show {argument(on.graph, owner.id)}"
        yield on.finding(Code.REFUSED, f"{said}: {_FAILS}", command, fault=image.id)


def _of_several(on: Subject, judged: list[tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """Of copies in several repositories it runs one, and nobody read which."""
    wrong = [
        any(finding.known and finding.code in (Code.BROKEN, Code.REFUSED) for finding in findings)
        for findings in judged
    ]
    if judged and all(wrong):
        return judged[0]
    if any(judged):
        said = f"which of {len(judged)} copies of its image it runs was not read"
        return (on.unknown(Code.BROKEN, Fact.IMAGE, said, REFRESH),)
    return ()


def _rescuable(on: Subject, image: ResourceId) -> Iterator[Finding]:
    if not is_lost(on.graph, image):
        return
    found = savers(on.graph, image)
    if image in found:
        said = f"ECR can restore image {image_name(on.graph, image)} from the archive"
    elif found:
        saver, grade = next(iter(found.items()))
        sure = "a copy is left" if grade > min(type(grade)) else "a copy may be left"
        said = f"{sure}: {image_name(on.graph, saver)}"
    else:
        return
    yield on.finding(Code.RESCUABLE, said, "jotgraph rescue", fault=image)


def state(on: Subject) -> Iterator[Finding]:
    """Lambda says that it, or its last update, failed; or that it put it to sleep."""
    node = on.node
    if not isinstance(node, Function | Version):
        return
    if not node.detail_read:
        command = REFRESH if node.may_run_image else ""  # of zip packages nobody asks for it
        yield on.unknown(Code.FAILED, Fact.STATE, "its state was not read", command)
        return
    own = node.state_reason in _BY_REASON
    if node.state == "Failed" and not own:
        yield on.finding(Code.FAILED, _said(node), _configuration(node))
    elif node.last_update_status == "Failed" and not own:
        said = "its last update failed: what ran before it runs still"
        yield on.finding(Code.FAILED, said, _configuration(node))
    if (node.state == "Inactive" or node.state_reason == "Idle") and not own:
        said = f"{_said(node)}: the next call fails, and wakes it"
        yield on.finding(Code.IDLE, said)


def _configuration(node: Function | Version) -> str:
    """The command that asks Lambda for its own words."""
    words = ["aws", "lambda", "get-function-configuration", "--region", node.region]
    words += ["--function-name", f"{node.account}:{node.name}"]
    words += ["--qualifier", node.number] if isinstance(node, Version) else []
    return shlex.join(words)


def drifted(on: Subject) -> Iterator[Finding]:
    """The tag that it was deployed from names another image now."""
    node = on.node
    if not isinstance(node, Function | Version) or not node.may_run_image:
        return
    if node.image_uri is None:
        said = "the tag it was deployed from was not read"
        yield on.unknown(Code.DRIFT, Fact.TAG, said, REFRESH)
        return
    found, named = drift(on.graph, on.id), ecr_reference(node.image_uri)
    tag = f"{named.repository}:{named.tag or 'latest'}" if named else node.image_uri
    if found.unclear:
        said = f"what the index lists that tag {tag} names was not read"
        yield on.unknown(Code.DRIFT, Fact.INDEX, said, "jotgraph scan")
    elif found.moved_to:
        runs = min(dependencies(on.graph, on.id, Relation.RUNS))
        names = ", ".join(dict.fromkeys(f"@{short(each)}" for each in found.moved_to))
        said = f"tag {tag} moved to {names}; runs {image_name(on.graph, runs)}"
        fault = found.moved_to[0]
        yield on.finding(Code.DRIFT, said, _deploy(on, node), fault=fault)
    elif named and not named.digest and not _tag_read(on, named):
        said = f"what tag {tag} names now was not read"
        yield on.unknown(Code.DRIFT, Fact.TAG, said, "jotgraph scan")


def _tag_read(on: Subject, named: EcrReference) -> bool:
    """Whether it is known what a tag names: an image was found, or all of its repository was
    read."""
    if dependencies(on.graph, on.id, Relation.FOLLOWS):
        return True
    anything = ecr_image_id(named.account, named.region, named.repository, "sha256:")
    return looked(about(on.graph), anything)


def _deploy(on: Subject, node: Function | Version) -> str:
    """The command that deploys what the tag names; a published version stays as it is."""
    if isinstance(node, Version):
        return f"jotgraph why {argument(on.graph, on.id)}"
    words = ["aws", "lambda", "update-function-code", "--region", node.region]
    words += ["--function-name", f"{node.account}:{node.name}", "--image-uri", node.image_uri or ""]
    return shlex.join(words)


def expiring_image(on: Subject) -> Iterator[Finding]:
    """A lifecycle policy will soon take the image it runs."""
    images = dependencies(on.graph, on.id, Relation.RUNS)
    if len(images) == 1:
        yield from expires(on, images[0])
