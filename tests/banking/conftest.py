import pytest

from tests.banking.bank import Bank


@pytest.fixture
def bank(db, cast, tmp_path) -> Bank:
    return Bank(db, cast, tmp_path)
