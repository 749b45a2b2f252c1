"""Payments in, at the desk: those that wait for somebody to say where they belong, and the files that brought them."""

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.banking import account_search, deciding, journal, queue, recognising, suggesting
from resident.banking.bank_account import BankAccount
from resident.banking.bank_file import BankCredit, BankCsv, BankFile

from .. import _bank_words
from .._gate import staff
from .._locale import _, pgettext
from .._security import takes_files
from .._typed import day_and_key, minor, plain, whole
from .._uploads import sent
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session, settings
from . import _organisation, _payout

bp = Blueprint("desk_payments", __name__, url_prefix="/desk/payments")
FILES = 20
STATES = ("", "booked", "waiting", "aside", "reversed", "told")


@bp.get("")
@staff("money")
def index():
    organisation, visible = _controller(), access.visible_bank_credits(g.viewer)
    rows, more = queue.waiting(session, visible, organisation.id, day_and_key(request.args, "after"))
    last = rows[-1] if more else None
    count, amount = queue.totals(session, visible, organisation.id)
    return page(
        "desk/payments/index.html",
        part="desk/payments/_list.html",
        title=_("Payments in"),
        organisation=organisation,
        others=_organisation.choice(access.whole_duties(g.viewer, "money")),
        rows=rows,
        count=count,
        amount=amount,
        words=_bank_words,
        later="after" in request.args,
        following=f"{last.booked_day}:{last.id}" if last else None,
        files=(files := queue.files(session, access.visible_bank_files(g.viewer), organisation.id, None, 5)[0]),
        still=queue.still_waiting(session, [file.id for file in files]),
        may=_may(organisation.id),
    )


# ---- Files -----------------------------------------------------------------------------------------------------------


@bp.get("/files")
@staff("money")
def files():
    return page("desk/payments/files.html", **_files_facts(_controller()))


@bp.post("/files")
@staff("billing")
@takes_files
def send():
    with sent("file", journal.new_file(settings().data_dir)) as file:
        duty = _organisation.of(access.whole_duties(g.viewer, "billing"))
        organisation = duty.organisation
        if file.path is None:
            return _not_sent(organisation, _("Choose a file."))
        if file.path.stat().st_size > recognising.WEB:
            return _not_sent(organisation, _bank_words.refusal({"why": "large", "limit": recognising.WEB}))
        if again := first_sending(g.viewer.login_id):
            return again
        csv = _csv(organisation.id)
        if journal.under_way(session, organisation.id) >= journal.MOST:
            told = _("Several files are waiting already. Send this one when one of them has been read.")
            return _not_sent(organisation, told, 429)
        entered = journal.begin(session, organisation.id, file.path, file.name, csv_id=csv, by=g.viewer.as_staff(duty))
        to = url_for(".file", id=entered.id)
        remember(to)
        answer = done(None, to=to)
        file.enters()
        return answer


@bp.get("/files/<int:id>")
@staff("money")
def file(id: int):
    found = one_or_404(access.visible_bank_files(g.viewer).where(BankFile.id == id))
    state = request.args.get("state", "") if request.args.get("state", "") in STATES else ""
    after = whole(request.args, "after")
    rows, more = queue.of_file(session, found, state, after)
    return page(
        "desk/payments/file.html",
        part="desk/payments/_file.html",
        title=_("Bank file"),
        file=found,
        still=queue.still_waiting(session, [id]),
        organisation=_controller(found.organisation_id),
        rows=rows,
        state=state,
        following=rows[-1].id if more else None,
        later=after is not None,
        words=_bank_words,
    )


def _files_facts(organisation: access.Controller, **given) -> dict:
    found, more = queue.files(session, access.visible_bank_files(g.viewer), organisation.id, whole(request.args, "after"), FILES)
    named = select(BankCsv.id, BankCsv.name).where(BankCsv.organisation_id == organisation.id).order_by(BankCsv.name)
    return {
        "title": _("Bank files"),
        "organisation": organisation,
        "files": found,
        "still": queue.still_waiting(session, [file.id for file in found]),
        "older": found[-1].id if more else None,
        "named": dict(session.execute(named).all()),
        "limit": recognising.WEB,
        "folder": f"bank/{organisation.slug}/",
        "may": _may(organisation.id),
        "words": _bank_words,
    } | given


def _not_sent(organisation: access.Controller, sentence: str, status: int = 422):
    close()
    return refused("desk/payments/files.html", status=status, **_files_facts(organisation, errors={"file": sentence}))


def _csv(organisation_id: int) -> int | None:
    chosen = whole(request.form, "csv")
    if chosen is None:
        return None
    return one_or_404(access.visible_bank_csvs(g.viewer).where(BankCsv.id == chosen, BankCsv.organisation_id == organisation_id)).id


# ---- One payment -----------------------------------------------------------------------------------------------------


@bp.get("/<int:id>")
@staff("money")
def show(id: int):
    return page("desk/payments/payment.html", **_payment_facts(_payment(id)))


@bp.post("/<int:id>/booking")
@staff("billing")
def accept(id: int):
    credit = _to_decide(id)
    parts, errors = _parts(credit)
    if errors:
        return _not_decided(credit, errors)
    try:
        deciding.accept(session, credit, parts, by=_by(_account(credit).organisation_id), learn="learn" in request.form)
    except deciding.WrongParts as error:
        return _not_decided(credit, {"parts": _bank_words.parts_wrong(error.facts, _account(credit).currency)})
    except deciding.PaidOut:
        return _paid_out(credit)
    except deciding.WrongState:
        return _decided_already(credit)
    return done(None, to=url_for(".show", id=id), say=pgettext("of a payment", "Booked."))


@bp.post("/<int:id>/aside")
@staff("billing")
def set_aside(id: int):
    credit = _to_decide(id)
    try:
        deciding.set_aside(session, credit, plain(request.form.get("note", "")), by=_by(_account(credit).organisation_id))
    except deciding.WrongState:
        return _decided_already(credit)
    return done(None, to=url_for(".show", id=id), say=_("Left out of the books."))


@bp.post("/<int:id>/reopening")
@staff("billing")
def reopen(id: int):
    """Undo a booking by reversing its entries, or bring back what was set aside."""
    credit = _to_decide(id)
    undo = deciding.bring_back if credit.state == "aside" else deciding.undo
    try:
        undo(session, credit, by=_by(_account(credit).organisation_id))
    except deciding.PaidOut:
        return _paid_out(credit)
    except deciding.WrongState:
        return _decided_already(credit)
    waits = credit.state == "waiting"
    say = _("The payment waits again. What was booked was reversed.") if waits else _("Set aside. What was booked was reversed.")
    return done(None, to=url_for(".show", id=id), say=say)


@bp.post("/<int:id>/reversal")
@staff("billing")
def reverse(id: int):
    credit = _to_decide(id)
    original = one_or_404(access.visible_bank_credits(g.viewer).where(BankCredit.id == (whole(request.form, "payment") or 0)))
    try:
        deciding.accept_reversal(session, credit, original, by=_by(_account(credit).organisation_id))
    except (deciding.WrongState, deciding.WrongParts):
        return _decided_already(credit)
    return done(None, to=url_for(".show", id=id), say=_("The payment was taken back."))


def _payment(id: int) -> BankCredit:
    return one_or_404(access.visible_bank_credits(g.viewer).where(BankCredit.id == id))


def _to_decide(id: int) -> BankCredit:
    credit = _payment(id)
    require(_may(_account(credit).organisation_id))
    return credit


def _account(credit: BankCredit) -> BankAccount:
    return session.get_one(BankAccount, credit.bank_account_id)


def _parts(credit: BankCredit) -> tuple[list[tuple[int, int]], dict[str, str]]:
    """Accounts and amounts as they were sent; one account without an amount has all of it."""
    ids = [int(text) for text in request.form.getlist("account") if text.isdecimal() and len(text) <= 18]
    if len(ids) == 1 and "amount" not in request.form:
        return [(ids[0], credit.amount)], {}
    parts: list[tuple[int, int]] = []
    errors: dict[str, str] = {}
    for id in ids:
        try:
            amount = minor(request.form, f"amount-{id}")
        except ValueError:
            errors[f"amount-{id}"] = _("Write the amount in figures, such as 12.50.")
            continue
        if amount is not None:
            parts.append((id, amount))
    return parts, errors


def _payment_facts(credit: BankCredit, **given) -> dict:
    account = _account(credit)
    organisation = _controller(account.organisation_id)
    may, waits = _may(organisation.id), credit.state in ("waiting", "aside")
    looked_for = plain(request.args.get("text", ""))[:100]
    open_one = may and waits and credit.kind != "reversal" and credit.why != "payout"
    suggested = suggesting.suggestions(session, credit, account, organisation.country) if open_one else []
    found = account_search.find(session, g.viewer, organisation.id, looked_for) if open_one and looked_for else []
    picked = _picked(organisation.id)
    facts = suggesting.described(session, [*found, *picked], organisation.country)
    parts = queue.parts(session, credit, organisation.country)
    hidden = _hidden(organisation.id, [*(one.account_id for one in [*suggested, *parts]), *facts])
    return {
        "title": _("Payment"),
        "credit": credit,
        "account": account,
        "organisation": organisation,
        "file": session.get_one(BankFile, credit.file_id),
        "may": may,
        "choosable": open_one,
        **_payout.of(credit, organisation, waits, may),
        "kept": _payout.kept,
        "suggested": [one for one in suggested if one.account_id not in hidden],
        "found": [(id, *facts[id]) for id in found if id not in hidden],
        "picked": [(id, *facts[id]) for id in picked if id in facts and id not in hidden],
        "parts": parts,
        "undisclosed": any(part.account_id in hidden for part in parts),
        "originals": queue.originals(session, credit) if may and credit.kind == "reversal" and waits else [],
        "text": looked_for,
        "typed": {},
        "words": _bank_words,
    } | given


def _picked(organisation_id: int) -> list[int]:
    """Accounts over which somebody is about to split a payment; at most ten, of this organisation."""
    wanted = [*request.args.getlist("with"), *request.form.getlist("account")]
    ids = list(dict.fromkeys(int(text) for text in wanted if text.isdecimal() and len(text) <= 18))[:10]
    return account_search.own(session, organisation_id, ids)


def _hidden(organisation_id: int, account_ids: list[int]) -> set[int]:
    """Accounts of people under non-disclosure, for posts that do not see such people."""
    if access.may_see_contacts(g.viewer, organisation_id, undisclosed=True):
        return set()
    return queue.undisclosed(session, account_ids)


def _not_decided(credit: BankCredit, errors: dict, status: int = 422):
    close()
    return refused(
        "desk/payments/payment.html",
        status=status,
        **_payment_facts(_payment(credit.id), errors=errors, typed=request.form.to_dict()),
    )


def _decided_already(credit: BankCredit):
    sentence = _("Somebody has decided about this payment in the meantime. This is how it stands now.")
    return _not_decided(credit, {"payment": sentence}, 409)


def _paid_out(credit: BankCredit):
    sentence = _(
        "This comes from the account of a payment service. What residents paid there is booked already. If the account is not the "
        "service’s, remove it from the accounts of payment services first."
    )
    return _not_decided(credit, {"payment": sentence}, 409)


# ---- Whose -----------------------------------------------------------------------------------------------------------


def _controller(id: int | None = None) -> access.Controller:
    return _organisation.of(access.whole_duties(g.viewer, "money"), id).organisation


def _may(organisation_id: int) -> bool:
    return _organisation.within(access.whole_duties(g.viewer, "billing"), organisation_id)


def _by(organisation_id: int) -> access.Actor:
    return g.viewer.as_staff(_organisation.of(access.whole_duties(g.viewer, "billing"), organisation_id))
