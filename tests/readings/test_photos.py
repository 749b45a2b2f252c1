"""Photos of counters: optional, one a meter, kept with the reading, seen by whoever sees the reading, gone with the person."""

import re
from datetime import date
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from resident import audit
from resident.files import Attachment
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading, Receipt
from resident.people.tenure import Party
from tests.client import fields
from tests.metering.counters import YEAR


def picture(colour: str = "teal") -> bytes:
    kept = BytesIO()
    Image.new("RGB", (640, 480), colour).save(kept, "JPEG")
    return kept.getvalue()


def checked(someone, home, cold="472", hot="248"):
    given = {"day": date(YEAR, 2, 27).isoformat(), f"m{home.cold}": cold, f"m{home.hot}": hot}
    return fields(someone.post("/readings/check", 200, **given).text)


def confirm(someone, home, files=None, status=303, htmx=False, **given):
    return someone.post("/readings", status, htmx=htmx, files=files, **(checked(someone, home) | given))


def photo(register: int, content: bytes | None = None) -> dict:
    return {f"p{register}": [(content or picture(), "meter.jpg")]}


def shown(text: str) -> list[str]:
    return re.findall(r'href="(/files/\d+)"', text)


def kept(db) -> list[tuple[int, int]]:
    """(register, photos) of the readings that have one."""
    with db.reading() as session:
        statement = select(Reading.register_id, func.count()).join(Attachment, Attachment.reading_id == Reading.id)
        return session.execute(statement.group_by(Reading.register_id).order_by(Reading.register_id)).all()


def test_the_check_page_offers_a_photo_for_each_meter_and_none_is_needed(tenant, home, db):
    given = {"day": date(YEAR, 2, 27).isoformat(), f"m{home.cold}": "472", f"m{home.hot}": "248"}
    text = tenant.post("/readings/check", 200, **given).text
    assert text.count('accept="image/*" capture="environment"') == 2 and 'enctype="multipart/form-data"' in text
    confirm(tenant, home)
    assert kept(db) == []


def test_a_photo_is_kept_with_its_reading_and_shown_on_receipt_and_in_history(tenant, home, db):
    to = confirm(tenant, home, photo(home.cold)).headers["Location"]
    assert kept(db) == [(home.cold, 1)]
    (address,) = shown(tenant.get(to).text)
    assert tenant.get(address).mimetype == "image/jpeg" and tenant.get(f"{address}/small").status_code == 200
    assert shown(tenant.get(f"/readings/history?year={YEAR}").text) == [address]


@pytest.mark.parametrize("htmx", [False, True])
def test_a_file_that_is_no_photo_is_refused_at_its_control_and_everything_else_is_kept(tenant, home, db, htmx):
    files = photo(home.hot, b"%PDF-1.7 no picture") | photo(home.cold)
    answer = confirm(tenant, home, files, 422, htmx=htmx)
    assert f'href="#p{home.hot}"' in answer.text and "This is no photo." in answer.text
    given = fields(answer.text)
    assert (given[f"m{home.cold}"], given[f"m{home.hot}"]) == ("472", "248") and home.values(home.cold)[-1][0] == 466.0
    assert tenant.post("/readings", 303, **given) and kept(db) == []


def test_answers_are_kept_too_when_a_photo_is_refused(tenant, home):
    given = checked(tenant, home, "490") | {f"why{home.cold}": "leak"}
    answer = tenant.post("/readings", 422, files=photo(home.cold, b"GIF89a"), **given)
    assert re.search(r'value="leak"[^>]* checked', answer.text)


def test_more_than_four_at_once_are_refused(tenant, home, db):
    files = {f"p{number}": [(b"x", "a.jpg")] for number in range(1, 6)}
    assert "at most 4 files" in confirm(tenant, home, files, 422).text


def test_going_back_with_photos_chosen_is_no_error(tenant, home):
    files = {f"p{home.cold}": [(b"\xff\xd8\xff" + b"x" * 2_000_000, "a.jpg")]}
    answer = tenant.post("/readings/edit", 200, files=files, **checked(tenant, home))
    assert fields(answer.text)[f"m{home.cold}"] == "472"


def test_a_photo_is_added_on_the_receipt_afterwards_once_a_meter(tenant, home, db):
    to = confirm(tenant, home, photo(home.cold)).headers["Location"]
    text = tenant.get(to).text
    assert f'name="p{home.hot}"' in text and f'name="p{home.cold}"' not in text
    again = fields(text)["once"]
    assert tenant.post(f"{to}/photos", 422, once=again).text.count("Choose a photo first.") == 2
    tenant.post(f"{to}/photos", 303, files=photo(home.hot) | photo(home.cold), once=again)
    tenant.post(f"{to}/photos", 303, files=photo(home.hot), once=again)
    assert kept(db) == [(home.cold, 1), (home.hot, 1)]
    assert 'type="file"' not in tenant.get(to).text
    with db.reading() as session:
        acts = session.scalars(select(audit.AuditEvent.act).order_by(audit.AuditEvent.id)).all()
    assert [act for act in acts if act in ("readings_submitted", "photos_added")] == ["readings_submitted", "photos_added"]


def test_a_refused_photo_on_the_receipt_says_so_at_its_control(tenant, home, db):
    to = confirm(tenant, home).headers["Location"]
    again = fields(tenant.get(to).text)["once"]
    answer = tenant.post(f"{to}/photos", 422, htmx=True, files=photo(home.hot, b"text"), once=again)
    assert f'id="p{home.hot}-error"' in answer.text and kept(db) == []


def test_a_meter_with_two_registers_has_one_photo(tenant, home, db):
    with db.writing() as session:
        meter_id = session.scalar(select(Register.meter_id).where(Register.id == home.cold))
        session.execute(update(Register).where(Register.id == home.hot).values(meter_id=meter_id, name="night"))
        session.execute(update(Meter).where(Meter.serial == "21-2").values(removed=date(YEAR, 1, 1)))
    confirm(tenant, home, photo(home.cold) | photo(home.hot))
    assert kept(db) == [(home.cold, 1)]


def test_whoever_sees_the_reading_sees_the_photo_and_nobody_else(client, tenant, home, db, cast):
    to = confirm(tenant, home, photo(home.cold)).headers["Location"]
    (address,) = shown(tenant.get(to).text)
    for sees in ("occupant", "office", "manager", "accountant", "council"):
        client(sees).get(address)
    for stranger in ("neighbour", "former", "owner", "coming", "caretaker", "control", "board", "operator"):
        client(stranger).get(address, 404)
    # A supplier sees its own medium's: the cold water's, not the hot water's.
    client("provider").get(address)
    with db.writing() as session:
        session.execute(
            update(Attachment).values(
                reading_id=session.scalar(
                    select(Reading.id).where(Reading.register_id == home.hot).order_by(Reading.id.desc()).limit(1)
                )
            )
        )
    client("provider").get(address, 404)


def test_photos_of_before_a_holders_first_day_are_not_theirs(client, tenant, home, db, cast):
    to = confirm(tenant, home, photo(home.cold)).headers["Location"]
    (address,) = shown(tenant.get(to).text)
    with db.writing() as session:
        session.execute(update(Party).where(Party.id == cast.party_tenant).values(first=date(YEAR, 2, 28)))
    tenant.get(address, 404)


def test_the_desk_sees_photos_in_the_homes_history_and_beside_what_waits(client, tenant, home, cast):
    given = checked(tenant, home, "460", "") | {f"why{home.cold}": "shows"}
    tenant.post("/readings", 303, files=photo(home.cold), **given)
    office = client("office")
    assert len(shown(office.get("/desk/readings/questions").text)) == 1
    assert len(shown(office.get(f"/desk/readings/homes/{cast.unit_a1}?year={YEAR}").text)) == 1


def test_a_photo_of_a_receipt_that_is_not_ones_own_is_not_there(client, tenant, home, db):
    to = confirm(tenant, home).headers["Location"]
    client("neighbour").post(f"{to}/photos", 404, files=photo(home.cold), once="k")
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == 1 and kept(db) == []
