"""Templates as _templates compiles them: what is typed stays text, what is included stays where it stood."""

import pytest
from jinja2 import DictLoader
from markupsafe import Markup

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)

PARTS = {
    "outer.html": '{% set word = "outer" %}[{% block main %}{{ word }}{% endblock %}]',
    "page.html": '{% extends "outer.html" %}{% block main %}{% for n in (1, 2) %}{{ super() }}{% include "row.html" %}{% endfor %}'
    "{% endblock %}",
    "row.html": '{% set word = "row" %}{{ word }}{{ n }}<i title="{{ typed }}">{{ typed }}</i>',
    "twice.html": '{% set word = "outside" %}{% include "row.html" %}{{ word }}',
    "macro.html": '{% from "of.html" import said %}{{ said(typed) }}{{ safe }}{{ 1 }}{{ none }}',
    "of.html": "{% macro said(text) %}<b>{{ text }}</b>{% endmacro %}",
}


@pytest.fixture
def drawn(app):
    environment = app.jinja_environment(app, autoescape=True)
    environment.globals.update(app.jinja_env.globals)
    environment.loader = DictLoader(PARTS)

    def draw(name, **facts):
        with app.test_request_context("/"):
            return environment.get_template(name).render(**facts)

    return draw


def test_what_is_typed_is_text_wherever_it_stands(drawn):
    typed = """<script>"&'"""
    told = "&lt;script&gt;&#34;&amp;&#39;"
    assert drawn("page.html", typed=typed) == f'[{"".join(f"""outerrow{n}<i title="{told}">{told}</i>""" for n in (1, 2))}]'
    assert drawn("macro.html", typed=typed, safe=Markup("<hr>")) == f"<b>{told}</b><hr>1None"
    assert drawn("macro.html", typed=Markup("<u>"), safe="<hr>") == "<b><u></b>&lt;hr&gt;1None"


def test_what_an_included_template_sets_stays_inside_it(drawn):
    assert drawn("twice.html", typed="", n=3) == 'row3<i title=""></i>outside'
