"""The option ``--min-confidence``: which evidence is believed of where an image comes from.

What uses what is left as it is: there weak evidence protects, and leaving it out would condemn.
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
