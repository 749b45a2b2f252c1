"""What was done, by whom, to what: events from a closed list, append-only (S57). Ids, never names, texts or secrets."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from . import clock
from .db import Base, Database, Json, Key, UTCTime
from .errors import NotSaved

ACTS = (
    "sign_in", "sign_in_refused", "sign_out", "sessions_ended", "password_changed", "language_chosen",
    "code_expected", "code_forgotten", "identity_removed",
    "identified", "identity_paired", "identity_checked", "registered", "second_factor_added", "second_factor_removed",
    "second_factor_refused", "recovery_codes_made", "recovery_code_used", "proved", "reset_asked", "reset_done",
    "letter_issued", "letter_used", "link_made", "link_used", "link_ended", "login_disabled", "login_enabled",
    "party_added", "party_changed", "party_ended", "invitation_sent", "invitation_accepted", "invitation_withdrawn",
    "representation_added", "representation_ended", "occupants_changed", "fact_changed", "facts_corrected",
    "tenure_added", "tenure_changed",
    "post_changed", "post_ended", "mandate_added", "mandate_ended", "handover_proposed", "handover_planned", "handover_changed",
    "handover_done", "handover_cancelled", "agreement_changed", "agreement_opened", "consent_changed", "data_exported",
    "erasure_asked", "erasure_withdrawn", "person_erased", "retention_ended", "email_asked",
    "viewed_as_resident", "view_as_ended", "person_viewed", "device_new",
    "period_planned", "window_opened", "window_changed",
    "charge_changed", "tariff_changed", "costs_changed", "amount_changed", "membership_changed",
    "period_opened", "period_allocated", "period_confirmed",
    "period_closed", "period_taken_back", "invoice_made", "invoices_delivered", "invoices_reprinted", "invoices_posted",
    "correction_made", "correction_withdrawn",
    "costs_corrected", "readings_corrected",
    "settlement_prepared", "settlement_confirmed", "settlement_taken_back", "money_proved", "figures_exported",
    "meter_added", "meter_changed", "meter_replaced", "meter_removed", "meter_restored", "meters_marked", "medium_added",
    "medium_changed", "expiry_reminded",
    "readings_submitted", "photos_added", "readings_entered", "reading_accepted", "reading_rejected",
    "readings_estimated", "estimates_undone", "prices_changed", "export_format_changed", "readings_exported",
    "readings_reminded", "slip_held", "slip_settled", "slip_dismissed", "device_key_made", "device_key_ended",
    "thread_opened", "message_sent", "thread_seen",
    "case_opened", "case_state", "case_comment", "case_assigned", "case_seen",
    "invoice_opened", "file_opened", "home_viewed", "setting_changed", "person_changed",
    "entry_booked", "entry_reversed",
    "bank_account_changed", "bank_csv_changed", "bank_file_read", "credit_booked", "credit_set_aside", "credit_undone",
    "payout_account_changed", "payout_covered",
    "interest_posted", "interest_rates_changed", "holder_rate_changed",
    "collection_marked", "collection_ended", "payment_reminded", "demand_written",
    "payment_begun", "payment_paid", "account_opened", "reference_given",
    "organisation_added", "login_added", "post_added",
    "import_tried", "import_applied", "feed_read", "feed_changed", "leak_found", "demo_loaded", "ledger_rebuilt",
)  # fmt: skip


class AuditEvent(Base):
    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_thing", "thing", "thing_id"),
        Index("ix_audit_event_organisation", "organisation_id", "id"),
        # What one did oneself, for "what is stored about me", and what one of the staff did.
        Index("ix_audit_event_login", "login_id", "id"),
        Index("ix_audit_event_person", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[object] = mapped_column(UTCTime)
    act: Mapped[str] = mapped_column(String(24))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    login_id: Mapped[int | None] = mapped_column(ForeignKey("login.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    thing: Mapped[str | None] = mapped_column(String(24))
    thing_id: Mapped[int | None] = mapped_column(Key)
    facts: Mapped[dict] = mapped_column(Json, default=dict)


def record(session: Session, act: str, *, by=None, organisation_id=None, login_id=None, thing=None, facts=None) -> None:
    """Write one event; ValueError for an act that is not in ACTS.

    by is whoever acts: an object with person_id, login_id and organisation_id (see access.Actor).
    """
    if act not in ACTS:
        raise ValueError(act)
    session.add(
        AuditEvent(
            at=clock.now(),
            act=act,
            organisation_id=organisation_id or getattr(by, "organisation_id", None),
            login_id=login_id or getattr(by, "login_id", None),
            person_id=getattr(by, "person_id", None),
            thing=thing.__tablename__ if thing is not None else None,
            thing_id=thing.id if thing is not None else None,
            facts=facts or {},
        )
    )


# ---- Looks -----------------------------------------------------------------------------------------------------------

# A page that the same person of the staff opens again within this time is one look.
ONE_LOOK = timedelta(hours=1)


def looked(db: Database, act: str, thing, by) -> None:
    """Record that staff opened a page about somebody, once in ONE_LOOK, in a short transaction of its own.

    A trace that a GET leaves: the person concerned sees who looked (S57). A store that cannot be written does not stop
    reading (S53).
    """
    recent = select(AuditEvent.id).where(
        AuditEvent.thing == thing.__tablename__,
        AuditEvent.thing_id == thing.id,
        AuditEvent.act == act,
        AuditEvent.person_id == by.person_id,
        AuditEvent.at > clock.now() - ONE_LOOK,
    )
    with db.reading() as session:
        if session.scalar(recent.limit(1)) is not None:
            return
    with suppress(NotSaved), db.writing() as session:
        record(session, act, by=by, thing=thing)


# ---- Reading ---------------------------------------------------------------------------------------------------------

ROWS = 50
# What a reader narrows by; everything else is a change.
LOOKS = (
    "person_viewed", "home_viewed", "viewed_as_resident", "view_as_ended", "invoice_opened", "agreement_opened", "file_opened",
    "thread_seen", "case_seen", "data_exported",
)  # fmt: skip
WAYS_IN = (
    "sign_in", "sign_in_refused", "sign_out", "sessions_ended", "password_changed", "identified", "identity_paired",
    "identity_removed", "registered", "second_factor_added", "second_factor_removed", "second_factor_refused",
    "recovery_codes_made", "recovery_code_used", "proved", "reset_asked", "reset_done", "letter_issued", "letter_used",
    "link_made", "link_used", "link_ended", "login_added", "login_disabled", "login_enabled", "device_new", "identity_checked",
)  # fmt: skip
SORTS = {"looks": LOOKS, "ways_in": WAYS_IN, "changes": tuple(act for act in ACTS if act not in (*LOOKS, *WAYS_IN))}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of events is narrowed to. sort: one of SORTS or ""; act: one of ACTS or ""; since, until: instants, the
    second outside; before: the key of the last event of the page before, or None."""

    sort: str = ""
    act: str = ""
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def page(session: Session, visible: Select, asked: Asked) -> tuple[list[AuditEvent], int | None]:
    """Events of a statement over AuditEvent, the newest first, at most ROWS; and the key of the next page, if there is one."""
    narrowed = [
        AuditEvent.act.in_(SORTS[asked.sort]) if asked.sort else None,
        AuditEvent.act == asked.act if asked.act else None,
        AuditEvent.person_id == asked.person_id if asked.person_id else None,
        AuditEvent.at >= asked.since if asked.since else None,
        AuditEvent.at < asked.until if asked.until else None,
        AuditEvent.id < asked.before if asked.before else None,
    ]
    found = visible.where(*(part for part in narrowed if part is not None)).order_by(AuditEvent.id.desc()).limit(ROWS + 1)
    rows = list(session.scalars(found))
    return rows[:ROWS], rows[ROWS - 1].id if len(rows) > ROWS else None
