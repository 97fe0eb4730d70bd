"""Where does the platform that runs on a data folder listen?"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from runtime.children import is_alive

FILE_NAME = "endpoints.json"


class NotRunning(RuntimeError):
    """Nothing runs on that data folder. The message is one line, fit to be shown as it is."""


class ChildPids(BaseModel):
    """The process ids of the servers themselves, wrappers aside."""

    model_config = ConfigDict(frozen=True)

    api: int
    worker: int
    temporal: int
    postgres: int
    sandbox: int


class Endpoints(BaseModel):
    """The running platform's addresses: URLs, but `host:port` for Temporal."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    api: str
    console: str
    temporal_ui: str
    database: str
    sandbox: str
    temporal: str
    pid: int
    children: ChildPids


def endpoints(data: Path) -> Endpoints:
    """What `aftersales up` wrote when it was ready. Raises `NotRunning` if it does not run."""
    path = data / FILE_NAME
    try:
        found = Endpoints.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise NotRunning(f"no platform runs on {data}; start one with `aftersales up`") from None
    except (OSError, ValidationError):
        raise NotRunning(f"{path} cannot be read") from None
    if not is_alive(found.pid):
        raise NotRunning(f"the platform on {data} has died; start it with `aftersales up`")
    return found
