"""Waits until Lambda has finished a change, and explains a failed one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.deploy.run import Run
from jotgraph.errors import ApplyError
from jotgraph.records import ResourceId, function_name_of
from jotgraph.sources.functions.requests import get_function

_READY = frozenset({"Active", "Inactive", "ActiveNonInvocable"})
EXPLAINED: Mapping[str, str] = {
    "ImageAccessDenied": "Lambda may not pull the image: its repository needs a policy that lets "
    "lambda.amazonaws.com call ecr:BatchGetImage and ecr:GetDownloadUrlForLayer",
    "ImageDeleted": "the image is gone from ECR, or archived: push it again",
    "InvalidImage": "Lambda cannot run the image: its entry point, working folder or layers are "
    "not valid, or it is for another processor",
    "InsufficientRolePermissions": "the function's role lacks permissions that its network or "
    "file system needs (ec2:CreateNetworkInterface and the like)",
    "InvalidConfiguration": "its settings do not fit together",
    "InvalidSubnet": "a subnet of it is gone or not valid",
    "InvalidSecurityGroup": "a security group of it is gone or not valid",
    "SubnetOutOfIPAddresses": "a subnet of it has no address left",
    "EniLimitExceeded": "the account has no network interface left in this region",
    "KMSKeyNotFound": "the key of its environment is gone",
    "KMSKeyAccessDenied": "the key of its environment may not be used",
    "DisabledKMSKey": "the key of its environment is disabled",
    "InvalidStateKMSKey": "the key of its environment is in a state in which it cannot be used",
    "EFSMountFailure": "its file system cannot be mounted",
    "EFSMountConnectivityError": "its file system cannot be reached",
    "EFSMountTimeout": "its file system did not answer in time",
    "EFSIOError": "its file system had an error",
    "InternalError": "Lambda had an error of its own: run the same command again",
    "CapacityProviderScalingLimitExceeded": "its capacity provider may not grow any more",
}
"""StateReasonCode and LastUpdateStatusReasonCode (API_FunctionConfiguration) in words."""


def settled(run: Run, resource: ResourceId, qualifier: str = "", *, wanted: bool = True) -> Any:
    """Return GetFunction's answer once no change is in progress. With ``wanted`` the last change
    must have succeeded. Raises ApplyError with Lambda's reason when it has not, or when the run's
    patience is used up; CallFailedError."""
    client = run.session.client(resource)
    name = function_name_of(resource)
    for number, _ in enumerate(run.session.pauses()):
        answer = get_function(client, name, qualifier)
        config = answer["Configuration"]
        if number == 1:
            run.tell(f"waiting until {name} is ready")
        if not _changes(config):
            if wanted:
                _require_success(name, config)
            return answer
    state, why = _state(config)
    raise ApplyError(
        f"{name} is still {state} after {run.session.patience:g} s"
        f"{f' ({why})' if why else ''}; run the same command again to go on"
    )


def is_broken(config: Mapping[str, Any]) -> bool:
    """Return whether the last change of a function failed and has to be repeated."""
    return config.get("LastUpdateStatus") == "Failed" or config.get("State") == "Failed"


def _changes(config: Mapping[str, Any]) -> bool:
    return config.get("State") == "Pending" or config.get("LastUpdateStatus") == "InProgress"


def _state(config: Mapping[str, Any]) -> tuple[str, str]:
    """The relevant state, and Lambda's reason for it."""
    if config.get("LastUpdateStatus") in ("Failed", "InProgress"):
        prefix, state = "LastUpdateStatus", f"being updated ({config['LastUpdateStatus']})"
    else:
        prefix, state = "State", str(config.get("State"))
    code = str(config.get(f"{prefix}ReasonCode") or "")
    reason = str(config.get(f"{prefix}Reason") or "")
    words = [EXPLAINED.get(code, ""), reason, code]
    return state, "; ".join(dict.fromkeys(word for word in words if word))


def _require_success(name: str, config: Mapping[str, Any]) -> None:
    if is_broken(config):
        _, why = _state(config)
        last = config.get("LastUpdateStatus") == "Failed"
        what = "the update failed, and calls get what ran before" if last else "it failed"
        raise ApplyError(f"{name}: {what}: {why or 'Lambda gives no reason'}")
    if config.get("State", "Active") not in _READY:
        raise ApplyError(f"{name} is {config.get('State')}: {_state(config)[1]}")
