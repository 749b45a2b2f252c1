"""What residents say with readings that count, where something may be broken, reaches the desk (B4, rule 13)."""

from datetime import date

from sqlalchemy import update

from resident.metering.submission import Typed
from resident.money.period import BillingPeriod
from tests.metering.conftest import home
from tests.metering.counters import YEAR, reading

__all__ = ["home"]


def test_answers_that_something_may_be_broken_are_told_to_the_desk_although_the_reading_counts(client, home, cast):
    home.submit({home.cold: Typed("490", answer="leak"), home.hot: Typed("248")})
    text = client("office").get("/desk/readings/questions").text
    assert "Remarks on accepted readings" in text and "A 1: Possible leak" in text and "490.000" in text
    assert "Said with readings" not in client("board").get("/desk/readings/questions").text


def test_hot_above_cold_again_and_again_is_told_as_crossed_meters(client, home, db, cast):
    with db.writing() as session:
        for month in (10, 11, 12):
            day = date(YEAR - 1, month, 28)
            reading(session, home.hot, day, f"{200 + month}", None, reason="hot_more", source="resident")
    home.submit({home.cold: Typed("472"), home.hot: Typed("252", answer="hot_more")})
    text = client("office").get("/desk/readings/questions").text
    assert "More hot water than cold is used" in text and "Hot water above cold 4 times within a year" in text


def test_once_the_costs_are_shared_out_the_answers_leave_the_list(client, home, db):
    home.submit({home.cold: Typed("490", answer="leak")})
    with db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="allocated"))
    assert "Said with readings" not in client("office").get("/desk/readings/questions").text
