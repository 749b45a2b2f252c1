"""Which code pays an invoice: by the creditor's country and where its money goes, with what is open, when, and by what it is
known. None where there is nothing to pay, or nowhere to pay it to."""

from contextlib import suppress
from dataclasses import dataclass

from ..money import references
from ..money.sheet import Sheet
from . import bank_barcode, epc, fitting, st00012, zbp


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """content: what the QR code holds, a text in UTF-8 or octets. barcode: Finnish digits, where there is one. shortened: the
    payee's name had no room in it."""

    scheme: str
    content: str | bytes
    level: str = "m"
    barcode: str = ""
    shortened: bool = False


def of(sheet: Sheet, purpose: str = "", letters: str = "utf-8") -> PaymentCode | None:
    """purpose: what the payment is for, in the language of the invoice; letters: of a Russian code."""
    left = sheet.total if sheet.open is None else sheet.open
    if sheet.void or left <= 0:
        return None
    # What was typed as the account's data, by whoever set the portal up, may be no account at all.
    with suppress(ValueError):
        return {"FI": _european, "EE": _european, "PL": _polish, "RU": _russian}[sheet.creditor["country"]](
            sheet, left, purpose, letters
        )
    return None


def account(sheet: Sheet) -> tuple[str, str]:
    """(kind, number) of where this invoice is paid to, as paid_to()."""
    return paid_to(sheet.creditor["country"], sheet.payee, sheet.reference)


def paid_to(country: str, payee: dict, reference: str | None) -> tuple[str, str]:
    """(kind, number): "iban" or "account". In Poland one's own account number is the reference. ("", "") when nobody has said
    where."""
    if country == "PL" and references.is_nrb(reference or ""):
        return "account", reference
    return next(((kind, payee[kind]) for kind in ("iban", "account") if payee.get(kind)), ("", ""))


def _european(sheet: Sheet, left: int, purpose: str, _letters: str) -> PaymentCode | None:
    payee, country = sheet.payee, sheet.creditor["country"]
    if sheet.currency != "EUR" or not payee.get("iban"):
        return None
    name, barcode, reference = payee.get("payee") or sheet.creditor["name"], "", sheet.reference or ""
    if country == "FI":
        with suppress(ValueError):
            barcode = bank_barcode.digits(payee["iban"], left, reference, sheet.due)
    # Only Finland's banks take the national form where the standard has RF.
    elif references.is_731(reference, country):
        reference = references.rf(reference)
    structured = references.is_rf(reference) or references.is_731(reference, country)
    said = epc.text(
        name,
        payee["iban"],
        left,
        bic=payee.get("bic", ""),
        reference=reference if structured else "",
        message="" if structured else reference or purpose,
        due=sheet.due if country == "FI" else None,
    )
    return PaymentCode("epc", said, barcode=barcode, shortened=not fitting.fits(name, 70))


def _polish(sheet: Sheet, left: int, _purpose: str, _letters: str) -> PaymentCode | None:
    from stdnum.pl import nip

    if sheet.currency != "PLN":
        return None
    code, name = sheet.creditor.get("registry_code") or "", sheet.payee.get("payee") or sheet.creditor["name"]
    known = nip.compact(code) if nip.is_valid(code) else ""
    said = zbp.text(account(sheet)[1], left, name, sheet.number, nip=known)
    return PaymentCode("zbp", said, level="l", shortened=not fitting.fits(name, zbp.RECIPIENT))


def _russian(sheet: Sheet, left: int, purpose: str, letters: str) -> PaymentCode | None:
    from stdnum.ru import inn

    if sheet.currency != "RUB":
        return None
    payee, code = sheet.payee, sheet.creditor.get("registry_code") or ""
    number = sheet.reference or sheet.account or ""
    # Many banks pass on the purpose alone: what comes back is known by the number in it (banking/matching.py).
    told = f"л/с {number}" if number else ""
    year, month = sheet.month.split("-")
    said = st00012.octets(
        {
            "Name": payee.get("payee") or sheet.creditor["name"],
            "PersonalAcc": payee.get("account"),
            "BankName": payee.get("bank"),
            "BIC": payee.get("bic"),
            "CorrespAcc": payee.get("corresp"),
        },
        {
            "Sum": left,
            "Purpose": ", ".join(filter(None, (fitting.fitted(purpose, 208 - len(told)), told))),
            "PayeeINN": code if inn.is_valid(code) else "",
            "PersAcc": number,
            "PayerAddress": sheet.addressee.get("home") or "",
            "PaymPeriod": f"{month}{year}",
            "TechCode": "02",
        },
        letters,
    )
    return PaymentCode("st00012", said, shortened=not fitting.fits(payee.get("payee") or "", 160))
