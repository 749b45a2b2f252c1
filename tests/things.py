"""One of each kind of thing, all belonging to the tenant of Pihlajakuja 6 A 1, for the table of who may see what."""

from datetime import timedelta
from io import BytesIO

from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from resident import clock, files
from resident.banking.bank_account import BankAccount
from resident.banking.bank_file import BankCredit, BankCsv, BankFile, PayerAccount
from resident.banking.csv_mapping import CsvMapping
from resident.banking.payout_account import PayoutAccount
from resident.charging.charge import ChargeType, Tariff
from resident.charging.correction import Correction
from resident.charging.cost import Cost
from resident.charging.print_run import PrintRun
from resident.charging.settlement import SettlementPart, SettlementRun
from resident.exchange.export_format import ExportFormat
from resident.exchange.register_import import RegisterImport
from resident.homes.organisation import Mandate
from resident.metering.device_key import DeviceKey
from resident.metering.feed import Feed, FeedRun
from resident.metering.feed_mapping import Mapping
from resident.metering.feeding import Outcome
from resident.metering.medium import Medium
from resident.metering.meter import Register
from resident.metering.price import MediumPrice
from resident.metering.reading import Reading, Receipt
from resident.metering.slip import Slip
from resident.metering.window import ReadingWindow
from resident.money.demand import Demand
from resident.money.invoice import InvoiceLine
from resident.money.ledger import Entry
from resident.money.period import BillingPeriod
from resident.paying.intent import PaymentIntent
from resident.people import agreement, link, sign_in
from resident.people.factor import Factor
from resident.people.handover import Handover
from resident.people.invitation import Invitation
from resident.people.post import Post
from resident.people.representation import Representation
from resident.people.tenure import Tenure
from resident.privacy import export
from resident.talk.case import Case, CaseEvent
from resident.talk.thread import Message, Thread
from tests.cast import LONG_AGO
from tests.invoices.books import account, invoice
from tests.metering.counters import meter

COUNTS = Outcome().stored()


def picture() -> bytes:
    kept = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(kept, "JPEG")
    return kept.getvalue()


def make(cast, folder) -> dict[str, int]:
    """Ids by the name of the thing."""
    prepared, today = files.prepare("tap.jpg", BytesIO(picture())), clock.today("Europe/Helsinki")
    with cast.db.writing() as session:
        made = {"unit": cast.unit_a1, "person": cast.tenant, "party": cast.party_tenant}
        made |= _agreement(cast, session, folder, today)
        made |= _readings(cast, session, today)
        made |= _money(cast, session, today)
        made |= _talk(cast, session, folder, prepared)
        made["session"] = _session(cast, session)
        made["copy"] = _copy(cast, session, folder)
        made["factor"] = cast.add(
            session, Factor(login_id=cast.logins["tenant"], kind="passkey", name="Key", credential="k", added_at=clock.now())
        )
        run = RegisterImport(
            organisation_id=cast.koivu, person_id=cast.office, name="register.xlsx", trial=True, state="tried", at=clock.now()
        )
        made["import"] = cast.add(session, run)
        feed = Feed(organisation_id=cast.koivu, name="Remote", slug="remote", mapping=Mapping().stored(), made_at=clock.now())
        made["feed"] = cast.add(session, feed)
        made |= _banking(cast, session, made["account"], today)
        run = FeedRun(feed_id=feed.id, file_name="night.csv", size=1, sha256="0" * 64, state="done", at=clock.now(), counts=COUNTS)
        made["run"] = cast.add(session, run)
        made["post"] = session.scalar(select(Post.id).where(Post.person_id == cast.office))
        made["mandate"] = session.scalar(select(Mandate.id).where(Mandate.principal_id == cast.koivu))
        made |= _household(cast, session, today)
    return made


def _household(cast, session, today) -> dict[str, int]:
    """The tenant's tenure, a handover that is planned, and an invitation that waits."""
    handover = Handover(
        organisation_id=cast.koivu, unit_id=cast.unit_a1, leaving_id=cast.tenure_a1, day=today, state="planned", keys=[],
        made_at=clock.now(),
    )  # fmt: skip
    link_id = link.find(session, "invitation", link.make(session, "invitation", lasts=timedelta(days=3))).id
    invitation = Invitation(
        organisation_id=cast.koivu, tenure_id=cast.tenure_a1, link_id=link_id, called="Ella", role="occupant", rights=["talk"],
        first=today, by_person_id=cast.tenant, made_at=clock.now(),
    )  # fmt: skip
    return {"tenure": cast.tenure_a1, "handover": cast.add(session, handover), "invitation": cast.add(session, invitation)}


def _copy(cast, session, folder) -> int:
    """A copy of the tenant's data that waits to be fetched."""
    place = export.folder(folder.parent)
    place.mkdir(parents=True)
    (place / "copy.zip").write_bytes(b"PK")
    now = clock.now()
    ready = {"asked_at": now, "ready_at": now, "stored": "copy.zip", "size": 2}
    return cast.add(session, export.DataExport(organisation_id=cast.koivu, person_id=cast.tenant, language="en", **ready))


def _session(cast, session) -> int:
    sign_in.begin(session, cast.logins["tenant"], address="127.0.0.1", agent="A telephone")
    return session.scalar(select(sign_in.LoginSession.id).order_by(sign_in.LoginSession.id.desc()))


def _agreement(cast, session, folder, today) -> dict[str, int]:
    """A paper of the tenant's agreement; whoever holds A 1 is acted for by the neighbour from tomorrow on."""
    paper = Canvas(kept := BytesIO())
    paper.drawString(72, 720, "Agreement")
    paper.save()
    kept.seek(0)
    tenure = session.get(Tenure, cast.tenure_a1)
    row = agreement.keep(session, folder, tenure, files.prepare("a.pdf", kept), "agreement", "", by=None)
    acts = Representation(
        organisation_id=cast.koivu,
        person_id=cast.neighbour,
        of_person_id=cast.tenant,
        ground="proxy",
        first=today + timedelta(days=1),
    )
    return {"paper": row.id, "representation": cast.add(session, acts)}


def _readings(cast, session, today) -> dict[str, int]:
    (register,) = meter(session, cast, cast.unit_a1)
    first = today.replace(day=1)
    period = BillingPeriod(
        building_id=cast.building, name=f"{first:%Y-%m}", state="open",
        use_first=first, use_last=first, bill_first=first, bill_last=first,
    )  # fmt: skip
    period_id = cast.add(session, period)
    window = cast.add(
        session,
        ReadingWindow(period_id=period_id, first=today - timedelta(days=2), last=today + timedelta(days=2), opened_at=clock.now()),
    )
    receipt = Receipt(
        organisation_id=cast.koivu, number="N-2026-0001", unit_id=cast.unit_a1, period_id=period_id,
        person_id=cast.tenant, at=clock.now(),
    )  # fmt: skip
    receipt_id = cast.add(session, receipt)
    reading = Reading(
        register_id=register, period_id=period_id, day=today, value=5_000_000, source="resident", state="pending", counts=False,
        reason="shows", receipt_id=receipt_id, person_id=cast.tenant, at=clock.now(),
    )  # fmt: skip
    meter_id = session.get(Register, register).meter_id
    slip = Slip(
        key="things", organisation_id=cast.koivu, unit_id=cast.unit_a1, period_id=period_id, person_id=cast.tenant, via="offline",
        state="held", why="questioned", day=today, typed={str(register): ["6", "", None]}, typed_at=clock.now(), at=clock.now(),
    )  # fmt: skip
    shape = ExportFormat(organisation_id=cast.koivu, name="Accounts", kind="csv", columns=[["home", "Home"]], options={})
    price = MediumPrice(organisation_id=cast.koivu, medium="cold_water", first=first, price=4_000_000)
    named = Medium(organisation_id=cast.koivu, code="own-1", names={"fi": "Jäähdytys"}, measure="MWh")
    key = DeviceKey(
        token_hash="k" * 64, party_id=cast.party_tenant, login_id=cast.logins["tenant"], name="Gateway", made_at=clock.now()
    )
    return {
        "machine": cast.add(session, key),
        "price": cast.add(session, price),
        "format": cast.add(session, shape),
        "medium": cast.add(session, named),
        "window": window,
        "slip": cast.add(session, slip),
        "receipt": receipt_id,
        "meter": meter_id,
        "reading": cast.add(session, reading),
    }


def _money(cast, session, today) -> dict[str, int]:
    to = account(cast, session, cast.tenure_a1, number="1001")
    now = clock.now()
    intent = PaymentIntent(
        creditor_id=cast.koivu, account_id=to, person_id=cast.tenant, provider="bank", token="t", amount=100, currency="EUR",
        state="pending", made_at=now, asked_at=now,
    )  # fmt: skip
    payment = cast.add(session, intent)
    fee = ChargeType(organisation_id=cast.koivu, code="FEE", name={"fi": "Hoito"}, basis="amount", first=today)
    heat = ChargeType(organisation_id=cast.koivu, code="HEAT", name={"fi": "Lämpö"}, basis="cost", key="area", first=today)
    period_id = session.scalar(select(BillingPeriod.id).where(BillingPeriod.building_id == cast.building))
    charge = cast.add(session, fee)
    made = invoice(cast, session, to, today - timedelta(days=10), today + timedelta(days=9))
    line = session.scalar(select(InvoiceLine.id).where(InvoiceLine.invoice_id == made).limit(1))
    wrong = Correction(line_id=line, amount=-100, text="Wrong", made_at=now)
    cost = Cost(period_id=period_id, charge_type_id=cast.add(session, heat), amount=100, entered_at=now)
    month = session.get_one(BillingPeriod, period_id).name
    run = SettlementRun(building_id=cast.building, first=month, last=month, state="confirmed", cost=900, made_at=now)
    run_id = cast.add(session, run)
    settled = invoice(cast, session, to, today - timedelta(days=10), today + timedelta(days=9), 900, kind="settlement")
    part = SettlementPart(
        run_id=run_id, tenure_id=cast.tenure_a1, account_kind="running", unit_id=cast.unit_a1, position=1, charged=1000,
        advances=100, total=900, lines=[], months=[], invoice_id=settled,
    )  # fmt: skip
    facts = {"items": [], "fee": 0, "reference": None, "person_id": cast.tenant, "unit_id": cast.unit_a1}
    demand = Demand(account_id=to, day=today, due=today, amount=0, facts=facts, written_at=now)
    prints = PrintRun(period_id=period_id, person_id=cast.office, deliveries=[], stored="0" * 32, ordered_at=now)
    return {
        "print": cast.add(session, prints),
        "period": period_id,
        "charge": charge,
        "cost": cast.add(session, cost),
        "tariff": cast.add(session, Tariff(charge_type_id=charge, first=today, price=1)),
        "settlement": run_id,
        "settled_home": cast.add(session, part),
        "settled_invoice": settled,
        "payment": payment,
        "account": to,
        "demand": cast.add(session, demand),
        "entry": session.scalar(select(Entry.id).where(Entry.account_id == to)),
        "invoice": made,
        "correction": cast.add(session, wrong),
    }


def _banking(cast, session, account_id, today) -> dict[str, int]:
    """A bank account, a CSV of its, a file, a payment of the tenant's that waits, a payment service's account and its payout."""
    own = BankAccount(organisation_id=cast.koivu, number="FI7944052020036082", currency="EUR", first=LONG_AGO)
    own_id = cast.add(session, own)
    csv = BankCsv(organisation_id=cast.koivu, bank_account_id=own_id, name="Bank", slug="bank", mapping=CsvMapping().stored())
    file = BankFile(
        organisation_id=cast.koivu, file_name="day.xml", format="camt.053", size=1, sha256="0" * 64, state="done", at=clock.now(),
        counts={"payments": 1, "sum": 100, "new": 1, "new_sum": 100, "waiting": 1},
    )  # fmt: skip
    file_id = cast.add(session, file)
    credit = BankCredit(
        file_id=file_id, place=1, bank_account_id=own_id, kind="credit", amount=100, value_day=today, booked_day=today,
        format="camt", print="p", text="Rent", payer="Aino Virta", payer_account="FI2112345600000785", state="waiting", why="none",
    )  # fmt: skip
    credit_id = cast.add(session, credit)
    known = PayerAccount(organisation_id=cast.koivu, number="FI2112345600000785", account_id=account_id, at=clock.now())
    cast.add(session, known)
    service = PayoutAccount(organisation_id=cast.koivu, provider="paytrail", number="FI2112345600000999", at=clock.now())
    payout = BankCredit(
        file_id=file_id, place=2, bank_account_id=own_id, kind="credit", amount=100, value_day=today, booked_day=today,
        format="camt", print="q", payer="Paytrail", payer_account="FI2112345600000999", state="aside", why="payout",
    )  # fmt: skip
    found = {"payoutaccount": cast.add(session, service), "payout": cast.add(session, payout)}
    return found | {"bankaccount": own_id, "bankcsv": cast.add(session, csv), "bankfile": file_id, "credit": credit_id}


def _talk(cast, session, folder, prepared) -> dict[str, int]:
    now = clock.now()
    place = {"organisation_id": cast.koivu, "building_id": cast.building, "unit_id": cast.unit_a1, "tenure_id": cast.tenure_a1}
    case = Case(
        **place, person_id=cast.tenant, number="F-2026-0001", category="water", subject="The tap drips", place="Kitchen",
        text="The tap drips", entry="yes", opened_at=now, changed_at=now,
    )  # fmt: skip
    case_id = cast.add(session, case)
    event = CaseEvent(case_id=case_id, person_id=cast.tenant, by_staff=False, kind="state", state="new", at=now)
    event_id = cast.add(session, event)
    inside = CaseEvent(case_id=case_id, person_id=cast.office, by_staff=True, role="office", kind="internal", text="Inside", at=now)
    inside_id = cast.add(session, inside)
    thread = Thread(
        **place, person_id=cast.tenant, addressee="customer_service", subject="Parking", number="V-2026-0001",
        opened_at=now, last_at=now,
    )  # fmt: skip
    thread_id = cast.add(session, thread)
    message = cast.add(session, Message(thread_id=thread_id, person_id=cast.tenant, by_staff=False, text="Is it free?", at=now))
    session.get(Thread, thread_id).last_id = message
    owner = {"organisation_id": cast.koivu, "login_id": cast.logins["tenant"]}
    return {
        "case": case_id,
        "thread": thread_id,
        "photo": files.keep(session, folder, prepared, event_id=event_id, **owner).id,
        "attachment": files.keep(session, folder, prepared, message_id=message, **owner).id,
        "inside": files.keep(session, folder, prepared, event_id=inside_id, **owner).id,
    }
