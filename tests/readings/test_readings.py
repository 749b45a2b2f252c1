"""A resident's readings, page by page: typed, checked, confirmed, with a receipt (K6, R4, B1, B6)."""

import re
from datetime import date
from threading import Thread
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, func, select, update

from resident.metering.meter import Meter
from resident.metering.reading import Reading, Receipt
from resident.money.period import BillingPeriod
from tests.client import fields
from tests.metering.counters import YEAR, move_to, period, reading, typed


def check(someone, home, cold="", hot="", status=200, htmx=False, **more):
    given = {"day": date(YEAR, 2, 27).isoformat(), f"m{home.cold}": cold, f"m{home.hot}": hot} | more
    return someone.post("/readings/check", status, htmx=htmx, **given)


def confirm(someone, checked, status=303, htmx=False, **answers):
    given = fields(checked.text)
    return someone.post("/readings", status, htmx=htmx, once=given.pop("once"), **(given | answers))


def test_the_form_shows_each_meter_with_its_last_value_and_what_is_usual(tenant, home):
    text = tenant.get("/readings?lang=en").text
    assert "00466" in text and "Kylmä" not in text and "Cold water" in text and "21-1" in text
    assert "Usually about 5.8\u00a0m³ in 30 days" in text
    assert "Open until the end of 5\u00a0March" in text and "The last accepted one counts" in text


def test_nothing_is_stored_before_confirmation_and_then_with_a_receipt_number(tenant, home, db):
    checked = check(tenant, home, "00472", "248", **{f"l{home.cold}": "100"})
    assert home.values(home.cold)[-1][0] == 466.0
    to = confirm(tenant, checked).headers["Location"]
    assert home.values(home.cold)[-1] == (472.1, "accepted", True) and home.values(home.hot)[-1] == (248.0, "accepted", True)
    assert f"N-{YEAR}-0001" in tenant.get(to).text


def test_going_back_from_the_check_keeps_what_was_typed(tenant, home):
    checked = check(tenant, home, "00472", "300", **{f"l{home.cold}": "100"})
    back = fields(tenant.post("/readings/edit", 200, **fields(checked.text)).text)
    assert (back[f"m{home.cold}"], back[f"l{home.cold}"], back[f"m{home.hot}"]) == ("00472", "100", "300")
    assert tenant.get("/readings/check", 303).headers["Location"] == "/readings"


@pytest.mark.parametrize("htmx", [False, True])
def test_what_cannot_be_read_is_told_at_its_field_and_everything_typed_stays(tenant, home, htmx):
    answer = check(tenant, home, "abc", "248", 422, htmx=htmx)
    assert f'id="m{home.cold}-error"' in answer.text and f'href="#m{home.cold}"' in answer.text
    kept = fields(answer.text)
    assert (kept[f"m{home.cold}"], kept[f"m{home.hot}"]) == ("abc", "248")
    assert htmx == answer.text.startswith("<title>")


def test_an_empty_form_and_a_day_that_is_none_are_told(tenant, home):
    tenant.get("/readings?lang=en")
    assert "Type at least one reading." in check(tenant, home, status=422).text
    assert f'href="#m{home.cold}"' in check(tenant, home, status=422).text
    assert 'href="#day"' in check(tenant, home, "472", status=422, day="yesterday").text
    assert check(tenant, home, "472", status=422, day=date(YEAR, 2, 28).isoformat())


def test_save_these_and_correct_that(tenant, home):
    answer = check(tenant, home, "472", "what", 422)
    assert 'name="partly"' in answer.text
    checked = check(tenant, home, "472", "what", partly="yes")
    to = confirm(tenant, checked, do="good").headers["Location"]
    assert home.values(home.cold)[-1][0] == 472.0 and home.values(home.hot)[-1][0] == 244.0
    link = re.search(r'href="(/readings\?m[^"]+)"', tenant.get(to).text)[1]
    assert fields(tenant.get(link).text)[f"m{home.hot}"] == "what"


def test_far_from_usual_asks_with_both_figures_and_wants_an_answer(tenant, home):
    tenant.get("/?lang=en")
    checked = check(tenant, home, "490", "248")
    assert "24.000\u00a0m³" in checked.text and "5.2" in checked.text
    again = confirm(tenant, checked, 422)
    assert f'href="#why{home.cold}"' in again.text
    to = confirm(tenant, again, **{f"why{home.cold}": "leak"}).headers["Location"]
    assert home.values(home.cold)[-1] == (490.0, "accepted", True)
    assert "/faults/new?category=water" in tenant.get(to).text


def test_a_lower_value_waits_for_staff_and_the_receipt_says_so(tenant, home):
    checked = check(tenant, home, "460")
    assert "rollover" not in checked.text and "estimate before" not in checked.text, "the last reading was a true one"
    to = confirm(tenant, checked, **{f"why{home.cold}": "shows"}).headers["Location"]
    assert home.values(home.cold)[-1] == (460.0, "pending", False)
    assert 'class="tag wait"' in tenant.get(to).text and 'class="tag wait"' in tenant.get("/readings").text
    with home.db.writing() as session:
        session.execute(update(Reading).where(Reading.state == "pending").values(state="accepted", counts=True))
    assert "estimate before" not in tenant.get(to).text, "nor was it one when the office accepts what the counter shows"


def test_the_same_form_sent_twice_makes_one_receipt(tenant, home, db):
    checked = fields(check(tenant, home, "472").text)
    once = checked.pop("once")
    places = {tenant.post("/readings", 303, once=once, **checked).headers["Location"] for _ in range(3)}
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == 1
    assert len(places) == 1


def test_the_same_form_sent_ten_times_at_once_makes_one_receipt(app, tenant, home, db):
    checked = fields(check(tenant, home, "472").text)
    cookie = tenant.http.get_cookie("resident").value
    answers = []

    def send():
        http = app.test_client()
        http.set_cookie("resident", cookie)
        answers.append(http.post("/readings", data=checked))

    threads = [Thread(target=send) for _ in range(10)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len([row for row in home.values(home.cold) if row[0] == 472.0]) == 1


def test_htmx_gets_fragments_with_the_focus_on_their_heading(tenant, home):
    checked = check(tenant, home, "472", htmx=True)
    assert '<h1 tabindex="-1" autofocus>' in checked.text and "<html" not in checked.text
    sent = confirm(tenant, checked, 200, htmx=True)
    assert re.match(r"/readings/receipts/\d+$", urlsplit(sent.headers["HX-Push-Url"]).path)
    assert 'id="say"' in sent.text and f"N-{YEAR}-0001" in sent.text


def test_every_reason_is_said_with_whom_to_ask(tenant, home, db, with_setting):
    with db.writing() as session:
        session.execute(update(Meter).where(Meter.serial == "21-1").values(remote=True))
    text = tenant.get("/readings?lang=en").text
    assert "read remotely" in text and f'name="m{home.cold}"' not in text and f'name="m{home.hot}"' in text
    move_to(YEAR, 3, 7)
    text = tenant.get("/readings").text
    assert "The reading window closed on 5\u00a0March" in text and "010 555 0140" in text and '<input type="date"' not in text
    assert check(tenant, home, hot="248", status=422)
    with db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="allocated"))
    assert "Costs are already shared out" in tenant.get("/readings").text
    move_to(YEAR, 2, 20)
    assert "You can send readings from 25\u00a0February" in tenant.get("/readings").text


def test_a_home_without_a_meter_is_told_so(client, home):
    assert "No meter is linked to this home" in client("neighbour").get("/readings?lang=en").text


def test_what_closes_between_check_and_confirmation_keeps_the_text(tenant, home, db):
    checked = check(tenant, home, "472")
    with db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="allocated"))
    assert confirm(tenant, checked, 422)
    assert home.values(home.cold)[-1][0] == 466.0


def test_a_receipt_is_the_homes_own(client, tenant, home, cast):
    to = confirm(tenant, check(tenant, home, "472")).headers["Location"]
    client("occupant").get(to)
    for stranger in ("neighbour", "owner"):
        client(stranger).get(to, 404)
    client("former").get(to, 404)


def test_history_shows_by_year_and_medium_who_entered_and_what_was_replaced(tenant, home, db):
    confirm(tenant, check(tenant, home, "472", "248"))
    confirm(tenant, check(tenant, home, "473"))
    text = tenant.get(f"/readings/history?lang=en&year={YEAR}&medium=cold_water").text
    assert "472.000" in text and "473.000" in text and "Replaced" in text and "Aino Virta" in text and "248.000" not in text
    assert "2014" not in text
    assert tenant.get("/readings/history?year=abc&medium=<x>")
    assert tenant.get("/readings/history", htmx=True).text.startswith("<title>")


def test_a_new_holders_history_begins_with_their_own_day(client, home, db, cast):
    with db.writing() as session:
        reading(session, home.cold, date(2016, 1, 31), "3", None)
    assert ">2016<" not in client("tenant").get("/readings/history").text


def test_the_houses_list_has_numbers_and_no_values_and_opens_by_setting(tenant, home, with_setting):
    tenant.get("/readings/house", 404)
    assert "/readings/house" not in tenant.get("/readings").text
    with_setting(house_list_open=True)
    confirm(tenant, check(tenant, home, "472"))
    text = tenant.get("/readings/house?lang=en").text
    # One of two values is not done, and nothing says that one came; homes without a meter are not in the list.
    assert ">Missing<" in text and "A 1" in text and "B 10" not in text
    assert not [words for words in ("Partly", "Waits", "remotely", "No meter") if words in text]
    assert "472" not in text and "Virta" not in text and "466" not in text
    confirm(tenant, check(tenant, home, "", "248"))
    assert ">Submitted<" in tenant.get("/readings/house?lang=en").text


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-31"])
def test_a_day_that_is_none_is_refused_at_confirmation_too_and_stores_nothing(tenant, home, db, day):
    given = fields(check(tenant, home, "472", "248").text)
    told = tenant.post("/readings", 422, **(given | {"day": day})).text
    assert "Choose the day on which you read the meters." in told and 'value="472"' in told
    assert home.values(home.cold)[-1][0] == 466.0


def test_every_refused_day_says_whom_to_ask_and_no_day_is_offered_that_cannot_be(tenant, home, db, with_setting):
    def said(day):
        return check(tenant, home, "480", status=422, day=day.isoformat()).text

    contact = "ask: Koivukallion Asunnot · 010 555 0140"
    told = said(date(YEAR, 2, 1))
    assert "before the reading window" in told and contact in told
    with_setting(late_readings="kept")
    move_to(YEAR, 3, 6)
    with db.writing() as session:
        reading(session, home.cold, date(YEAR, 3, 6), "474", period(session, home.cast.building, f"{YEAR}-05", "allocated"))
    told = said(date(YEAR, 3, 6))
    assert "Choose a later day" not in told and "7 Mar" in told and contact in told


def test_sentences_about_a_closed_counter_are_whole_each(tenant, home, db, with_setting):
    with_setting(entry_that_counts="staff_closes")
    home.submit(typed(**{f"r{home.cold}": "472"}), by=home.office)
    told = check(tenant, home, "473", status=422).text
    assert "This reading has been entered for you (Management, 27 Feb" in told and "). That reading counts." in told


def test_the_setting_which_entry_counts_is_said(tenant, home, with_setting):
    with_setting(entry_that_counts="staff_closes")
    assert "Once the office or the council has entered a reading, theirs counts." in tenant.get("/readings?lang=en").text
    home.submit(typed(**{f"r{home.cold}": "473"}), by=home.office)
    text = tenant.get("/readings").text
    assert "has been entered for you" in text and f'name="m{home.cold}"' not in text


def test_the_page_takes_four_selects_of_its_own_and_no_write(tenant, home, db):
    tenant.get("/readings")
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2].split()[0].upper()))
    tenant.http.get("/appearance")
    framework = seen.count("SELECT")
    seen.clear()
    tenant.http.get("/readings")
    assert seen.count("SELECT") - framework == 4 and not {"INSERT", "UPDATE", "DELETE"}.intersection(seen)


def test_no_reading_was_ever_changed_by_a_page(tenant, home, db):
    before = home.values(home.cold)
    for url in ("/readings", "/readings/history", "/readings/house"):
        tenant.get(url, None)
    assert home.values(home.cold) == before
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Reading)) == 24


def use(someone, home, text, red="", day=date(YEAR, 2, 27), status=200, counter=None):
    fields = {f"m{home.cold}": text, f"l{home.cold}": red, "day": day.isoformat()}
    return someone.post(f"/readings/use?counter={counter or home.cold}", status, htmx=True, **fields).text


@pytest.mark.parametrize(
    ("text", "red", "told"),
    [
        ("472", "", "<b>6.000\u00a0m³</b>"),
        ("472", "5", "<b>6.005\u00a0m³</b>"),
        ("472,5", "", "<b>6.500\u00a0m³</b>"),
        ("", "", "<b>–</b>"),
        ("472,", "", "<b>–</b></output>"),
        ("460", "", "lower than the last reading"),
        ("490", "", "much more than usual"),
        ("466", "100", "much less than usual"),
        ("466", "", "nothing used for longer than usual"),
        ("4a", "", "Write digits only"),
        ("1234567", "", "Check the digits"),
    ],
)
def test_the_use_beside_a_counter_hints_and_never_asks(tenant, home, text, red, told):
    answer = use(tenant, home, text, red)
    assert told in answer.replace("<small>Usual in 27 days: 5.2 to 5.4\u00a0m³</small>", "") and len(answer.encode()) < 2000
    assert answer.startswith(f'<output class="use" id="m{home.cold}-use"') and "radio" not in answer


def test_the_use_names_the_usual_range_for_the_days_since_the_last_reading(tenant, home):
    assert "Usual in 27 days: 5.2 to 5.4\u00a0m³" in use(tenant, home, "472")
    assert "Usual in 26 days: 5.0 to 5.2\u00a0m³" in use(tenant, home, "472", day=date(YEAR, 2, 26))


def test_the_use_is_of_a_counter_of_ones_own_that_is_open_and_stores_nothing(tenant, client, home, db):
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2].split()[0].upper()))
    use(tenant, home, "472")
    assert not {"INSERT", "UPDATE", "DELETE"}.intersection(seen)
    use(client("neighbour"), home, "472", status=404)
    use(tenant, home, "472", counter=home.cold + 1000, status=404)
    move_to(YEAR, 3, 9)
    use(tenant, home, "472", status=404)


def test_after_the_window_the_pages_say_that_what_was_sent_may_be_corrected(tenant, home):
    to = confirm(tenant, check(tenant, home, "472")).headers["Location"]
    assert "Possible until the costs are shared out" in tenant.get(to).text
    move_to(YEAR, 3, 9)
    says = "What you have sent can be corrected until the costs are shared out."
    text = tenant.get("/readings").text
    assert "The reading window closed on 5\u00a0March" in text and says in text
    assert f'name="m{home.cold}"' in text and f'name="m{home.hot}"' not in text and f'value="{YEAR}-02-27"' in text
    assert says in tenant.get("/").text and "Possible until the costs are shared out" in tenant.get(to).text
    confirm(tenant, check(tenant, home, "471"))
    assert home.values(home.cold)[-2:] == [(472.0, "accepted", False), (471.0, "accepted", True)]


def test_once_the_costs_are_shared_out_no_page_offers_a_correction(tenant, home, db):
    to = confirm(tenant, check(tenant, home, "472")).headers["Location"]
    move_to(YEAR, 3, 9)
    with db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="allocated"))
    for page in ("/", "/readings", to):
        assert "corrected until" not in tenant.get(page).text and "Possible until" not in tenant.get(page).text


def test_a_home_that_sent_nothing_is_told_nothing_on_its_first_page_after_the_window(tenant, home):
    move_to(YEAR, 3, 9)
    text = tenant.get("/").text
    assert "Nothing waits for you now." in text and "corrected until" not in text
