"""Figures from an accounting program: entries and balances by workbook, files in a watched folder, the same again (S7)."""

from datetime import date
from types import SimpleNamespace

from sqlalchemy import select

from resident import drop_folder, jobs
from resident.exchange import figures, journal
from resident.exchange.register_import import RegisterImport
from resident.money import balances
from resident.money.ledger import AccountTotal, Entry, Item
from resident.people.personal_code import CodeKey
from tests.exchange import books

ENTRIES = [
    {"entry": "OB-1", "tenure": "T2", "entry_kind": "opening", "day": date(2026, 1, 1), "due": date(2026, 1, 20), "amount": 120},
    {"entry": "FEE-1", "reference": "1012", "entry_kind": "fee", "day": date(2026, 2, 3), "amount": 5, "text": "Muistutus"},
    {"entry": "R-1", "tenure": "T2", "entry_kind": "refund", "day": date(2026, 2, 4), "amount": -20},
]


def test_balances_and_entries_are_booked_once_by_their_own_key(house):
    assert house.load(books.register(entries=ENTRIES))["entries"] == (3, 0, 0, 0)
    assert house.load(books.register(entries=ENTRIES))["entries"] == (0, 0, 3, 0)
    with house.db.reading() as session:
        entry, item = session.execute(select(Entry, Item).join(Item).where(Entry.kind == "opening")).one()
        assert (entry.amount, entry.cause, item.due) == (12_000, f"entry:{house.id}:OB-1", date(2026, 1, 20))
        assert session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == entry.account_id)) == 10_500
        assert balances.check(session) == []


def test_what_is_booked_is_not_changed_and_both_must_lead_to_one_account(house):
    house.load(books.register(entries=ENTRIES))
    changed = [ENTRIES[0] | {"amount": 130}, ENTRIES[1] | {"tenure": "T1"}, ENTRIES[2]]
    house.load(books.register(entries=changed))
    assert sorted(house.troubles) == [("entries", 2, "EntryBooked"), ("entries", 3, "AccountsDiffer")]


def test_files_of_the_watched_folder_are_imported_together_and_again_change_nothing(house, tmp_path, monkeypatch):
    monkeypatch.setattr(drop_folder, "STILL", -1)
    house.load(books.register())
    for turn, (new, unchanged) in enumerate([(1, 0), (0, 1)], 1):
        place = figures.watched(tmp_path, house.organisation.slug)
        _put(place / "invoices.csv", "invoice;tenure;month;issued;due;total\nA-7;T1;2026-03;5.3.2026;20.3.2026;1 612,40\n")
        _put(place / "Laskurivit 2026-03.csv", "Laskun numero;Selite;Summa\nA-7;Vuokra – maaliskuu;1612,40\n", "cp1252")
        assert figures.look(house.db, tmp_path) == 1 and not list(place.iterdir())
        _work(house, tmp_path)
        with house.db.reading() as session:
            row = session.scalar(select(RegisterImport).order_by(RegisterImport.id.desc()).limit(1))
            assert row.state == "applied" and row.name == "invoices.csv, Laskurivit 2026-03.csv", turn
            found = {count.sheet: (count.new, count.unchanged) for count in row.outcome.sheets}
            assert found == {"invoices": (new, unchanged), "lines": (new, unchanged)}


def test_a_file_that_cannot_be_read_goes_aside_and_the_others_go_on(house, tmp_path, monkeypatch):
    monkeypatch.setattr(drop_folder, "STILL", -1)
    place = figures.watched(tmp_path, house.organisation.slug)
    _put(place / "invoices.csv", f"invoice;tenure\nA-7;{'x' * 200_000}\n")
    _put(place / "other.xlsx", "no workbook, which the import says")
    assert figures.look(house.db, tmp_path) == 1
    assert [path.name for path in place.iterdir()] == ["failed"] and (place / "failed" / "invoices.csv").is_file()
    with house.db.reading() as session:
        rows = session.execute(select(RegisterImport.name, RegisterImport.state).order_by(RegisterImport.name)).all()
    assert rows == [("invoices.csv", "stopped"), ("other.xlsx", "running")]
    assert figures.look(house.db, tmp_path) == 0


def test_the_holiday_rule_holds_for_what_is_imported(house):
    saturday, monday = date(2026, 3, 21), date(2026, 3, 23)
    opening, (first, second) = ENTRIES[0] | {"due": saturday}, books.REGISTER["invoices"]
    house.load(books.register(entries=[opening], invoices=[first | {"due": saturday}, second]))
    with house.db.reading() as session:
        rows = select(Item.due, Item.effective_due).where(Item.due == saturday)
        assert session.execute(rows).all() == [(saturday, monday)] * 2


def _put(path, text, letters="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(letters))


def _work(house, data_dir):
    with house.db.writing() as session:
        job = jobs.claim(session)
    words = SimpleNamespace(language="fi", said=str, summary=lambda outcome: ("", []))
    journal.carry_out(house.db, data_dir, job, lambda _language: words, CodeKey("k"))
