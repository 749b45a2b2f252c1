"""Files as banks write them, small and made up: camt of any version, reference payments, MT940, 1C."""

IBAN = "FI7944052020036082"
BBAN = IBAN[4:]
RU = "40702810138250123017"
LABELLED = (
    "911 TRANSAKCJA COLLECT; ID IPH: XX000000000017; Z RACH.: \n56114010810000267002001001; OD: JÓZEFA ŁĄCKA  \n"
    "UL. NIJAKA 1; TYT.: CZYNSZ   ; \nTNR: 1"
)


def entry(
    amount: str, *, reference="", text="", payer="", payer_account="", side="CRDT", status="BOOK", ref="", end="", reversal=False,
    parts=(), batch=0, currency="EUR", version="02", remittance="", value="2026-11-03", booked="2026-11-04",
) -> str:  # fmt: skip
    """One Ntry. parts: [(amount, reference)]; batch: so many payments that are not told."""
    status = f"<Cd>{status}</Cd>" if version >= "08" else status
    head = f'<Ntry><NtryRef>1</NtryRef><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
    head += f"<RvslInd>{str(reversal).lower()}</RvslInd><Sts>{status}</Sts><BookgDt><Dt>{booked}</Dt></BookgDt>"
    head += f"<ValDt><DtTm>{value}T09:00:00+02:00</DtTm></ValDt>" + (f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else "")
    if batch:
        return f"{head}<NtryDtls><Btch><NbOfTxs>{batch}</NbOfTxs></Btch></NtryDtls></Ntry>\n"
    name = f"<Nm>{payer}</Nm>"
    party = f"<RltdPties><Dbtr>{f'<Pty>{name}</Pty>' if version >= '08' else name}</Dbtr>"
    party += f"<DbtrAcct><Id><IBAN>{payer_account}</IBAN></Id></DbtrAcct></RltdPties>"
    tail = f"{party if payer else ''}"
    found = []
    for part, one in parts or [(amount, reference)]:
        told = remittance or (f"<Strd><CdtrRefInf><Ref>{one}</Ref></CdtrRefInf></Strd>" if one else f"<Ustrd>{text}</Ustrd>")
        sent = f"<AmtDtls><TxAmt><Amt Ccy='{currency}'>{part}</Amt></TxAmt></AmtDtls>"
        refs = f"<Refs><EndToEndId>{end or 'NOTPROVIDED'}</EndToEndId></Refs>"
        found.append(f"<TxDtls>{refs}{sent}{tail}<RmtInf>{told}</RmtInf></TxDtls>")
    return f"{head}<NtryDtls>{''.join(found)}</NtryDtls></Ntry>\n"


def camt(entries, *, message="053", version="02", account=IBAN, opening="100", closing=None, booked=None, count=None) -> str:
    """A statement whose balances fit. booked: the amounts that count, "20:DBIT", where they are not all entries'."""
    parent, child = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}[message]
    body = f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
    if message == "053":
        total = _minor(opening) + (sum(map(_signed, booked)) if booked is not None else sum(map(_of_entry, entries)))
        closing = closing or f"{total / 100:.2f}"
        for code, amount in (("OPBD", opening), ("CLBD", closing)):
            body += f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
            body += "<CdtDbtInd>CRDT</CdtDbtInd></Bal>\n"
    if count is not None:
        body += f"<TxsSummry><TtlNtries><NbOfNtries>{count}</NbOfNtries></TtlNtries></TxsSummry>\n"
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.{version}"
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{space}"><{parent}><GrpHdr><MsgId>M</MsgId></GrpHdr><{child}>\n'
    )
    return head + body + "".join(entries) + f"</{child}></{parent}></Document>"


def _minor(text: str) -> int:
    return round(float(text) * 100)


def _signed(text: str) -> int:
    amount, _, side = text.partition(":")
    return -_minor(amount) if side == "DBIT" else _minor(amount)


def _of_entry(text: str) -> int:
    amount = text.split("</Amt>")[0].rpartition(">")[2]
    return -_minor(amount) if "<CdtDbtInd>DBIT" in text else _minor(amount)


def svm(payments, *, count=None, sum=None, corrections=None) -> str:
    """payments: [(reference, cents, flag)]"""
    lines = ["02611041200470208406991".ljust(90)]
    for number, (reference, cents, flag) in enumerate(payments):
        archive = f"1103ARCHIVE{number:05d}"
        lines.append(f"3{BBAN}261104261103{archive}{reference:0>20}{'VIRTA A':<12}1J{cents:010d}{flag}J ")
    good = [cents for _, cents, flag in payments if flag == "0"]
    back = [cents for _, cents, flag in payments if flag == "1"]
    total = 0
    for cents in good:
        total += cents
    taken = 0
    for cents in back:
        taken += cents
    figures = (len(good) if count is None else count, total if sum is None else sum, len(back))
    lines.append("9{:06d}{:011d}{:06d}".format(*figures) + f"{taken if corrections is None else corrections:011d}".ljust(90 - 24))
    return "\n".join(lines) + "\n"


def mt940(details, *, closing="450,10") -> str:
    """One statement; every payment is 450,10."""
    lines = [":20:ST261103", ":25:PL29114010810000267002001002", ":28C:1/1", ":60F:C261103PLN0,00"]
    for number, one in enumerate(details):
        lines += [f":61:2611031103CN450,10NTRFNONREF//MB261103{number:02d}", "911-TRANSAKCJA IPH", f":86:{one}"]
    return "\r\n".join(["", *lines, f":62F:C261103PLN{closing}", ":64:C261103PLN450,10", "-", ""])


def one_c(documents, *, received=None, word="Windows") -> str:
    """documents: [(number, purpose)], each 1234.50 in, and one payment out of 10.00."""
    total = f"{1234.50 * len(documents):.2f}" if received is None else received
    closing = f"{1000 + 1234.50 * len(documents) - 10:.2f}"
    lines = [
        "1CClientBankExchange", "ВерсияФормата=1.03", f"Кодировка={word}", f"РасчСчет={RU}", "СекцияРасчСчет", f"РасчСчет={RU}",
        "НачальныйОстаток=1000.00", f"ВсегоПоступило={total}", "ВсегоСписано=10.00", f"КонечныйОстаток={closing}", "КонецРасчСчет",
    ]  # fmt: skip
    for number, purpose in documents:
        lines += [
            "СекцияДокумент=Платежное поручение", f"Номер={number}", "Дата=03.11.2026", "Сумма=1234.50",
            "ПлательщикСчет=40817810099910004312", "ДатаПоступило=04.11.2026", f"ПолучательСчет={RU}", "Плательщик1=Иванова А. А.",
            f"НазначениеПлатежа={purpose}", "КонецДокумента",
        ]  # fmt: skip
    lines += ["СекцияДокумент=Банковский ордер", "Номер=9", "Дата=03.11.2026", "Сумма=10.00", f"ПлательщикСчет={RU}"]
    lines += ["ПолучательСчет=30101810400000000225", "КонецДокумента", "КонецФайла", ""]
    return "\r\n".join(lines)
