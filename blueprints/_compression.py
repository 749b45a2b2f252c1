"""Compression of answers: pages and their parts, whatever their status."""

from flask import Response
from flask_compress import Compress


class EveryStatus(Compress):
    """Flask-Compress leaves answers of 300 and more as they are; a refused form is as long as the form."""

    def after_request(self, response: Response) -> Response:
        status = response.status
        if response.status_code < 400:
            return super().after_request(response)
        response.status_code = 200
        response = super().after_request(response)
        response.status = status
        return response
