"""Who advises on saving energy, and where one complains, until an organisation writes its own (settings energy_advice and
energy_complaints): by country and language, as the consumption information shows them."""

ADVICE = {
    "FI": {
        "fi": "Kuluttajien energianeuvonta: Motiva, www.motiva.fi. Kuluttajan oikeudet: Kilpailu- ja kuluttajavirasto, www.kkv.fi.",
        "sv": "Energirådgivning för konsumenter: Motiva, www.motiva.fi. Konsumentens rättigheter: Konkurrens- och "
        "konsumentverket, www.kkv.fi.",
        "en": "Energy advice for consumers: Motiva, www.motiva.fi. Consumer rights: Finnish Competition and Consumer Authority, "
        "www.kkv.fi.",
    },
    "EE": {
        "et": "Energia säästmine korterelamus: Eesti Korteriühistute Liit, www.ekyl.ee. Tarbija õigused: Tarbijakaitse ja "
        "Tehnilise Järelevalve Amet, www.ttja.ee.",
        "ru": "Экономия энергии в многоквартирном доме: Эстонский союз квартирных товариществ, www.ekyl.ee. Права потребителя: "
        "Департамент защиты прав потребителей и технического надзора, www.ttja.ee.",
        "en": "Saving energy in apartment buildings: Estonian Union of Co-operative Housing Associations, www.ekyl.ee. Consumer "
        "rights: Consumer Protection and Technical Regulatory Authority, www.ttja.ee.",
    },
    "PL": {
        "pl": "Doradztwo energetyczne: Krajowa Agencja Poszanowania Energii, www.kape.gov.pl. Prawa konsumenta: Urząd Ochrony "
        "Konkurencji i Konsumentów, www.uokik.gov.pl.",
        "en": "Energy advice: Polish National Energy Conservation Agency, www.kape.gov.pl. Consumer rights: Office of Competition "
        "and Consumer Protection, www.uokik.gov.pl.",
    },
    "RU": {
        "ru": "Сведения о доме и тарифах: ГИС ЖКХ, dom.gosuslugi.ru. Права потребителя: Роспотребнадзор, www.rospotrebnadzor.ru.",
        "en": "About the house and its tariffs: the state system of housing, dom.gosuslugi.ru. Consumer rights: Rospotrebnadzor, "
        "www.rospotrebnadzor.ru.",
    },
}
COMPLAINTS = {
    "FI": {
        "fi": "Ellei asia ratkea kanssamme: kuluttajaneuvonta, www.kkv.fi, ja sen jälkeen kuluttajariitalautakunta, "
        "www.kuluttajariita.fi.",
        "sv": "Om ärendet inte löses med oss: konsumentrådgivningen, www.kkv.fi, och därefter konsumenttvistenämnden, "
        "www.kuluttajariita.fi.",
        "en": "If we cannot settle it together: Consumer Advisory Services, www.kkv.fi, and after that the Consumer Disputes "
        "Board, www.kuluttajariita.fi.",
    },
    "EE": {
        "et": "Kui me kokkuleppele ei jõua: Tarbijakaitse ja Tehnilise Järelevalve Amet ja tarbijavaidluste komisjon, www.ttja.ee.",
        "ru": "Если мы не договоримся: Департамент защиты прав потребителей и технического надзора и комиссия по потребительским "
        "спорам, www.ttja.ee.",
        "en": "If we cannot settle it together: Consumer Protection and Technical Regulatory Authority and its Consumer Disputes "
        "Committee, www.ttja.ee.",
    },
    "PL": {
        "pl": "Jeżeli nie dojdziemy do porozumienia: powiatowy (miejski) rzecznik konsumentów; w sporze z dostawcą ciepła: "
        "Koordynator do spraw negocjacji przy Prezesie URE, koordynator.ure.gov.pl.",
        "en": "If we cannot settle it together: the consumer ombudsman of your district or city; in a dispute with a supplier of "
        "heat: Coordinator for Negotiations at the Energy Regulatory Office, koordynator.ure.gov.pl.",
    },
    "RU": {
        "ru": "Если мы не договоримся: государственная жилищная инспекция вашего региона, через ГИС ЖКХ, dom.gosuslugi.ru.",
        "en": "If we cannot settle it together: the state housing inspectorate of your region, through dom.gosuslugi.ru.",
    },
}
