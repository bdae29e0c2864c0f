"""A redacted report holds no name of the estate, and says the same of the same name."""

from __future__ import annotations

import json
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.doctor import redact
from jotgraph.doctor.redaction import with_values
from jotgraph.queries.answers.diagnosis import (
    Access,
    Assumption,
    Attempt,
    Diagnosis,
    ExaminationResult,
    Identity,
    MachinePart,
    Value,
    term,
    words,
)
from jotgraph.render.answers.doctor import as_csv, as_json, as_markdown
from jotgraph.sandbox.server import Sandbox
from tests.doctor.conftest import Examine
from tests.doctor.lies import each, lie
from tests.factories import NOW

KEY = b"k" * 32
FORMS = (as_json, as_markdown, as_csv)

named = st.text(string.ascii_letters + string.digits + "-_/:.@", min_size=12, max_size=40)
accounts = st.text(string.digits, min_size=12, max_size=12)


@given(account=accounts, arn=named, profile=named, message=named, path=named, field=named)
def test_no_name_survives(
    account: str, arn: str, profile: str, message: str, path: str, field: str
) -> None:
    """Wherever a name stands, and where a name poses as a word of AWS's own, too."""
    diagnosis = Diagnosis(
        taken_at=NOW,
        program="1",
        identities=(Identity(Value(profile), ("us-east-1",), Value(account), Value(arn)),),
        access=(
            Access(
                account=Value(account),
                region="us-east-1",
                action="ecr:DescribeImages",
                because="list images",
                state=Attempt.DENIED,
                detail=words("{}, {}: {}", term("denied"), term(field), message),
            ),
        ),
        assumptions=(
            Assumption(
                id="digest-form",
                claim="A digest",
                used_in="jotgraph",
                result=ExaminationResult.FAILS,
                samples=1,
                details=(words("{}: {}", arn, term(field)),),
            ),
        ),
        parts=(
            MachinePart(
                name="cache", result=ExaminationResult.HOLDS, state=words("{}, 1 MB", path)
            ),
        ),
        names=frozenset({field}),
    )
    shown = redact(diagnosis, KEY)
    for write in FORMS:
        text = write(shown)
        assert [
            name for name in (account, arn, profile, message, path, field) if name in text
        ] == []
        assert account in write(diagnosis)


def test_the_same_name_has_the_same_hash_in_one_report_and_another_in_the_next() -> None:
    identity = Identity(Value("prod"), ("us-east-1",), Value("1" * 12), Value("arn:aws:iam::x:y"))
    diagnosis = Diagnosis(taken_at=NOW, program="1", identities=(identity, identity))
    first, second = redact(diagnosis), redact(diagnosis)
    assert first.identities[0] == first.identities[1]
    assert first.identities[0].account != second.identities[0].account


def test_words_of_aws_stay_unless_the_estate_has_them() -> None:
    row = Assumption(
        id="values-known",
        claim="States",
        used_in="jotgraph",
        result=ExaminationResult.FAILS,
        details=(words("{}: {}", term("lambda GetFunction Configuration.State"), term("Asleep")),),
    )
    diagnosis = Diagnosis(taken_at=NOW, program="1", assumptions=(row,))
    assert "Configuration.State: Asleep" in as_json(redact(diagnosis))
    named_so = Diagnosis(taken_at=NOW, program="1", assumptions=(row,), names=frozenset({"Asleep"}))
    assert "Asleep" not in as_json(redact(named_so))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("AccessDenied", True),
        ("Mapping shopping", True),  # ``shop`` is a name, and no part of a word
        ("Error team/checkout x", False),
        ("Error v1.example.org x", False),
        ("Code.shop", False),
        ("x111122223333y", False),
    ],
)
def test_a_name_within_a_term_is_none_of_aws(text: str, kept: bool) -> None:
    names = frozenset({"shop", "team/checkout", "example.org"})
    (part,) = redact(
        Diagnosis(
            taken_at=NOW,
            program="1",
            parts=(
                MachinePart(
                    name="x", result=ExaminationResult.HOLDS, state=words("{}", term(text))
                ),
            ),
            names=names,
        ),
        KEY,
    ).parts
    assert (str(part.state) == text) is kept


def test_nothing_of_the_embedded_estate_survives(
    examined: Examine, aws: Sandbox, monkeypatch: object
) -> None:
    """With denials, failures and lies, whose details repeat what was answered."""
    aws.faults.deny("ecs", "ListClusters")
    aws.faults.error("batch", "DescribeJobDefinitions", message="no queue app-role of team/app")
    lie(aws, monkeypatch, "ecr", "DescribeImages", each("imageDetails", imageStatus="team"))
    lie(aws, monkeypatch, "lambda", "ListFunctions", each("Functions", CodeSha256="app"))
    diagnosis = examined()
    assert len(diagnosis.names) > 50
    shown = redact(diagnosis)
    plain = as_json(diagnosis)
    ours = as_json(with_values(lambda value: Value(""), diagnosis))
    for write in FORMS:
        text = write(shown)
        names = {name for name in diagnosis.names if len(name) > 5 and not _word(name, ours)}
        left = {name for name in names if _word(name, text)}
        assert left == set()
        assert not re.search(r"\d{12}|arn:aws|sha256:[0-9a-f]|https?://", text)
    assert "123456789012" in plain
    assert json.loads(as_json(shown))["redacted"] is True


def _word(name: str, text: str) -> bool:
    if name not in text:
        return False
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
