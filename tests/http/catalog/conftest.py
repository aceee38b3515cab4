import pytest

from tests.http import test_whole
from tests.http.catalog.staff import Staff
from tests.http.conftest import Api

shop = test_whole.shop


@pytest.fixture
def staff(shop: Api) -> Staff:
    return Staff(shop)
