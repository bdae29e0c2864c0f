"""The width of a text in Helvetica (Arial, Arimo and Liberation Sans have the same metrics); and
cutting it.

The widths are those of Adobe's core font metrics, in thousandths of the size, for ASCII 32 to 126.
"""

from __future__ import annotations

import unicodedata

# fmt: off
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)
# fmt: on
WIDER = 1.2
"""DejaVu Sans, used by viewers without a similar font, is wider by up to this factor."""
_OTHERS = {"·": 333, "…": 1000, "→": 1000, "×": 584, "–": 556}


def width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a text at a font size, both in pixels; other scripts are estimated
    generously."""
    table = _BOLD if bold else _REGULAR
    total = 0
    for character in text:
        code = ord(character)
        if 32 <= code < 127:
            total += table[code - 32]
        else:
            wide = unicodedata.east_asian_width(character) in "WF"
            total += _OTHERS.get(character, 1000 if wide else 760)
    return total * size / 1000


def fit(text: str, size: float, room: float, bold: bool = False, middle: bool = False) -> str:
    """Return as much of a text as fits, with an ellipsis at its end if it was cut; in its middle
    for names, whose ends distinguish them."""
    if width(text, size, bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        half = (low + high + 1) // 2
        if width(_cut(text, half, middle), size, bold) <= room:
            low = half
        else:
            high = half - 1
    return _cut(text, low, middle)


def _cut(text: str, keep: int, middle: bool) -> str:
    if not middle:
        return text[:keep].rstrip() + "…"
    end = keep * 2 // 5
    return text[: keep - end].rstrip() + "…" + (text[-end:].lstrip() if end else "")
