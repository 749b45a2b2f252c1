"""A file from its octets to the ledger: each payment once, nothing of a file that does not prove itself."""

from datetime import date

import pytest

from resident.banking import journal, posting
from resident.banking.bank_file import BankFile
from resident.money import balances
from tests.banking.bank import NEIGHBOUR, OWNER, TENANT
from tests.banking.files import IBAN, camt, entry, svm
from tests.invoices.books import invoice


def test_payments_are_booked_by_their_references(bank, db, cast):
    with db.writing() as session:
        invoice(cast, session, bank.tenant, date(2026, 11, 1), date(2026, 11, 15), 65000)
    entries = [
        entry("650", reference=TENANT, ref="A1"),
        entry("10.5", reference="RF341234561", ref="A2"),
        entry("7", text=f"kiitos, viite {NEIGHBOUR[:1]} {NEIGHBOUR[1:]}", ref="A3"),
        entry("20", text="no reference", ref="A4"),
    ]
    file = bank.take(camt(entries))
    assert file.state == "done" and file.format == "camt.053"
    assert (file.counts["new"], file.counts["booked"], file.counts["waiting"], file.counts["waiting_sum"]) == (4, 3, 1, 2000)
    assert bank.booked() == {bank.tenant: -66050, bank.neighbour: -700}
    assert bank.total(bank.tenant) == -1050
    with db.reading() as session:
        (first,) = posting.entries(session, bank.credits(entry="A1")[0])
        assert (first.value_day, balances.check(session)) == (date(2026, 11, 3), [])


def test_another_organisations_reference_leads_nowhere(bank):
    bank.take(camt([entry("30", reference=OWNER, ref="A1")]))
    (credit,) = bank.credits()
    assert (credit.state, credit.why, credit.account_id) == ("waiting", "unknown", None) and bank.booked() == {}


ONE = [entry("30", reference=TENANT, ref="A1", end="E1"), entry("30", reference=TENANT, ref="A2", end="E2")]
ALIKE = [entry("30", reference=TENANT)] * 2


@pytest.mark.parametrize(
    ("files", "sum"),
    [
        pytest.param([camt(ONE), camt(ONE)], 6000, id="the same file twice"),
        pytest.param([camt(ONE[:1]), camt(ONE)], 6000, id="overlapping"),
        pytest.param([camt(ONE), camt(ONE, message="054")], 6000, id="053 and 054"),
        pytest.param([camt(ALIKE)], 6000, id="two that are alike in one file"),
        pytest.param([camt(ALIKE), camt(ALIKE, message="054"), camt(ALIKE)], 6000, id="the same two again"),
        pytest.param([camt(ALIKE[:1]), camt(ALIKE)], 6000, id="one of the two before"),
        pytest.param([camt(ALIKE[:1]), camt(ONE[:1])], 3000, id="the second time with ids"),
        pytest.param([camt(ONE[:1]), camt(ONE[1:])], 6000, id="other ids, other payments"),
        pytest.param([svm([(TENANT, 3000, "0")]), camt(ALIKE[:1])], 3000, id="reference payments and a statement"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_each_payment_is_booked_once(bank, files, sum, order):
    for content in files[::order]:
        assert bank.take(content, "iso-8859-1").state == "done"
    assert bank.booked() == {bank.tenant: -sum}


@pytest.mark.parametrize("order", [1, -1])
def test_a_sum_and_its_payments_in_another_file_are_booked_once(bank, order):
    parts = camt([entry("60", parts=[("40", TENANT), ("20", NEIGHBOUR)], ref="B1")], message="054")
    for content in [camt([entry("60", batch=2, ref="B1")]), parts][::order]:
        bank.take(content)
    assert bank.booked() == {bank.tenant: -4000, bank.neighbour: -2000}
    assert [credit.amount for credit in bank.credits(state="waiting")] == []


@pytest.mark.parametrize("order", [1, -1])
def test_an_entry_of_one_payment_and_the_payment_by_its_own_id_are_one(bank, order):
    alone = entry("30", batch=1, ref="X1").replace("</Ntry>", f"<AddtlNtryInf>viite {TENANT}</AddtlNtryInf></Ntry>")
    told = entry("30", reference=TENANT).replace("<Refs>", "<Refs><AcctSvcrRef>X1</AcctSvcrRef>")
    for content in [camt([alone]), camt([told], message="054")][::order]:
        bank.take(content)
    assert bank.booked() == {bank.tenant: -3000} and len(bank.credits()) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_what_the_bank_takes_back_is_reversed_whichever_came_first(bank, db, order):
    paid = camt([entry("30", reference=TENANT, ref="A1", end="E1")])
    back = camt([entry("30", side="DBIT", reversal=True, reference=TENANT, ref="R1", end="E1", booked="2026-11-06")])
    taken = [bank.take(content).counts["waiting"] for content in [paid, back][::order]]
    assert taken == ([0, 0] if order == 1 else [1, 0])
    assert bank.booked() == {} and bank.total(bank.tenant) == 0
    assert {credit.kind: credit.state for credit in bank.credits()} == {"credit": "reversed", "reversal": "booked"}
    assert bank.take(back).counts["waiting"] == 0 and bank.booked() == {}
    with db.reading() as session:
        assert balances.check(session) == []


def test_a_reversal_of_nothing_known_waits(bank):
    bank.take(camt([entry("30", side="DBIT", reversal=True, reference=TENANT)]))
    assert [(credit.state, credit.why) for credit in bank.credits()] == [("waiting", "reversal")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (camt([entry("30", reference=TENANT)], closing="99"), "balance"),
        (camt([entry("30", reference=TENANT)], account="FI2112345600000785"), "foreign"),
        (camt([entry("30", reference=TENANT)])[:-40], "broken"),
        (camt([entry("30", reference=TENANT, booked="2019-12-31")]), "ended"),
        (camt([], account="FI2112345600000785"), "foreign"),
    ],
)
def test_a_file_that_does_not_hold_is_refused_and_nothing_is_kept(bank, content, why):
    file = bank.take(content)
    assert (file.state, file.why["why"]) == ("refused", why)
    assert bank.credits() == [] and bank.booked() == {}
    if why == "foreign":
        assert file.why["account"] == "FI2112345600000785" != IBAN


def test_a_run_that_was_killed_goes_on(bank, monkeypatch):
    entries = [entry("30", reference=TENANT)] * 3 + [entry("5", reference=NEIGHBOUR)]
    from resident.banking import taking

    monkeypatch.setattr(taking, "CHUNK", 2)
    file, path = bank.enter(camt(entries))
    task = journal.Task(bank.db, file, bank.organisation, None)
    kept = task.along
    calls = []

    def dies(session, counts):
        kept(session, counts)
        calls.append(counts)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(journal.Task, "along", lambda self, session, counts: dies(session, counts))
    with pytest.raises(KeyboardInterrupt):
        journal.read(task, path)
    monkeypatch.undo()
    assert len(bank.credits()) == 2
    journal.read(journal.Task(bank.db, file, bank.organisation, None), path)
    assert bank.booked() == {bank.tenant: -9000, bank.neighbour: -500}


def test_a_file_sent_again_books_what_a_stopped_one_had_kept(bank, monkeypatch):
    content = camt([entry("30", reference=TENANT), entry("5", reference=NEIGHBOUR)])
    file, path = bank.enter(content)
    task = journal.Task(bank.db, file, bank.organisation, None)

    def dies(_self, _session, counts):
        if counts.get("booked"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(journal.Task, "along", dies)
        with pytest.raises(KeyboardInterrupt):
            journal.read(task, path)
    with bank.db.writing() as session:
        session.get_one(BankFile, file.id).state = "stopped"
    assert bank.booked() == {} and len(bank.credits(state="matched")) == 2
    again = bank.take(content)
    assert (again.counts["new"], again.counts["booked"]) == (0, 2)
    assert bank.booked() == {bank.tenant: -3000, bank.neighbour: -500}
    assert bank.take(content).counts["booked"] == 0
