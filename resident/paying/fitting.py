"""Texts cut to what a code has room for."""


def fitted(text: str, most: int) -> str:
    """At most so many letters, cut between words where there is such a place; one line, without spaces at the ends."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    head = text[: most + 1]
    cut = head.rfind(" ")
    return (head[:cut] if cut > 0 else text[:most]).rstrip()


def fits(text: str, most: int) -> bool:
    return len(" ".join(text.split())) <= most
