"""Figures to an accounting program: a month's entries and invoices, harmless in a spreadsheet (S7, S41)."""

import csv
import io

import openpyxl

from resident.people.person import Person
from tests.invoices import books


def test_a_month_s_entries_and_invoices_as_csv_and_as_a_workbook(client, cast, db, today):
    with db.writing() as session:
        to = books.account(cast, session, cast.tenure_a1, number="1001")
        lines = [("=SUM(A1)", 12_500_000, "m³", 4_850_000, 6063), ("Hyvitys", None, None, None, -1000)]
        books.invoice(cast, session, to, today, today, 5063, lines=lines)
        books.pay(session, to, 5063, today, 1)
    accountant, month = client("accountant"), f"{today:%Y-%m}"
    assert "Download the figures" in accountant.get("/desk/figures").text
    made = _rows(accountant.post("/desk/figures/file", 200, what="invoices", month=month, kind="csv").data)
    assert [(row["Text"], row["Quantity"], row["Amount"]) for row in made] == [
        ("'=SUM(A1)", "12.5", "60.63"),
        ("Hyvitys", "", "-10.00"),
    ]
    assert made[0]["Payer"] == "Aino Virta" and made[0]["Billing account"] == "1001"
    entries = _rows(accountant.post("/desk/figures/file", 200, what="entries", month=month, kind="csv").data)
    assert [(row["Kind of entry"], row["Amount"]) for row in entries] == [("invoice", "50.63"), ("payment", "-50.63")]
    assert [row["Invoice"] for row in entries] == [made[0]["Invoice"], ""]
    book = openpyxl.load_workbook(
        io.BytesIO(accountant.post("/desk/figures/file", 200, what="entries", month=month, kind="xlsx").data)
    )
    assert [row[6] for row in book.active.iter_rows(min_row=2, values_only=True)] == [50.63, -50.63]
    accountant.post("/desk/figures/file", 404, what="entries", month="1999-01", kind="csv")


def test_another_organisation_s_are_not_there_and_whom_nobody_may_name_is_not_named(client, cast, db, today):
    with db.writing() as session:
        to = books.account(cast, session, cast.tenure_a1)
        books.invoice(cast, session, to, today, today, 900)
        session.get(Person, cast.tenant).non_disclosure = True
    asked = {"what": "invoices", "month": f"{today:%Y-%m}", "kind": "csv"}
    assert "Aino" not in client("accountant").post("/desk/figures/file", 200, **asked).text
    board = client("board")
    assert "Vuokra" not in board.post("/desk/figures/file", 200, **asked).text
    board.post("/desk/figures/file", 404, organisation=cast.koivu, **asked)


def _rows(octets: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig")), delimiter=";"))
