"""The table ``[evidence]``."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.errors import OptionError
from jotgraph.records import Carrier, Convention
from jotgraph.settings.evidence import evidence_of, merged
from jotgraph.settings.files import read_toml
from tests.factories import convention


def parsed(folder: Path, text: str) -> tuple[Convention, ...]:
    path = folder / "jotgraph.toml"
    path.write_text(text)
    return evidence_of(read_toml(path))


def test_labels_and_tags(tmp_path: Path) -> None:
    text = """
[evidence.labels]
acme_build = "com.acme.build"
[evidence.tags]
release_tag = 'rel-(?P<revision>[0-9a-f]{7,40})'
"""
    file = f"{tmp_path}/jotgraph.toml"
    assert parsed(tmp_path, text) == (
        convention(name="acme_build", carrier=Carrier.LABEL, pattern="com.acme.build", file=file),
        convention(
            name="release_tag",
            carrier=Carrier.TAG,
            pattern="rel-(?P<revision>[0-9a-f]{7,40})",
            file=file,
        ),
    )
    assert parsed(tmp_path, "[defaults]\n") == ()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("evidence = 3", 1, "[evidence] is not a table"),
        ("[evidence.label]", 1, "unknown key [evidence] 'label'; did you mean 'labels'?"),
        ("[evidence]\nlabels = 3", 2, "[evidence.labels] is not a table of names and values"),
        ("[evidence.labels]\nown = 3", 2, "[evidence.labels] 'own': text is needed"),
        ("[evidence.labels]\nx = 'a'", 2, "[evidence.labels] 'x': no name for a rule; write 3 to"),
        ("[evidence.labels]\nOwn = 'a'", 2, "[evidence.labels] 'Own': no name for a rule"),
        ("[evidence.tags]\nown = '('", 2, "[evidence.tags] 'own': no regular expression: "),
        ("[evidence.tags]\nown = '(a+)+(?P<revision>b)'", 2, "[evidence.tags] 'own': it may be"),
        ("[evidence.labels]\nown = 'GIT_SHA'", 2, "[evidence.labels] 'own': it is read already"),
        ("[evidence.labels]\ncode_sha256 = 'a'", 2, "[evidence.labels] 'code_sha256': a rule of"),
        (
            "[evidence.labels]\nown = 'a'\n[evidence.tags]\nown = '(?P<revision>.)'",
            2,
            "[evidence] has 'own' twice",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    with pytest.raises(OptionError) as raised:
        parsed(tmp_path, text)
    assert str(raised.value).startswith(f"{tmp_path}/jotgraph.toml, line {line}: {says}")


def test_there_is_a_limit(tmp_path: Path) -> None:
    lines = "\n".join(f"own_{number} = 'a'" for number in range(51))
    with pytest.raises(OptionError, match="more than 50 entries"):
        parsed(tmp_path, f"[evidence.labels]\n{lines}")


def test_the_first_who_has_a_name_says_what_it_is() -> None:
    def own(pattern: str, name: str = "own") -> Convention:
        return convention(name=name, carrier=Carrier.LABEL, pattern=pattern, file="f")

    assert merged((own("a"),), (own("b"), own("c", "other"))) == (own("c", "other"), own("a"))
