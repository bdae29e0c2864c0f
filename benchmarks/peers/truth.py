"""What really uses each image of the example estate: written down by hand, judged by nobody."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Fate(StrEnum):
    """What may happen to an image."""

    LIVE = "live"
    """Something runs it, or starts it next: deleting it is an outage."""
    OPEN = "open"
    """Nobody can tell from this account alone whether it is used."""
    DEAD = "dead"
    """Nothing uses it."""


LIVE: Mapping[str, str] = {
    "checkout-live": "function `checkout` runs it; its tag moved on",
    "checkout-next": "what `checkout`'s tag names now",
    "refunds-2": "version 2 of `refunds`: a tenth of `prod`",
    "refunds-3": "version 3 of `refunds`: `prod`, `staging`",
    "reports-dirty": "function `reports`",
    "reports-unlabelled": "function `reports-preview`, by digest",
    "search-amd64": "function `search`, by digest",
    "search-arm64": "function `search-arm`, by digest",
    "search-eu-amd64": "function `search` in eu-west-1, by digest",
    "storefront-live": "ECS service `storefront`; its tag moved on",
    "storefront-next": "what `storefront`'s tag names now",
    "migrate": "newest task definition `migrate`; nothing runs now",
    "invoices-2": "Batch job definition `invoices`, and a job",
    "gateway-1.1": "a pod in the EKS cluster `shop`",
}
OPEN: Mapping[str, str] = {
    "refunds-1": "version 1 of `refunds`, which may be called by its ARN",
    "search": "index of release 1.1.0, of which functions run the parts",
    "search-eu": "the same in eu-west-1",
    "search-eu-arm64": "the part of it that no function runs",
    "storefront-1.0": "an older task definition, still active",
    "tools": "a partner's account may pull it",
}
DEAD: Mapping[str, str] = {
    "checkout-old": "a former release",
    "checkout-1.1": "a former release",
    "thumbs-1": "a former release",
    "invoices-1": "a former release",
    "gateway-1.0": "a former release",
    "importer-1": "its function is gone",
    "importer-2": "its function is gone",
    "importer-archived": "its function is gone",
    "search-old": "an index of a former release",
    "search-old-amd64": "part of that index",
    "search-old-arm64": "part of that index",
}
LATER = 60
"""Days since the estate was as the demo shows it; nothing was deployed since."""
RELEASES = 6
"""Pushed to every repository since, and deployed nowhere: ``2.0.0`` to ``2.0.5``."""
PARTNERS = "platform/shared-tools"
"""The repository that a partner's account may pull from."""
NEVER_DEPLOYED = "a release that nobody deployed"
