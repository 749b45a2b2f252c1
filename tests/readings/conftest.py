import pytest

from tests.metering.conftest import home, with_setting

__all__ = ["home", "with_setting", "tenant"]


@pytest.fixture
def tenant(home, client):
    """The tenant of the home, signed in, on the third day of the window."""
    return client("tenant")
