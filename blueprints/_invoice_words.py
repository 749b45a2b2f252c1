"""How an invoice is called, on the page and on paper, and its PDF as an answer."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from flask import abort, make_response, request

from resident import format as formats
from resident import symbol
from resident.money import references
from resident.money.sheet import Sheet
from resident.money.year import Row
from resident.paying import fitting, payment_code, zbp
from resident.paying.payment_code import PaymentCode

from . import _locale, _vat_words
from ._download import disposition
from ._locale import Np_, Words, _, language, words


def title(kind: str, month: str, of: Words | None = None) -> str:
    """What an invoice is, with its month."""
    of = of or words(language())
    _, month = of.text, formats.of(of.language).month(month)
    return {
        "period": lambda: _("Invoice for %(month)s", month=month),
        "separate": lambda: _("Separate invoice, %(month)s", month=month),
        "reading": lambda: _("Invoice by readings, %(month)s", month=month),
        "settlement": lambda: _("Settlement of advances, %(month)s", month=month),
        "correction": lambda: _("Correction invoice, %(month)s", month=month),
    }[kind]()


class Bill(NamedTuple):
    """An invoice in a resident's list, in words. look: class of .tag; left: what is open of it, when that is a part."""

    url: str
    name: str
    about: str
    total: str
    word: str
    look: str
    left: str


def bills(rows: list[Row], under: str) -> list[Bill]:
    """The invoices of a list; under: the address below which each stands."""
    of, fmt = words(language()), _locale.fmt()
    return [_bill(row, f"{under}/{row.id}", of, fmt) for row in rows]


def _bill(row: Row, url: str, of: Words, fmt: formats.Format) -> Bill:
    _, month = of.text, fmt.month(row.month)
    name = month[:1].upper() + month[1:] if row.kind == "period" else title(row.kind, row.month, of)
    about = _("No. %(number)s", number=row.number)
    if row.state in ("waiting", "overdue"):
        about += " · " + _("pay by %(day)s", day=fmt.date(row.due))
    partly = row.open and row.open != row.total
    left = _("%(amount)s open", amount=fmt.money(row.open, row.currency)) if partly else ""
    return Bill(url, name, about, fmt.money(row.total, row.currency), *tag(row.state, row.paid_on, of), left)


_TAGS = {
    "waiting": (Np_("invoice", "Waiting for payment"), "wait"),
    "overdue": (Np_("invoice", "Overdue"), "no"),
    "credit": (Np_("invoice", "Credit"), "done"),
}


def tag(state: str, paid_on=None, of: Words | None = None) -> tuple[str, str]:
    """(words, class of .tag) of an invoice's state."""
    of = of or words(language())
    _, pgettext = of.text, of.context
    if state == "paid":
        return (_("Paid on %(day)s", day=formats.of(of.language).date(paid_on)) if paid_on else pgettext("invoice", "Paid")), "done"
    if state == "unbooked":
        return "", ""
    word, look = _TAGS[state]
    return pgettext(*word), look


def remarks(sheet: Sheet, notes: Iterable[dict], of: Words | None = None) -> tuple[str, ...]:
    """What rule 29 wants said beside the figures."""
    of = of or words(language())
    _ = of.text
    if sheet.estimated or any(line.estimated for line in sheet.lines):
        estimate = _("Some lines are estimated. The next true reading settles them.")
    else:
        estimate = _("Nothing on this invoice is estimated.")
    said = [
        _("This invoice is void. Do not pay it.") if sheet.void else "",
        estimate,
        # A credit falls due for nobody.
        _("After the due date, late interest runs as the law provides. What is not yet due bears none.") if sheet.total > 0 else "",
        _("It is credit and settles what falls due next.") if sheet.total < 0 and not sheet.void else "",
        *(best(note, of.language, sheet.creditor["languages"])[0] for note in notes),
    ]
    return tuple(text for text in said if text)


def best(texts: dict, wanted: str, served: str = "") -> tuple[str, str]:
    """(text, its language): the wanted one, else the first that the organisation serves, else any (rule 46)."""
    for code in (wanted, *served.split(), *texts):
        if texts.get(code):
            return texts[code], code
    return "", wanted


def paper_words(sheet: Sheet, of: Words) -> dict[str, str]:
    """The words of invoice_pdf.WORDS in one language."""
    _ = of.text
    return {
        "title": title(sheet.kind, sheet.month, of),
        "number": _("Invoice number"),
        "issued": _("Date of invoice"),
        "due": of.context("label before a date", "Pay by"),
        "month": _("Period"),
        "payer": _("Payer"),
        "home": _("Home"),
        "account": _("Billing account"),
        "payee": _("Payee"),
        "iban": _("IBAN"),
        "bank_account": _("Bank account"),
        "bic": _("BIC"),
        "bank": _("Bank"),
        "reference": _("Payment reference"),
        "reference_value": reference(sheet),
        "total": _("Amount due") if sheet.total >= 0 else of.context("invoice", "Credit"),
        "what": _("What for"),
        "quantity": _("Quantity"),
        "price": _("Unit price"),
        "sum": _("Amount, %(currency)s", currency=sheet.currency),
        "days": _("%(first)s to %(last)s"),
        "invoice": kinds(of)["invoice"],
        "estimated_mark": _("estimated"),
        "page": _("Page %(page)s of %(pages)s"),
        **state_numbers(of),
        **_vat_words.heads(of),
        "code": _("Read this code with your bank’s application."),
        "barcode": _("Bank barcode"),
        # Translators: a label before a sum: what is left of an invoice.
        "open": _("Still open"),
    }


def state_numbers(of: Words | None = None) -> dict[str, str]:
    """What the numbers are called that the state's system gives to an account, in Russia."""
    _ = (of or words(language())).text
    return {"els": _("Unified personal account (ЕЛС)"), "zku": _("Identifier of the service (ЖКУ)")}


def reference(sheet: Sheet) -> str:
    """The payment reference as the creditor's country prints it."""
    return references.printed(sheet.reference, sheet.creditor["country"]) if sheet.reference else ""


def paper(sheet: Sheet, notes: Iterable[dict], letters: str = "utf-8") -> tuple[str, bytes]:
    """(name of the file, PDF) in the invoice's language. notes: setting.invoice_notes(); letters: of a
    Russian payment code (setting code_letters)."""
    # Papers are drawn seldom.
    from resident.money import invoice_pdf

    made = _laid_out(sheet, notes, letters)
    return re.sub(r"[\x00-\x1f/\\]+", " ", f"{made.words['title']}, {sheet.number}.pdf"), invoice_pdf.draw([made])


def papers(sheets: Iterable[Sheet], notes: Iterable[dict]) -> bytes:
    """The same of many invoices in one PDF, each in its language."""
    from resident.money import invoice_pdf

    return invoice_pdf.draw([_laid_out(sheet, notes, "utf-8") for sheet in sheets])


def _laid_out(sheet: Sheet, notes: Iterable[dict], letters: str):
    from resident.money import invoice_pdf

    tongue = sheet.language if sheet.language in _locale.languages() else _locale.SOURCE
    of = words(tongue)
    told, vat = remarks(sheet, notes, of), _vat_words.of_sheet(sheet, of)
    return invoice_pdf.laid_out(sheet, paper_words(sheet, of), formats.of(tongue), told, code(sheet, letters), vat)


def code(sheet: Sheet, letters: str = "utf-8") -> PaymentCode | None:
    """What pays the invoice by a bank's application; what it is for is said in the invoice's language."""
    tongue = sheet.language if sheet.language in _locale.languages() else _locale.SOURCE
    return payment_code.of(sheet, f"{title(sheet.kind, sheet.month, words(tongue))}, {sheet.number}", letters)


def shortened(sheet: Sheet) -> tuple[str, ...]:
    """For the desk: the payee's name has no room in the code, and what it says instead."""
    made = code(sheet)
    if made is None or not made.shortened:
        return ()
    name = fitting.fitted(sheet.payee.get("payee") or sheet.creditor["name"], zbp.RECIPIENT if made.scheme == "zbp" else 70)
    return (_("The payee’s name is longer than the payment code has room for. The code says: %(name)s", name=name),)


def code_picture(sheet: Sheet, letters: str):
    """The QR code as a picture of its own; 404 where nothing is to be paid."""
    made = code(sheet, letters) or abort(404)
    answer = make_response(symbol.svg(made.content, made.level))
    answer.mimetype = "image/svg+xml"
    return answer


def copied(sheet: Sheet) -> list[tuple[str, str, str, str]]:
    """What a payer types into a bank's form, each to be copied: (name, as it is shown, as it is copied, what the button says)."""
    write, (kind, number) = _locale.fmt(), payment_code.account(sheet)
    payee, left = sheet.payee, sheet.total if sheet.open is None else sheet.open
    name = payee.get("payee") or sheet.creditor["name"]
    # A virtual account or a personal account is the reference, and is not said twice.
    personal = sheet.account if sheet.account == sheet.reference else ""
    said = personal or (kind == "account" and number == sheet.reference)
    account = (_("IBAN"), _("Copy the IBAN")) if kind == "iban" else (_("Bank account"), _("Copy the account number"))
    rows = [
        (_("Payee"), name, name, _("Copy the payee")),
        (account[0], write.bank_account(number), "".join(number.split()), account[1]),
        (_("BIC"), payee.get("bic"), "", ""),
        (_("Bank"), payee.get("bank"), "", ""),
        (_("Billing account"), sheet.account, personal, _("Copy the number")),
        *((state_numbers()[name], number, number, _("Copy the number")) for name, number in sheet.state_numbers.items()),
        (_("Payment reference"), "" if said else reference(sheet), sheet.reference, _("Copy the payment reference")),
    ]
    if left > 0 and not sheet.void:
        day = write.date(sheet.due)
        rows += [
            (_("Sum"), write.money(left, sheet.currency), f"{left // 100}{write.point}{left % 100:02d}", _("Copy the sum")),
            (_locale.pgettext("label before a date", "Pay by"), day, day, _("Copy the date")),
        ]
    return [row for row in rows if row[1]]


def pdf(sheet: Sheet, notes: Iterable[dict], letters: str = "utf-8"):
    """The PDF shown in the browser or, with ?download=1, saved."""
    name, octets = paper(sheet, notes, letters)
    answer = make_response(octets)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = disposition(name, "download" in request.args)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def kinds(of: Words | None = None) -> dict[str, str]:
    """What the entries of a billing account are called."""
    pgettext = of.context if of else _locale.pgettext
    return {
        "opening": pgettext("entry", "Opening balance"),
        "invoice": pgettext("entry", "Invoice"),
        "payment": pgettext("entry", "Payment"),
        "interest": pgettext("entry", "Late interest"),
        "fee": pgettext("entry", "Collection fee"),
        "refund": pgettext("entry", "Refund"),
        "write_off": pgettext("entry", "Write-off"),
        "transfer": pgettext("entry", "Transfer"),
        "correction": pgettext("entry", "Correction"),
    }
