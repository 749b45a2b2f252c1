"""References of new accounts by country, of invoices by setting, and what the state gives to an account."""

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.homes import setting
from resident.homes.organisation import Organisation
from resident.money import references, referencing
from resident.money.account import Account, Reference
from tests.invoices import books


@pytest.fixture
def today():
    return clock.today("Europe/Helsinki")


def opened(cast, session, country="FI") -> Account:
    session.get(Organisation, cast.koivu).country = country
    session.flush()
    return session.get(Account, books.account(cast, session, cast.tenure_a1))


@pytest.mark.parametrize("country", ["FI", "EE"])
def test_an_account_gets_one_reference_for_good(cast, db, country):
    with db.writing() as session:
        account = opened(cast, session, country)
        value = referencing.give(session, account)
        assert references.is_731(value, country) and referencing.give(session, account) == value
        row = session.scalars(select(Reference)).one()
        assert (row.scheme, row.last) == ("7-3-1", None)
        assert session.scalars(select(AuditEvent.act).where(AuditEvent.act == "reference_given")).all() == ["reference_given"]


def test_one_that_is_taken_already_is_not_given_again(cast, db, today):
    with db.writing() as session:
        account = opened(cast, session)
        other = books.account(cast, session, cast.tenure_a2)
        value = f"1{account.id:06d}"
        value += references.check_digit(value)
        row = Reference(creditor_id=cast.koivu, scheme="7-3-1", value=value, account_id=other, first=today)
        cast.add(session, row)
        given = referencing.give(session, account)
        assert given != value and references.is_731(given)
        # Another creditor may have the same.
        assert referencing.give_all(session, session.get(Organisation, cast.koivu), [account.id, other], today) == 0


def test_a_polish_account_number_needs_the_banks_template(cast, db):
    with db.writing() as session:
        account = opened(cast, session, "PL")
        with pytest.raises(referencing.NoTemplate):
            referencing.give(session, account)
        setting.put(session, cast.koivu, "account_template", "124012341234" + "X" * 12)
        value = referencing.give(session, account)
        assert references.is_nrb(value) and value[2:] == f"124012341234{account.id:012d}"


def test_a_russian_account_is_known_by_its_number(cast, db):
    with db.writing() as session:
        account = opened(cast, session, "RU")
        value = referencing.give(session, account)
        assert value == f"{account.id:010d}" == account.number
        # One that is known by a number already keeps it.
        other = session.get(Account, books.account(cast, session, cast.tenure_a2, number="4015004217"))
        assert referencing.give(session, other) == "4015004217"


@pytest.mark.parametrize(("country", "number"), [("FI", "1{:06d}"), ("EE", "1{:06d}"), ("PL", "{:06d}"), ("RU", "{:010d}")])
def test_an_account_gets_a_number_with_its_reference_and_keeps_one_that_it_has(cast, db, today, country, number):
    """In Poland without the bank's template too: what has no reference is called something."""
    with db.writing() as session:
        account = opened(cast, session, country)
        known = books.account(cast, session, cast.tenure_a2, number=number.format(account.id))
        referencing.give_all(session, session.get(Organisation, cast.koivu), [account.id, known], today)
        session.expire_all()
        taken = number.format(account.id)
        assert session.get(Account, known).number == taken
        # Somebody has the first one: a digit more stands in it.
        assert account.number and account.number != taken and account.number.endswith(f"1{account.id:06d}")


@pytest.mark.parametrize("form", ["national", "rf"])
def test_an_invoice_prints_the_accounts_reference_in_the_form_of_the_setting(cast, db, today, form):
    with db.writing() as session:
        account = opened(cast, session)
        value = referencing.give(session, account)
        setting.put(session, cast.koivu, "reference_form", form)
        printed = referencing.on_invoices(session, [account.id], today)[account.id]
        assert printed == (references.rf(value) if form == "rf" else value) and references.national(printed) == value


def test_by_setting_each_invoice_has_a_reference_of_its_own_that_leads_to_the_account(cast, db, today):
    with db.writing() as session:
        account = opened(cast, session)
        value = referencing.give(session, account)
        setting.put(session, cast.koivu, "reference_per_invoice", True)
        first, second = (referencing.on_invoices(session, [account.id], today)[account.id] for _ in range(2))
        assert len({value, first, second}) == 3 and references.is_731(first) and references.is_731(second)
        led = select(Reference.account_id).where(Reference.value.in_([first, second]))
        assert set(session.scalars(led)) == {account.id}
        # The account is known by the same one as before.
        assert referencing.permanent(session, [account.id]) == {account.id: value}


def test_what_the_state_gives_is_stored_beside_the_reference(cast, db):
    with db.writing() as session:
        account = opened(cast, session, "RU")
        value = referencing.give(session, account)
        given = {"els": "75da533315", "zku": "75da533315-01"}
        referencing.put_state_numbers(session, account, given, by=None)
        assert referencing.state_numbers(session, account.id) == given
        assert referencing.permanent(session, [account.id]) == {account.id: value}
        referencing.put_state_numbers(session, account, {"els": "75DA533316", "zku": ""}, by=None)
        assert referencing.state_numbers(session, account.id) == {"els": "75DA533316"}


@pytest.mark.parametrize(
    ("given", "why"), [({"els": "75da"}, "shape"), ({"zku": "75da533315"}, "shape"), ({"els": "75da533315"}, "taken")]
)
def test_a_number_of_the_state_has_its_shape_and_is_one_accounts(cast, db, given, why):
    with db.writing() as session:
        account = opened(cast, session, "RU")
        other = session.get(Account, books.account(cast, session, cast.tenure_a2))
        referencing.put_state_numbers(session, other, {"els": "75da533315"}, by=None)
        with pytest.raises(referencing.BadNumber) as told:
            referencing.put_state_numbers(session, account, given, by=None)
        assert told.value.facts["why"] == why
