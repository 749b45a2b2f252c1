"""The Russian management company: an owner's readings, the house council that closes them, the supplier of cold water."""

import re

import pytest

from .steps import answer_thread, check, drums, enter, own, see, speaks, value, write_thread

pytestmark = pytest.mark.parametrize("script", [True, False], indirect=True, ids=["script", "plain"], scope="module")
HOME = "42"


def _address(page) -> str:
    """Where the desk enters readings for the owner's home."""
    page.goto("/desk/readings")
    return page.locator(f'#sheet tr:has(th a:text-is("{HOME}")) th a').get_attribute("href")


def test_an_owner_sends_readings_and_the_house_sees_that_they_are_sent(visit):
    page = visit("ru-owner", language="ru")
    page.goto("/readings/house")
    homes = page.locator("main .rows li")
    assert homes.count() == 45
    page.goto("/readings")
    speaks(page, "ru", "Submit readings", "Check and confirm")
    water = drums(page)[0]
    page.fill(f"#m{water['id']}", value(water))
    check(page)
    page.locator('form[action="/readings"] .acts .btn').first.click()
    page.locator("#done").wait_for()
    page.goto("/readings/house")
    speaks(page, "ru", "Who has submitted readings")
    row = homes.filter(has=page.locator(f'b:text-is("{HOME}")'))
    assert row.locator(".tag").get_attribute("class") in ("tag none", "tag done")
    assert not re.search(r"\d,\d{3}", page.locator("main").inner_text()), "no readings, only who has submitted"


def test_what_the_council_entered_closes_the_owners_entry_and_says_whom_to_ask(visit):
    page = visit("ru-owner", language="ru")
    page.goto("/readings")
    drum = drums(page)[-1]
    page.fill(f"#m{drum['id']}", value(drum))
    council = visit("ru-council", language="ru")
    address = _address(council)
    council.goto(address)
    inputs = council.locator("#home input.cell")
    place = [one.get_attribute("name")[1:] for one in inputs.all()].index(drum["id"])
    enter(council, address, place, 40)
    speaks(council, "ru", "Readings")

    page.locator('form[action="/readings/check"] .acts .btn').first.click()
    page.locator(".errors").wait_for()
    said = page.locator(".errors").inner_text()
    assert "555-01-10" in said, said
    page.goto("/readings")
    assert page.locator(f"#m{drum['id']}").count() == 0
    assert "555-01-10" in page.locator(f"#c{drum['id']}").inner_text()


def test_the_supplier_sees_only_its_medium(visit):
    council, supplier = visit("ru-council", language="ru"), visit("ru-provider", language="ru")
    address = _address(council)
    council.goto(address)
    supplier.goto("/desk/readings")
    homes = supplier.locator("#sheet table").first
    assert homes.locator("thead th.num").count() == 1
    media = supplier.locator("#f-medium option").evaluate_all("all => all.map(one => one.value).filter(Boolean)")
    assert media == ["cold_water"]
    for path in ("/desk/homes", "/desk/invoices", "/desk/faults", "/desk/imports"):
        assert supplier.goto(path).status == 403, path
    supplier.goto(address)
    everything = council.locator("#home form tbody tr").count()
    assert 0 < supplier.locator("#home form tbody tr").count() < everything


def test_a_question_to_the_council_is_answered(visit, script):
    page = visit("ru-owner", language="ru")
    key = write_thread(page, "Ключ от подвала", "У кого ключ от подвала?", to="council")
    council = visit("ru-council", language="ru")
    council.goto("/desk/messages?order=newest")
    own(council, f"/desk/messages/{key}").click()
    council.wait_for_url(f"**/desk/messages/{key}")
    answer_thread(council, f"/desk/messages/{key}", "Ключ у меня, квартира 7.")
    see(page, f"/messages/{key}", script)
    assert page.locator(".msg", has_text="Ключ у меня").count() == 1
    office = visit("ru-office", language="ru")
    assert office.goto(f"/desk/messages/{key}").status == 404, "what is written to the council is the council's"


def test_the_office_sees_who_has_submitted_by_staircase(visit):
    page = visit("ru-office", language="ru")
    page.goto("/desk/readings")
    assert page.locator("#progress progress").count() == 3
    page.select_option("#f-state", "missing")
    page.locator("#sheet .filters button").click()
    page.wait_for_url("**/desk/readings?*state=missing*")
    page.locator("#sheet tbody tr").first.wait_for()
    assert page.locator("#sheet tbody .head .tag.done").count() == 0
