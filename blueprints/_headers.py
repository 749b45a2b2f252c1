"""Headers that single answers carry; those of every response stand in _security."""

from functools import wraps

from flask import make_response

from ._security import takes_unnamed


def unreferred(view):
    """The page of a view has a key in its address: no other page is told the address (S10), whatever is answered.

    Nor is an origin named then: browsers send "Origin: null" with what such a page posts, even to ourselves (Fetch, "append a
    request Origin header").
    """

    @takes_unnamed
    @wraps(view)
    def answered(*args, **kwargs):
        answer = make_response(view(*args, **kwargs))
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    return answered


def later(answer, error):
    """The answer to too many tries, with the seconds to wait. error: TooMany or Busy, with retry_after."""
    answer = make_response(answer)
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def private(answer):
    """The answer of a page with a key in its address that no search engine may list and nobody may keep."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Cache-Control"] = "no-store"
    return answer
