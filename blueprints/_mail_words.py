"""Subject and text of a mail, in the reader's language: templates/mail/<kind>.txt, subject on the first line."""

from flask import Flask

from resident import format as formats
from resident.delivery.notice import Notice
from resident.sending import Words

from ._import_words import ImportWords
from ._invoice_words import paper, papers
from ._locale import words


def renderer(app: Flask) -> Words:
    """What the worker says: mails, remarks in workbooks that are given back, and what is in a copy of somebody's data."""
    base_url = app.extensions["resident.settings"].base_url

    def render(notice: Notice) -> tuple[str, str]:
        template = app.jinja_env.get_template(f"mail/{notice.kind}.txt")
        said = words(notice.language).text
        links = [(whose, base_url + path) for whose, path in notice.facts.get("links", ())]
        from_whom = notice.organisation or said("Resident portal")
        until = formats.of(notice.language).long(notice.facts["until"]) if "until" in notice.facts else ""
        text = template.render(_=said, link=base_url + notice.path, links=links, organisation=from_whom, until=until)
        subject, _, body = text.partition("\n")
        return subject.strip(), body.strip() + "\n"

    def readme(language: str) -> str:
        return app.jinja_env.get_template("mail/copy.txt").render(_=words(language).text)

    return Words(render, ImportWords, readme, paper, papers)
