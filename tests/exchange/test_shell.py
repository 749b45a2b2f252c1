"""flask import."""

import openpyxl
import pytest
from sqlalchemy import func, select

from resident.metering.reading import Reading
from tests.exchange import books


@pytest.fixture
def run(app, house):
    return lambda *words: app.test_cli_runner().invoke(args=["import", *map(str, words)])


def readings(db) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Reading))


def test_a_dry_run_an_import_and_the_same_again(run, db, tmp_path):
    path = books.write(tmp_path / "register.xlsx", books.register())
    dry = run(path, "--organisation", "kastanja", "--dry-run", "--language", "en")
    assert dry.exit_code == 0 and "Nothing was saved" in dry.output and readings(db) == 0
    assert run(path, "--organisation", "kastanja").exit_code == 0 and readings(db) == 3
    again = run(path, "--organisation", "kastanja", "--language", "en")
    assert again.exit_code == 0 and readings(db) == 3


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_rows_to_mend_are_told_and_the_workbook_comes_back(run, db, tmp_path):
    sheets = books.register()
    sheets["payments"][0]["amount"] = "much"
    path, out = books.write(tmp_path / "register.xlsx", sheets), tmp_path / "back.xlsx"
    bad = run(path, "--organisation", "kastanja", "--language", "en", "--errors", out)
    assert bad.exit_code == 1 and "payments 2: Amount: This must be a number" in bad.output and readings(db) == 0
    assert openpyxl.load_workbook(out)["payments"]["A2"].value.startswith("Amount")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_what_cannot_be_imported_at_all_is_refused_with_a_sentence(run, tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"hello")
    refused = run(path, "--organisation", "kastanja", "--language", "en")
    assert refused.exit_code == 1 and "This is not an XLSX workbook" in refused.output
    assert "no organisation" in run(path, "--organisation", "nowhere").output


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_bench_workbook_is_the_same_each_time_and_good(run, db, tmp_path):
    from bench import workbook

    one = tmp_path / "one.xlsx"
    rows = workbook.write(one, homes=3, months=2, full=9)
    assert rows["lines"] == 36 and len(openpyxl.load_workbook(one, read_only=True).sheetnames) > 10, "lines go on in further tabs"
    assert run(one, "--organisation", "kastanja").exit_code == 0 and readings(db) == 12


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_shell_speaks_english_unless_told_otherwise(run, tmp_path):
    sheets = books.register()
    sheets["payments"][0]["amount"] = "much"
    path = books.write(tmp_path / "register.xlsx", sheets)
    assert "This must be a number" in run(path, "--organisation", "kastanja").output
    assert "This must be a number" not in run(path, "--organisation", "kastanja", "--language", "fi").output
    unknown = run(path, "--organisation", "kastanja", "--language", "xx")
    assert unknown.exit_code == 2 and "xx is none of" in unknown.output
