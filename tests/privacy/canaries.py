"""Everything that may be stored about one person, with words that are found nowhere else, so that they can be looked for.

plant() makes the former tenant of Pihlajakuja 6 A 1, whose tenure has ended with nothing open, and gives the words:
`told` stands in a copy of the person's data, `kept` stays after an erasure, `others` is another person's.
"""

from datetime import date, timedelta
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from resident import clock, files, jobs, tables
from resident.banking.bank_account import BankAccount
from resident.banking.bank_file import BankCredit, BankFile, PayerAccount
from resident.metering.device_key import DeviceKey
from resident.metering.reading import Reading, Receipt
from resident.metering.slip import Slip
from resident.money.booking import book
from resident.money.period import BillingPeriod
from resident.people.agreement import AgreementFile, AgreementTerm
from resident.people.consent import Consent
from resident.people.device import Device
from resident.people.factor import Factor
from resident.people.handover import Handover
from resident.people.identification import Identity, IdentityCheck, PersonalCode
from resident.people.invitation import Invitation
from resident.people.letter import StartLetter
from resident.people.link import Link
from resident.people.person import Login, Person, index_words, search_key
from resident.people.representation import Representation
from resident.people.sign_in import LoginSession
from resident.people.tenure import Party
from resident.talk.case import Case, CaseEvent
from resident.talk.thread import Message, Thread
from tests.cast import LONG_AGO
from tests.invoices.books import account, invoice
from tests.metering.counters import meter


class Words:
    """word("email") is a word that stands nowhere else, remembered under where it belongs."""

    def __init__(self):
        self.told, self.kept, self.others, self.hidden = {}, {}, {}, {}

    def word(self, name: str, where: str = "told") -> str:
        made = getattr(self, where)[name] = f"canary{name}qx"
        return made


def paper(words: str) -> bytes:
    kept = BytesIO()
    sheet = Canvas(kept, pageCompression=0)
    sheet.drawString(50, 700, words)
    sheet.save()
    return kept.getvalue()


def plant(cast, folder) -> Words:
    words = Words()
    prepared = files.prepare("x.pdf", BytesIO(paper(words.word("inpdf", "hidden"))))
    with cast.db.writing() as session:
        _self(cast, session, words)
        _login(cast, session, words)
        _home(cast, session, words, folder, prepared)
        _money(cast, session, words)
        _readings(cast, session, words)
        _machines(cast, session, words)
        _talk(cast, session, words, folder, prepared)
    return words


def _self(cast, session, words) -> None:
    person, now = session.get(Person, cast.former), clock.now()
    person.name, person.external_key = words.word("name") + " Entinen", words.word("key")
    person.search_key = search_key(person.name)
    person.email, person.email_wanted = words.word("email") + "@example.org", words.word("wanted") + "@example.org"
    person.phone, person.language, person.vat_number = "040 555 98765", "fi", words.word("vat")
    index_words(session, person)
    put = session.add_all
    put([Consent(person_id=person.id, kind="email", given=True, at=now, by_person_id=person.id)])
    check = {"organisation_id": cast.koivu, "person_id": person.id, "at": now}
    put([IdentityCheck(**check, method="passport", day=clock.today("Europe/Helsinki"), by_person_id=cast.office)])
    put([PersonalCode(**check, country="FI", key_id="k1", hmac=words.word("hmac", "hidden"))])
    ended = {"first": LONG_AGO, "last": LONG_AGO + timedelta(days=30), "ground": "proxy"}
    put([Representation(organisation_id=cast.koivu, person_id=person.id, of_person_id=cast.neighbour, **ended)])
    session.flush()


def _login(cast, session, words) -> None:
    login, now = cast.logins["former"], clock.now()
    session.get(Login, login).name = words.word("login")
    session.get(Login, login).name_key = words.word("login")
    made = {"login_id": login, "agent": words.word("device"), "first_at": now, "seen_at": now, "token_hash": "h" * 64}
    session.add(Device(**made))
    session.add(Factor(login_id=login, kind="totp", name=words.word("factor"), secret=words.word("secret", "hidden"), added_at=now))
    session.add(Identity(login_id=login, issuer="https://id.example", subject=words.word("subject"), paired_at=now, used_at=now))
    used = {"began_at": now, "seen_at": now, "ended_at": now, "token_hash": "s" * 64}
    session.add(LoginSession(login_id=login, address="192.0.2.0", agent=words.word("agent"), **used))
    day = clock.today("Europe/Helsinki")
    issued = {
        "method": "delivered",
        "issued_on": day,
        "issued_at": now,
        "expires_at": now,
        "secret": words.word("letter", "hidden"),
    }
    session.add(StartLetter(organisation_id=cast.koivu, person_id=cast.former, login_id=login, **issued))
    jobs.add(session, "mail", {"person_id": cast.former, "kind": "message", "path": "/" + words.word("job", "hidden")})
    session.flush()


def _home(cast, session, words, folder, prepared) -> None:
    now = clock.now()
    session.get(Party, cast.party_former).called = words.word("called")
    session.add(AgreementTerm(tenure_id=cast.tenure_former, first=LONG_AGO, rent=61240, text=words.word("terms")))
    stored = files.store(folder, prepared)
    paper = {"stored": stored, "size": len(prepared.data), "sha256": "0" * 64, "at": now, "by_person_id": cast.office}
    session.add(
        AgreementFile(
            organisation_id=cast.koivu, tenure_id=cast.tenure_former, kind="agreement", title=words.word("title"),
            name=words.word("paper") + ".pdf", **paper,
        )
    )  # fmt: skip
    session.add(
        Handover(
            organisation_id=cast.koivu, unit_id=cast.unit_a1, leaving_id=cast.tenure_former, day=LONG_AGO, state="done",
            note=words.word("handover"), made_at=now, keys=[],
        )
    )  # fmt: skip
    link = Link(kind="invitation", token_hash="i" * 64, made_at=now, made_by_id=cast.former, expires_at=now)
    session.add(link)
    session.flush()
    session.add(
        Invitation(
            organisation_id=cast.koivu, tenure_id=cast.tenure_former, link_id=link.id, called=words.word("guest", "others"),
            role="occupant", first=LONG_AGO, by_person_id=cast.former, made_at=now,
        )
    )  # fmt: skip
    session.flush()


def billed() -> date:
    """When the only invoice was made out: in the last month of the tenure, not longer ago than it is kept."""
    return clock.today("Europe/Helsinki") - timedelta(days=3 * 365 + 20)


def _money(cast, session, words) -> None:
    to, day = account(cast, session, cast.tenure_former, number="KONTO-9"), billed()
    named = {"name": words.word("payer", "kept"), "address": words.word("street", "kept"), "home": "A 1", "person_id": cast.former}
    invoice(cast, session, to, day, day + timedelta(days=14), addressee=named)
    book(session, to, "payment", -61240, day, "payment:canary:1", text=words.word("entry", "kept"))
    own = BankAccount(organisation_id=cast.koivu, number="FI7944052020036082", currency="EUR", first=LONG_AGO)
    file = BankFile(organisation_id=cast.koivu, file_name="day.xml", size=1, sha256="0" * 64, state="done", at=clock.now())
    said = {"payer": "canarybankpayerqx", "text": words.word("banktext", "kept"), "payer_account": "FI21CANARY"}
    told = {
        "kind": "credit",
        "amount": 61240,
        "value_day": day,
        "booked_day": day,
        "format": "camt",
        "print": "p",
        "state": "booked",
    }
    ids = {"bank_account_id": cast.add(session, own), "file_id": cast.add(session, file), "place": 1, "account_id": to}
    session.add(BankCredit(**ids, **told, **said))
    known = {"organisation_id": cast.koivu, "account_id": to, "at": clock.now()}
    session.add(PayerAccount(number=words.word("payeraccount"), **known))
    session.flush()


def _readings(cast, session, words) -> None:
    (register,) = meter(session, cast, cast.unit_a1)
    day = LONG_AGO + timedelta(days=20)
    period = cast.add(
        session,
        BillingPeriod(
            building_id=cast.building, name="2015-01", state="allocated", use_first=day, use_last=day, bill_first=day, bill_last=day
        ),
    )
    receipt = cast.add(
        session,
        Receipt(
            organisation_id=cast.koivu, number=words.word("receipt", "kept"), unit_id=cast.unit_a1, period_id=period,
            person_id=cast.former, at=clock.begins(day, "Europe/Helsinki"),
        ),
    )  # fmt: skip
    session.add(
        Reading(
            register_id=register, period_id=period, day=day, value=5_000_000, source="resident", receipt_id=receipt,
            note=words.word("note"), person_id=cast.former, at=clock.now(), decided_note=words.word("decided"),
        )
    )  # fmt: skip
    session.flush()


def _machines(cast, session, words) -> None:
    """A key of a machine, and what it sent: a sentence instead of a figure, and an answer of the desk."""
    now, day = clock.now(), LONG_AGO
    key = DeviceKey(
        token_hash="m" * 64, party_id=cast.party_former, login_id=cast.logins["former"], name=words.word("machine"), made_at=now
    )
    cast.add(session, key)
    slip = {
        "organisation_id": cast.koivu,
        "unit_id": cast.unit_a1,
        "person_id": cast.former,
        "day": day,
        "typed_at": now,
        "at": now,
    }
    slip |= {"via": "device", "device_key_id": key.id}
    dismissed = {"state": "dismissed", "why": "refused", "decided_note": words.word("dismissed")}
    session.add(Slip(**slip, **dismissed, key="canary-1", typed={"1": [words.word("pasted"), "", None]}))
    session.add(Slip(**slip, state="held", why="over", key="canary-2", typed={"1": ["472", "", None]}))
    session.flush()


def _talk(cast, session, words, folder, prepared) -> None:
    now = clock.now()
    place = {
        "organisation_id": cast.koivu, "building_id": cast.building, "unit_id": cast.unit_a1, "tenure_id": cast.tenure_former,
    }  # fmt: skip
    thread = cast.add(
        session,
        Thread(
            **place, person_id=cast.former, addressee="customer_service", subject=words.word("subj"), number="V-2015-0001",
            opened_at=now, last_at=now,
        ),
    )  # fmt: skip
    message = cast.add(session, Message(thread_id=thread, person_id=cast.former, by_staff=False, text=words.word("text"), at=now))
    answer = {"person_id": cast.office, "by_staff": True, "role": "office", "text": words.word("answer"), "at": now}
    cast.add(session, Message(thread_id=thread, **answer))
    case = cast.add(
        session,
        Case(
            **place, person_id=cast.former, number="F-2015-0001", category="water", subject=words.word("fault"),
            place=words.word("place"), text=words.word("told"), entry="yes", when=words.word("when"), phone="040 555 98764",
            state="closed", opened_at=now, changed_at=now,
        ),
    )  # fmt: skip
    event = {"case_id": case, "person_id": cast.former, "by_staff": False, "kind": "comment", "text": words.word("comment")}
    event_id = cast.add(session, CaseEvent(**event, at=now))
    inside = {
        "case_id": case,
        "person_id": cast.office,
        "by_staff": True,
        "kind": "internal",
        "text": words.word("inside", "hidden"),
    }
    cast.add(session, CaseEvent(**inside, at=now))
    owner = {"organisation_id": cast.koivu, "login_id": cast.logins["former"]}
    files.keep(session, folder, prepared, event_id=event_id, **owner).name = words.word("photo") + ".pdf"
    files.keep(session, folder, prepared, message_id=message, **owner).name = words.word("enclosed") + ".pdf"
    reading = session.scalar(select(Reading.id).where(Reading.person_id == cast.former))
    files.keep(session, folder, prepared, reading_id=reading, **owner).name = words.word("counter") + ".pdf"
    session.flush()


def everywhere(db) -> str:
    """Every row of every table, as text."""
    with db.engine.connect() as connection:
        return "\n".join(repr(tuple(row)) for table in tables.METADATA.sorted_tables for row in connection.execute(select(table)))
