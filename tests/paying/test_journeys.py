"""A payment from the form to the ledger, with each of the three providers: in every order, any number of times, and when they
are away, forge, or change the sum."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from resident import clock
from resident.jobs import Job
from resident.money.booking import book
from resident.money.ledger import OpenItem
from resident.paying import hearing, line, polling
from resident.paying.intent import PaymentIntent
from resident.people.person import Person
from resident.people.tenure import Party
from tests.at_once import meanwhile

VENDORS = ("paytrail", "stripe", "montonio")
each_vendor = pytest.mark.parametrize("vendor", VENDORS)
sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def look(payer) -> int:
    return polling.look(payer.db, payer.app.extensions["resident.payments"])


@each_vendor
def test_the_browser_comes_back_before_the_callback(payer, vendor):
    payment = payer.go(vendor)
    payment.state = "paid"
    page = payer.come_back(payment)
    assert "The payment has arrived" in page.text and "M-20" in page.text
    payer.call(payment)
    payer.call(payment)
    payer.come_back(payment)
    assert payer.booked() == [(-10000, "intent:1")]
    assert [state for state, _, _ in payer.intents()] == ["paid"]


@each_vendor
def test_the_callback_comes_first_twice_and_the_browser_never(payer, vendor):
    payment = payer.go(vendor)
    payment.state = "paid"
    payer.call(payment)
    payer.call(payment)
    assert payer.booked() == [(-10000, "intent:1")]
    assert "€1,124.80" in payer.get("/invoices").text
    assert look(payer) == 0


@each_vendor
@sqlite
def test_nobody_comes_back_and_the_worker_asks(payer, vendor, later):
    payment = payer.go(vendor)
    payment.state = "paid"
    later(minutes=14)
    assert look(payer) == 0 and payer.booked() == []
    later(minutes=16)
    polling.recur(payer.db, payer.app.extensions["resident.settings"])
    assert look(payer) == 0
    assert payer.booked() == [(-10000, "intent:1")]


@each_vendor
def test_failed_and_then_paid_after_all(payer, vendor):
    payment = payer.go(vendor)
    payment.state = "failed"
    payer.call(payment)
    assert payer.intents()[0].state == "failed" and payer.booked() == []
    page = payer.get("/invoices/pay/1").text
    assert "did not go through" in page and "Pay again" in page
    payment.state = "paid"
    payer.call(payment)
    payment.state = "failed"
    payer.call(payment)
    assert payer.intents()[0].state == "paid" and payer.booked() == [(-10000, "intent:1")]


@sqlite
def test_what_went_back_before_it_was_booked_is_not_booked_and_after_it_is_looked_into(payer, client):
    first = payer.go("montonio")
    payer.call(first, paymentStatus="REFUNDED")
    assert payer.intents() == [("failed", None, None)] and payer.booked() == []
    second = payer.go("montonio", once="k2")
    second.state = "paid"
    payer.call(second)
    payer.call(second, paymentStatus="REFUNDED")
    state, trouble, receipt = payer.intents()[1]
    assert (state, trouble, bool(receipt)) == ("paid", "other", True) and payer.booked() == [(-10000, "intent:2")]
    assert second.ref in client("accountant").get("/desk/online-payments?state=trouble").text


@each_vendor
@sqlite
def test_another_sum_is_noted_and_not_booked(payer, vendor):
    payment = payer.go(vendor)
    payment.state = "paid"
    payer.call(payment, **{"paytrail": {"amount": "1"}, "stripe": {"amount_total": 1}, "montonio": {"grandTotal": 0.01}}[vendor])
    assert payer.intents() == [("pending", "amount", None)] and payer.booked() == []
    assert "Please do not pay again" in payer.get("/invoices/pay/1").text
    # The true word afterwards clears it.
    payer.call(payment)
    assert payer.booked() == [(-10000, "intent:1")] and payer.intents()[0].trouble is None


@pytest.mark.parametrize(("vendor", "changed"), [("stripe", {"currency": "sek"}), ("montonio", {"currency": "PLN"})])
@sqlite
def test_another_currency_is_noted_and_not_booked(payer, vendor, changed):
    payment = payer.go(vendor)
    payment.state = "paid"
    payer.call(payment, **changed)
    assert payer.intents() == [("pending", "amount", None)] and payer.booked() == []


@each_vendor
@sqlite
def test_the_word_about_another_payment_books_neither(payer, vendor):
    """A small payment's proof under the name of a large one: by our name, by theirs, and for nobody's."""
    small, large = payer.go(vendor, "1,00", once="a"), payer.go(vendor, "600,00", once="b")
    small.state = large.state = "paid"
    name = {"paytrail": "stamp", "stripe": "client_reference_id", "montonio": "merchantReference"}[vendor]
    ref = {"paytrail": "transaction-id", "stripe": "id", "montonio": "uuid"}[vendor]
    ours = large.asked[name] if vendor != "paytrail" else large.asked["stamp"]
    payer.call(small, **{name: ours})
    payer.call(large, **{ref: small.ref})
    payer.call(small, **{name: "nobody's"})
    assert payer.booked() == [] and {trouble for _, trouble, _ in payer.intents()} == {None, "other"}


@each_vendor
@sqlite
def test_a_wrong_signature_is_refused_and_an_address_that_goes_on_is_kept_waiting(payer, vendor):
    payment = payer.go(vendor)
    payment.state = "paid"
    given = payment.callback()
    path = given["path"] or "/paying/stripe/callback"
    forged = {
        "paytrail": {"path": path.replace("amount=10000", "amount=10001")},
        "stripe": {"path": path, "headers": {"Stripe-Signature": given.get("headers", {}).get("Stripe-Signature", "")[:-1] + "x"}},
        "montonio": {"path": path, "data": given.get("data", b"")[:-3] + b'x"}'},
    }[vendor]
    stranger = payer.app.test_client()
    assert stranger.open(**(given | forged)).status_code == 400
    assert payer.booked() == [] and payer.intents()[0].state == "pending"
    for _ in range(59):
        stranger.open(**(given | forged))
    answer = stranger.open(**(given | forged))
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0


@sqlite
def test_nobody_makes_us_ask_stripe_about_sessions_that_are_not_ours_or_again_and_again(payer, monkeypatch):
    payment = payer.go("stripe")
    asked = []
    real = line.ask
    monkeypatch.setattr(line, "ask", lambda *given, **more: asked.append(given) or real(*given, **more))
    stranger = payer.app.test_client()
    assert stranger.get("/paying/stripe/return?session_id=cs_test_nobody").status_code == 404
    assert asked == []
    payer.vendors.fault = "500"
    for _ in range(70):
        assert stranger.get(f"/paying/stripe/return?session_id={payment.ref}").status_code == 303
    assert len(asked) < 70


@each_vendor
@pytest.mark.parametrize("fault", ["500", "nonsense", "list"])
@sqlite
def test_a_provider_that_is_away_is_said_and_nothing_is_half_made(payer, vendor, fault):
    payer.vendors.fault = fault
    answer = payer.go(vendor)
    assert answer.headers["Location"] == "/invoices/pay/1"
    assert "did not go through" in payer.get("/invoices/pay/1").text
    assert payer.intents() == [("failed", None, None)] and payer.booked() == [] and not payer.vendors.payments


@sqlite
def test_an_answer_that_paytrail_did_not_sign_is_none(payer):
    payer.vendors.fault = "unsigned"
    payer.go("paytrail")
    assert payer.intents()[0].state == "failed"


@sqlite
def test_a_silent_provider_keeps_nobody_for_long(payer, monkeypatch):
    monkeypatch.setattr(line, "READ", 0.3)
    payer.vendors.fault = "silent"
    payer.go("montonio")
    assert payer.intents()[0].state == "failed"


@each_vendor
@sqlite
def test_a_provider_that_is_away_when_it_is_asked_is_asked_later(payer, vendor, later):
    payment = payer.go(vendor)
    payment.state, payer.vendors.fault = "paid", "500"
    later(minutes=20)
    assert look(payer) == 0 and payer.intents()[0].state == "pending"
    payer.vendors.fault = None
    assert look(payer) == 0
    later(minutes=40)
    assert look(payer) == 1


@sqlite
def test_the_button_asks_at_once(payer):
    payment = payer.go("stripe")
    page = payer.get("/invoices/pay/1").text
    assert "has not confirmed" in page and "Go on with the payment" in page
    assert "no other answer yet" in payer.get(payer.post("/invoices/pay/1/check", 303).headers["Location"]).text
    payment.state = "paid"
    payer.post("/invoices/pay/1/check", 200, htmx=True)
    assert payer.booked() == [(-10000, "intent:1")]


@sqlite
def test_what_never_ends_expires_and_money_that_comes_after_all_is_booked(payer, client, later):
    payment = payer.go("paytrail")
    later(days=15)
    look(payer)
    assert payer.intents()[0].state == "expired"
    # Nobody stays signed in for two weeks.
    assert "Should the money arrive after all" in client("tenant").get("/invoices/pay/1").text
    payment.state = "paid"
    payer.call(payment)
    assert payer.intents()[0].state == "paid"


def test_two_words_in_the_same_moment_book_once(payer):
    payment = payer.go("paytrail")
    payment.state = "paid"
    event = payer.app.extensions["resident.payments"]["paytrail"].driver.parse_return(payment.answers())
    with meanwhile(payer.db, lambda session: hearing.hear(session, "paytrail", event)) as (session, errors):
        hearing.hear(session, "paytrail", event)
    assert not errors and payer.booked() == [(-10000, "intent:1")]


def test_a_form_sent_twice_makes_one_payment(payer):
    payer.go("paytrail", once="same")
    again = payer.go("paytrail", once="same")
    assert again.headers["Location"] == "/invoices/pay/1" and len(payer.intents()) == 1 == len(payer.vendors.payments)


@sqlite
def test_the_receipt_is_told_by_mail_to_whoever_wants_mail(payer, cast):
    with cast.db.writing() as session:
        session.get(Person, cast.tenant).notify_email = True
    payment = payer.go("paytrail")
    payment.state = "paid"
    payer.call(payment)
    payer.call(payment)
    with cast.db.reading() as session:
        orders = [job.payload for job in session.scalars(select(Job).where(Job.kind == "mail"))]
        assert [(order["kind"], order["path"]) for order in orders] == [("payment", "/invoices/pay/1")]
        assert session.scalar(select(PaymentIntent.receipt)) == f"M-{clock.today('Europe/Helsinki').year}-0001"


def test_what_a_sum_settles_is_what_is_booked(payer):
    told = payer.get(f"/invoices/pay/plan?account={payer.account}&sum=700").text
    assert "612.40" in told and "87.60" in told and "524.80" in told and "no late interest from" in told
    payment = payer.go("montonio", "700")
    payment.state = "paid"
    payer.call(payment)
    assert "€524.80" in payer.get("/invoices").text


@sqlite
def test_items_are_chosen_and_more_than_is_open_becomes_credit(payer):
    items = [line.split('"')[0] for line in payer.get("/invoices/pay").text.split('name="item" value="')[1:]]
    assert len(items) == 2
    told = payer.get(f"/invoices/pay/plan?account={payer.account}&item={items[0]}&item={items[1]}").text
    assert "€1,224.80" in told
    # The younger one alone, which is not what fell due first; and it is booked so.
    told = payer.get(f"/invoices/pay/plan?account={payer.account}&item={items[1]}").text
    assert told.count("612.40</td>") == 2 and "What you ticked is paid first" in told
    payment = payer.go("stripe", "", item=items[1])
    payment.state = "paid"
    payer.call(payment)
    assert payer.get("/invoices/pay").text.count('name="item"') == 1
    assert f'name="item" value="{items[0]}"' in payer.get("/invoices/pay").text
    assert "€75.20 is more than is open" in payer.get(f"/invoices/pay/plan?account={payer.account}&sum=687,60").text


@sqlite
def test_whoever_left_pays_what_is_listed_for_them_and_no_more(payer, cast):
    """The tenure goes on with somebody else: what was booked beside the leaver's invoices is not theirs."""
    today = clock.today("Europe/Helsinki")
    with payer.db.writing() as session:
        left = select(Party).where(Party.person_id == cast.tenant, Party.tenure_id == cast.tenure_a1)
        session.scalar(left).last = today - timedelta(days=1)
        book(session, payer.account, "correction", 5_000, today - timedelta(days=60), "not theirs", due=today - timedelta(days=60))
    payer.get(f"/invoices/pay/plan?account={payer.account}&sum=1224,81", 422)
    told = payer.get(f"/invoices/pay/plan?account={payer.account}&sum=700").text
    assert "612.40" in told and "87.60" in told
    payment = payer.go("montonio", "700")
    payment.state = "paid"
    payer.call(payment)
    with payer.db.reading() as session:
        assert sorted(session.scalars(select(OpenItem.amount))) == [5_000, 52_480]


@pytest.mark.parametrize("typed", ["", "0", "-5", "abc", "1,2,3", "1.234,50", "12,555", "100001", "1e3"])
@sqlite
def test_what_is_no_sum_is_said_at_the_field_and_kept(payer, typed):
    answer = payer.get(f"/invoices/pay/plan?account={payer.account}&sum={typed}", 422)
    assert "such as 120 or 120.50" in answer.text and f'value="{typed}"' in answer.text
    payer.post("/invoices/pay", 422, once="z", account=payer.account, way="paytrail", sum=typed)
    assert payer.intents() == []


@sqlite
def test_somebody_elses_account_way_or_payment_does_not_exist(payer, client, cast):
    payer.go("paytrail")
    neighbour = client("neighbour")
    neighbour.get("/invoices/pay/1", 404)
    neighbour.get(f"/invoices/pay/plan?account={payer.account}&sum=5", 404)
    neighbour.post("/invoices/pay", 404, once="q", account=payer.account, way="paytrail", sum="5")
    payer.post("/invoices/pay", 404, once="q", account=payer.account, way="nobody", sum="5")
    payer.get("/paying/nobody/return", 404)
    payer.get("/paying/nobody/callback", 404)


@sqlite
def test_who_sets_out_again_and_again_is_asked_to_wait(payer):
    for n in range(20):
        payer.go("paytrail", once=f"n{n}")
    answer = payer.go("paytrail", once="last", status=429)
    assert "Try again in" in answer.text and len(payer.intents()) == 20


@sqlite
def test_the_desk_sees_them_and_asks_again(payer, client, later):
    payment = payer.go("paytrail")
    accountant, control = client("accountant"), client("control")
    assert "Waiting for confirmation" in control.get("/desk/online-payments").text
    assert "/check" not in control.get("/desk/online-payments").text
    control.post("/desk/online-payments/1/check", 404)
    payment.state = "paid"
    accountant.post("/desk/online-payments/1/check", 303)
    shown = accountant.get("/desk/online-payments?state=paid").text
    assert "M-20" in shown and "Pihlajakuja 6 A 1" in shown and payment.ref in shown
    assert "No such payments" in accountant.get("/desk/online-payments?state=waiting").text
    accountant.get("/desk/online-payments?state=odd", 404)


@sqlite
def test_what_is_sent_names_nobody(payer):
    """The payer's name, address and e-mail stay here."""
    for vendor in VENDORS:
        asked = str(payer.go(vendor, once=vendor).asked)
        assert "Aino" not in asked and "tenant@" not in asked and "Pihlajakuja" not in asked
