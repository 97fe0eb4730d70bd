"""Who gets a token, and what is told of it?"""

import subprocess
import sys

from store import tokens
from store.session import Database
from tests.ops.programs import Said, aftersales
from tests.sandbox_process import ROOT


def at(database_url: str, *arguments: str) -> Said:
    """Tokens need the database alone."""
    return aftersales("tokens", *arguments, AFTERSALES_DATABASE_URL=database_url)


def test_an_issued_token_is_printed_alone_and_opens_what_its_role_may(
    database_url: str, database: Database
) -> None:
    said = at(database_url, "issue", "--role", "auditor", "--name", "alice", "--limit", "GBP=50000")
    assert (said.code, said.err, said.out.count("\n")) == (0, "", 1)
    with database.begin() as session:
        holder = tokens.holder(session, said.out.strip())
    assert holder is not None
    assert (holder.name, holder.role, holder.limits) == ("alice", "auditor", {"GBP": 50_000})


def test_a_storefront_comes_into_being_with_its_first_token(
    database_url: str, database: Database
) -> None:
    said = at(database_url, "issue", "--role", "storefront", "--name", "s", "--storefront", "new")
    with database.begin() as session:
        holder = tokens.holder(session, said.out.strip())
    assert holder is not None
    assert holder.storefront == "new"


def test_a_name_is_given_once(database_url: str) -> None:
    at(database_url, "issue", "--role", "lead", "--name", "lea")
    said = at(database_url, "issue", "--role", "lead", "--name", "lea")
    assert (said.code, said.out) == (1, "")
    assert said.err == "aftersales: there is a token named lea; names are unique for good\n"


def test_a_storefront_token_needs_its_storefront_and_no_other_role_takes_one(
    database_url: str,
) -> None:
    assert at(database_url, "issue", "--role", "storefront", "--name", "a").code == 1
    said = at(database_url, "issue", "--role", "lead", "--name", "b", "--storefront", "c")
    assert said.err.count("\n") == 1
    assert said.code == 1


def test_a_limit_that_is_no_amount_is_refused(database_url: str) -> None:
    said = at(database_url, "issue", "--role", "auditor", "--name", "a", "--limit", "GBP=5.50")
    assert (said.code, said.err.count("\n")) == (1, 1)


def test_a_limit_in_no_currency_or_in_one_twice_is_refused(database_url: str) -> None:
    auditor = ("issue", "--role", "auditor", "--name", "a")
    said = at(database_url, *auditor, "--limit", "GPB=5000")
    assert said.err == "aftersales: GPB is no currency in use today\n"
    said = at(database_url, *auditor, "--limit", "GBP=5000", "--limit", "GBP=6000")
    assert said.err == "aftersales: there are two limits in GBP\n"
    assert at(database_url, "list", "--json").json == []


def test_a_revoked_token_opens_nothing(database_url: str, database: Database) -> None:
    secret = at(database_url, "issue", "--role", "lead", "--name", "lea").out.strip()
    assert at(database_url, "revoke", "lea").code == 0
    with database.begin() as session:
        assert tokens.holder(session, secret) is None


def test_revoking_nobody_fails(database_url: str) -> None:
    said = at(database_url, "revoke", "nobody")
    assert (said.code, said.err) == (1, "aftersales: there is no token named nobody\n")


def test_the_list_tells_everything_but_the_secret(database_url: str) -> None:
    secret = at(database_url, "issue", "--role", "lead", "--name", "lea").out.strip()
    said = at(database_url, "list", "--json")
    (row,) = said.json
    assert row | {"issued_at": None} == {
        "name": "lea",
        "role": "lead",
        "storefront": None,
        "limits": {},
        "issued_at": None,
        "revoked_at": None,
    }
    assert secret not in said.out + at(database_url, "list").out


def test_without_a_platform_a_command_says_so_in_one_line() -> None:
    said = aftersales("tokens", "list", "--data", "/nonexistent")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "no platform runs on /nonexistent" in said.err


def test_a_database_that_is_away_is_one_line_without_its_password() -> None:
    url = "postgresql+psycopg2://user:hidden@127.0.0.1:1/nothing"
    said = at(url, "list")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "the database does not answer" in said.err
    assert "hidden" not in said.err


def test_reading_the_command_line_imports_nothing_heavy() -> None:
    code = "import sys, ops.cli; print(*sorted(sys.modules))"
    names = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "ops.cli" in names
    assert not {"temporalio", "sqlalchemy", "pydantic", "stripe", "requests"} & set(names)
