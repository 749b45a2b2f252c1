"""The proof of the money for whoever audits it (B18): what is proved, when it was last looked at, what does not hold and where."""

from typing import NamedTuple

from flask import Blueprint, g, url_for

from resident.charging import proof
from resident.charging.proof import PROMISES

from .._gate import staff
from .._locale import _, fmt, ngettext
from .._web import done, page, session
from . import _organisation

bp = Blueprint("desk_proof", __name__, url_prefix="/desk/proof")


class Promise(NamedTuple):
    """What is proved, and what was found against it: (sentence, address or None)."""

    text: str
    findings: list[tuple[str, str | None]]


@bp.get("")
@staff("money")
def index():
    last, own = proof.last(session), {one.id: one for one in _organisation.each(g.viewer.duties_for("money"))}
    found = [one for one in (last.findings if last else []) if one["organisation"] in (None, *own)]
    promises = _promises(found)
    return page(
        "desk/proof/index.html",
        part="desk/proof/_proof.html",
        title=_("Check of the books"),
        last=last,
        seconds=(last.ended_at - last.begun_at).total_seconds() if last else 0,
        tz=next(iter(own.values())).tz,
        waits=proof.waits(session),
        promises=promises,
        against=ngettext("%(n)s thing does not hold.", "%(n)s things do not hold.", len(found)) if found else "",
    )


@bp.post("")
@staff("money")
def ask():
    proof.ask(session, by=g.viewer.as_staff(g.viewer.duties_for("money")[0]))
    return done(None, to=url_for(".index"), say=_("The check is ordered. It takes some seconds."))


def _promises(found: list[dict]) -> list[Promise]:
    texts = {
        "costs": _("Every cost that was entered is divided to the last cent, by periods and by settlements."),
        "invoices": _("Invoice numbers have no gap, lines add up to their invoices, and each invoice is booked once."),
        "ledger": _("Every account is the sum of its entries, and what is open is what is not settled."),
        "periods": _("Each month of an account begins where the month before ended."),
        "payments": _("Every payment that came by bank or in the portal is booked once, with its sum."),
    }
    return [Promise(texts[name], [_told(one) for one in found if one["what"] in PROMISES[name]]) for name in PROMISES]


def _told(one: dict) -> tuple[str, str | None]:
    about = {
        "thing": " ".join(one["thing"].split()[1:]) or one["thing"],
        "now": _figure(one, "is"),
        "should": _figure(one, "should"),
    }
    # Translators: thing is a number of ours; now and should are whole numbers:, or how many.
    text = {
        "allocated_cost": lambda: _("%(thing)s: shared out is %(now)s of a cost of %(should)s.", **about),
        "invoiced_cost": lambda: _("%(thing)s: invoiced is %(now)s of a cost of %(should)s.", **about),
        "settled_cost": lambda: _("A settlement divides %(now)s of costs of %(should)s.", **about),
        "draft_total": lambda: _("A draft’s lines add up to %(now)s, and it says %(should)s.", **about),
        "stray_draft": lambda: _("A period that is not shared out has %(now)s drafts.", **about),
        "series_gap": lambda: _("A series of numbers has %(now)s invoices where %(should)s numbers were given.", **about),
        "invoice_total": lambda: _("An invoice says %(now)s, and its lines add up to %(should)s.", **about),
        "line_vat": lambda: _("A line of an invoice has a rate of VAT without its sum, or a sum without a rate."),
        "unposted_invoice": lambda: _("An invoice of %(should)s is booked with %(now)s.", **about),
        "void_invoice": lambda: _("A void invoice is still booked with %(now)s.", **about),
        "carried_twice": lambda: _("A correction stands on %(now)s invoices, and it belongs on one.", **about),
        "account_total": lambda: _("An account says %(now)s, and its entries add up to %(should)s.", **about),
        "open_item": lambda: _("%(now)s are shown as open where %(should)s are not settled.", **about),
        "oversettled_credit": lambda: _("A credit of %(should)s settles %(now)s.", **about),
        "guard_missing": lambda: _("The guard %(thing)s that keeps the ledger from being changed is missing.", **about),
        "month_chain": lambda: _("A month begins with %(now)s where the one before ended with %(should)s.", **about),
        "last_month": lambda: _("The last month ends with %(now)s, and the account says %(should)s.", **about),
        "bank_payment": lambda: _("A payment of %(should)s from a bank file is booked with %(now)s.", **about),
        "payout": lambda: _("A payment service’s payout of %(now)s is booked to a home, beside the payments in it.", **about),
        "portal_payment": lambda: _("A payment of %(should)s in the portal is booked with %(now)s.", **about),
    }[one["what"]]()
    return text, _address(one)


def _figure(one: dict, name: str):
    """A sum as it is written; how many as they are."""
    figure = one[name]
    return figure if one["what"] in _COUNTED or not isinstance(figure, int) else fmt().amount(figure)


_COUNTED = ("stray_draft", "carried_twice", "series_gap", "line_vat", "guard_missing")
# Where a finding's thing has a page.
_PAGES = {
    **dict.fromkeys(("account_total", "month_chain", "last_month"), "desk_accounts.show"),
    **dict.fromkeys(("invoice_total", "unposted_invoice", "void_invoice"), "desk_invoices.show"),
    "settled_cost": "desk_settlements.show",
    "payout": "desk_payments.show",
}


def _address(one: dict) -> str | None:
    page_ = _PAGES.get(one["what"])
    return url_for(page_, id=int(one["thing"])) if page_ else None
