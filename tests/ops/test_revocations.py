"""Do tokens that were revoked stay so in a database that was restored?"""

from pathlib import Path

import pytest

from domain.people import Role
from ops import revocations
from ops.failures import Failed
from ops.tokens import revoke
from store import tokens
from store.session import Database
from tests.ops.programs import aftersales


def issued(database: Database, name: str) -> str:
    with database.begin() as session:
        return tokens.issue(session, name, Role.LEAD)


def valid(database: Database, secret: str) -> bool:
    with database.begin() as session:
        return tokens.holder(session, secret) is not None


def restored(database: Database) -> None:
    """As if the backup were older than every revocation."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("update tokens set revoked_at = null")


def test_a_token_revoked_since_the_backup_is_revoked_again(
    database: Database, tmp_path: Path
) -> None:
    kept = tmp_path / "kept" / "revocations.jsonl"
    leaver, stays = issued(database, "leaver"), issued(database, "stays")
    revoke(database, "leaver", kept)
    restored(database)
    assert valid(database, leaver)
    assert revocations.apply(database, kept) == ["leaver"]
    assert revocations.apply(database, kept) == []
    assert (valid(database, leaver), valid(database, stays)) == (False, True)
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_name_that_was_given_anew_after_the_restore_is_another_token(
    database: Database, tmp_path: Path
) -> None:
    kept = tmp_path / "revocations.jsonl"
    issued(database, "lea")
    revoke(database, "lea", kept)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("delete from tokens")
    anew = issued(database, "lea")
    assert revocations.apply(database, kept) == []
    assert valid(database, anew)


def test_what_cannot_be_written_down_is_not_revoked(database: Database, tmp_path: Path) -> None:
    secret = issued(database, "lea")
    with pytest.raises(OSError, match="directory"):
        revoke(database, "lea", tmp_path)
    assert valid(database, secret)


def test_a_file_that_cannot_be_read_is_told_by_its_line(database: Database, tmp_path: Path) -> None:
    kept = tmp_path / "revocations.jsonl"
    issued(database, "lea")
    revoke(database, "lea", kept)
    with kept.open("a") as file:
        file.write('{"name": "l')
    with pytest.raises(Failed, match="from line 2 on"):
        revocations.apply(database, kept)


def test_the_command_appends_where_it_is_told_and_migrate_revokes_again(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    secret, kept = issued(database, "lea"), tmp_path / "revocations.jsonl"
    told = {"AFTERSALES_DATABASE_URL": database_url, "AFTERSALES_REVOCATIONS": str(kept)}
    assert aftersales("tokens", "revoke", "lea", **told).code == 0
    restored(database)
    said = aftersales("migrate", **told)
    assert (said.code, said.out) == (0, "the token lea is revoked again\n")
    assert not valid(database, secret)
