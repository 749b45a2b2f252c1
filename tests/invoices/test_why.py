"""Why the sum of an invoice changed: the page, to whom it opens, and what it weighs (B3)."""

import brotli
import pytest

from tests.invoices import books

MONTHS = {"2025-10": ("10", "4.00"), "2026-09": ("10", "4.20"), "2026-10": ("12", "4.20")}


def bill(cast, session, to, month, water, price, extra=()):
    from datetime import date

    quantity, unit = int(water) * books.SCALE, int(float(price) * 100) * books.SCALE // 100
    amount = quantity * unit * 100 // books.SCALE**2
    lines = [("Vuokra", books.SCALE, "kk", 600 * books.SCALE, 60000), ("Vesi", quantity, "m³", unit, amount), *extra]
    issued = date(int(month[:4]), int(month[5:]), 5)
    total = sum(line[-1] for line in lines)
    return books.invoice(cast, session, to, issued, issued.replace(day=20), total, lines=lines, month=month)


@pytest.fixture
def bills(cast, db):
    """By month; the last one has a new line."""
    with db.writing() as session:
        to = books.account(cast, session, cast.tenure_a1, number="1001")
        extra = {"2026-10": [("Sauna", None, None, None, 1500)]}
        return {month: bill(cast, session, to, month, *about, extra.get(month, ())) for month, about in MONTHS.items()}


def test_the_change_is_told_in_words_figures_and_a_picture_with_words(client, bills):
    text = client("tenant").get(f"/invoices/{bills['2026-10']}/why").text
    for said in (
        "This invoice is €23.40 higher than the one for September 2026.",
        "Vesi: 12\u00a0m³ instead of 10\u00a0m³ makes +€8.40.",
        "Sauna is new on this invoice: +€15.00.",
        'role="img" aria-labelledby="why-t" aria-describedby="why-d"',
        "+€23.40",
    ):
        assert said in text, said
    assert "Vuokra" in text and len(brotli.compress(text.encode(), quality=5)) <= 6 * 1024


def test_it_is_held_against_the_same_month_a_year_before_too(client, bills):
    tenant, url = client("tenant"), f"/invoices/{bills['2026-10']}/why?with=year"
    whole, part = tenant.get(url).text, tenant.get(url, htmx=True).text
    assert "Vesi: the price went from €4.00/m³ to €4.20/m³, which makes +€2.00." in whole
    assert "one for October 2025" in part and "<html" not in part
    first = tenant.get(f"/invoices/{bills['2025-10']}/why").text
    assert "There is no earlier invoice to compare this one with." in first


def test_the_invoice_leads_there_and_other_kinds_do_not(client, cast, db, bills, today):
    tenant = client("tenant")
    assert f"/invoices/{bills['2026-10']}/why" in tenant.get(f"/invoices/{bills['2026-10']}").text
    with db.writing() as session:
        to = books.account(cast, session, cast.tenure_a1)
        other = books.invoice(cast, session, to, today, today, 900, kind="separate", lines=[("Avain", None, None, None, 900)])
    assert "/why" not in tenant.get(f"/invoices/{other}").text


def test_neighbours_do_not_see_it_and_the_desk_does(client, bills):
    url = f"/invoices/{bills['2026-10']}/why"
    client("neighbour").get(url, status=404)
    client("occupant").get(url, status=404)
    assert "€23.40 higher" in client("office").get("/desk" + url).text
