"""Turvakielto: name, contacts and address of such a person show to the named posts and to themselves, nowhere else.

Canaries stand in the tenant's person, in what is written in their name and in what is made out to them; everybody else of the
cast opens every page that is open to them.
"""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile, is_zipfile

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from resident import clock
from resident.homes import setting
from resident.jobs import Job
from resident.money.invoice import Invoice
from resident.people import representation
from resident.people.person import Person, reindex, search_key
from resident.people.tenure import Party
from resident.talk.case import Case
from tests import things
from tests.client import Client
from tests.test_access_matrix import address, rows

NAME, EMAIL, PHONE = "Kanariina Piilopirtti", "kanarialintu@example.org", "040 555 7731"
CANARIES = ("Kanariina", "Piilopirtti", "kanarialintu", "555 7731", "5557731")
SEE = ("tenant", "office", "manager")
OTHERS = (
    "anonymous", "occupant", "neighbour", "former", "coming", "two_homes", "owner", "accountant", "control", "caretaker", "council",
    "provider", "board", "operator",
)  # fmt: skip
# Searches and filters that somebody would try, beside the pages of the table.
TRIED = (
    "/desk/search?q=Piilopirtti",
    "/desk/search?q=kanariina",
    "/desk/search?q=kanarialintu@example.org",
    "/desk/messages?q=Piilopirtti",
    "/desk/messages?search=Piilopirtti",
    "/desk/faults?q=Piilopirtti",
    "/desk/faults?search=Piilopirtti",
    "/desk/invoices?text=Piilopirtti",
    "/desk/homes?text=1",
    "/desk/posts/new",
    "/readings/house",
)


@pytest.fixture
def hidden(app, cast, settings):
    """The tenant under non-disclosure, in a case of a common area given to the caretaker, with invoices in their name."""
    ids = things.make(cast, settings.files_dir)
    with cast.db.writing() as session:
        session.execute(
            update(Person)
            .where(Person.id == cast.tenant)
            .values(name=NAME, search_key=search_key(NAME), email=EMAIL, phone=PHONE, non_disclosure=True)
        )
        session.execute(update(Invoice).values(addressee={"name": NAME, "home": "Pihlajakuja 6 A 1", "person_id": cast.tenant}))
        session.execute(update(Case).where(Case.id == ids["case"]).values(assignee_id=cast.caretaker, phone=PHONE))
        session.execute(
            update(Party).where(Party.id == cast.party_occupant).values(rights=["readings", "talk", "agreement", "household"])
        )
        setting.put(session, cast.koivu, "house_list_open", True)
        neighbour = session.get(Person, cast.neighbour)
        today = clock.today("Europe/Helsinki")
        representation.add(session, neighbour, session.get(Person, cast.tenant), "proxy", today - timedelta(days=3), by=None)
        reindex(session, cast.koivu)
    return app, ids


def pages(app, ids) -> list[str]:
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    found = [
        address(app, row["endpoint"], row["thing"], ids) for row in rows() if row["method"] == "GET" and row["endpoint"] in known
    ]
    return [*dict.fromkeys(found), *TRIED]


def leaks(app, ids, who: str):
    """Yields (page, canaries that it shows to somebody), also as a fragment; answers of any status and kind are read."""
    client = Client(app, None if who == "anonymous" else who)
    for url in pages(app, ids):
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.http.get(url, headers=headers)
            text = read(answer)
            # What somebody typed into a search stands in its field again.
            shown = [canary for canary in CANARIES if canary in text.replace(url.rpartition("=")[2], "")]
            if shown:
                yield f"{url} {answer.status_code}", shown


def read(answer) -> str:
    """The text of an answer; of a workbook or a PDF what is written in it."""
    if is_zipfile(BytesIO(answer.data)):
        with ZipFile(BytesIO(answer.data)) as packed:
            return " ".join(packed.read(name).decode(errors="replace") for name in packed.namelist())
    if answer.data.startswith(b"%PDF-"):
        return " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    return answer.data.decode(errors="replace")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_nobody_but_the_named_posts_meets_a_person_under_non_disclosure(hidden):
    app, ids = hidden
    found = [f"{who}: {page} {shown}" for who in OTHERS for page, shown in leaks(app, ids, who)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_named_posts_and_the_person_do(hidden):
    app, ids = hidden
    for who in SEE:
        assert any(leaks(app, ids, who)), f"{who} sees nothing: the canaries are not where they would be seen"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_mail_carries_the_name_and_no_log_either(hidden, db, client, cast, caplog):
    app, ids = hidden
    tenant = client("tenant")
    tenant.post(f"/faults/{ids['case']}/comments", status=303, once="a", text="It still drips")
    client("office").post(f"/desk/faults/{ids['case']}/comments", once="b", kind="comment", text="We come")
    with db.reading() as session:
        ordered = [str(job.payload) for job in session.scalars(select(Job))]
    assert not [text for text in [*ordered, caplog.text] for canary in CANARIES if canary in text]
