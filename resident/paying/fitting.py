"""Texts cut to what a code has room for."""


def fitted(text: str, most: int) -> str:
    """At most so many letters, cut between words where there is such a place; one line, without spaces at the ends."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    head = text[: most + 1]
    # Where no space is found (-1), one letter goes.
    return head[: head.rfind(" ")]


def fits(text: str, most: int) -> bool:
    return len(" ".join(text.split())) <= most
