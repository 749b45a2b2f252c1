"""How an invoice is called, on the page and on paper, and its PDF as an answer."""

import re
from typing import NamedTuple

from flask import make_response, request

from resident import format as formats
from resident.money import invoice_pdf, references
from resident.money.sheet import Sheet
from resident.money.year import Row

from . import _locale
from ._download import disposition
from ._locale import Np_, Words, language, words


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


def remarks(sheet: Sheet, note: dict, of: Words | None = None) -> tuple[str, ...]:
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
        _("After the due date, late interest runs as the law provides. What is not yet due bears none."),
        best(note, of.language, sheet.creditor["languages"])[0],
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
        "total": _("Amount due"),
        "what": _("What for"),
        "quantity": _("Quantity"),
        "price": _("Unit price"),
        "sum": _("Amount, %(currency)s", currency=sheet.currency),
        "estimated_mark": _("estimated"),
        "page": _("Page %(page)s of %(pages)s"),
    }


def reference(sheet: Sheet) -> str:
    """The payment reference as the creditor's country prints it."""
    return references.printed(sheet.reference, sheet.creditor["country"]) if sheet.reference else ""


def paper(sheet: Sheet, note: dict) -> tuple[str, bytes]:
    """(name of the file, PDF) in the invoice's language. note: the organisation's balance note, by language."""
    code = sheet.language if sheet.language in _locale.languages() else _locale.SOURCE
    of = words(code)
    said = paper_words(sheet, of)
    octets = invoice_pdf.draw(sheet, said, formats.of(code), remarks(sheet, note, of))
    return re.sub(r"[\x00-\x1f/\\]+", " ", f"{said['title']}, {sheet.number}.pdf"), octets


def pdf(sheet: Sheet, note: dict):
    """The PDF shown in the browser or, with ?download=1, saved."""
    name, octets = paper(sheet, note)
    answer = make_response(octets)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = disposition(name, "download" in request.args)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def kinds() -> dict[str, str]:
    """What the entries of a billing account are called."""
    pgettext = _locale.pgettext
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
