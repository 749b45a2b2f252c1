"""What is written at Koivukallion Asunnot: threads and faults, in Finnish and Swedish."""

from .estate import Said, Talk, Trouble, given, moved, noted, told

TALKS = (
    Talk(
        "fi-tenant",
        "customer_service",
        "Autopaikka tammikuusta alkaen",
        (
            Said(
                5,
                18,
                "me",
                "Hei! Saamme auton tammikuussa. Onko B-rapun lähellä vapaata paikkaa lämmitystolpalla, ja mitä se maksaa?",
            ),
            Said(
                4,
                9,
                "office",
                "Hei Aino! Paikka 14 vapautuu vuodenvaihteessa. Lämmitystolpan kanssa se on 18,00 € kuukaudessa ja tulee samalle "
                "laskulle kuin vuokra. Varataanko se teille?",
            ),
            Said(4, 20, "me", "Kyllä kiitos. Saako tolpan avaimen teiltä vai huollolta?"),
            Said(
                1,
                8,
                "office",
                "Paikka on nyt varattu teille. Avaimen saa huollolta: Jari Mäkelä on pihalla arkisin klo 7–9, tai "
                "soittakaa 010 555 0150.",
            ),
        ),
        unseen=True,
    ),
    Talk(
        "fi-tenant",
        "rent_control",
        "Eräpäivän siirto",
        (
            Said(
                96,
                11,
                "me",
                "Hei, kuukauden palkka tulee tästä lähtien vasta 5. päivä. Voiko vuokran maksaa silloin ilman viivästyskorkoa?",
            ),
            Said(
                95,
                10,
                "rent_control",
                "Hei! Kyllä, olemme merkinneet sopimukseenne, että maksu viimeistään 6. päivä käy. Laskussa näkyy silti 2. päivä.",
            ),
            Said(95, 12, "me", "Kiitos, hienoa!"),
        ),
    ),
    Talk(
        "fi-tenant",
        "property_manager",
        "Parvekelasien kunnossapito",
        (
            Said(
                33,
                17,
                "me",
                "Kuuluuko parvekelasien voitelu ja säätö asukkaalle vai talolle? Meidän lasit liikkuvat todella raskaasti.",
            ),
            Said(
                31,
                9,
                "manager",
                "Puhdistus kuuluu asukkaalle, säätö talolle. Tehkää vikailmoitus, niin huolto käy katsomassa seuraavan kierroksen "
                "yhteydessä.",
            ),
        ),
    ),
    Talk(
        "fi-occupant",
        "customer_service",
        "Information på svenska",
        (
            Said(
                9,
                16,
                "me",
                "Hej! Får vi boendemeddelandena också på svenska? Det senaste om vattenavbrottet kom bara på finska.",
            ),
            Said(
                8,
                10,
                "office",
                "Hej Ebba! Ja, avbrott och annat viktigt skickas på båda språken från och med nu. Tack för att du påpekade det.",
            ),
        ),
        unseen=True,
    ),
    Talk(
        ("P6", "A 2"),
        "customer_service",
        "Saunavuoron vaihto",
        (
            Said(
                1, 19, "me", "Hei, voisimmeko vaihtaa saunavuoron perjantaista lauantaille? Mikä tahansa aika klo 17 jälkeen sopii."
            ),
        ),
        unseen=True,
    ),
    Talk(
        ("P8", "A 9"),
        "customer_service",
        "Ovikellon nimikyltti",
        (
            Said(3, 12, "me", "Muutimme pari viikkoa sitten, mutta ovessa ja summerissa on vielä edellisen asukkaan nimi."),
            Said(2, 9, "office", "Kiitos tiedosta! Tilaamme kyltin. Kirjoitetaanko siihen vain sukunimi?"),
            Said(2, 13, "me", "Kyllä, sukunimi riittää."),
        ),
        unseen=True,
    ),
    Talk(
        ("P6", "B 17"),
        "rent_control",
        "Maksusopimus",
        (
            Said(
                6,
                21,
                "me",
                "Hei, jäin lomautetuksi enkä pysty maksamaan koko vuokraa kerralla. Voiko erääntyneen maksaa kolmessa osassa?",
            ),
        ),
        unseen=True,
    ),
)
TROUBLES = (
    Trouble(
        "fi-tenant",
        4,
        19,
        "water",
        "Keittiön hana tippuu. Tippuu koko ajan, noin pisara sekunnissa. Alkoi viikonloppuna, kahvan kiristäminen ei auta.",
        (
            moved(3, 8, "office", "received"),
            given(3, 8, "office"),
            noted(3, 8, "office", "Sama hana vaihdettiin kaksi vuotta sitten, tarkista takuu."),
            moved(1, 10, "caretaker", "in_progress", "Tulen huomenna klo 8–12. Käytän yleisavainta, jos ette ole kotona."),
        ),
        place="keittiö",
        when="Arkisin klo 8–16",
        photo="hana",
        due=2,
        unseen=True,
    ),
    Trouble(
        "fi-tenant",
        27,
        20,
        "heating",
        "Makuuhuoneen patteri on kylmä. Olohuoneessa lämmin, makuuhuoneessa 17 astetta.",
        (
            moved(26, 8, "office", "received"),
            given(26, 8, "office"),
            moved(25, 9, "caretaker", "in_progress"),
            moved(25, 13, "caretaker", "done", "Termostaatti oli jumissa. Vaihdettu ja patteri ilmattu, lämpiää nyt."),
            moved(24, 18, "me", "closed"),
        ),
        place="makuuhuone",
    ),
    Trouble(
        "fi-occupant",
        3,
        21,
        "doors",
        "Balkongdörren går inte att stänga ordentligt. Det drar kallt, tätningen har lossnat nertill.",
        (
            moved(2, 9, "office", "received"),
            given(2, 9, "office"),
            moved(1, 14, "caretaker", "done", "Ny tätning är på plats och dörren justerad. Hör av dig om det fortfarande drar."),
        ),
        place="vardagsrummet",
        entry="ask",
        pets=True,
        when="Helst på eftermiddagen, katten är hemma",
        unseen=True,
    ),
    Trouble(
        ("P6", "A 2"),
        0,
        7,
        "lift",
        "Hissi pysähtyy toisen ja kolmannen kerroksen väliin. Lähti liikkeelle itsestään parin minuutin päästä, ketään ei jäänyt "
        "jumiin.",
        common=True,
        place="A-rapun hissi",
        entry="no",
    ),
    Trouble(
        ("P8", "A 9"),
        1,
        18,
        "appliance",
        "Jääkaappi ei kylmene. Pakastin toimii, mutta jääkaapissa on 12 astetta.",
        place="keittiö",
        entry="yes",
        when="Mihin aikaan tahansa",
    ),
    Trouble(
        ("P6", "B 17"),
        2,
        9,
        "electricity",
        "Porrasvalo ei syty neljännessä kerroksessa. Liiketunnistin vilkkuu, mutta valo ei pala.",
        (moved(1, 8, "office", "received"), given(1, 8, "office")),
        common=True,
        place="B-rappu, 4. kerros",
        entry="no",
        due=3,
    ),
    Trouble(
        ("P6", "A 11"),
        12,
        15,
        "appliance",
        "Liesituuletin ei ime. Ääni kuuluu, mutta paperi ei pysy ritilässä.",
        (
            moved(11, 8, "office", "received"),
            given(11, 8, "office"),
            moved(9, 10, "caretaker", "in_progress"),
            moved(9, 11, "caretaker", "waiting", "Moottori pitää vaihtaa. Odotamme varaosaa, se tulee ensi viikolla."),
            noted(9, 11, "caretaker", "Tilattu tukusta, hinta 84 €."),
        ),
        place="keittiö",
        waits=5,
    ),
    Trouble(
        ("P6", "B 20"),
        19,
        12,
        "doors",
        "Autohallin ovi jää auki. Sulkeutuu vasta toisella yrittämällä.",
        (
            moved(18, 9, "office", "received"),
            given(18, 9, "office"),
            moved(15, 9, "caretaker", "done", "Rajakytkin säädetty."),
            moved(13, 17, "me", "reopened", "Jäi eilen taas auki koko yöksi."),
            told(12, 9, "caretaker", "Kiitos tiedosta. Tilasin ovihuollon, he käyvät tällä viikolla."),
        ),
        common=True,
        place="Autohalli",
        entry="no",
        due=1,
    ),
    Trouble(
        ("P8", "A 3"),
        21,
        22,
        "other",
        "Naapurin musiikki kuuluu öisin. Useana yönä peräkkäin kello kahteen asti.",
        (
            moved(
                20,
                10,
                "office",
                "rejected",
                "Tämä ei ole huollon asia. Olemme lähettäneet talon asukkaille muistutuksen järjestyssäännöistä; jos "
                "häiriö jatkuu, "
                "kirjoittakaa isännöitsijälle.",
            ),
        ),
        entry="no",
    ),
    Trouble(
        ("P6", "A 7"),
        45,
        17,
        "water",
        "WC-pönttö vuotaa huuhtelun jälkeen. Vettä valuu noin viisi minuuttia.",
        (
            moved(44, 8, "office", "received"),
            given(44, 8, "office"),
            moved(42, 9, "caretaker", "in_progress"),
            moved(42, 10, "caretaker", "done", "Huuhteluventtiilin tiiviste vaihdettu."),
            moved(33, 3, "office", "closed"),
        ),
        place="WC",
    ),
)
