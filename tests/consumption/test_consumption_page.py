"""What a home uses, on its page: figures, chart and table alike; estimates marked; money only for who may see invoices."""

import re
from calendar import isleap
from datetime import date

import pytest
from sqlalchemy import update

from resident import clock
from resident.metering.reading import Reading
from resident.metering.sample import Sample
from resident.people.tenure import Party
from tests.metering.counters import YEAR

MONTHS = f"/consumption?at={YEAR}-01-15"


def page(someone, url: str = MONTHS) -> str:
    """A page's text with plain spaces."""
    return someone.get(url).text.replace("\xa0", " ")


def table(text: str) -> list[list[str]]:
    """Cells of the page's table, without marks."""
    rows = re.findall(r"<tr>(.*?)</tr>", text[text.index("<tbody>") :], re.S)
    return [[re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in rows]


def bars(text: str, look: str) -> int:
    return text.count(f'<rect class="{look}" x=')


def test_a_month_by_hand_beside_the_year_before(tenant, home):
    text = page(tenant)
    assert table(text)[-1] == ["January", "6.0", "6.0", "0.0"]
    assert f"January {YEAR}: 6.0 m³." in text and "as much as a year before" in text
    text = page(tenant, f"/consumption?at={YEAR - 1}-06-15")
    assert [row[1] for row in table(text)] == ["6.0"] * 12
    assert bars(text, "now") == 12 and bars(text, "was") == 0


def test_the_chart_is_told_to_whoever_does_not_see_it(tenant, home):
    text = page(tenant)
    svg = re.search(r"<svg class=\"chart\".*?</svg>", text, re.S)[0]
    assert 'role="img" aria-labelledby="use-chart-t" aria-describedby="use-chart-d"' in svg
    assert f'<desc id="use-chart-d">January {YEAR}: 6.0 m³.' in svg
    assert "<caption>The same figures as a table" in text


def test_htmx_gets_the_part_and_each_step_is_a_page(tenant, home):
    part = tenant.get("/consumption?step=year", htmx=True).text
    assert part.lstrip().startswith("<title>") and "<html" not in part and 'id="use"' in part
    for step in ("day", "week", "month", "year"):
        assert f"step={step}" in page(tenant, f"/consumption?step={step}")


@pytest.mark.parametrize("query", ["step=century", "at=yesterday", "at=9999-01-01", "at=0001-01-01", "at=1996-02-29&step=day"])
def test_nonsense_in_the_address_shows_what_there_is(tenant, home, query):
    tenant.get(f"/consumption?{query}")


def test_a_medium_that_the_home_has_not_is_not_there(tenant, home):
    tenant.get("/consumption?medium=gas", 404)
    assert "Hot water" in page(tenant, "/consumption?medium=hot_water")


def test_a_home_without_a_meter_says_so(client, home):
    assert "This home has no meter." in client("neighbour").get("/consumption").text


def test_an_estimate_is_marked_in_chart_key_and_table(tenant, home):
    with home.db.writing() as session:
        session.execute(
            update(Reading).where(Reading.register_id == home.cold, Reading.day == date(YEAR, 1, 31)).values(counts=False)
        )
        session.add(Reading(register_id=home.cold, day=date(YEAR, 1, 31), value=474_000_000, source="estimate", at=clock.now()))
    text = page(tenant)
    assert table(text)[-1][1].split() == ["14.0", "estimated"]
    assert bars(text, "now est") == 1 and "Estimated: between readings" in text
    assert '<rect class="now est" width' in text


def test_days_of_a_remote_meter_in_litres(tenant, home, remote):
    text = page(tenant, f"/consumption?step=day&at={YEAR}-02-10")
    rows = table(text)
    assert [row[1] for row in rows[-3:]] == ["300", "200", "100"]
    assert rows[1][:2] == [f"{date(YEAR, 2, 26):%a} 26 Feb", "2,600"]
    assert bars(text, "now") == 26 and "now est" not in text
    assert "/consumption/hours?" in text


def test_what_it_costs_so_far_and_by_the_end(tenant, client, home, remote, cast):
    text = page(tenant, "/consumption")
    # 26 days in February: 35.1 m³ at 4.50 and 2.00 for the month; two days more at a usual 200 l, three in a leap year.
    by_the_end = "€162.65" if isleap(YEAR) else "€161.75"
    assert "€159.95" in text and by_the_end in text
    assert "€4.50/m³" in text
    # K3, H2: an occupant of this organisation sees no money of the home; the price is no secret.
    seen = page(client("occupant"), "/consumption")
    assert "What it costs" not in seen and "€159.95" not in seen and "€4.50/m³" in seen


def test_similar_homes_are_shown_where_there_are_enough(tenant, home, remote):
    text = page(tenant)
    assert "homes of 50 m² to less than 65 m² · homes of your building · 8 homes" in text
    assert "The median of similar homes is 7.8 m³." in text
    assert text.count('<line class="avg" x1') == 1
    assert '<line class="avg"' not in page(tenant, f"/consumption?at={YEAR - 2}-05-05")


def test_a_possible_leak_is_told_first_with_a_report_ready(tenant, home, remote):
    text = page(tenant, "/consumption")
    assert "Water may be running without end" in text and "12 l" in text
    link = re.search(r'href="(/faults/new\?[^"]+)"', text[text.index("running without end") :])[1]
    assert "21-R" in tenant.get(link.replace("&amp;", "&")).text


def test_a_new_holder_sees_only_own_days(tenant, home, remote, cast):
    with home.db.writing() as session:
        session.execute(update(Party).where(Party.id == cast.party_tenant).values(first=date(YEAR, 2, 15)))
    assert len(table(page(tenant, f"/consumption?step=day&at={YEAR}-02-20"))) == 12
    assert "There is no data for this time" in page(tenant, f"/consumption?at={YEAR - 1}-06-15")
    file = page(tenant, "/consumption/file")
    assert f"{YEAR}-02-15" in file and f"{YEAR}-02-14" not in file


def test_hours_of_a_day(tenant, home, remote):
    first = int(clock.begins(date(YEAR, 2, 20), "Europe/Helsinki").timestamp())
    with home.db.writing() as session:
        for hour in range(25):
            session.add(Sample(register_id=remote, at=first + hour * 3600, value=hour * 7000))
    text = page(tenant, f"/consumption/hours?at={YEAR}-02-20")
    assert [row[1] for row in table(text)] == ["7"] * 24
    assert "There is no hourly data" in page(tenant, f"/consumption/hours?at={YEAR}-02-19")
    tenant.get("/consumption/hours?medium=hot_water", 404)


def test_the_file_has_no_formula_and_says_what_is_estimated(tenant, home, remote):
    answer = tenant.get("/consumption/file?medium=cold_water")
    assert answer.data.startswith(b"\xef\xbb\xbf") and answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    lines = answer.text.lstrip("\ufeff").split("\r\n")
    assert lines[0].startswith("First day,Last day,Medium,Used")
    assert f"{YEAR}-02-26,{YEAR}-02-26,Cold water,2.6,m³,1," in lines
    assert f"{YEAR - 1}-01-15,{YEAR - 1}-01-15,Cold water,0.193548,m³,1,yes" in "\n".join(lines)
    assert not [cell for line in lines for cell in line.split(",") if cell[:1] in ("=", "+", "@", "-")]


def test_a_text_that_a_spreadsheet_would_take_for_a_formula_gets_a_mark():
    from blueprints._use_file import plain

    assert [plain(text) for text in ("=1+1", "@x", "+3", "-2", "\tx", "Water")] == ["'=1+1", "'@x", "'+3", "'-2", "'\tx", "Water"]
