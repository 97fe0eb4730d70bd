"""What can go wrong that a person can mend? Each such fault in one line."""

import sys


class Failed(Exception):
    """A command cannot do what it was asked. The message is one line, fit to be shown as it is."""


def explain(error: BaseException) -> str | None:
    """The line that says what went wrong; None for a fault of our own, which shows whole."""
    if isinstance(error, Failed) or type(error).__name__ in ("NotRunning", "NotStarted"):
        return str(error)
    if type(error).__module__.startswith("sqlalchemy"):
        return _database(error)
    if type(error).__module__.startswith("requests"):
        return "no answer: " + _address(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if _is_setting(error):
        return "an AFTERSALES_* variable is not of its form: " + _fields(error)
    return None


def _database(error: BaseException) -> str | None:
    code = getattr(getattr(error, "orig", None), "pgcode", None)
    if code in ("42P01", "42703"):  # undefined_table, undefined_column
        return "the database has another schema; bring it up to date with `aftersales migrate`"
    match type(error).__name__:
        case "OperationalError" | "TimeoutError" | "InterfaceError":
            reason = str(getattr(error, "orig", None) or "").strip().partition("\n")[0]
            return f"the database does not answer{': ' if reason else ''}{reason}"
        case "ArgumentError":
            return "AFTERSALES_DATABASE_URL is not a database URL"
        case _:
            return None


def _address(error: BaseException) -> str:
    """Which server it was. Never the whole request: its headers hold the token."""
    request = getattr(error, "request", None)
    return f"{getattr(request, 'url', None) or type(error).__name__}"


def _is_setting(error: BaseException) -> bool:
    settings = sys.modules.get("runtime.settings")
    return settings is not None and getattr(error, "title", None) == settings.Settings.__name__


def _fields(error: BaseException) -> str:
    problems = error.errors()  # type: ignore[attr-defined]  # pydantic's ValidationError
    return ", ".join(str(place) for problem in problems for place in problem["loc"]).upper()
