"""Formal demands at the desk: whom something is overdue from, a letter with a fee, and the letters written (rule 36)."""

from flask import Blueprint, g, make_response, request, url_for
from sqlalchemy import select

from resident import access
from resident import format as formats
from resident.banking import suggesting
from resident.homes.organisation import Organisation
from resident.money import by_hand, demand_run, demanding, references
from resident.money.account import Account
from resident.money.demand import Demand
from resident.paying import payment_code

from .. import _invoice_words as invoice_words
from .. import _locale, _typed
from .._download import disposition
from .._gate import staff
from .._locale import _, fmt, ngettext
from .._typed import day_and_key
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session
from . import _organisation

bp = Blueprint("desk_demands", __name__, url_prefix="/desk/demands")
PAGE = "desk/demands/index.html"


def _place() -> dict:
    place, reached = _organisation.place(g.viewer.duties_for("billing")), access.reach_accounts(g.viewer, "billing")
    organisation_id, after = place["organisation"].id, day_and_key(request.values, "after")
    late = demanding.late(session, organisation_id, place["today"], reached, after=after)
    last = late[demanding.SHOWN - 1] if len(late) > demanding.SHOWN else None
    written = demanding.written(session, organisation_id, reached)
    ids = [*(row.account_id for row in late), *(row.account_id for row, _number in written)]
    return place | {
        "title": _("Formal demands"),
        "known": suggesting.described(session, ids, place["organisation"].country),
        "late": late[: demanding.SHOWN],
        "after": f"{after[0]}:{after[1]}" if after else None,
        "following": f"{last.oldest}:{last.account_id}" if last else None,
        "written": written,
        "typed": {},
    }


@bp.get("")
@staff("billing")
def index():
    return page(PAGE, **_place())


@bp.post("")
@staff("billing")
def create():
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _place()
    chosen = [int(id) for id in request.form.getlist("account") if id.isdecimal() and len(id) <= 18]
    reached = access.reach_accounts(g.viewer, "billing"), Account.id.in_(chosen)
    known = {row.account_id for row in demanding.late(session, facts["organisation"].id, facts["today"], *reached)}
    if not chosen or known != set(chosen):
        return _refused({"accounts": _("Choose at least one billing account of the list.")})
    try:
        fee = _typed.minor(request.form, "fee") or 0
    except ValueError:
        return _refused({"fee": _("Write the amount in figures, for example 12.50.")})
    by, key = g.viewer.as_staff(facts["duty"]), f"demand:{request.form['once']}"
    if len(chosen) > demand_run.AT_ONCE:
        demand_run.order(session, chosen, fee, key=key, today=facts["today"], by=by)
        said = _(
            "The demands are being written. An account that stays in the list without a demand is in collection, or the fee is "
            "above its cap."
        )
        return _done(facts, said)
    for account in session.scalars(select(Account).where(Account.id.in_(chosen)).order_by(Account.id)):
        try:
            demanding.write(session, account, fee=fee, key=key, today=facts["today"], by=by)
        except demand_run.REFUSED as error:
            return _refused({"accounts": _told(error, account)})
    return _done(facts, ngettext("%(n)d demand written.", "%(n)d demands written.", len(set(chosen))))


def _done(facts: dict, said: str):
    to = url_for(".index", organisation=facts["organisation"].id)
    remember(to)
    return done(None, to=to, say=said)


def _told(error: Exception, account: Account) -> str:
    number = account.number or str(account.id)
    if isinstance(error, by_hand.OverCap):
        write = fmt()
        cap, used = write.money(error.cap, account.currency), write.money(error.used, account.currency)
        return _(
            "Billing account %(number)s: the law allows fees of %(cap)s in all; %(used)s is booked already. No letter was written.",
            number=number, cap=cap, used=used,
        )  # fmt: skip
    return _("Billing account %(number)s is in collection, or nothing of it is overdue. No letter was written.", number=number)


def _refused(errors: dict):
    close()
    return refused(PAGE, **_place() | {"errors": errors, "typed": request.form.to_dict()})


@bp.get("/<int:id>/pdf")
@staff("billing")
def pdf(id):
    reached = select(Account.id).where(access.reach_accounts(g.viewer, "billing"))
    demand = one_or_404(select(Demand).where(Demand.id == id, Demand.account_id.in_(reached)))
    account = session.get_one(Account, demand.account_id)
    creditor = session.get_one(Organisation, account.creditor_id)
    whom = demanding.addressee(session, demand)
    # The paper carries name and address.
    require(not whom.undisclosed or access.may_see_contacts(g.viewer, creditor.id, undisclosed=True))
    name, octets = _paper(demand, account, creditor, whom)
    answer = make_response(octets)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = disposition(name, "download" in request.args)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _paper(demand: Demand, account: Account, creditor: Organisation, whom: demanding.Addressee) -> tuple[str, bytes]:
    """(name of the file, PDF) in the language of the person's invoices."""
    # Papers are drawn seldom.
    from resident.money import demand_pdf

    code = next(one for one in (whom.language, creditor.languages.split()[0], _locale.SOURCE) if one in _locale.languages())
    of, write = _locale.words(code), formats.of(code)
    _ = of.text
    title, money = _("Demand for payment"), lambda minor: write.money(minor, account.currency)
    kinds = invoice_words.kinds(of)
    rows = [
        (
            _("%(what)s, due on %(day)s", what=f"{kinds[kind]} {number}".strip(), day=write.date(due)),
            money(amount),
        )
        for kind, number, due, amount in demand.items
    ]
    if demand.facts["fee"]:
        rows.append((kinds["fee"], money(demand.facts["fee"])))
    letter = demand_pdf.Letter(
        sender=[creditor.name, *filter(None, (creditor.address, creditor.phone, creditor.email))],
        addressee=[whom.name, *whom.lines],
        title=title,
        day=write.long(demand.day),
        said=[
            _("What is listed below was to be paid by its due day and has not been paid."),
            _("Pay %(amount)s by %(day)s. Until it is paid, late interest runs on the invoices as the law provides.",
              amount=money(demand.amount), day=write.long(demand.due)),
        ],
        rows=[*rows, (_("To pay"), money(demand.amount))],
        payment=_payment(creditor, account.number, demand.facts["reference"], of, write),
        end=_("If you cannot pay now, or think that something is wrong, write to us or call us before that day."),
    )  # fmt: skip
    return f"{title}, {account.number or account.id}, {demand.day}.pdf", demand_pdf.draw([letter])


def _payment(creditor: Organisation, account: str | None, reference: str | None, of: _locale.Words, write) -> list[tuple[str, str]]:
    """Where to pay, as invoices say it: a reference that is an account's number is not said twice."""
    _, payee = of.text, creditor.payee
    kind, number = payment_code.paid_to(creditor.country, payee, reference)
    printed = references.printed(reference, creditor.country) if reference and reference not in (number, account) else ""
    rows = [
        (_("Payee"), payee.get("payee") or creditor.name),
        (_("IBAN") if kind == "iban" else _("Bank account"), write.bank_account(number)),
        (_("BIC"), payee.get("bic")),
        (_("Bank"), payee.get("bank")),
        (_("Payment reference"), printed),
        (_("Billing account"), account),
    ]
    return [(what, value) for what, value in rows if value]
