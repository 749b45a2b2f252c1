"""A phone that was on the page of readings: its pass, and what it sends later."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from resident import clock
from resident.metering.slip import Slip
from tests.client import Client
from tests.metering.conftest import home, with_setting

__all__ = ["home", "with_setting", "phone"]


class Phone:
    def __init__(self, app, home, who: str):
        self.app, self.home, self.client = app, home, Client(app, who)
        self.load()

    def load(self) -> None:
        self.ticket = re.search(r'data-pass="([^"]+)"', self.client.get("/readings").text)[1]

    def send(self, status: int = 200, key: str = "k1", day=None, **typed) -> dict:
        """typed: cold="472", hot="248". Without a cookie, as the phone sends it."""
        fields = {f"m{getattr(self.home, name)}": text for name, text in typed.items()}
        given = {"key": key, "pass": self.ticket, "day": (day or self.home.organisation.today).isoformat(), "typed": fields}
        given["typed_at"] = (clock.now() - timedelta(hours=3)).isoformat()
        answer = self.app.test_client().post("/offline/slips?lang=en", json=given)
        assert answer.status_code == status, answer.text
        return answer.json

    def slips(self) -> list[Slip]:
        with self.home.db.reading() as session:
            return session.scalars(select(Slip).order_by(Slip.id)).all()


@pytest.fixture
def phone(app, home, client) -> Phone:
    """The tenant's, on the third day of the window. client: so that the cast is there."""
    return Phone(app, home, "tenant")
