"""What Alembic runs: connect, take the migration lock, migrate in one transaction."""

import os

from alembic import context
from sqlalchemy import create_engine, text

from store.tables import Table

MIGRATION_LOCK = 0x6166746572  # "after": two migrations at once wait for each other

url = context.config.attributes.get("url") or os.environ["AFTERSALES_DATABASE_URL"]
engine = create_engine(url, connect_args={"options": "-c lock_timeout=10000"})

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Table.metadata, compare_type=True)
    with context.begin_transaction():
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()
engine.dispose()
