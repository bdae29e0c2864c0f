"""What is asked before a plan is applied."""

from __future__ import annotations

import pytest

from jotgraph.cli.carry_out import confirmation


@pytest.mark.parametrize(
    ("steps", "accounts", "quarantine", "question", "wanted"),
    [
        (
            1,
            ["123456789012"],
            False,
            'Delete 1 resource from 123456789012? Type "9012 1" to confirm',
            "9012 1",
        ),
        (
            7,
            ["111111111111", "123456789012"],
            True,
            'Quarantine 7 resources in 111111111111, 123456789012? Type "1111 9012 7" to confirm',
            "1111 9012 7",
        ),
        (2, [], False, 'Delete 2 resources from this machine? Type "2" to confirm', "2"),
    ],
)
def test_the_question_shows_what_to_type(
    steps: int, accounts: list[str], quarantine: bool, question: str, wanted: str
) -> None:
    assert confirmation(steps, accounts, quarantine=quarantine) == (question, wanted)
