"""Papers for the demo, drawn: a heading and what the letter says, as a PDF of one page."""

from io import BytesIO
from textwrap import wrap

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from ..money import invoice_pdf
from ..money.invoice_pdf import BOLD, PLAIN


def drawn(title: str, text: str, sender: str) -> BytesIO:
    invoice_pdf.fonts()
    out = BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, invariant=True)
    sheet.setTitle(title)
    sheet.setFont(PLAIN, 9)
    sheet.drawString(56, 790, sender)
    sheet.setFont(BOLD, 15)
    sheet.drawString(56, 752, title)
    sheet.setFont(PLAIN, 10.5)
    for n, line in enumerate(wrap(text, 84)):
        sheet.drawString(56, 722 - n * 16, line)
    sheet.save()
    out.seek(0)
    return out
