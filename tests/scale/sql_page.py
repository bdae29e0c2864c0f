"""Tables, columns and ten worked questions -> docs/sql.md: ``python -m tests.scale.sql_page``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from jotgraph.scale.dataset.tables import FIRST, LAST, TABLES
from jotgraph.scale.sql import BESIDE

PAGE = Path(__file__).parents[2] / "docs" / "sql.md"

HEAD = """\
# Parquet, and questions in SQL

Made by `python -m tests.scale.sql_page`; a test compares the two, and runs each question.

```
pip install 'jotgraph[sql]'                # DuckDB and pyarrow; jotgraph[parquet] is pyarrow alone
jotgraph export --parquet estate --from prod
jotgraph sql "select count(*) from images" --from estate
jotgraph orphans --from estate             # a dataset is read as any other inventory
jotgraph export --parquet s3://my-bucket/estate --from prod
```

`export` writes an inventory as Parquet files, one folder for each table, partitioned as for Hive,
Spark and Athena:
`images/scan=2026-03-04T09-00-00Z/account=111122223333/region=eu-west-1/….parquet`. A dataset can
hold several scans: `--from estate` reads the newest, `--from 'estate#2026-03-04T09-00-00Z'` the
named one. Every row has the whole record as JSON, so the inventory can be read back unchanged.

**A scan is visible only when it is complete.** `scans/SCAN.json` is written last and names every
file with its rows and bytes.

- A file that it does not name is not read. A file that is missing, cut off, changed (pages have
  checksums), of another export (each file has its own name in its metadata) or of another version
  of the format is an error, never a smaller answer.
- Exporting the same scan again replaces it. If two exports run at once, the one that ends last
  remains; a reader whose files were replaced meanwhile reports it.
- An export that fails deletes what it wrote. One that is killed leaves files that no `scans/*.json`
  names. jotgraph never reads them, but programs that read the folders directly do. The next export
  to the same place deletes such files if they are a day old and belong to its own scan, or to a
  scan without `scans/SCAN.json`.
- On this machine only the owner can read the files; in a bucket its policy decides.

S3 is reached with the credentials, the region and the endpoint (`AWS_ENDPOINT_URL`) that boto3
finds; it needs `s3:ListBucket`, `s3:GetObject`, `s3:PutObject`, and `s3:DeleteObject` for what is
replaced.

`sql` runs DuckDB in this process, with one SELECT statement at a time, which cannot change
anything. It can read the tables below and nothing else: no file, no network, no extension.
`--every-scan` queries all scans at once, `--limit 0` prints every row, `--timeout 30` gives up
after 30 seconds (exit 4), and `--format json|csv|md` works as everywhere. Times are in UTC.

**SQL shows what was read, not what is unused.** A verdict depends on policies, texts, doubts and
gaps, which one query cannot combine; use `jotgraph orphans --from estate`.

## Ten questions

"""


class Question(NamedTuple):
    """A worked question."""

    asks: str
    sql: str


QUESTIONS = (
    Question(
        "Which repositories hold the most?",
        """\
select account, region, repository, count(*) as images, sum(size) as bytes
from images
group by all
order by bytes desc, repository
limit 10""",
    ),
    Question(
        "Which functions run which image, and when was it pushed?",
        """\
select functions.name, images.repository, images.tags, images.pushed_at
from functions
join images on images.digest = functions.digest and images.region = functions.region
order by functions.name, images.repository""",
    ),
    Question(
        "Which digests do functions run that several repositories hold?",
        """\
select digest, list(distinct repository order by repository) as repositories
from images
where digest in (select digest from functions union select digest from versions)
group by digest
having count(distinct repository_id) > 1
order by digest""",
    ),
    Question(
        "Which roles do most functions and versions share?",
        """\
select role, count(*) as users
from (
  select account, role from functions union all select account, role from versions
) as configurations
where role is not null
group by role
order by users desc, role
limit 10""",
    ),
    Question(
        "How many versions has each function, and how many of them does an alias name?",
        """\
with named as (
  select function, version as number from aliases
  union select function, unnest(weighted) from aliases
)
select versions.name, count(*) as versions, count(named.number) as named
from versions
left join named on named.function = versions.function and named.number = versions.number
group by versions.function, versions.name
order by versions desc, versions.name""",
    ),
    Question(
        "How much of what is stored is older than 90 days and was never pulled?",
        """\
select repository, count(*) as images, sum(size) as bytes
from images
join scans using (scan)
where pulled_at is null and pushed_at < taken_at - interval 90 days
group by repository
order by bytes desc, repository""",
    ),
    Question(
        "Which workloads run images of another account?",
        """\
select account, service, name, split_part(image, '.', 1) as owner, image
from (select account, service, name, unnest(images) as image from workloads) as used
where image like '%.dkr.ecr.%' and split_part(image, '.', 1) <> account
order by account, service, name""",
    ),
    Question(
        "Which running functions have images with critical vulnerabilities?",
        """\
select functions.name, max(images.critical) as critical
from functions
join images using (digest)
where images.critical > 0
group by functions.name
order by critical desc, functions.name""",
    ),
    Question(
        "Which roles were not used for 180 days, or never?",
        """\
select roles.account, roles.name, last_used_at, last_used_region
from roles
join scans using (scan)
where last_used_at is null or last_used_at < taken_at - interval 180 days
order by last_used_at nulls first, roles.name""",
    ),
    Question(
        "What was not read, and where?",
        """\
select account, region, service, action, reason, count(*) as times
from gaps
group by all
order by account, region, service, action""",
    ),
)


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for number, question in enumerate(QUESTIONS, start=1):
        parts.append(f"{number}. {question.asks}\n\n```sql\n{question.sql}\n```\n\n")
    parts.append("## Tables\n\nEvery table has these first:\n\n")
    parts += _columns(FIRST)
    parts.append("\nand these last:\n\n")
    parts += _columns(LAST)
    for table in TABLES:
        parts.append(f"\n### {table.name}\n\n{table.doc}\n\n")
        parts += _columns((column.name, column.type, column.doc) for column in table.columns)
    parts.append("\n### Tables that are no files\n")
    for name, (doc, columns) in BESIDE.items():
        listed = ", ".join(f"`{column}` ({says})" for column, says in columns)
        parts.append(f"\n`{name}`: {doc} {listed}.\n")
    return "".join(parts)


def _columns(columns: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    yield "| column | type | holds |\n|---|---|---|\n"
    for name, type_, doc in columns:
        yield f"| `{name}` | {type_} | {doc} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
