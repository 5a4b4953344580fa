"""As test_in_other_words.py, of what there may be few of at a time: each operation in a marketplace of its own."""

import pytest

from tests.e2e.conftest import Marketplace
from tests.e2e.contract import ROUTES
from tests.e2e.test_in_other_words import FEW, asked_in_other_words

pytestmark = pytest.mark.dynamodb  # what is thrown at it meets what will keep it

ALONE = [key for key, route in ROUTES.items() if route.subject.endswith(FEW)]


@pytest.mark.parametrize(("method", "path"), ALONE, ids=[f"{method} {path}" for method, path in ALONE])
def test_a_valid_request_is_taken_in_whatever_words(market: Marketplace, method: str, path: str) -> None:
    asked_in_other_words(market, method, path)
