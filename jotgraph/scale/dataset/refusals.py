"""Explains in one line why a folder or bucket refuses, and what to do."""

from __future__ import annotations

import errno
import os

_ELSEWHERE = "or name another place"
_BY_ERRNO = {
    errno.EACCES: f"let this user in, {_ELSEWHERE}",
    errno.EPERM: f"let this user in, {_ELSEWHERE}",
    errno.EROFS: "it is mounted to be read; name another place",
    errno.ENOSPC: f"make room there, {_ELSEWHERE}",
    errno.EDQUOT: f"make room there, {_ELSEWHERE}",
    errno.EFBIG: f"lift the limit on the size of files (ulimit -f), {_ELSEWHERE}",
    errno.ENOTDIR: "name a folder",
    errno.ENOENT: "name a folder that can be made",
    errno.EIO: "look at that disk",
}
_BY_S3_ERROR = {
    "ACCESS_DENIED": "allow s3:ListBucket, s3:GetObject and, to write, s3:PutObject and "
    "s3:DeleteObject",
    "NETWORK_CONNECTION": "check the network, the region and AWS_ENDPOINT_URL",
}


def is_refusal(error: OSError) -> bool:
    """Return whether the place refuses, rather than that a file has unexpected content."""
    return error.errno is not None or "AWS Error" in str(error)


def refusal(error: OSError) -> str:
    """Return the message of the system or S3 without pyarrow's source location, and what to do."""
    message = _said(error)
    of_s3 = next((advice for code, advice in _BY_S3_ERROR.items() if code in message), "")
    advice = of_s3 or _BY_ERRNO.get(error.errno or 0, "")
    return f"{message}; {advice}" if advice else message


def _said(error: OSError) -> str:
    text = " ".join(str(error.strerror or error).split())
    _, of_aws, rest = text.partition("AWS Error ")  # before it stands what was asked, with a key
    if not of_aws and error.errno:
        return os.strerror(error.errno)
    message = of_aws + rest or text
    message = message.partition(". Detail:")[0].partition(" (Request ID")[0]
    return message.removesuffix(" No response body.").rstrip(":. ")
