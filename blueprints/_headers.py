"""Headers that single answers carry; those of every response stand in _security."""

from flask import make_response


def unreferred(answer):
    """The answer of a page whose address holds a token: no other page is told the address (S10)."""
    answer = make_response(answer)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def later(answer, error):
    """The answer to too many tries, with the seconds to wait. error: TooMany or Busy, with retry_after."""
    answer = make_response(answer)
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer
