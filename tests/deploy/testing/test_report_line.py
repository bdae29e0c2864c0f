"""What a log tail says of an invocation: plain REPORT lines, JSON, and less."""

from __future__ import annotations

import base64

import pytest

from jotgraph.deploy.testing.report_line import figures_of, tail_lines
from jotgraph.queries.answers.testing import Figures

COLD = (
    "REPORT RequestId: 5f0a\tDuration: 79.67 ms\tBilled Duration: 203 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 73 MB\tInit Duration: 122.54 ms\t"
)
WARM = (
    "REPORT RequestId: 5f0b\tDuration: 0.90 ms\tBilled Duration: 1 ms\tMemory Size: 512 MB\t"
    "Max Memory Used: 74 MB\t"
)
JSON = (
    '{"time":"2026-01-01T00:00:00.000Z","type":"platform.report","record":{"requestId":"5f0c",'
    '"metrics":{"durationMs":1.2,"billedDurationMs":2,"memorySizeMB":128,"maxMemoryUsedMB":40,'
    '"initDurationMs":90.5},"status":"success"}}'
)


@pytest.mark.parametrize(
    ("lines", "figures"),
    [
        ((COLD,), Figures(79.67, 203, 122.54, 128, 73)),
        (
            ("REPORT of mine: Duration: 1 ms", WARM, "XRAY TraceId: 1-5"),
            Figures(0.9, 1, None, 512, 74),
        ),
        ((COLD, WARM), Figures(0.9, 1, None, 512, 74)),
        ((JSON,), Figures(1.2, 2, 90.5, 128, 40)),
        (('{"type":"platform.report","record":1}',), Figures()),
        (('"platform.report" is no JSON',), Figures()),
        (("nothing",), Figures()),
        ((), Figures()),
    ],
)
def test_the_last_report_counts(lines: tuple[str, ...], figures: Figures) -> None:
    assert figures_of(lines) == figures


def test_a_tail_is_base64_and_may_begin_within_a_character() -> None:
    assert tail_lines(base64.b64encode("é\nend\n".encode()[1:]).decode()) == ("\ufffd", "end")
    assert tail_lines("no base64!") == ()
    assert tail_lines("") == ()
