"""The portal and a bare Flask hello on one waitress, so that a ratio of the two says something on a noisy machine."""

import waitress
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import create_app
from blueprints.commands import WAITRESS, behind, settle_memory

portal = create_app()
hello = Flask("hello")


@hello.get("/")
def greet():
    return "hello"


if __name__ == "__main__":
    settle_memory()
    settings = portal.extensions["resident.settings"]
    both = DispatcherMiddleware(portal, {"/bare": hello})
    waitress.serve(both, host=settings.host, port=settings.port, **behind(settings.trusted_proxy), **WAITRESS)
