"""The example's git repository, with the same commits for the same start."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from jotgraph.errors import SandboxError

REMOTE = "https://github.com/example-shop/shop.git"
AUTHORS = {
    "ada": ("Ada Park", "ada@shop.example"),
    "ben": ("Ben Osei", "ben@shop.example"),
    "chi": ("Chi Nakamura", "chi@shop.example"),
}


class Change(msgspec.Struct, frozen=True):
    """One commit to make."""

    days_ago: float
    author: str
    subject: str
    files: Mapping[str, str]
    tag: str = ""


def _handler(name: str, body: str) -> str:
    return (
        f'"""{name}: a Lambda handler of the example shop."""\n\n'
        "import json\n\nfrom common import audit\n\n\n"
        f"def handler(event, context):\n{body}"
    )


def _dockerfile(function: str) -> str:
    return (
        "FROM example-lambda-base:2024.03\n"
        f"COPY functions/{function} /var/task/\nCOPY lib /var/task/\n"
        'CMD ["app.handler"]\n'
    )


def _service(name: str, body: str) -> dict[str, str]:
    """The folder of a container that is not a function: its Dockerfile and its program."""
    return {
        f"services/{name}/Dockerfile": (
            "FROM example-lambda-base:2024.03\n"
            f"COPY services/{name} /var/task/\nCOPY lib /var/task/\n"
            'CMD ["python", "app.py"]\n'
        ),
        f"services/{name}/app.py": (
            f'"""{name}: a container of the example shop."""\n\nfrom common import audit\n\n{body}'
        ),
    }


COMMON = (
    '"""Shared by every function."""\n\n\ndef audit(action, **facts):\n    print(action, facts)\n'
)

CHANGES = (
    Change(
        days_ago=210,
        author="ada",
        subject="Start the shop: checkout",
        files={
            "README.md": "# shop\n\nAll Lambda functions of the example shop.\n",
            "lib/common.py": COMMON,
            "functions/checkout/Dockerfile": _dockerfile("checkout"),
            "functions/checkout/app.py": _handler(
                "checkout", "    audit('checkout', cart=event['cart'])\n    return {'ok': True}\n"
            ),
        },
    ),
    Change(
        days_ago=190,
        author="ben",
        subject="Add refunds and invoices",
        files={
            **_service("invoices", "audit('invoices', month='last')\n"),
            "functions/refunds/Dockerfile": _dockerfile("refunds"),
            "functions/refunds/app.py": _handler(
                "refunds", "    audit('refund', order=event['order'])\n    return 'refunded'\n"
            ),
        },
    ),
    Change(
        days_ago=150,
        author="chi",
        subject="Add search, thumbnails and the storefront",
        files={
            **_service("storefront", "audit('storefront', listens=8080)\n"),
            **_service("migrate", "audit('migrate', table='carts')\n"),
            "functions/search/Dockerfile": _dockerfile("search"),
            "functions/search/app.py": _handler(
                "search", "    return json.dumps({'hits': [], 'query': event['q']})\n"
            ),
            "functions/thumbs/Dockerfile": _dockerfile("thumbs"),
            "functions/thumbs/app.py": _handler(
                "thumbs",
                "    audit('thumb', key=event['key'])\n    return event['key'] + '.webp'\n",
            ),
        },
        tag="v1.0.0",
    ),
    Change(
        days_ago=96,
        author="ada",
        subject="Refunds: refuse an order that was refunded before",
        files={
            "functions/refunds/app.py": _handler(
                "refunds",
                "    if event.get('refunded'):\n        raise ValueError('refunded before')\n"
                "    audit('refund', order=event['order'])\n    return 'refunded'\n",
            )
        },
    ),
    Change(
        days_ago=61,
        author="ben",
        subject="Add the nightly report",
        files={
            **_service("gateway", "audit('gateway', listens=8443)\n"),
            "functions/reports/Dockerfile": _dockerfile("reports"),
            "functions/reports/app.py": _handler(
                "reports", "    rows = event.get('rows', [])\n    return {'rows': len(rows)}\n"
            ),
            "functions/reports/layout.py": (
                '"""How a report looks."""\n\n\ndef line(row):\n'
                "    return '  '.join(str(each) for each in row)\n"
            ),
            "functions/reports/totals.py": (
                '"""What a report adds up."""\n\n\ndef totals(rows):\n'
                "    return [sum(column) for column in zip(*rows)]\n"
            ),
        },
    ),
    Change(
        days_ago=40,
        author="chi",
        subject="Search: page the hits",
        files={
            "functions/search/app.py": _handler(
                "search",
                "    page = int(event.get('page', 1))\n"
                "    return json.dumps({'hits': [], 'query': event['q'], 'page': page})\n",
            )
        },
        tag="v1.1.0",
    ),
    Change(
        days_ago=23,
        author="ada",
        subject="Checkout: take the currency of the cart",
        files={
            "functions/checkout/app.py": _handler(
                "checkout",
                "    cart = event['cart']\n"
                "    audit('checkout', cart=cart, currency=cart.get('currency', 'EUR'))\n"
                "    return {'ok': True}\n",
            )
        },
    ),
    Change(
        days_ago=12,
        author="ben",
        subject="Say in the README who owns what",
        files={
            "README.md": "# shop\n\nAll Lambda functions of the example shop.\n\n"
            "payments: checkout, refunds. search: search. media: thumbs. platform: reports.\n"
        },
    ),
    Change(
        days_ago=6,
        author="chi",
        subject="Refunds: say who asked",
        files={
            "functions/refunds/app.py": _handler(
                "refunds",
                "    if event.get('refunded'):\n        raise ValueError('refunded before')\n"
                "    audit('refund', order=event['order'], by=event.get('by'))\n"
                "    return 'refunded'\n",
            )
        },
        tag="v1.2.0",
    ),
    Change(
        days_ago=2,
        author="ada",
        subject="Checkout: never charge twice",
        files={
            **_service("storefront", "audit('storefront', listens=8080, button='once')\n"),
            "functions/checkout/app.py": _handler(
                "checkout",
                "    cart = event['cart']\n"
                "    if cart.get('charged'):\n        return {'ok': True, 'again': True}\n"
                "    audit('checkout', cart=cart, currency=cart.get('currency', 'EUR'))\n"
                "    return {'ok': True}\n",
            ),
        },
    ),
)
"""The example's history, oldest first. Later parts of the estate name commits by position."""


class History(msgspec.Struct, frozen=True):
    """The repository made."""

    path: Path
    shas: tuple[str, ...]
    """One for each of ``CHANGES``."""

    def files(self, name: str, at: int) -> dict[str, bytes]:
        """What the Dockerfile of a function or service copies to its image at commit ``at``, by
        its path there."""
        contents: dict[str, bytes] = {}
        for change in CHANGES[: at + 1]:
            for path, body in change.files.items():
                for folder in (f"functions/{name}/", f"services/{name}/", "lib/"):
                    if path.startswith(folder):
                        contents[path.removeprefix(folder)] = body.encode()
        return contents


def write_history(path: Path, now: datetime) -> History:
    """Make the repository in ``path`` (created if missing, must be empty) with dates before
    ``now``. Raises SandboxError when git is missing or the folder is not empty."""
    if path.exists() and any(path.iterdir()):
        raise SandboxError(f"{path} is not empty; remove it or choose another folder")
    path.mkdir(parents=True, exist_ok=True)
    run_git(path, "init", "-q", "-b", "main")
    run_git(path, "remote", "add", "origin", REMOTE)
    shas = []
    for change in CHANGES:
        for name, body in change.files.items():
            target = path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(body, encoding="utf-8", newline="\n")
        when = now - timedelta(days=change.days_ago)
        run_git(path, "add", "--all")
        run_git(
            path, "commit", "-q", "-m", change.subject, author=AUTHORS[change.author], when=when
        )
        shas.append(run_git(path, "rev-parse", "HEAD"))
        if change.tag:
            words = ("tag", "-a", change.tag, "-m", change.tag)
            run_git(path, *words, author=AUTHORS[change.author], when=when)
    return History(path, tuple(shas))


def run_git(
    path: Path,
    *words: str,
    author: tuple[str, str] = AUTHORS["ada"],
    when: datetime | None = None,
) -> str:
    """Run git with a fixed identity and no configuration. Raises SandboxError when it fails."""
    stamp = f"@{int(when.timestamp())} +0000" if when else "@0 +0000"
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    identity = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{role}_NAME": author[0] for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": author[1] for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_DATE": stamp for role in ("AUTHOR", "COMMITTER")},
    }
    command = ["git", "-C", str(path), *words]
    try:
        done = subprocess.run(
            command, env=kept | identity, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise SandboxError("the example needs git; install it and run again") from error
    if done.returncode:
        raise SandboxError(f"git {words[0]} failed in {path}: {done.stderr.strip()}")
    return done.stdout.strip()
