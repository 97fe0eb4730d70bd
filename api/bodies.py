"""Is this body one that we take? At most 1 MB, and JSON that means one thing only."""

import json
from typing import Any, NoReturn

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import invalid

MOST_BYTES = 1_000_000


class BodyLimit:
    """Refuses to read on (413) once a body is larger than it may be, declared or chunked.

    Only who reads the body meets it: a caller without a token hears of that first.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, limited if scope["type"] == "http" else receive, send)


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises Refusal(invalid).

    Stricter than Python: UTF-8, no NaN or Infinity, no name twice (which one counts?), no half
    surrogates, no nesting or number that the parser itself gives up on.
    """
    try:
        document = json.loads(
            body.decode(), object_pairs_hook=_named_once, parse_constant=_not_a_number
        )
        if b"\\u" in body:
            json.dumps(document, ensure_ascii=False).encode()
    except RecursionError:
        raise invalid([("", "nested too deeply")]) from None
    except UnicodeError:
        raise invalid([("", "not UTF-8, or with unpaired surrogates")]) from None
    except json.JSONDecodeError as error:
        raise invalid([("", f"not JSON at character {error.pos}")]) from None
    except ValueError:
        raise invalid([("", "a number or name that JSON does not allow here")]) from None
    if not isinstance(document, dict):
        raise invalid([("", "must be a JSON object")])
    return document


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError
    return document


def _not_a_number(_: str) -> NoReturn:
    raise ValueError
