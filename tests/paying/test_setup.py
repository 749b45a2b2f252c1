"""The configuration of payment pages: refused by the name of what is wrong, and nothing of it shows."""

import pytest

from app import create_app
from resident.errors import BadSetting
from resident.paying import setup
from resident.settings import load

PAYTRAIL = '[[provider]]\nid = "p"\nkind = "paytrail"\ncreditors = ["koivu"]\naccount = "375917"\nsecret = "s3cret-word"\n'


def test_a_provider_serves_its_creditors_in_its_currencies(tmp_path):
    (one,) = setup.parse(PAYTRAIL, tmp_path).values()
    assert one.serves("koivu", "EUR") and not one.serves("tamm", "EUR") and not one.serves("koivu", "PLN")
    assert "s3cret-word" not in repr(one)


def test_secrets_come_from_files_of_the_data_folder(tmp_path):
    (tmp_path / "word").write_text("s3cret-word\n")
    text = PAYTRAIL.replace('secret = "s3cret-word"', 'secret_file = "word"')
    assert setup.parse(text, tmp_path)["p"].driver.secret == "s3cret-word"


@pytest.mark.parametrize(
    ("was", "now", "name"),
    [
        ("[[provider]]", "[provider]", "provider"), ('id = "p"', 'id = "P!"', "provider.id"), ('"paytrail"', '"paypal"', "p.kind"),
        ('["koivu"]', "[]", "p.creditors"), ('account = "375917"', "account = 375917", "p.account"),
        ('account = "375917"\n', "", "p.account"), ("secret =", "sekret =", "p.sekret"),
        ('secret = "s3cret-word"', 'secret_file = "nowhere"', "p.secret_file"),
        ("[[provider]]", 'other = 1\n[[provider]]', "other"), ("kind =", 'address = "http://evil.example"\nkind =', "p.address"),
        ("kind =", 'origins = ["https://a b"]\nkind =', "p.origins"), ("[[provider]]", "[[provider", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, was, now, name):
    with pytest.raises(BadSetting) as refusal:
        setup.parse(PAYTRAIL.replace(was, now), tmp_path)
    assert refusal.value.name == f"RESIDENT_PAYMENTS {name}".strip() and "s3cret" not in refusal.value.why


def test_two_of_one_id_are_refused(tmp_path):
    with pytest.raises(BadSetting):
        setup.parse(PAYTRAIL * 2, tmp_path)


def test_the_portal_says_so_when_it_starts_and_lets_forms_lead_there(tmp_path):
    given = {"RESIDENT_DATA_DIR": str(tmp_path)}
    with pytest.raises(SystemExit, match="RESIDENT_PAYMENTS p.kind: "):
        create_app(load(given | {"RESIDENT_PAYMENTS": PAYTRAIL.replace('"paytrail"', '"x"')}))
    answer = create_app(load(given | {"RESIDENT_PAYMENTS": PAYTRAIL})).test_client().get("/nowhere")
    assert "form-action 'self' https://pay.paytrail.com" in answer.headers["Content-Security-Policy"]


@pytest.fixture
def settings(url, tmp_path):
    """An installation that has no providers."""
    return load({"RESIDENT_DATA_DIR": str(tmp_path / "var"), "RESIDENT_DATABASE_URL": url})


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_without_a_configuration_the_portal_is_whole(client):
    tenant = client("tenant")
    assert "Nothing can be paid in the portal here" in tenant.get("/invoices/pay").text
    assert 'href="/invoices/pay"' not in tenant.get("/invoices").text
    for path in ("/paying/p/callback", "/paying/p/return"):
        tenant.get(path, 404)
