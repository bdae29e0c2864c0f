"""Layers: the lines of a snapshot as a base and changes, which snapshots share.

A layer is an object. The base holds all lines; a change says which lines of the layers below are
kept, with the new ones between them. A record that did not change is stored once, however many
snapshots hold it. The lines that a change replaces serve as the dictionary for compressing its new
lines: a record in which one time changed takes little more than that time.

An object is the length of a zstd frame (8 bytes, big-endian), that frame with the edits and the
lengths of the new lines, and a second frame with the new lines. It may be hostile: no line is used
twice, and the unpacked size is bounded.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias

import msgspec

from jotgraph.records.interning import Interned
from jotgraph.records.json_text import NOT_JSON

Edit: TypeAlias = tuple[int, int, int]
"""(lines below to skip, lines below to keep, new lines after them)."""

_LEVEL = 3
_SMALL_LEVEL = 12
"""Compression level of a change: a few kilobytes that are stored for long."""
_WINDOW = 1 << 27
_UNPACKED = 256 << 20
_RATIO = 1000
_LENGTH = 8
_MOST_LINES = 1 << 28
_LEAST_DICTIONARY = 8
"""Size in bytes below which zstd ignores a dictionary."""
_BLOCK = 1 << 22
"""Bytes that are decoded at a time."""


class SnapshotLayerError(ValueError):
    """An object that is not a layer, or does not fit the layers below it."""


class LayerChange(NamedTuple):
    """The changes that a layer makes to the lines below it."""

    edits: Sequence[Edit]
    fresh: Sequence[bytes]


class _Head(msgspec.Struct, frozen=True, array_like=True):
    edits: list[Edit]
    lengths: list[int]
    """Bytes of each new line, including its end."""


def change_between(before: Sequence[bytes], after: Sequence[bytes]) -> LayerChange:
    """Compute the edits from one snapshot's lines to another's. A line that moved counts as new."""
    places = {line: place for place, line in enumerate(before)}
    kept = _rising([places.pop(line, -1) for line in after])
    edits: list[Edit] = []
    fresh: list[bytes] = []
    end = start = taken = new = 0
    for line, place in zip(after, kept, strict=True):
        if place < 0:
            new += 1
            fresh.append(line)
        elif not new and place == start + taken:
            taken += 1
        else:
            edits.append((start - end, taken, new))
            end = start + taken
            start, taken, new = place, 1, 0
    edits.append((start - end, taken, new))
    return LayerChange(edits, fresh)


def _rising(places: list[int]) -> list[int]:
    """Keep the longest increasing subsequence of places; the others become -1."""
    known = [place for place in places if place >= 0]
    if all(map(int.__lt__, known, known[1:])):
        return places
    tails: list[int] = []
    ranks = []
    for place in known:
        rank = bisect_left(tails, place)
        tails[rank : rank + 1] = [place]
        ranks.append(rank)
    rising = set()
    wanted, least = len(tails) - 1, max(known) + 1
    for place, rank in zip(reversed(known), reversed(ranks), strict=True):
        if rank == wanted and place < least:
            rising.add(place)
            wanted, least = wanted - 1, place
    return [place if place in rising else -1 for place in places]


def packed(change: LayerChange, before: Sequence[bytes]) -> bytes:
    """Encode a layer above the lines ``before``."""
    import zstandard  # noqa: PLC0415 -- only for snapshots

    level = _SMALL_LEVEL if before else _LEVEL
    head = _Head(list(change.edits), [len(line) + 1 for line in change.fresh])
    plain = zstandard.ZstdCompressor(level=level, write_checksum=True)
    described = plain.compress(msgspec.json.encode(head))
    ranges = _left_out(change.edits, len(before))
    replaced = [before[place] for start, end in ranges for place in range(start, end)]
    by_replaced = zstandard.ZstdCompressor(
        level=level, dict_data=_dictionary(replaced), write_checksum=True
    )
    lines = by_replaced.compress(b"".join(line + b"\n" for line in change.fresh))
    return len(described).to_bytes(_LENGTH, "big") + described + lines


class LayeredLines:
    """The lines of a snapshot, layer by layer: each is stored once, by its number, with their
    order."""

    def __init__(self) -> None:
        self._texts: list[bytes] = []
        self._ends: list[list[int]] = []
        """For each text the ends of its lines; the first is 0."""
        self._firsts: list[int] = []
        """The number of each text's first line."""
        self._count = 0
        self._order = array("I")

    def __len__(self) -> int:
        return len(self._order)

    def add(self, content: bytes) -> None:
        """Apply a layer. Raises LayerError."""
        head, frame = _parts(content)
        if self._count + len(head.lengths) > _MOST_LINES:
            raise SnapshotLayerError("it has more lines than any snapshot")
        order, replaced = self._edited(head)
        text = _unpacked(frame, _dictionary(map(self._line, replaced)))
        ends = list(accumulate(head.lengths, initial=0))
        if ends[-1] != len(text) or min(head.lengths, default=1) < 1:
            raise SnapshotLayerError("its lines are not as long as it says")
        self._order = order
        self._texts.append(text)
        self._ends.append(ends)
        self._firsts.append(self._count)
        self._count += len(head.lengths)

    def _edited(self, head: _Head) -> tuple[array[int], array[int]]:
        """The new order, and the lines that are no longer in it."""
        below, fresh = self._order, self._count
        last = fresh + len(head.lengths)
        order, replaced, end = array("I"), array("I"), 0
        for skip, take, new in head.edits:
            if skip < 0 or take < 0 or end + skip + take > len(below) or not 0 <= new <= last:
                raise SnapshotLayerError("it is not of the lines below it")
            start = end + skip
            replaced += below[end:start]
            end = start + take
            order += below[start:end]
            if new:
                order.extend(range(fresh, min(fresh + new, last + 1)))
                fresh += new
        if fresh != last:
            raise SnapshotLayerError("its edits have not as many new lines as it holds")
        return order, replaced + below[end:]

    def _line(self, number: int) -> bytes:
        text = bisect_right(self._firsts, number) - 1
        place = number - self._firsts[text]
        ends = self._ends[text]
        return self._texts[text][ends[place] : ends[place + 1]]

    def all(self) -> list[bytes]:
        """Return every line in order, without its end."""
        lines = [line for text in self._texts for line in text.split(b"\n")[:-1]]
        if len(lines) != self._count:
            raise SnapshotLayerError("it has not as many lines as it says")
        return [lines[number] for number in self._order]

    def decoded(self, decoder: msgspec.json.Decoder[Any], block: int = _BLOCK) -> list[Any]:
        """Decode every line, in order, about this many bytes at a time; lines that were removed are
        skipped. Raises what msgspec raises, and LayerError."""
        values: list[Any] = []
        interned, wanted = Interned(), self._wanted()
        for text, ends, first in zip(self._texts, self._ends, self._firsts, strict=True):
            for lines in _blocks(text, ends, wanted[first : first + len(ends) - 1], block):
                records = decoder.decode_lines(lines)
                interned.put_in(records)
                values += records
        if len(values) != len(self._order):
            raise SnapshotLayerError("it has not as many lines as it says")
        if len(self._texts) == 1:
            return values
        places = list(accumulate(wanted, initial=0))
        return [values[places[number]] for number in self._order]

    def _wanted(self) -> bytearray:
        """For each line 1 if it is in the order, else 0."""
        if len(self._texts) == 1:
            return bytearray(b"\1") * self._count
        wanted = bytearray(self._count)
        for number in self._order:
            wanted[number] = 1
        return wanted


def _blocks(text: bytes, ends: Sequence[int], wanted: bytearray, block: int) -> Iterator[bytes]:
    """The wanted lines in complete blocks of about this many bytes."""
    pieces: list[bytes] = []
    room = block
    start = wanted.find(1)
    while start >= 0:
        gap = wanted.find(0, start)
        end = len(wanted) if gap < 0 else gap
        if ends[end] - ends[start] > room:
            end = max(bisect_right(ends, ends[start] + room) - 1, start + 1)
        pieces.append(text[ends[start] : ends[end]])
        room -= ends[end] - ends[start]
        start = wanted.find(1, end)
        if room <= 0 or start == end or start < 0:
            yield b"".join(pieces)
            pieces, room = [], block


def _left_out(edits: Iterable[Edit], count: int) -> Iterator[tuple[int, int]]:
    """The positions of the lines below that a change drops."""
    end = 0
    for skip, take, _ in edits:
        yield end, end + skip
        end += skip + take
    yield end, count


def _dictionary(lines: Iterable[bytes]) -> Any:
    """The dictionary for compressing new lines; None where there is too little."""
    import zstandard  # noqa: PLC0415 -- only for snapshots

    text = b"\n".join(line.removesuffix(b"\n") for line in lines)
    if len(text) < _LEAST_DICTIONARY:
        return None
    return zstandard.ZstdCompressionDict(text, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _parts(content: bytes) -> tuple[_Head, bytes]:
    """The edits, and the frame of new lines."""
    end = _LENGTH + int.from_bytes(content[:_LENGTH], "big")
    try:
        head = msgspec.json.decode(_unpacked(content[_LENGTH:end], None), type=_Head)
    except NOT_JSON as error:
        raise SnapshotLayerError(f"its edits cannot be read: {error}") from error
    return head, content[end:]


def _unpacked(frame: bytes, dictionary: Any) -> bytes:
    import zstandard  # noqa: PLC0415 -- only for snapshots

    try:
        if zstandard.frame_content_size(frame) > max(_UNPACKED, len(frame) * _RATIO):
            raise SnapshotLayerError("it unpacks to more than any snapshot")
        unpacker = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=_WINDOW)
        return unpacker.decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise SnapshotLayerError(f"it is damaged ({error})") from error
