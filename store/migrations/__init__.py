"""The schema's history. `upgrade` brings a database to the newest version."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config


def configuration(url: str) -> Config:
    """Alembic's configuration for the database at `url` (a `postgresql+psycopg2://` URL)."""
    with as_file(files("store") / "alembic.ini") as path:
        config = Config(str(path))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Migrate to the newest version. Safe to run again, and beside another that does."""
    command.upgrade(configuration(url), "head")
