"""Files of real banks, where they are at hand: `RESIDENT_TEST_SAMPLES` names the folder above bank/."""

import os
from datetime import date
from pathlib import Path

import pytest

from resident.banking import recognising
from resident.banking.statement import FileRefused, Told

SAMPLES = Path(os.environ.get("RESIDENT_TEST_SAMPLES") or Path(__file__).parents[2].parent / "shared/samples") / "bank"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not at hand")


def read(name: str):
    told = Told()
    return list(recognising.reader_of(SAMPLES / name)(SAMPLES / name, told)), told


def test_a_statement_without_payments_in():
    movements, told = read("fi-camt053-statement.xml")
    assert movements == [] and told.outgoing == 1 and told.proved == 6


def test_a_credit_notification():
    movements, told = read("fi-camt054-credit-notification.xml")
    assert [one.amount for one in movements] == [8816, 74245, 600054, 21685] and told.incoming == 704800
    assert movements[0].text == "9597349" and movements[1].references == ("9544208",)
    assert {one.kind for one in movements} == {"credit"}


def test_a_statement_whose_balances_are_in_other_currencies_is_refused():
    with pytest.raises(FileRefused) as refused:
        read("camt053-v2-minimal.xml")
    assert refused.value.facts["why"] == "currency"


def test_reference_payments():
    (one,), told = read("fi-reference-payments.svm")
    assert (one.account, one.amount, one.references) == ("47300010416310", 4900, ("13013",))
    assert (one.booked_day, one.value_day) == (date(2018, 2, 5), date(2018, 2, 4)) and told.proved == 4


def test_mass_payments():
    movements, told = read("pl-mt940-mbank-collect.sta")
    assert [(one.amount, one.virtual[-1], one.own) for one in movements] == [
        (1, "1", "MB170119012058"), (1, "2", "MB170119012085"), (1, "3", "MB170119012121"),
    ]  # fmt: skip
    assert told.proved == 1 and told.accounts == {"PL29114010810000267002001002": "PLN"}
