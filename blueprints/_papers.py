"""What an agreement says and is kept on, as residents and the desk both show it (L8)."""

from datetime import date

from flask import current_app, g

from resident.access import Actor
from resident.errors import NotSaved
from resident.people import agreement
from resident.people.agreement import AgreementFile, AgreementTerm

from ._download import sent
from ._locale import _, fmt, ngettext
from ._web import database, session


def terms(tenure_id: int, currency: str, today: date) -> dict:
    """now, coming, before: (the row, its lines as (name, text)), the first of them None when nothing holds yet."""
    now, coming, before = agreement.by_day(agreement.terms(session, tenure_id), today)
    return {
        "now": (now, said(now, currency)) if now else None,
        "coming": [(row, said(row, currency)) for row in coming],
        "before": [(row, said(row, currency)) for row in before],
    }


def said(row: AgreementTerm, currency: str) -> list[tuple[str, str]]:
    """Terms as lines of a table."""
    lines = []
    if row.rent is not None:
        lines.append((_("Rent a month"), fmt().money(row.rent, currency)))
    if row.deposit is not None:
        lines.append((_("Deposit"), fmt().money(row.deposit, currency)))
    if row.notice_months is not None:
        lines.append(
            (_("Period of notice"), ngettext("%(n)d month", "%(n)d months", row.notice_months) if row.notice_months else _("none"))
        )
    if row.text:
        lines.append((_("Other terms"), row.text))
    return lines


def title(paper: AgreementFile) -> str:
    return paper.title or (_("Agreement") if paper.kind == "agreement" else paper.name)


def opened(paper: AgreementFile, by: Actor):
    """The file. Who looked is written in a transaction of its own; a full disk does not stop reading."""
    # Staff who look at the portal as a resident are recorded as such elsewhere, not as the resident.
    if g.viewer.as_party_id is None:
        try:
            with database().writing() as own:
                agreement.opened(own, paper, by=by)
        except NotSaved:
            current_app.logger.warning("paper %s was opened and could not be recorded", paper.id)
    return sent(paper)
