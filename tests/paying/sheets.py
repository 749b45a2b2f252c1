"""An invoice of each country that asks for money."""

from dataclasses import replace

from tests.invoices.test_pdf import SHEET as FINNISH

CREDITOR = FINNISH.creditor
ESTONIAN = replace(
    FINNISH, creditor=CREDITOR | {"country": "EE", "name": "Pärnaõue 7 korteriühistu"}, reference="121312952",
    payee={"iban": "EE382200221020145685"},
)  # fmt: skip
POLISH = replace(
    FINNISH, creditor=CREDITOR | {"country": "PL", "registry_code": "526-10-40-828"}, currency="PLN",
    payee={"payee": "Spółdzielnia Mieszkaniowa „Nad Strugą”", "account": "92124012340001567890123456"},
    reference="73124012341234000000000017",
)  # fmt: skip
RUSSIAN = replace(
    FINNISH, creditor=CREDITOR | {"country": "RU", "registry_code": "7707083893"}, currency="RUB", language="ru",
    payee={"payee": "ООО «Три кита»", "account": "40702810138250123017", "bic": "044525225", "bank": "ОАО «БАНК»",
           "corresp": "30101810400000000225"},
    reference="4015004217", addressee={"name": "Наталья Кузнецова", "home": "ул. Кедровая, д. 15, кв. 42"},
)  # fmt: skip
