"""Answers -> CSV text (RFC 4180): a heading row, then one row for each item."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from jotgraph.analysis.lag import Standing
from jotgraph.queries.answers.jots import Jots
from jotgraph.render.answers.tables import role_words, state_words

JOT_COLUMNS = (
    "account", "region", "function", "qualifiers", "aliases", "commit", "commits", "standing",
    "behind", "ref", "local_image", "local_tags", "repository", "tags", "digest", "role", "states",
)  # fmt: skip


def jots(answer: Jots) -> str:
    """The table of jots with whole SHAs and digests; lists are joined by spaces."""
    return table(
        JOT_COLUMNS,
        (
            (
                jot.account,
                jot.region,
                jot.function,
                " ".join(jot.qualifiers),
                " ".join(f"{each.alias}={each.share:g}" for each in jot.routes),
                jot.commit.commits[0] if jot.commit.commits else "",
                jot.commit.count,
                _standing(jot.commit.standing),
                "" if jot.commit.standing.behind is None else jot.commit.standing.behind,
                jot.commit.standing.ref,
                " ".join(each.partition(":")[2] for each in jot.local_images),
                " ".join(jot.local_tags),
                jot.image.repository if jot.image else "",
                " ".join(jot.image.tags) if jot.image else "",
                jot.image.digest if jot.image else "",
                role_words(jot),
                state_words(jot),
            )
            for jot in answer.jots
        ),
    )


def _standing(found: Standing) -> str:
    """``behind``, or ``dirty behind``, ``hint behind``, ``near behind``."""
    return " ".join(filter(None, ("dirty" if found.dirty else found.doubt, found.state)))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV. A text that a spreadsheet would run as a formula is preceded by a quote
    (OWASP, CSV injection)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows([_tame(each) for each in row] for row in rows)
    return out.getvalue()


def _tame(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell
