"""May this process serve? In production not with sample secrets, nor on a database that forgets."""

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from domain.policy import Policy
from runtime.settings import SAMPLE_SECRETS, Settings, settings
from runtime.settings import policy as policy_in
from store.session import Database

CONNECTIONS = 20
"""As many as there are worker threads: no request ever waits for the pool."""


class CannotServe(SystemExit):
    """Ends the process with one line on standard error."""


def environment() -> Settings:
    """The settings of this process. Raises CannotServe."""
    try:
        return settings()
    except ValidationError as error:
        place = "_".join(str(part) for part in error.errors()[0]["loc"])
        raise CannotServe(f"AFTERSALES_{place.upper()}: {_reason(error)}") from None


def database(settings: Settings) -> Database:
    """The database to serve from. Raises CannotServe."""
    if settings.database_url is None:
        raise CannotServe("AFTERSALES_DATABASE_URL is not set")
    try:
        opened = Database(settings.database_url.get_secret_value(), pool=CONNECTIONS)
    except ArgumentError:
        raise CannotServe("AFTERSALES_DATABASE_URL is not a database's URL") from None
    if settings.production:
        _keeps_what_it_commits(opened)
    return opened


def policy(settings: Settings) -> Policy:
    """The policy to serve by. Raises CannotServe."""
    try:
        return policy_in(settings.policy)
    except (OSError, ValueError) as error:
        raise CannotServe(f"AFTERSALES_POLICY: {_reason(error)}") from None


def check_secrets(settings: Settings) -> None:
    """Raises CannotServe where production would trust a secret that everybody knows."""
    if not settings.production:
        return
    if settings.stripe_api_base is None:
        raise CannotServe("AFTERSALES_STRIPE_API_BASE is not set")
    for name in ("stripe_webhook_secret", "stripe_api_key"):
        secret = getattr(settings, name).get_secret_value()
        sample = Settings.model_fields[name].default.get_secret_value()
        if not secret or secret == sample or secret in SAMPLE_SECRETS:
            raise CannotServe(f"AFTERSALES_{name.upper()} is empty or a sample")


def _reason(error: OSError | ValueError) -> str:
    """One line of what is wrong, without the value that is."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return (str(error).splitlines() or [type(error).__name__])[0]


def _keeps_what_it_commits(database: Database) -> None:
    try:
        with database.begin() as session:
            fsync = session.scalar(text("show fsync"))
    except SQLAlchemyError as error:
        raise CannotServe(f"the database does not answer ({type(error).__name__})") from None
    if fsync != "on":
        raise CannotServe("the database runs with fsync off: what it commits may be lost")
