"""The templates, compiled once a language with what is the same in every request already in them.

A sentence without facts, an icon, the address of a file or of a page, a template that another includes: each is looked up
when its template is compiled instead of each time the page is drawn. Measured: a quarter of a page's time; six languages
together take 6 MB. Sentences with facts, and mails, which are in the reader's language and not in the request's, are looked
up as ever.
"""

from collections.abc import Callable

from flask import has_request_context
from flask.templating import Environment as FlaskEnvironment
from jinja2 import Template as JinjaTemplate
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.utils import LRUCache
from jinja2.visitor import NodeTransformer
from markupsafe import _escape_inner, escape

from ._locale import language, words

KEPT = 400


def _piece(value) -> str:
    """A value as it stands in a page. Pieces are only joined, so none needs to say that it is escaped: a twentieth of a table."""
    return _escape_inner(value) if type(value) is str else escape(value)


class Generator(CodeGenerator):
    """Jinja's, but a value is put out by _piece()."""

    def _output_child_pre(self, node, frame, finalize):
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            return super()._output_child_pre(node, frame, finalize)
        return self.write("environment.piece(")


class Template(JinjaTemplate):
    """A template that is never loaded with globals of its own, so what others import from it is one and the same."""

    def _get_default_module(self, ctx=None):
        return super()._get_default_module()


class Environment(FlaskEnvironment):
    """Flask's environment, with a cache of compiled templates for each language."""

    template_class = Template
    code_generator_class = Generator
    piece = staticmethod(_piece)

    def __init__(self, app, **options):
        self._caches = {}
        super().__init__(app, **options)
        self.filters["whole"] = str

    @property
    def cache(self):
        spoken = language()
        return self._caches.get(spoken) or self._caches.setdefault(spoken, LRUCache(KEPT))

    @cache.setter
    def cache(self, _given):
        """Jinja's own single cache has no use here."""

    def _parse(self, source, name, filename):
        found = super()._parse(source, name, filename)
        if (name or "").startswith("mail/"):
            return found
        of = words(language())
        constant = ("icon", "static", "url_for") if has_request_context() else ("icon", "static")
        calls = {"_": of.text, "pgettext": of.context} | {name: self.globals[name] for name in constant}
        return _Settled(calls, self._included).visit(found)

    def _included(self, name: str) -> nodes.Template:
        source, filename, _ = self.loader.get_source(self, name)
        return self._parse(source, name, filename)


class _Settled(NodeTransformer):
    """Puts what a call comes to in the call's place, where all that it is given is constant, and what is included in its."""

    def __init__(self, calls: dict, included: Callable[[str], nodes.Template]):
        self.calls, self.included = calls, included

    def visit_Block(self, node):  # noqa: N802 – Jinja's name for it
        """A block is put out whole: each piece by itself would go through a generator for every template above."""
        self.generic_visit(node)
        if len(node.body) > 1:
            whole = nodes.Filter(None, "whole", [], [], None, None)
            node.body = [nodes.FilterBlock(node.body, whole, lineno=node.lineno)]
        return node

    def visit_Include(self, node):  # noqa: N802 – Jinja's name for it
        if not isinstance(node.template, nodes.Const) or not node.with_context or node.ignore_missing:
            return node
        found = self.included(node.template.value)
        # What the included one sets stays inside, as it would in a template of its own.
        return node if found.find((nodes.Extends, nodes.Block)) else nodes.Scope(found.body, lineno=node.lineno)

    def visit_Call(self, node):  # noqa: N802 – Jinja's name for it
        self.generic_visit(node)
        call = self.calls.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if not call or node.kwargs or node.dyn_args or node.dyn_kwargs or not all(map(_settled, node.args)):
            return node
        return nodes.Const(call(*(given.value for given in node.args)), lineno=node.lineno)


def _settled(given: nodes.Node) -> bool:
    """A constant; but ".index", an endpoint of the blueprint that a request is in, is another page in each."""
    return isinstance(given, nodes.Const) and not str(given.value).startswith(".")
