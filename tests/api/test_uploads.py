"""Photos over HTTP: how they come in, who sees them, and what is refused by which name."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response
from PIL import Image
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.app import create_app
from domain.people import Role
from gateways.photos import Photos
from store.tables import Upload
from tests.api.callers import Caller, Callers, new_key, slug
from tests.api.conftest import SETTINGS
from tests.api.pictures import bomb, from_a_phone, photo, scene, written
from tests.shop import Shop, request_body

NOBODYS = "019adf2a-0c00-7000-8000-000000000000"


@pytest.fixture
def rival(api: Callers) -> Caller:
    api.shop.hire("rival", Role.STOREFRONT, storefront="rival")
    return api.named("rival")


def sends(
    caller: Caller,
    body: bytes | Iterator[bytes],
    *,
    key: str | None = None,
    query: str = "",
    **headers: str,
) -> Response:
    sent = caller.headers | {"Idempotency-Key": key or new_key(), "Content-Type": "image/jpeg"}
    return caller.client.post(f"/v1/uploads{query}", headers=sent | headers, content=body)


def rows(shop: Shop) -> int:
    with shop.session() as session:
        return session.scalar(select(func.count()).select_from(Upload)) or 0


def test_a_photo_is_taken_and_shown_to_its_storefront_and_to_staff(api: Callers) -> None:
    answer = sends(api.storefront, from_a_phone())
    assert answer.status_code == 201
    upload = answer.json()
    assert answer.headers["location"] == upload["url"] == f"/v1/uploads/{upload['upload_id']}"
    assert (upload["content_type"], upload["width"], upload["height"]) == ("image/jpeg", 48, 64)
    for caller in (api.storefront, api.auditor, api.operator):
        shown = caller.get(upload["url"])
        assert (shown.status_code, len(shown.content)) == (200, upload["size"])
        assert Image.open(BytesIO(shown.content)).size == (48, 64)


def test_a_photo_is_shown_so_that_no_browser_takes_it_for_a_page(api: Callers) -> None:
    url = sends(api.storefront, photo()).json()["url"]
    headers = api.storefront.get(url).headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["content-disposition"].startswith("attachment; ")
    assert headers["cache-control"].startswith("private, ")
    assert headers["vary"] == "Authorization"


def test_a_photo_that_the_caller_has_is_not_sent_again(api: Callers) -> None:
    url = sends(api.storefront, photo()).json()["url"]
    known = api.storefront.headers | {"If-None-Match": api.storefront.get(url).headers["etag"]}
    again = api.client.get(url, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    other = api.storefront.headers | {"If-None-Match": '"another"'}
    assert api.client.get(url, headers=other).status_code == 200


def test_anothers_photo_is_as_one_that_does_not_exist(api: Callers, rival: Caller) -> None:
    theirs = sends(api.storefront, photo()).json()["url"]
    one, other = rival.get(theirs), rival.get(f"/v1/uploads/{NOBODYS}")
    assert (one.status_code, slug(one)) == (404, "upload-not-found")
    assert one.json() == other.json()


def test_no_path_leads_anywhere_else(api: Callers) -> None:
    names = (
        "..%2F..%2Fetc%2Fpasswd",
        "..%5C..%5Cboot.ini",
        "%2e%2e%2fphotos",
        "photo.jpg",
        "%00",
        f"{{{NOBODYS}}}",
        NOBODYS.replace("-", ""),
        f"{NOBODYS}%2F..%2F{NOBODYS}",
    )
    answers = [api.lead.get(f"/v1/uploads/{name}") for name in names]
    assert {answer.status_code for answer in answers} == {404}
    assert {slug(answer) for answer in answers} == {"upload-not-found", "not-found"}


def test_a_photo_is_kept_under_its_id_and_nothing_that_its_sender_chose(
    api: Callers, tmp_path: Path
) -> None:
    named = {"Content-Disposition": 'attachment; filename="../../evil.html"'}
    upload = sends(api.storefront, photo(), **named).json()
    assert [path.name for path in (tmp_path / "photos").iterdir()] == [upload["upload_id"]]


def test_the_same_photo_twice_is_two_uploads(api: Callers) -> None:
    first, second = (sends(api.storefront, photo()).json() for _ in range(2))
    assert first["upload_id"] != second["upload_id"]


def test_the_same_key_is_the_same_upload(api: Callers, tmp_path: Path) -> None:
    key = new_key()
    first = sends(api.storefront, photo(), key=key)
    again = sends(api.storefront, photo(), key=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert (rows(api.shop), len(list((tmp_path / "photos").iterdir()))) == (1, 1)
    other = sends(api.storefront, photo("PNG"), key=key)
    assert (other.status_code, slug(other)) == (422, "idempotency-key-reused")


class Interrupted:
    """Photos, but while the first of them is being kept something else happens."""

    def __init__(self, photos: Photos, meanwhile: Callable[[], object]) -> None:
        self._photos = photos
        self._meanwhile: Callable[[], object] | None = meanwhile

    def keep(self, upload_id: UUID, content: bytes) -> None:
        self._photos.keep(upload_id, content)
        if self._meanwhile:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()

    def read(self, upload_id: UUID) -> bytes | None:
        return self._photos.read(upload_id)

    def forget(self, upload_id: UUID) -> None:
        self._photos.forget(upload_id)


@pytest.mark.parametrize("other", ["JPEG", "PNG"])
def test_of_two_at_once_with_the_same_key_one_photo_is_kept(
    api: Callers, tmp_path: Path, other: str
) -> None:
    key, state = new_key(), api.client.app.state  # type: ignore[attr-defined]
    faster: list[Response] = []
    state.context = replace(
        state.context,
        photos=Interrupted(
            state.context.photos,
            lambda: faster.append(sends(api.storefront, photo(other), key=key)),
        ),
    )
    slower = sends(api.storefront, photo(), key=key)
    assert faster[0].status_code == 201
    if other == "JPEG":
        assert slower.json() == faster[0].json()
    else:
        assert slug(slower) == "idempotency-key-reused"
    kept = [path.name for path in (tmp_path / "photos").iterdir()]
    assert kept == [faster[0].json()["upload_id"]]
    assert rows(api.shop) == 1


def test_a_key_is_required(api: Callers) -> None:
    typed = api.storefront.headers | {"Content-Type": "image/png"}
    answer = api.client.post("/v1/uploads", headers=typed, content=b"no image")
    assert (answer.status_code, slug(answer)) == (400, "idempotency-key-required")


REFUSED = {
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "not-an-image"),
    "a page named .jpg": (b"<html></html>", "image/jpeg", "not-an-image"),
    "nothing": (b"", "image/png", "not-an-image"),
    "truncated": (photo()[:400], "image/jpeg", "not-an-image"),
    "a page as well": (photo() + b"<script>alert(1)</script>", "image/jpeg", "not-an-image"),
    "a bomb": (bomb(30_000), "image/png", "image-too-big"),
    "said to be json": (photo(), "application/json", "invalid"),
    "said to be a form": (photo(), "multipart/form-data; boundary=x", "invalid"),
    "said to be anything": (photo(), "application/octet-stream", "invalid"),
}


def test_what_is_no_photo_is_refused_by_name_and_leaves_nothing(
    api: Callers, tmp_path: Path
) -> None:
    for what, (body, said, name) in REFUSED.items():
        answer = sends(api.storefront, body, **{"Content-Type": said})
        assert (answer.status_code, slug(answer)) == (422, name), what
    assert rows(api.shop) == 0
    assert not (tmp_path / "photos").exists()


def test_a_photo_said_to_be_of_another_kind_is_taken_for_what_it_is(api: Callers) -> None:
    assert sends(api.storefront, photo("PNG"), **{"Content-Type": "image/webp"}).status_code == 201


def test_a_photo_may_be_larger_than_a_body_of_json(api: Callers) -> None:
    large = written(Image.effect_noise((1300, 1300), 90), "PNG")
    assert 1_500_000 < len(large) < 10_000_000
    assert sends(api.storefront, large).status_code == 201


def test_a_body_above_ten_megabytes_is_too_large_declared_or_chunked(api: Callers) -> None:
    read = 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        for _ in range(50):
            read += 1_000_000
            yield bytes(1_000_000)

    declared = sends(api.storefront, bytes(10_000_001))
    assert (declared.status_code, slug(declared)) == (413, "too-large")
    chunked = sends(api.storefront, chunks())
    assert (chunked.status_code, slug(chunked)) == (413, "too-large")
    assert rows(api.shop) == 0


def test_the_warehouse_says_for_whom_it_uploads(api: Callers, rival: Caller) -> None:
    warehouse = api.named("wanda")
    assert slug(sends(warehouse, photo())) == "invalid"
    assert slug(sends(warehouse, photo(), query="?storefront=nobody")) == "storefront-not-found"
    upload = sends(warehouse, photo(), query="?storefront=demo").json()
    assert api.storefront.get(upload["url"]).status_code == 200
    assert rival.get(upload["url"]).status_code == 404


def test_a_storefront_uploads_for_no_other(api: Callers, rival: Caller) -> None:
    answer = sends(rival, photo(), query="?storefront=demo")
    assert (answer.status_code, slug(answer)) == (404, "storefront-not-found")
    assert sends(rival, photo(), query="?storefront=rival").status_code == 201


def test_while_photos_cannot_be_kept_none_is_taken(shop: Shop) -> None:
    nowhere = {
        "photos_url": "s3://bucket/photos",
        "photos_s3_endpoint": "http://127.0.0.1:1",
        "photos_s3_key_id": "an-id",
        "photos_s3_secret_key": "a-key",
    }
    settings = type(SETTINGS).model_validate(SETTINGS.model_dump() | nowhere)
    app = create_app(shop.database, shop.policy, settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = sends(Callers(client, shop).storefront, photo())
    assert (answer.status_code, slug(answer)) == (503, "unavailable")
    assert answer.headers["retry-after"]
    assert "127.0.0.1" not in json.dumps(answer.json())
    assert rows(shop) == 0


def test_a_photo_whose_bytes_are_gone_is_not_found(api: Callers, tmp_path: Path) -> None:
    upload = sends(api.storefront, photo()).json()
    (tmp_path / "photos" / upload["upload_id"]).unlink()
    assert slug(api.storefront.get(upload["url"])) == "upload-not-found"


def uploaded(caller: Caller, seed: int = 1, query: str = "") -> str:
    answer = sends(caller, written(scene(seed=seed)), query=query)
    upload: dict[str, Any] = answer.json()
    return str(upload["upload_id"])


def test_a_case_shows_its_evidence_in_order(api: Callers) -> None:
    api.sells()
    ids = [uploaded(api.storefront, seed) for seed in (3, 1, 2)]
    case = api.applies((1, 2), evidence=ids)
    shown = [{"upload_id": each, "url": f"/v1/uploads/{each}"} for each in ids]
    assert case["evidence"] == shown
    assert api.auditor.get(f"/v1/cases/{case['case_id']}").json()["evidence"] == shown


def test_a_case_without_evidence_looks_as_ever(api: Callers) -> None:
    api.sells()
    assert "evidence" not in api.applies((1, 2))


def test_evidence_that_is_not_the_storefronts_is_refused_by_its_place(
    api: Callers, rival: Caller
) -> None:
    api.sells()
    evidence = [uploaded(api.storefront), uploaded(rival), NOBODYS]
    for path in ("/v1/cases", "/v1/previews"):
        body = request_body((1, 1), evidence=evidence)
        answer = api.storefront.post(path, body, key=new_key())
        assert (answer.status_code, slug(answer)) == (422, "unknown-upload")
        assert [each["field"] for each in answer.json()["errors"]] == ["evidence.1", "evidence.2"]
    assert api.storefront.get("/v1/cases").json()["items"] == []


def test_evidence_is_a_list_of_ids_each_once(api: Callers) -> None:
    api.sells()
    twice, many = [NOBODYS] * 2, [NOBODYS] * 21
    for evidence in (["photo.jpg"], ["../x"], [1], [None], NOBODYS, twice, many):
        body = request_body((1, 1), evidence=evidence)
        answer = api.storefront.post("/v1/cases", body, key=new_key())
        assert (answer.status_code, slug(answer)) == (422, "invalid")
