"""Compression of answers: pages and their parts, whatever their status. Pages for browsers that read brotli are done here, the
rest – gzip, drawings, JSON – by Flask-Compress."""

from functools import lru_cache

import brotli
from flask import Flask, Response, request
from flask_compress import Compress
from werkzeug.http import parse_accept_header

# A page as long as this is a table whose rows repeat each other: there five takes a fifth off what three leaves, for 0.5 ms.
# A refused form is seldom, and bears its sentences besides. P8: eleven is for files that are compressed once; three takes half
# of four's time, for a fifteenth more octets.
LONG, CLOSER, USUAL = 48_000, 5, 3
SHORTEST = 400


class EveryStatus(Compress):
    """Flask-Compress leaves answers of 300 and more as they are; a refused form is as long as the form."""

    def init_app(self, app: Flask) -> None:
        app.config.update(
            COMPRESS_MIMETYPES=["text/html", "application/json", "image/svg+xml"],
            COMPRESS_ALGORITHM=["br", "gzip"],
            COMPRESS_BR_LEVEL=USUAL,
            COMPRESS_MIN_SIZE=SHORTEST,
            # Pages are never kept (no-store), so none is asked for "if it changed".
            COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
        )
        super().init_app(app)

    def after_request(self, response: Response) -> Response:
        if _is_page(response) and _reads_brotli(request.headers.get("Accept-Encoding", "")):
            closer = response.status_code >= 400 or response.content_length > LONG
            response.set_data(brotli.compress(response.get_data(), quality=CLOSER if closer else USUAL))
            response.headers["Content-Encoding"] = "br"
            return response
        status = response.status
        if response.status_code < 400:
            return super().after_request(response)
        response.status_code = 200
        response = super().after_request(response)
        response.status = status
        return response


@lru_cache(maxsize=256)
def _reads_brotli(header: str) -> bool:
    return parse_accept_header(header)["br"] > 0


def _is_page(response: Response) -> bool:
    if response.is_streamed or response.mimetype != "text/html" or "Content-Encoding" in response.headers:
        return False
    return (response.content_length or 0) >= SHORTEST and not 300 <= response.status_code < 400
