"""The option ``--min-confidence``: the least grade of evidence about an image's origin.

Evidence of use is not filtered: there weak evidence protects, and leaving it out would allow
deletions.
"""

from __future__ import annotations

import click

GRADES = ("hint", "support", "strong", "proof")

min_confidence = click.option(
    "--min-confidence",
    "confidence",
    type=click.Choice(GRADES),
    default=GRADES[0],
    show_default=True,
    help="Lowest grade of evidence to use for the commit of an image.",
)
"""The command gets ``confidence``."""
