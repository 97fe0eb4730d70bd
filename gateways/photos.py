"""Where are photos kept? In a folder or an S3 bucket, each under its id: nowhere else is asked."""

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

TIMEOUT = timedelta(seconds=3)
"""Of one request to S3. A caller of ours has its answer within 5 s."""

RETRIES = 1


class Away(Exception):
    """Photos can be neither kept nor read right now, whatever the reason. Holds its kind alone."""


class Photos(Protocol):
    """Photos by id. Every method raises Away."""

    def keep(self, upload_id: UUID, content: bytes) -> None:
        """Returns once it would outlive a power cut."""

    def read(self, upload_id: UUID) -> bytes | None:
        """None if none is kept under this id."""

    def forget(self, upload_id: UUID) -> None:
        """Forgetting what is not kept is no error."""


class KeptPhotos:
    """`Photos` at a URL: `file:///folder`, made when it is first needed, or `s3://bucket/prefix`.

    `s3` are settings by the names that obstore has for them (`endpoint`, `access_key_id`, ...); a
    key that is not given is looked for where the machine's own role is.
    """

    def __init__(self, url: str, s3: Mapping[str, str]) -> None:
        self._url = url
        self._s3 = s3

    @cached_property
    def _store(self) -> ObjectStore:
        place = urlsplit(self._url)
        if place.scheme == "file":
            return LocalStore(Path(unquote(place.path)), mkdir=True)
        config: dict[str, Any] = dict(self._s3)
        return S3Store(
            place.netloc,
            prefix=place.path.strip("/") or None,
            config=config,  # type: ignore[arg-type]  # a TypedDict that any mapping may be
            client_options={
                "allow_http": config.get("endpoint", "").startswith("http://"),
                "timeout": TIMEOUT,
                "connect_timeout": TIMEOUT,
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": TIMEOUT},
        )

    def keep(self, upload_id: UUID, content: bytes) -> None:
        try:
            obstore.put(self._store, str(upload_id), content, use_multipart=False)
            if isinstance(self._store, LocalStore):
                _on_disk(Path(str(self._store.prefix)), str(upload_id))
        except (BaseError, OSError) as error:
            raise Away(type(error).__name__) from None

    def read(self, upload_id: UUID) -> bytes | None:
        try:
            return obstore.get(self._store, str(upload_id)).bytes().to_bytes()
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise Away(type(error).__name__) from None

    def forget(self, upload_id: UUID) -> None:
        try:
            obstore.delete(self._store, str(upload_id))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise Away(type(error).__name__) from None


def _on_disk(folder: Path, name: str) -> None:
    """A file that was written is on the disk once it, and the folder that names it, are synced."""
    for path in (folder / name, folder):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
