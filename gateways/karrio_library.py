"""How is karrio loaded and let out to the network without harm to the rest of the process?

Importing it takes the verification of certificates from every urllib client of the process and has
Pillow accept broken pictures; it logs, follows proxies and redirects, and waits for ever. Here that
is undone. It is the extra `carriers`, loaded when a carrier is first called and not before.
"""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from email.message import Message
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from types import ModuleType
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request
from urllib.response import addinfourl

import requests

from gateways.answers import TIMEOUT, session

_loading = threading.Lock()
_shared_session = cache(session)
_statuses: ContextVar[list[int] | None] = ContextVar("statuses", default=None)


class Line(NamedTuple):
    """What karrio offers for one account: requests written and answers read, and the way there."""

    models: Any
    mapper: Any
    proxy: Any


def knows(carrier: str) -> bool:
    """True if the extra is installed, and karrio's plug-in for this carrier."""
    try:
        return carrier.isidentifier() and find_spec(f"karrio.mappers.{carrier}") is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def statuses() -> Iterator[list[int]]:
    """The HTTP statuses of what this thread is answered meanwhile: karrio swallows them."""
    seen: list[int] = []
    before = _statuses.set(seen)
    try:
        yield seen
    finally:
        _statuses.reset(before)


def new_tokens() -> Any:
    """Where a carrier's access tokens are kept from one line to the next."""
    return _library().Cache()


def connect(carrier: str, credentials: Mapping[str, Any], base: str | None, tokens: Any) -> Line:
    """A line to `carrier`, with a valid token where it has tokens. Raises whatever goes wrong.

    One for every call: a line keeps a trace of all that passes, names and addresses too.
    """
    karrio = _library()
    parts = import_module(f"karrio.mappers.{carrier}")
    kind = parts.Settings
    if base:  # where its API is, if not where karrio knows it to be
        kind = type(kind.__name__, (kind,), {"server_url": base.rstrip("/")})
    settings = kind(**credentials)
    settings.cache, settings.tracer = tokens, karrio.Tracer()
    settings.system_config = karrio.SystemConfig()
    proxy = parts.Proxy(settings)
    if "authenticate" in vars(parts.Proxy):
        proxy.authenticate(karrio.Serializable(None))
    return Line(import_module("karrio.core.models"), parts.Mapper(settings), proxy)


def _library() -> ModuleType:
    with _loading:
        return _load()


@cache
def _load() -> ModuleType:
    import loguru  # noqa: PLC0415  of the extra
    from PIL import ImageFile  # noqa: PLC0415

    loguru.logger.disable("karrio")
    verified, truncated = ssl._create_default_https_context, ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        library = import_module("karrio.lib")
    finally:
        ssl._create_default_https_context = verified
        ImageFile.LOAD_TRUNCATED_IMAGES = truncated
    helpers: Any = import_module("karrio.core.utils.helpers")
    helpers._urlopen_with_span = _send
    return library


def _send(request: Request, timeout: float | None = None) -> addinfourl:
    """karrio's only way out: certificates verified, nothing followed or repeated, time short.

    Raises HTTPError for every status but 2xx, as karrio expects of it, and requests' exceptions.
    """
    body: Any = request.data
    answer = _shared_session().request(
        request.get_method(),
        request.full_url,
        data=body,
        headers=dict(request.header_items()),
        timeout=TIMEOUT,
        allow_redirects=False,
    )
    seen = _statuses.get()
    if seen is not None:
        seen.append(answer.status_code)
    content, headers = BytesIO(answer.content), _headers(answer)
    if not 200 <= answer.status_code < 300:
        raise HTTPError(answer.url, answer.status_code, answer.reason, headers, content)
    return addinfourl(content, headers, answer.url, answer.status_code)


def _headers(answer: requests.Response) -> Message:
    headers = Message()
    for name, value in answer.headers.items():
        headers[name] = value
    return headers
