"""May this process start? In production not with samples of ours or a database that forgets."""

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from domain.policy import Policy
from domain.policy_parts import Warehouse
from runtime.settings import SAMPLE_SECRETS, Settings, settings
from runtime.settings import policy as policy_in
from store.session import Database


class CannotStart(SystemExit):
    """Ends the process with one line on standard error."""


def environment() -> Settings:
    """The settings of this process. Raises CannotStart."""
    try:
        return settings()
    except ValidationError as error:
        place = "_".join(str(part) for part in error.errors()[0]["loc"])
        raise CannotStart(f"AFTERSALES_{place.upper()}: {_reason(error)}") from None


def database(settings: Settings, *, connections: int) -> Database:
    """The database to work on, with so many connections at most. Raises CannotStart."""
    if settings.database_url is None:
        raise CannotStart("AFTERSALES_DATABASE_URL is not set")
    try:
        opened = Database(settings.database_url.get_secret_value(), pool=connections)
    except ArgumentError:
        raise CannotStart("AFTERSALES_DATABASE_URL is not a database's URL") from None
    if settings.production:
        _keeps_what_it_commits(opened)
    return opened


def policy(settings: Settings) -> Policy:
    """The policy to work by. Raises CannotStart: in production also where parcels would be sent
    back to the sample address.
    """
    try:
        found = policy_in(settings.policy)
    except (OSError, ValueError) as error:
        raise CannotStart(f"AFTERSALES_POLICY: {_reason(error)}") from None
    if settings.production and _is_sample(found.warehouse):
        raise CannotStart(
            "AFTERSALES_POLICY: [warehouse] is the sample: name where your parcels are sent back to"
        )
    return found.model_copy(update={"raw_signals": settings.raw_signals})


def check_secrets(settings: Settings, *names: str) -> None:
    """Raises CannotStart where production would trust a secret that everybody knows."""
    if not settings.production:
        return
    for name in names:
        secret = getattr(settings, name).get_secret_value()
        sample = Settings.model_fields[name].default.get_secret_value()
        if not secret or secret == sample or secret in SAMPLE_SECRETS:
            raise CannotStart(f"AFTERSALES_{name.upper()} is empty or a sample")


def check_checkout_return(settings: Settings) -> None:
    """Raises CannotStart where production would send buyers who paid to nobody's page."""
    sample = Settings.model_fields["checkout_return_url"].default
    if settings.production and settings.checkout_return_url in ("", sample):
        raise CannotStart("AFTERSALES_CHECKOUT_RETURN_URL is empty or a sample")


def _is_sample(warehouse: Warehouse) -> bool:
    """True if somebody who changed the name left the place or the phone as we ship them."""
    sample = policy_in(None).warehouse
    return warehouse.lines == sample.lines or warehouse.phone == sample.phone


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
        raise CannotStart(f"the database does not answer ({type(error).__name__})") from None
    if fsync != "on":
        raise CannotStart("the database runs with fsync off: what it commits may be lost")
