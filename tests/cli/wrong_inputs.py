"""Command lines that are wrong, and what each of them is about: the table behind docs/errors.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wrong:
    """One command line that cannot work."""

    section: str
    what: str
    """What is wrong, in words."""
    command: str
    """As bash reads it; variables before it are set, or taken away where they are empty."""
    fault: tuple[str, str, str] | None = None
    """Service, action and error code of the calls that AWS refuses."""
    missing: str = ""
    """A package that is not installed."""
    deployed: bool = False
    """What others deployed is there, where ``up`` would make something."""
    also: str = ""
    """What else is so, by its name in ``tests.cli.circumstances``."""


_SIGNED_IN = "AWS: credentials, regions and permissions"
_MANY = "Many accounts"
_TYPED = "Commands and options"
_NAMES = "Names"
_STORED = "Stored inventories"
_FILES = "Files and folders"
_PLANS = "Plans and runs"
_GATES = "Gates"
_TOOLS = "Missing tools"
_UP = "From a folder to a function"
_MAKE = "Build, test, push, deploy, and back"

_NOBODY = "AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY= AWS_SESSION_TOKEN="


_ROLE = "--role-arn 'arn:aws:iam::{account}:role/jotgraph'"
_ACCOUNTS = "jotgraph scan --no-docker --accounts"


_QUOTE = "jotgraph up till:quote.app.handler --function quote"
_FILE = "--dockerfile Dockerfile.quote"
_CASES = "--cases till/cases/quote"

WRONG = (
    Wrong(_SIGNED_IN, "no credentials", f"{_NOBODY} jotgraph ls --no-docker"),
    Wrong(
        _SIGNED_IN,
        "the token has expired",
        "jotgraph orphans --no-docker",
        fault=("sts", "GetCallerIdentity", "ExpiredToken"),
    ),
    Wrong(
        _SIGNED_IN,
        "the endpoint cannot be reached",
        "AWS_ENDPOINT_URL=http://127.0.0.1:9 jotgraph ls --no-docker",
    ),
    Wrong(_SIGNED_IN, "no region", "AWS_DEFAULT_REGION= AWS_REGION= jotgraph ls --no-docker"),
    Wrong(_SIGNED_IN, "an unknown region", "jotgraph ls --no-docker --region us-esat-1"),
    Wrong(_SIGNED_IN, "an unknown profile", "jotgraph ls --profile prdo"),
    Wrong(
        _SIGNED_IN,
        "a service that a gate needs is denied",
        "jotgraph orphans --check --no-docker",
        fault=("ecr", "DescribeRepositories", "AccessDeniedException"),
    ),
    Wrong(_MANY, "a mistyped account", f"{_ACCOUNTS} typo.txt {_ROLE}"),
    Wrong(_MANY, "an account that is listed twice", f"{_ACCOUNTS} twice.txt {_ROLE}"),
    Wrong(_MANY, "no such list", f"{_ACCOUNTS} acounts.txt {_ROLE}"),
    Wrong(_MANY, "accounts without a role", f"{_ACCOUNTS} accounts.txt"),
    Wrong(_MANY, "a pattern without accounts", f"jotgraph scan --no-docker {_ROLE}"),
    Wrong(
        _MANY,
        "not the ARN of a role",
        f"{_ACCOUNTS} accounts.txt --role-arn 'arn:aws:iam::{{account}}:user/jotgraph'",
    ),
    Wrong(
        _MANY,
        "two roles for one account",
        f"{_ACCOUNTS} accounts.txt {_ROLE} --role-arn arn:aws:iam::111122223333:role/reader",
    ),
    Wrong(
        _MANY,
        "a role of another partition",
        f"{_ACCOUNTS} accounts.txt --role-arn 'arn:aws-cn:iam::{{account}}:role/jotgraph'",
    ),
    Wrong(
        _MANY,
        "a region of another partition",
        f"{_ACCOUNTS} accounts.txt {_ROLE} --region us-gov-west-1",
    ),
    Wrong(_MANY, "no role can be assumed", f"{_ACCOUNTS} accounts.txt {_ROLE}"),
    Wrong(_MANY, "no organization", f"{_ACCOUNTS} organization {_ROLE}"),
    Wrong(
        _MANY,
        "an organization that may not be listed",
        f"{_ACCOUNTS} organization {_ROLE}",
        fault=("organizations", "ListAccounts", "AccessDeniedException"),
    ),
    Wrong(_TYPED, "an unknown command", "jotgraph orfans"),
    Wrong(_TYPED, "an unknown option", "jotgraph ls --al"),
    Wrong(_TYPED, "an unknown format", "jotgraph ls --format yaml"),
    Wrong(_TYPED, "an unknown kind", "jotgraph orphans --kind image --from prod"),
    Wrong(_TYPED, "a kind that is never an orphan", "jotgraph orphans --kind commit --from prod"),
    Wrong(_TYPED, "a malformed time span", "jotgraph orphans --keep-days 3x --from prod"),
    Wrong(_TYPED, "a number out of range", "jotgraph scan --usage --days 1000"),
    Wrong(_TYPED, "no output file", "jotgraph render --from prod"),
    Wrong(_TYPED, "a picture in an unknown format", "jotgraph render -o estate.doc --from prod"),
    Wrong(
        _TYPED,
        "options of a scan with a stored inventory",
        "jotgraph orphans --from prod --region us-east-1",
    ),
    Wrong(_TYPED, "--versions alone", "jotgraph plan cleanup --versions --from prod"),
    Wrong(
        _TYPED,
        "two marks in one picture",
        "jotgraph render -o x.svg --where main --diff prod~1 --from prod",
    ),
    Wrong(_TYPED, "no name at all", "jotgraph show --from prod"),
    Wrong(_TYPED, "the policy of an unknown command", "jotgraph policy orfans"),
    Wrong(_TYPED, "an unknown service", "jotgraph orphans --assume-no ecz --from prod"),
    Wrong(_TYPED, "an unknown reason for doubt", "jotgraph orphans --ignore pul --from prod"),
    Wrong(_TYPED, "a malformed handler", "jotgraph validate plain:handler"),
    Wrong(_TYPED, "neither handler nor Dockerfile", "jotgraph validate plain"),
    Wrong(_TYPED, "nothing to make a Dockerfile from", "jotgraph build plain --print-dockerfile"),
    Wrong(
        _TYPED, "a platform that Lambda does not run", "jotgraph build plain --platform linux/386"
    ),
    Wrong(_TYPED, "a malformed label", "jotgraph build plain --label owner"),
    Wrong(_TYPED, "a test without a case", "jotgraph test shop:latest"),
    Wrong(
        _TYPED,
        "an event without an expectation",
        "jotgraph test shop:latest --event notes.json",
    ),
    Wrong(_TYPED, "not a function", "jotgraph invoke 'my shop' --event notes.json"),
    Wrong(_NAMES, "an unknown function", "jotgraph invoke chekout --event notes.json"),
    Wrong(_NAMES, "a mistyped name", "jotgraph show chekout --from prod"),
    Wrong(_NAMES, "a name of nothing that was read", "jotgraph trace payments --from prod"),
    Wrong(_NAMES, "an ambiguous name", "jotgraph show checkout --from two.jsonl"),
    Wrong(_NAMES, "a pattern where one name is needed", "jotgraph why 'b*' main --from prod"),
    Wrong(_NAMES, "a prefix that is too short", "jotgraph show sha256:01 --from prod"),
    Wrong(_NAMES, "a commit that was not read", "jotgraph where deadbeef --from prod"),
    Wrong(_NAMES, "an ambiguous prefix of a commit", "jotgraph where 1c0ffee --from two.jsonl"),
    Wrong(_NAMES, "a mistyped branch", "jotgraph stale --ref mian --from prod"),
    Wrong(_NAMES, "two resources without a link", "jotgraph why checkout nightly --from prod"),
    Wrong(_NAMES, "an unknown alias", "jotgraph where main --alias liev --from prod"),
    Wrong(_NAMES, "control characters", r"jotgraph show $'\e[31mcheckout\n' --from prod"),
    Wrong(_NAMES, "an unknown repository", "jotgraph lifecycle shop/chekout --from prod"),
    Wrong(_STORED, "a name that was never stored", "jotgraph ls --from prdo"),
    Wrong(_STORED, "a number that was never stored", "jotgraph ls --from 'prod#9'"),
    Wrong(_STORED, "further back than there are", "jotgraph ls --from prod~7"),
    Wrong(_STORED, "before the first", "jotgraph ls --from 'prod@{2020-01-31}'"),
    Wrong(_STORED, "not a time", "jotgraph ls --from 'prod@{tuesday}'"),
    Wrong(_STORED, "not a reference", "jotgraph ls --from 'prod#x'"),
    Wrong(_STORED, "a missing file", "jotgraph ls --from ./estate.jsonl"),
    Wrong(_STORED, "not an inventory", "jotgraph ls --from notes.json"),
    Wrong(_STORED, "a torn file", "jotgraph ls --from torn.jsonl"),
    Wrong(_STORED, "a torn archive", "jotgraph ls --from torn.jsonl.zst"),
    Wrong(
        _STORED, "a past day before the first", "jotgraph where main --at 2020-01-31 --from prod"
    ),
    Wrong(_STORED, "a history under an unknown name", "jotgraph history checkout --name prdo"),
    Wrong(_STORED, "a pruning without a rule", "jotgraph snapshot prune prod"),
    Wrong(
        _STORED,
        "a pruning under an unknown name",
        "jotgraph snapshot prune prdo --keep-last 3",
    ),
    Wrong(_STORED, "a store without a bucket", "JOTGRAPH_STORE=s3:// jotgraph snapshot ls"),
    Wrong(
        _STORED,
        "a bucket that is not there",
        "JOTGRAPH_STORE=s3://no-such-bucket jotgraph snapshot ls",
    ),
    Wrong(_STORED, "an edited file", "jotgraph ls --from edited.jsonl"),
    Wrong(_STORED, "an inventory of a newer version", "jotgraph ls --from newer.jsonl"),
    Wrong(
        _STORED,
        "not a name for snapshots",
        "jotgraph scan --no-aws --no-docker --git shop --name a/b",
    ),
    Wrong(
        _STORED,
        "a missing folder",
        "jotgraph scan --no-aws --no-docker --git shop -o nowhere/estate.jsonl",
    ),
    Wrong(_STORED, "a dataset without a whole scan", "jotgraph ls --from ./half"),
    Wrong(_STORED, "a dataset of a newer version", "jotgraph ls --from later"),
    Wrong(_STORED, "a half-written partition", "jotgraph ls --from cut"),
    Wrong(_STORED, "a scan under another name", "jotgraph ls --from renamed"),
    Wrong(
        _STORED, "a file in place of a dataset", "jotgraph export --parquet notes.json --from prod"
    ),
    Wrong(_STORED, "a scan that a dataset does not have", "jotgraph ls --from 'parquet#monday'"),
    Wrong(_STORED, "no bucket", "jotgraph export --parquet s3:// --from prod"),
    Wrong(
        _STORED,
        "a bucket that is not there",
        "jotgraph export --parquet s3://nowhere/estate --from prod",
    ),
    Wrong(_STORED, "no SQL", "jotgraph sql 'selekt 1' --from parquet"),
    Wrong(_STORED, "SQL that reads files", "jotgraph sql \"from 'prod.csv'\" --from parquet"),
    Wrong(
        _STORED,
        "SQL that takes too long",
        "jotgraph sql 'select sum(a.range * b.range) from range(1000000000) a, "
        "range(1000000000) b' --timeout 0.2 --from parquet",
    ),
    Wrong(_STORED, "two accounts in one comparison", "jotgraph diff prod other.jsonl"),
    Wrong(_FILES, "a missing path", "jotgraph ls --no-aws --git ./nowhere"),
    Wrong(_FILES, "a folder that is not a repository", "jotgraph ls --no-aws --git plain"),
    Wrong(_FILES, "a missing folder", "jotgraph validate plian:app.handler"),
    Wrong(_FILES, "content outside a repository", "jotgraph content shop:latest"),
    Wrong(_FILES, "a missing image", "jotgraph content ./image.tar --git shop"),
    Wrong(_FILES, "a torn image", "jotgraph content torn.tar --git shop"),
    Wrong(_FILES, "not an image", "jotgraph content notes.json --git shop"),
    Wrong(_FILES, "cut output of kubectl", "jotgraph orphans --used-by pods.json --from prod"),
    Wrong(
        _FILES, "a missing file of --used-by", "jotgraph orphans --used-by gone.json --from prod"
    ),
    Wrong(_GATES, "no policy", "jotgraph check --from prod"),
    Wrong(_GATES, "a policy that exists already", "jotgraph check --init --policy badkey.toml"),
    Wrong(_GATES, "an unknown key", "jotgraph check --policy badkey.toml --from prod"),
    Wrong(_GATES, "a value of another type", "jotgraph check --policy badvalue.toml --from prod"),
    Wrong(_GATES, "not TOML", "jotgraph check --policy torn.toml --from prod"),
    Wrong(_GATES, "a commit that was not read", "jotgraph check --policy gone.toml --from prod"),
    Wrong(_GATES, "no account was read", "jotgraph stale --check --from local.jsonl"),
    Wrong(_GATES, "nothing at all was read", "jotgraph ls --no-aws --no-docker"),
    Wrong(_PLANS, "a missing plan", "jotgraph apply plan.json"),
    Wrong(_PLANS, "not a plan", "jotgraph apply notes.json"),
    Wrong(_PLANS, "not JSON", "jotgraph apply torn.toml"),
    Wrong(_PLANS, "an edited plan", "jotgraph apply edited-plan.json"),
    Wrong(_PLANS, "over the limit", "jotgraph apply removal.json --yes --max-count 1"),
    Wrong(_PLANS, "an old plan", "jotgraph apply old.json --yes"),
    Wrong(_PLANS, "not confirmed", "jotgraph apply removal.json <<< yes"),
    Wrong(_PLANS, "nobody to confirm", "jotgraph apply removal.json"),
    Wrong(_PLANS, "an unknown run", "jotgraph undo 4da33c78f0ee"),
    Wrong(_PLANS, "not the name of a run", "jotgraph release ../prod"),
    Wrong(_PLANS, "a malformed time to watch", "jotgraph apply removal.json --watch 3x"),
    Wrong(_TOOLS, "no Docker engine", "jotgraph ls --no-aws --git shop --strict"),
    Wrong(
        _TOOLS, "no Docker engine, and an image of it", "jotgraph content shop:latest --git shop"
    ),
    Wrong(_TOOLS, "no moto", "jotgraph demo", missing="moto"),
    Wrong(_TOOLS, "no pyarrow", "jotgraph export --parquet x --from prod", missing="pyarrow"),
    Wrong(_TOOLS, "no DuckDB", "jotgraph sql 'select 1' --from parquet", missing="duckdb"),
    Wrong(_TOOLS, "no PySpark", "jotgraph orphans --engine spark --from prod", missing="pyspark"),
    Wrong(
        _TOOLS,
        "Spark elsewhere, and an inventory here",
        "jotgraph orphans --engine spark --master spark://head:7077 --from prod",
    ),
    Wrong(_UP, "neither Dockerfile nor handler", "jotgraph up plain --function quote"),
    Wrong(_UP, "no such Dockerfile", f"{_QUOTE} --dockerfile Dockerfile.qoute --dry-run"),
    Wrong(_UP, "a syntax error in the handler", "jotgraph up broken:app.handler --function quote"),
    Wrong(_UP, "changes that are in no commit", "jotgraph up dirty:app.handler --function quote"),
    Wrong(_UP, "a share without an alias", f"{_QUOTE} {_FILE} --weight 0.1"),
    Wrong(_UP, "an event without an answer", f"{_QUOTE} {_FILE} --event notes.json"),
    Wrong(_UP, "no Docker engine to build", f"{_QUOTE} {_FILE}"),
    Wrong(
        _UP,
        "an immutable tag of another image",
        f"{_QUOTE} {_FILE} --repository frozen --tag v1 --dry-run",
        deployed=True,
    ),
    Wrong(
        _UP,
        "a function of another package type",
        f"jotgraph up till:quote.app.handler --function zipped {_FILE} --dry-run",
        deployed=True,
    ),
    Wrong(
        _UP,
        "an alias whose calls somebody else splits",
        f"jotgraph up till:quote.app.handler --function shared {_FILE} --alias live --dry-run",
        deployed=True,
    ),
    Wrong(_MAKE, "neither Dockerfile nor handler", "jotgraph build plain", also="engine"),
    Wrong(
        _MAKE,
        "a Dockerfile that is not there",
        "jotgraph build till:quote.app.handler --dockerfile Dockerfile.qoute",
        also="engine",
    ),
    Wrong(
        _MAKE, "a syntax error in the handler", "jotgraph build broken:app.handler", also="engine"
    ),
    Wrong(
        _MAKE, "changes that are in no commit", "jotgraph build dirty:app.handler", also="engine"
    ),
    Wrong(_MAKE, "no Docker engine", f"jotgraph build till:quote.app.handler {_FILE}"),
    Wrong(
        _MAKE,
        "an image that the engine does not have",
        f"jotgraph test shop:next {_CASES}",
        also="engine",
    ),
    Wrong(
        _MAKE, "an image that starts nothing", f"jotgraph test shop:latest {_CASES}", also="engine"
    ),
    Wrong(_MAKE, "no Docker engine, and a test", f"jotgraph test shop:latest {_CASES}"),
    Wrong(
        _MAKE,
        "an alias that is not there",
        "jotgraph invoke shared:lvie --event notes.json",
        deployed=True,
    ),
    Wrong(_MAKE, "an index, which Lambda refuses", "jotgraph push shop:latest", also="index"),
    Wrong(
        _MAKE,
        "an immutable tag of another image",
        "jotgraph push shop:latest --repository frozen --tag v1",
        deployed=True,
        also="engine",
    ),
    Wrong(
        _MAKE, "an image that the engine does not have", "jotgraph push shop:next", also="engine"
    ),
    Wrong(_MAKE, "no Docker engine, and a push", "jotgraph push shop:latest"),
    Wrong(
        _MAKE,
        "a call that is not allowed",
        "jotgraph push shop:latest --repository fresh",
        fault=("ecr", "CreateRepository", "AccessDeniedException"),
        also="engine",
    ),
    Wrong(_MAKE, "neither a function nor a service", "jotgraph deploy frozen:v1"),
    Wrong(
        _MAKE,
        "an image that is not in ECR",
        "jotgraph deploy frozen:v9 --function quote",
        deployed=True,
    ),
    Wrong(
        _MAKE,
        "an index, which Lambda refuses",
        "jotgraph deploy frozen:both --function quote",
        deployed=True,
    ),
    Wrong(
        _MAKE,
        "a function of package type Zip",
        "jotgraph deploy frozen:v1 --function zipped",
        deployed=True,
    ),
    Wrong(
        _MAKE,
        "an alias whose calls somebody else splits",
        "jotgraph deploy frozen:v1 --function shared --alias live",
        deployed=True,
    ),
    Wrong(
        _MAKE,
        "a role that Lambda does not know yet",
        "jotgraph deploy frozen:v1 --function quote --role app --wait 1s",
        deployed=True,
        also="unassumable",
    ),
    Wrong(
        _MAKE,
        "a role that does not trust Lambda",
        "jotgraph deploy frozen:v1 --function quote --role tasks",
        deployed=True,
        also="services",
    ),
    Wrong(
        _MAKE,
        "a role that is not there",
        "jotgraph deploy frozen:v1 --function quote --role nobody",
        deployed=True,
    ),
    Wrong(
        _MAKE,
        "a service that is not there",
        "jotgraph deploy frozen:v1 --service default/wbe",
        deployed=True,
        also="services",
    ),
    Wrong(
        _MAKE,
        "a cluster that is not there",
        "jotgraph deploy frozen:v1 --service shop/web",
        deployed=True,
        also="services",
    ),
    Wrong(
        _MAKE,
        "a task definition with several containers",
        "jotgraph deploy frozen:v1 --service default/pair",
        deployed=True,
        also="services",
    ),
    Wrong(
        _MAKE,
        "a circuit breaker that rolls back",
        "jotgraph deploy frozen:v1 --service default/web",
        deployed=True,
        also="circuit breaker",
    ),
    Wrong(
        _MAKE,
        "a service that CodeDeploy deploys",
        "jotgraph deploy frozen:v1 --service default/web",
        deployed=True,
        also="CodeDeploy",
    ),
    Wrong(_MAKE, "an alias without a function", "jotgraph rollback --alias live"),
    Wrong(
        _MAKE,
        "an alias that is not there",
        "jotgraph rollback shared --alias lvie",
        deployed=True,
    ),
    Wrong(_MAKE, "no version before", "jotgraph rollback first --alias live", also="first version"),
    Wrong(
        _MAKE,
        "the image of the version before is gone",
        "jotgraph rollback second --alias live",
        also="image gone",
    ),
    Wrong(
        _MAKE,
        "no revision before",
        "jotgraph rollback --service default/web",
        deployed=True,
        also="services",
    ),
    Wrong(
        _MAKE,
        "a function that is not there",
        "jotgraph promote qoute --alias live",
        deployed=True,
    ),
    Wrong(
        _MAKE,
        "an alias that is not being moved",
        "jotgraph promote first --alias live",
        also="first version",
    ),
    Wrong(
        _MAKE,
        "a run whose results somebody changed since",
        "jotgraph undo RUN",
        deployed=True,
        also="changed since",
    ),
)
"""Every command line, in the order of the page."""
