"""What the audit's acts are called, and who did them: for the person concerned and for the desk."""

from dataclasses import dataclass
from datetime import datetime

from resident import audit
from resident.privacy import trace

from . import _money_words, _terms
from ._locale import _, pgettext
from ._web import session


def acts() -> dict[str, str]:
    """act: what was done. Every one of audit.ACTS is here; a test looks."""
    return {**_ways_in(), **_people(), **_homes(), **_billing(), **_talk(), **_rest(), **_money_words.acts()}


def _ways_in() -> dict[str, str]:
    return {
        "sign_in": _("Signed in"),
        "sign_in_refused": _("Sign-in refused"),
        "sign_out": _("Signed out"),
        "sessions_ended": _("Signed out on other devices"),
        "password_changed": _("Password changed"),
        "language_chosen": _("Language chosen"),
        "identified": _("Strong identification"),
        "identity_paired": _("Strong identification joined to the sign-in"),
        "identity_removed": _("Strong identification removed from the sign-in"),
        "identity_checked": _("Identity checked"),
        "registered": _("Registered"),
        "second_factor_added": _("Second sign-in step added"),
        "second_factor_removed": _("Second sign-in step removed"),
        "second_factor_refused": _("Second sign-in step refused"),
        "recovery_codes_made": _("Recovery codes made"),
        "recovery_code_used": _("Recovery code used"),
        "proved": _("Confirmed again who it was"),
        "reset_asked": _("New password asked for"),
        "reset_done": _("New password set by a link"),
        "letter_issued": _("Start letter issued"),
        "letter_used": _("Start letter used"),
        "link_made": _("Link made"),
        "link_used": _("Link used"),
        "link_ended": _("Link ended"),
        "login_added": _("Sign-in made"),
        "login_disabled": _("Sign-in closed"),
        "login_enabled": _("Sign-in opened again"),
        "device_new": _("Signed in on a new device"),
    }


def _people() -> dict[str, str]:
    return {
        "person_viewed": _("Page of the person opened"),
        "person_changed": _("Contact details changed"),
        "email_asked": _("New e-mail address given, not confirmed yet"),
        "consent_changed": _("Consent given or withdrawn"),
        "code_expected": _("Personal code recorded as a hash"),
        "code_forgotten": _("Hash of the personal code removed"),
        "data_exported": _("Copy of the data made"),
        "erasure_asked": _("Erasure asked for"),
        "erasure_withdrawn": _("Request for erasure withdrawn"),
        "person_erased": _("Personal data erased"),
        "retention_ended": _("Kept data removed at the end of its time"),
        "viewed_as_resident": _("Portal looked at as the resident sees it"),
        "view_as_ended": _("Looking at the portal as a resident ended"),
        "representation_added": _("Representation added"),
        "representation_ended": _("Representation ended"),
        "post_added": _("Position given"),
        "post_changed": _("Position changed"),
        "post_ended": _("Position ended"),
    }


def _homes() -> dict[str, str]:
    return {
        "home_viewed": _("Page of the home opened"),
        "party_added": _("Person added to a home"),
        "party_changed": _("Person’s part in a home changed"),
        "party_ended": _("Person’s part in a home ended"),
        "invitation_sent": _("Invitation made"),
        "invitation_accepted": _("Invitation accepted"),
        "invitation_withdrawn": _("Invitation withdrawn"),
        "occupants_changed": _("Number of occupants changed"),
        "fact_changed": _("Area, share or number of occupants of a home changed"),
        "facts_corrected": _("Invoices corrected after a home’s facts changed"),
        "tenure_added": _("Tenure added"),
        "tenure_changed": _("Tenure changed"),
        "handover_proposed": _("Day of a handover proposed"),
        "handover_planned": _("Handover planned"),
        "handover_changed": _("Handover changed"),
        "handover_done": _("Handover done"),
        "handover_cancelled": _("Handover cancelled"),
        "agreement_changed": _("Agreement changed"),
        "agreement_opened": _("Agreement opened"),
        "period_planned": _("Billing period planned"),
        "window_opened": _("Reading window opened"),
        "window_changed": _("Reading window changed"),
        "meter_added": _("Meter added"),
        "meter_changed": _("Details of a meter changed"),
        "meter_replaced": _("Meter changed for a new one"),
        "meter_removed": _("Meter taken out"),
        "meter_restored": _("Archived meter taken back"),
        "meters_marked": _("Meters marked as read remotely or by hand"),
        "medium_added": _("Medium added"),
        "medium_changed": _("Medium changed"),
        "expiry_reminded": _("Reminded of verifications that end"),
        "readings_submitted": _("Readings submitted"),
        "photos_added": _("Photos added to readings"),
        "readings_entered": _("Readings entered"),
        "reading_accepted": _("Reading accepted"),
        "reading_rejected": _("Reading rejected"),
        "readings_estimated": _("Missing readings estimated"),
        "estimates_undone": _("Estimates taken back"),
        "prices_changed": _("Prices or degree days changed"),
        "export_format_changed": _("Export format changed"),
        "readings_exported": _("Readings exported"),
        "readings_reminded": _("Reminders of readings ordered"),
        "slip_held": _("Readings that came later kept for the office"),
        "slip_settled": _("Readings that came later settled"),
        "slip_dismissed": _("Readings that came later dismissed"),
        "device_key_made": _("Device key made"),
        "device_key_ended": _("Device key ended"),
    }


def _billing() -> dict[str, str]:
    return {
        "charge_changed": _("Charge type changed"),
        "tariff_changed": _("Unit price changed"),
        "costs_changed": _("Costs of a period changed"),
        "amount_changed": _("Rent or advance changed"),
        "membership_changed": _("Membership changed"),
        "period_opened": _("Billing period opened"),
        "period_allocated": _("Costs of a period shared out"),
        "period_confirmed": _("Billing period confirmed"),
        "period_closed": _("Billing period closed"),
        "period_taken_back": _("Billing period taken back one step"),
        "invoice_made": _("Invoice made"),
        "settlement_prepared": _("Settlement of advances worked out"),
        "settlement_confirmed": _("Settlement of advances confirmed"),
        "settlement_taken_back": _("Settlement of advances taken back one step"),
        "invoices_delivered": _("Delivery of invoices ordered"),
        "invoices_reprinted": _("File of invoices to print made again"),
        "invoices_posted": _("Printed invoices posted"),
        "correction_made": _("Correction made"),
        "correction_withdrawn": _("Correction withdrawn"),
        "costs_corrected": _("A cost of a confirmed period corrected"),
        "readings_corrected": _("Invoices corrected by readings"),
        "money_proved": _("Books checked"),
        "figures_exported": _("Entries or invoices exported"),
    }


def _talk() -> dict[str, str]:
    return {
        "thread_opened": _("Message thread begun"),
        "message_sent": _("Message sent"),
        "thread_seen": _("Messages read"),
        "case_opened": _("Fault reported"),
        "case_state": _("State of a fault changed"),
        "case_comment": _("Comment on a fault"),
        "case_assigned": _("Fault assigned"),
        "case_seen": _("Fault looked at"),
        "file_opened": pgettext("audit", "File opened"),
    }


def _rest() -> dict[str, str]:
    return {
        "invoice_opened": _("Invoice opened"),
        "entry_booked": _("Entry booked"),
        "bank_account_changed": _("Bank account changed"),
        "bank_csv_changed": _("Columns of a bank’s CSV named"),
        "bank_file_read": _("Bank file read"),
        "credit_booked": _("Payment booked by hand"),
        "credit_set_aside": _("Payment left out of the books"),
        "credit_undone": _("Booking of a payment undone"),
        "payout_account_changed": _("Account of a payment service changed"),
        "payout_covered": _("Payments of a payout chosen"),
        "entry_reversed": _("Entry reversed"),
        "payment_begun": _("Payment in the portal begun"),
        "payment_paid": _("Payment in the portal paid"),
        "account_opened": _("Billing account opened"),
        "reference_given": _("Reference given to an account"),
        "setting_changed": _("Setting changed"),
        "mandate_added": _("Mandate given"),
        "mandate_ended": _("Mandate ended"),
        "organisation_added": _("Organisation added"),
        "import_tried": _("Import tried"),
        "import_applied": _("Import applied"),
        "feed_read": _("File of remote readings read"),
        "feed_changed": _("Remote readings set up"),
        "leak_found": _("Possible leak found"),
        "demo_loaded": _("Demo loaded"),
        "ledger_rebuilt": _("Ledger rebuilt"),
    }


def sorts() -> dict[str, str]:
    return {"looks": _("Who looked"), "changes": _("What was changed"), "ways_in": _("Signing in")}


def looks() -> dict[str, str]:
    """Why staff look at the portal as a resident sees it: viewing.REASONS in words."""
    return {
        "asked": _("The resident asked for help"),
        "reported": _("Something was reported to be wrong"),
        "settings": _("To see what the settings open"),
        "training": _("To learn or teach the work"),
    }


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a list shows it. who: in words; own: it was the reader."""

    id: int
    at: datetime
    what: str
    who: str
    own: bool
    person_id: int | None
    thing: str | None
    thing_id: int | None


def told(events: list[audit.AuditEvent], login_id: int, *, at_desk: bool = False) -> list[Told]:
    """Events in words. Staff are named with their post; at home, other residents are not named."""
    words, names, posts = acts(), trace.names(session, events), trace.posts(session, events)
    return [
        Told(
            event.id, event.at, _what(event, words), _who(event, login_id, names, posts, at_desk),
            event.login_id == login_id, event.person_id, event.thing, event.thing_id,
        )
        for event in events
    ]  # fmt: skip


def _what(event: audit.AuditEvent, words: dict[str, str]) -> str:
    reason = looks().get(event.facts.get("why")) if event.act == "viewed_as_resident" else None
    return f"{words[event.act]}: {reason}" if reason else words[event.act]


def _who(event: audit.AuditEvent, login_id: int, names: dict, posts: dict, at_desk: bool) -> str:
    if event.login_id == login_id and not at_desk:
        return _("You")
    if event.person_id is None:
        # Translators: who did it, when nobody of the organisation did: the program itself, or somebody not signed in.
        return _("The portal")
    name = _terms.person_name(names[event.person_id])
    if event.id in posts:
        role, employer = posts[event.id]
        return ", ".join((name, _terms.post(role), employer))
    return name if at_desk else _("Another resident of the home")
