import pytest


@pytest.fixture
def client(client):
    """Clients that read English, whatever their organisation speaks."""

    def english(name=None):
        made = client(name)
        made.get("/appearance?lang=en")
        return made

    return english
