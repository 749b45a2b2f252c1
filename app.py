"""Builds the portal: settings, database, extensions, blueprints. No routes and no rules here."""

from flask import Flask

import blueprints
from blueprints import _compression, _errors, _gate, _locale, _places, _providers, _security, _states, _static, _templates, _web
from resident.db import Database
from resident.errors import BadSetting
from resident.paying import setup
from resident.people import provider
from resident.settings import Settings, load


class Portal(Flask):
    """Flask, not asking of each function in each request whether it is a coroutine: none here is."""

    def ensure_sync(self, func):
        return func


def create_app(settings: Settings | None = None) -> Flask:
    try:
        settings = settings or load()
        identification = provider.parse(settings.identification, settings.data_dir)
        payments = setup.parse(settings.payments, settings.data_dir)
    except BadSetting as refusal:
        raise SystemExit(f"{refusal.name}: {refusal.why}") from None
    app = Portal(__name__, static_folder=None)
    app.jinja_environment = _templates.Environment
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TRUSTED_HOSTS=settings.trusted_hosts,
        MAX_CONTENT_LENGTH=_security.LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        WTF_CSRF_TIME_LIMIT=None,
        # Where a form comes from is looked at in _security: by the origin, which pages without a referrer have too.
        WTF_CSRF_SSL_STRICT=False,
        SESSION_COOKIE_NAME="__Host-resident" if settings.https else "resident",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.extensions["resident.settings"] = settings
    app.extensions["resident.identification"] = identification
    app.extensions["resident.payments"] = payments
    app.extensions["resident.db"] = Database(settings.database_url)
    for room in (_static, _web, _locale, _security, _gate, _providers, _places, _states, _errors):
        room.wire(app)
    _compression.EveryStatus(app)
    for blueprint in blueprints.every():
        app.register_blueprint(blueprint)
    return app
