"""The agreement of a home: terms by day and papers, entered at the desk, read by whoever has the right (L8)."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select, update

from resident import clock, files
from resident.audit import AuditEvent
from resident.people.agreement import AgreementFile, AgreementTerm
from resident.people.person import Person, reindex
from resident.people.tenure import Party


def pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    kept = BytesIO()
    paper = Canvas(kept)
    paper.drawString(72, 720, "Vuokrasopimus")
    paper.save()
    return kept.getvalue()


@pytest.fixture
def today():
    return clock.today("Europe/Helsinki")


@pytest.fixture
def desk(cast):
    return f"/desk/agreements/{cast.tenure_a1}"


def keep(office, desk, **given):
    fields = {"kind": "agreement", "title": "", "once": "k1"} | given
    return office.post(f"{desk}/files", files={"files": [(pdf(), "vuokrasopimus.pdf")]}, **fields)


def acts(db, act):
    with db.reading() as session:
        return [(row.person_id, row.facts.get("what")) for row in session.scalars(select(AuditEvent).where(AuditEvent.act == act))]


def test_terms_hold_by_day_and_the_resident_reads_them(client, db, cast, desk, today, later):
    office = client("office")
    first, second = (today - timedelta(days=30)).isoformat(), (today + timedelta(days=10)).isoformat()
    office.post(f"{desk}/terms", status=303, once="a", first=first, rent="612,50", deposit="1 000", notice_months="1", text="")
    office.post(f"{desk}/terms", status=303, once="a", first=first, rent="612,50", deposit="1 000", notice_months="1", text="")
    office.post(f"{desk}/terms", status=303, once="b", first=second, rent="630.00", deposit="", notice_months="", text="No smoking")
    with db.reading() as session:
        assert session.scalars(select(AgreementTerm.rent).order_by(AgreementTerm.id)).all() == [61250, 63000]
    tenant = client("tenant")
    now = tenant.get("/agreement").text.split("Terms in force")[1].split("<h3>")[0]
    assert "612.50" in now and "1 month" in now and "630.00" not in now
    later(days=10)
    now = tenant.get("/agreement").text.split("Terms in force")[1].split("<h3>")[0]
    assert "630.00" in now and "No smoking" in now
    assert acts(db, "agreement_changed") == [(cast.office, "term_added")] * 2


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("first", {"first": ""}),
        ("first", {"first": "2001-01-01"}),
        ("rent", {"rent": "much"}),
        ("notice_months", {"notice_months": "one"}),
        ("notice_months", {"notice_months": "61"}),
        ("text", {"rent": ""}),
        ("text", {"text": "x" * 2001}),
    ],
)
def test_what_cannot_be_said_is_refused_at_its_field_and_kept(client, db, desk, today, field, typed):
    given = {"first": today.isoformat(), "rent": "612", "deposit": "", "notice_months": "", "text": ""} | typed
    answer = client("office").post(f"{desk}/terms", status=422, once="a", **given)
    assert f'href="#{field}"' in answer.text and f'id="{field}-error"' in answer.text
    with db.reading() as session:
        assert session.scalar(select(AgreementTerm.id)) is None


def test_a_paper_is_read_by_who_has_the_right_and_each_look_is_an_event(client, db, cast, desk):
    office = client("office")
    assert keep(office, desk).status_code == 303
    url = re.search(r"/agreement/files/\d+", client("tenant").get("/agreement").text)[0]
    tenant = client("tenant")
    answer = tenant.get(url)
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"] and "no-store" in answer.headers["Cache-Control"]
    assert acts(db, "agreement_opened") == [(cast.tenant, None)]
    client("occupant").get("/agreement", status=403)
    for other in ("occupant", "neighbour", "owner", "former", "coming"):
        client(other).get(url, status=404)
    at_desk = url.replace("/agreement/", "/desk/agreements/")
    office.get(at_desk)
    for other in ("board", "tenant", "caretaker", "council", "provider", "operator"):
        client(other).get(at_desk, status=404)
    assert acts(db, "agreement_opened")[1] == (cast.office, None)


def test_a_removed_paper_is_gone_for_everybody_and_its_bytes_are_swept(client, db, cast, desk, settings):
    import os

    office = client("office")
    keep(office, desk)
    keep(office, desk, kind="attachment", title="Rules of the house", once="k2")
    assert "Rules of the house" in client("tenant").get("/agreement").text
    with db.reading() as session:
        (first, second) = session.scalars(select(AgreementFile).order_by(AgreementFile.id)).all()
    office.post(f"/desk/agreements/files/{first.id}/removal", status=303)
    client("tenant").get(f"/agreement/files/{first.id}", status=404)
    office.get(f"/desk/agreements/files/{first.id}", status=404)
    for file in settings.files_dir.glob("??/*"):
        os.utime(file, (0, 0))
    with db.reading() as session:
        files.sweep(session, settings.files_dir)
    left = {file.name for file in settings.files_dir.glob("??/*")}
    assert first.stored not in left and second.stored in left
    client("tenant").get(f"/agreement/files/{second.id}")


@pytest.mark.parametrize("sent", [b"", b"<html>no</html>", b"%PDF-1.4 broken"])
def test_what_is_no_document_is_refused(client, db, desk, sent):
    answer = client("office").post(f"{desk}/files", status=422, once="a", kind="agreement", files={"files": [(sent, "a.pdf")]})
    assert 'href="#file"' in answer.text
    with db.reading() as session:
        assert session.scalar(select(AgreementFile.id)) is None


def test_papers_of_somebody_under_non_disclosure_open_to_the_named_posts_only(client, db, cast, desk):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(non_disclosure=True))
    client("office").get(desk)
    client("accountant").get(desk, status=403)
    assert desk not in client("accountant").get(f"/desk/homes/{cast.unit_a1}").text
    # In the household, too, the name is its bearer's to tell.
    with db.writing() as session:
        session.execute(update(Party).where(Party.id == cast.party_occupant).values(rights=["agreement"]))
    assert "Aino Virta" not in client("occupant").get("/agreement").text


# ---- Acting for others, at the desk --------------------------------------------------------------------------------


def test_the_desk_lets_somebody_act_and_ends_it(client, db, cast, today, later):
    with db.writing() as session:
        reindex(session, cast.koivu)
        reindex(session, cast.tamm)
    office = client("office")
    url = f"/desk/people/{cast.tenant}/representation"
    assert "Niilo Salo" in office.get(f"{url}?q=salo").text
    assert "Mari Kask" not in office.get(f"{url}?q=kask").text, "another organisation's"
    given = {"person": cast.neighbour, "ground": "guardian", "first": today.isoformat(), "last": "", "q": "salo"}
    office.post(url, status=303, once="a", **given)
    office.post(url, status=303, once="a", **given)
    answer = office.post(url, status=422, once="b", **given)
    assert "acts already" in answer.text
    office.post(url, status=404, once="c", **given | {"person": cast.owner})
    assert acts(db, "representation_added") == [(cast.office, None)]
    page = office.get(f"/desk/people/{cast.tenant}").text
    assert "Niilo Salo acts for this person" in page
    assert "Pihlajakuja 6 A 1" in client("neighbour").get("/homes").text
    end = re.search(r"/desk/representations/\d+/end", page)[0]
    client("board").post(end, status=404, last=today.isoformat())
    office.post(end, status=303, last=today.isoformat())
    later(days=1)
    client("neighbour").get("/readings")
    assert "A 1" not in client("neighbour").get("/").text
    assert acts(db, "representation_ended") == [(cast.office, None)]


def test_the_page_of_roles_says_what_the_code_holds(client, db, cast):
    from blueprints.desk.roles import abilities
    from resident.homes import setting
    from resident.identity import POSTS

    with db.writing() as session:
        setting.put(session, cast.koivu, "rights", {"primary": [], "co_owner": [], "occupant": ["invoices"]})
    text = client("office").get("/desk/roles").text
    posts, residents = text.split("<tbody")[1:3]
    wanted = sum(len(held) for held in POSTS.values())
    assert posts.count(">yes<") >= wanted
    assert residents.count(">yes<") == 1
    client("caretaker").get("/desk/roles")
    client("tenant").get("/desk/roles", status=404)
    client("office").get(f"/desk/roles?organisation={cast.tamm}", status=404)
    assert callable(abilities)
