"""Copies of what is about to be deleted, beside the journal, readable by their owner alone.

When a copy cannot be made, or is incomplete, nothing is deleted.
"""

from jotgraph.apply.backup.borrow import borrow
from jotgraph.apply.backup.copies import Copies
from jotgraph.apply.backup.described import keep
from jotgraph.apply.backup.images import keep_images

__all__ = ["Copies", "borrow", "keep", "keep_images"]
