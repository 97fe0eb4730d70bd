"""A label over HTTP: a picture for cases with a parcel to come, a refusal for the others."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from tests.api.callers import Callers, slug
from tests.shop import ADDRESS


@pytest.fixture
def returned(api: Callers) -> str:
    """An approved case whose goods are to come back."""
    api.sells()
    return api.approved(kind="return", address=ADDRESS)


@pytest.mark.parametrize(("query", "width"), [({}, 1218), ({"dpi": "300"}, 1800)])
def test_the_label_bears_the_cases_id_for_the_printer_that_is_named(
    api: Callers, returned: str, query: dict[str, str], width: int
) -> None:
    for caller in (api.storefront, api.operator):
        answer = caller.get(f"/v1/cases/{returned}/label", **query)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        picture = Image.open(BytesIO(answer.content))
        assert picture.width == width
        said = {code.text for code in zxingcpp.read_barcodes(picture)}
        assert said == {returned}


def test_a_refund_has_no_label(api: Callers) -> None:
    api.sells()
    answer = api.storefront.get(f"/v1/cases/{api.approved()}/label")
    assert (answer.status_code, slug(answer)) == (409, "no-label")


def test_a_printer_of_another_density_is_refused(api: Callers, returned: str) -> None:
    answer = api.storefront.get(f"/v1/cases/{returned}/label", dpi="204")
    assert (answer.status_code, slug(answer)) == (422, "invalid")
