"""The house's rules that a machine can check."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import meta, nodes

ROOT = Path(__file__).parent.parent
ROOMS = ("app.py", "resident", "blueprints")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CATALOGUES = sorted((ROOT / "translations").glob("*/LC_MESSAGES/messages.po"))
KINDS = {"utils", "helpers", "views", "models", "forms", "services", "misc", "common"}


def sources(*rooms):
    for room in rooms or ROOMS:
        place = ROOT / room
        yield from [place] if place.is_file() else sorted(path for path in place.rglob("*.py") if "versions" not in path.parts)


def read(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@pytest.fixture
def views(app):
    return {rule.endpoint: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_every_view_names_its_audience(views):
    closed = [endpoint for endpoint, view in views.items() if not hasattr(view, "audience")]
    assert not closed, f"nobody could open these: {closed}"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_every_parameter_in_a_url_has_a_converter(app):
    loose = [rule.rule for rule in app.url_map.iter_rules() if re.search(r"<(?!int:|date:|any\(|provider:)[^:>]+>", rule.rule)]
    assert not loose


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_every_unsafe_route_wants_a_csrf_token(app, client):
    office, refused = client("office"), {}
    for rule in app.url_map.iter_rules():
        for method in rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            url = re.sub(r"<[^>]+>", "1", rule.rule)
            refused[f"{method} {url}"] = office.http.open(url, method=method).status_code
    # No cookie is looked at there, so there is nothing to forge: machines come with a key.
    assert refused.pop("POST /api/v1/readings") == 401
    # A provider's own word is signed; here none is configured.
    assert refused.pop("POST /paying/1/callback") == 404
    assert set(refused.values()) == {400}, {where: status for where, status in refused.items() if status != 400}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_foreign_origin_is_refused(client):
    stranger = client()
    data = {"csrf_token": stranger.token(), "username": "x", "password": "y"}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert stranger.http.post("/sign-in", data=data, headers=headers).status_code == 403


def test_the_portal_without_the_web_imports_no_web():
    for path in sources("resident"):
        for node in ast.walk(read(path)):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not [name for name in names if name.split(".")[0] in ("flask", "flask_babel", "blueprints", "app")], path


def test_no_blueprint_imports_another():
    areas = {path.stem for path in sources("blueprints") if not path.stem.startswith("_")}
    for path in sources("blueprints"):
        for node in ast.walk(read(path)):
            if isinstance(node, ast.ImportFrom) and node.level:
                last = (node.module or "").split(".")[-1]
                names = [last] if node.module else [alias.name for alias in node.names]
                assert not areas.intersection(names) - {"desk"}, f"{path}: imports {names}"


# A wing: those that stand on it, which it therefore does not know.
ABOVE = {
    "people": {"charging", "metering", "paying", "banking", "exchange"},
    "charging": {"exchange"},
}
TOP = {"moves", "privacy", "demo"}
# Who may see what knows the tables of all, and all ask it.
RIGHTS = {"access"}


@pytest.mark.parametrize("wing", sorted({path.parent.name for path in (ROOT / "resident").glob("*/__init__.py")} - TOP - RIGHTS))
def test_wings_stand_on_each_other_one_way(wing):
    """What several wings want stands in the lowest of them; what knows them all (record, tenancy) in a wing of its own."""
    for path in (ROOT / "resident" / wing).glob("*.py"):
        for node in ast.walk(read(path)):
            if isinstance(node, ast.ImportFrom) and node.level == 2 and node.module:
                known = node.module.split(".")[0]
                assert known not in ABOVE.get(wing, set()) | TOP, f"{path}: imports {node.module}"


def test_only_settings_reads_the_environment():
    readers = [path for path in sources() if re.search(r"os\.environ|os\.getenv", path.read_text())]
    assert readers == [ROOT / "resident/settings.py"]


def test_every_setting_stands_in_the_readme():
    from dataclasses import fields

    from resident.settings import Settings

    readme = (ROOT / "README.md").read_text()
    assert not [f.name for f in fields(Settings) if f"RESIDENT_{f.name.upper()}" not in readme]


def test_typed_days_are_read_in_one_place():
    reading = re.compile(r"\bdate\.fromisoformat|strptime")
    found = {path.name for path in sources("blueprints") if reading.search(path.read_text())}
    # What machines send is ISO 8601 and nothing else.
    assert found <= {"_days.py", "api.py"}, found


def test_what_is_wrong_with_a_form_is_kept_by_field():
    listed = re.compile(r"\berrors\.append\(|\berrors: list\b|\berrors\"?(: [^=\n]+)? ?(=|:|\+=|\|) ?\[|, errors = .*, \[\]$", re.M)
    found = [path.name for path in sources("blueprints") if listed.search(path.read_text())]
    assert not found, f"{found}: errors are {{id of the field: sentence}}"


def test_files_are_named_after_things_and_fit_their_room():
    for path in sources():
        assert path.stem not in KINDS, path
        assert path.read_text().count("\n") <= 400, f"{path} has outgrown its room"
    for path in TEMPLATES:
        assert path.read_text().count("\n") <= 150, f"{path} has outgrown its room"


MAP = {
    "Where things of people stand": ("people", "moves", "privacy"),
    "Where things of metering stand": ("metering",),
    "Where things of billing stand": ("charging",),
    "Where things of paying stand": ("paying",),
    "Where the ledger stands": ("money",),
    "Where things of banks stand": ("banking",),
    "Where things of exchange stand": ("exchange",),
    "Where the smaller wings stand": ("homes", "talk", "delivery"),
}


@pytest.mark.parametrize(("heading", "wing"), [(heading, wing) for heading, wings in MAP.items() for wing in wings])
def test_the_map_names_every_file_of_a_wing(heading, wing):
    papers = (ROOT / "docs/architecture.md").read_text()
    drawn = papers.split(f"## {heading}\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z_0-9]+)`", drawn))
    there = {path.stem for path in (ROOT / "resident" / wing).glob("*.py")} - {"__init__"}
    assert there <= named, f"docs/architecture.md says nothing of {sorted(there - named)}"


def test_every_table_is_in_the_list_of_tables():
    kept = {
        alias.name
        for node in ast.walk(read(ROOT / "resident/tables.py"))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    holds = [path.stem for path in sources("resident") if re.search(r"^    __tablename__ = ", path.read_text(), re.M)]
    assert holds and set(holds) <= kept, set(holds) - kept


def test_no_function_is_longer_than_fifty_lines():
    for path in sources():
        for node in ast.walk(read(path)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 50, f"{path}: {node.name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_every_template_compiles_and_holds_no_code_of_the_browser(app, path):
    source = path.read_text()
    meta.find_undeclared_variables(app.jinja_env.parse(source))
    app.jinja_env.get_template(path.relative_to(ROOT / "templates").as_posix())
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|hx-on|hx-boost|=\"js:|\|\s*safe", source)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_every_macro_that_a_template_imports_is_used_there_or_in_a_part_of_it(app):
    trees = {path.relative_to(ROOT / "templates").as_posix(): app.jinja_env.parse(path.read_text()) for path in TEMPLATES}

    def used(name):
        tree = trees[name]
        parts = [one.template.value for one in tree.find_all(nodes.Include) if isinstance(one.template, nodes.Const)]
        return {one.name for one in tree.find_all(nodes.Name)}.union(*map(used, parts))

    for name, tree in trees.items():
        imported = [one for found in tree.find_all(nodes.FromImport) for one in found.names]
        idle = {one[1] if isinstance(one, tuple) else one for one in imported} - used(name)
        assert not idle, f"{name} imports {sorted(idle)} and calls none of it"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_every_catalogue_is_complete_and_its_placeholders_are_those_of_the_source(path):
    with path.open("rb") as file:
        catalogue = read_po(file)
    # Without its head a catalogue knows no plural forms and is passed over when the others are compiled.
    assert not catalogue.fuzzy and f"nplurals={catalogue.num_plurals}" in path.read_text(), f"{path}: its head is missing"
    placeholder = re.compile(r"%\((\w+)\)[sd]")
    for message in catalogue:
        if not message.id:
            continue
        where = f"{path.parent.parent.name}: {message.id}"
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        assert all(strings) and not message.fuzzy, f"{where} is not translated"
        assert len(strings) == (catalogue.num_plurals if isinstance(message.id, tuple | list) else 1), f"{where}: plural forms"
        ids = message.id if isinstance(message.id, tuple | list) else [message.id]
        wanted = set(placeholder.findall(ids[-1]))
        for string in strings:
            assert set(placeholder.findall(string)) == wanted, f"{where} → {string}"
            assert string.count("%") == len(placeholder.findall(string)) + 2 * string.count("%%"), f"{where} → {string}"


def test_the_catalogues_hold_every_string_of_the_portal(tmp_path):
    import subprocess
    import sys

    pot = tmp_path / "messages.pot"
    command = (
        "--quiet extract -F babel.cfg -k _ -k N_ -k ngettext:1,2 -k pgettext:1c,2 -k npgettext:1c,2,3 -k Np_:1c,2 "
        f"--omit-header -o {pot} ."
    )
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", *command.split()], cwd=ROOT, check=True)
    with pot.open("rb") as file:
        wanted = {(message.context, message.id) for message in read_po(file) if message.id}
    for path in CATALOGUES:
        with path.open("rb") as file:
            there = {(message.context, message.id) for message in read_po(file) if message.id}
        assert wanted == there, f"{path}: run make words; {sorted(map(str, wanted ^ there))[:5]}"


def test_no_sentence_hides_from_the_catalogues():
    """What is said by another name than `_`, or within the braces of an f-string, is not collected: it would stay English."""
    with (ROOT / "translations/messages.pot").open("rb") as file:
        there = {id for message in read_po(file) for id in ([message.id] if isinstance(message.id, str) else message.id)}
    for path in sources("blueprints"):
        for node in ast.walk(read(path)):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                says = isinstance(node.func, ast.Attribute) and node.func.attr == "text" or ast.unparse(node.func) in ("_", "N_")
                assert not says or node.args[0].value in there, f"{path}:{node.lineno}: {node.args[0].value}"


def test_what_is_vendored_is_what_was_recorded():
    import hashlib

    folder = ROOT / "static/vendor/htmx.org@4.0.1"
    recorded, name = (folder / "SHA256").read_text().split()
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == recorded
