"""``orphans --engine``: the same bytes from every engine."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow.parquet import read_table

from tests.functional.conftest import Run
from tests.rig.interrupts import interruptible
from tests.strength import some


@pytest.mark.parametrize(
    "form", some("forms of answers by processes", ["json", "table", "csv", "md"], 4)
)
def test_the_same_bytes_from_every_engine(run: Run, stored: str, form: str) -> None:
    asked = ("orphans", "--all", "--unknown", "--format", form, "--from", stored)
    single = run(*asked, "--engine", "single")
    processes = run(*asked, "--engine", "processes", "--jobs", "2")
    assert (processes.exit_code, processes.output) == (single.exit_code, single.output)
    assert single.exit_code == 0


def test_a_dataset_is_judged_by_its_files(run: Run, stored: str, tmp_path: Path) -> None:
    assert run("export", "--parquet", "estate", "--from", stored).exit_code == 0
    whole = json.loads(run("orphans", "--all", "--format", "json", "--from", stored).stdout)
    judged = run("orphans", "--by-files", "--from", "estate", "--jobs", "2")
    counts = (len(whole["in_use"]), len(whole["orphans"]), len(whole["unknown"]))
    assert judged.exit_code == 0, judged.output
    words = re.fullmatch(r"(\d+) in use, (\d+) orphans(?: \(.*\))?, (\d+) unknown\n", judged.stdout)
    assert words
    assert tuple(map(int, words.groups())) == counts
    folder = judged.stderr.removeprefix("written to ").partition(",")[0]
    files = (tmp_path / folder).iterdir()
    written = [row for file in files for row in read_table(file).to_pylist()]
    assert sorted(row["id"] for row in written) == sorted(
        judgement["id"]
        for verdict in ("in_use", "orphans", "unknown")
        for judgement in whole[verdict]
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "--by-files needs --from a dataset"),
        (("--check",), "takes no --check"),
        (("--all",), "takes no --check, --history, --all, --unknown"),
        (("--format", "json"), "--format json needs the whole inventory"),
    ],
)
def test_what_needs_the_whole_is_refused_by_files(
    run: Run, stored: str, options: tuple[str, ...], message: str
) -> None:
    source = stored
    if options:
        run("export", "--parquet", "estate", "--from", stored)
        source = "estate"
    refused = run("orphans", "--by-files", "--from", source, *options)
    assert (refused.exit_code, message in refused.stderr) == (2, True)


def test_jobs_are_at_least_one(run: Run, stored: str) -> None:
    result = run("orphans", "--jobs", "0", "--from", stored)
    assert result.exit_code == 2
    assert "0 is not in the range x>=1" in result.stderr


@pytest.mark.in_ci
@pytest.mark.usefixtures("spark")
@pytest.mark.filterwarnings("default")
def test_spark_reads_a_dataset_or_writes_one(run: Run, stored: str) -> None:
    assert run("export", "--parquet", "estate", "--from", stored).exit_code == 0
    asked = ("orphans", "--all", "--format", "json", "--from")
    single = run(*asked, stored, "--engine", "single")
    for source in (stored, "estate"):
        answered = run(*asked, source, "--engine", "spark", "--master", "local[2]")
        assert (answered.exit_code, answered.stdout) == (0, single.stdout), answered.stderr


def test_machines_elsewhere_need_a_dataset(run: Run, stored: str) -> None:
    asked = ("orphans", "--from", stored, "--engine", "spark", "--master", "spark://head:7077")
    result = run(*asked)
    assert result.exit_code == 2
    assert "need a dataset that they can read: jotgraph export" in result.stderr


NEVER_READY = """
import os, sys, time
from jotgraph.__main__ import main
from jotgraph.scale import processes

def wait(number):
    os.write(1, b"judging\\n")  # one write: two processes do not mix their lines
    time.sleep(600)

processes._judge = wait
sys.argv = ["jotgraph", "orphans", "--engine", "processes", "--jobs", "2", "--from", sys.argv[1]]
main()
"""


def test_ctrl_c_ends_every_process_without_a_word(stored: str) -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-c", NEVER_READY, stored],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=interruptible,
    )
    assert waiting.stdout is not None
    try:
        assert [waiting.stdout.readline() for _ in range(2)] == ["judging\n"] * 2
    finally:
        os.killpg(waiting.pid, signal.SIGINT)
        _, said = waiting.communicate()
    assert (waiting.returncode, said) == (130, "jotgraph: interrupted\n")
    with pytest.raises(ProcessLookupError):
        os.killpg(waiting.pid, 0)
