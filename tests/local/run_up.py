"""Runs `up` with real PostgreSQL and Temporal, and stand-ins for our own three processes.

`run_up.py DATA PORT [broken]`; with `broken` the worker fails at its start.
"""

import sys
from pathlib import Path

from sqlalchemy import create_engine, text

from ops.up import up

STAND_IN = [sys.executable, str(Path(__file__).with_name("stand_in.py"))]


def migrate(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS notes (note text PRIMARY KEY)"))
    engine.dispose()


if __name__ == "__main__":
    data, port, *how = sys.argv[1:]
    programs = {name: [*STAND_IN, name] for name in ("api", "worker", "sandbox")}
    if how:
        programs["worker"] = [*STAND_IN, "broken"]
    sys.exit(
        up(
            data=Path(data),
            port=int(port),
            temporal_port=0,
            ui_port=0,
            demo=False,
            migrate=migrate,
            programs=programs,
        )
    )
