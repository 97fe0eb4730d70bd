"""Is this body one that we take? As large as its route allows, and JSON that means one thing."""

import json
from typing import Any, NoReturn

from fastapi import Request
from starlette.types import Message, Receive

from api.problems import invalid
from domain.refusals import Refusal, Why

MOST_BYTES = 1_000_000
"""Of a body of JSON."""


class Raw:
    """A body that is no JSON, taken as it came: its media type as `image/*`, its size in bytes.

    `api.judgement` reads it, as it does JSON; as a dependency it hands the bytes on.
    """

    def __init__(self, media_type: str, *, most: int) -> None:
        self.media_type = media_type
        self.most = most

    async def __call__(self, request: Request) -> bytes:
        content: bytes = request.state.content
        return content


def limited(receive: Receive, most: int) -> Receive:
    """Hands a body on until it is larger than it may be, declared or chunked: Refusal(too-large).

    Only who reads the body meets it: a caller without a token hears of that first.
    """
    read = 0

    async def receiving() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise Refusal(Why.TOO_LARGE, f"at most {most} bytes are taken here")
        return message

    return receiving


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
