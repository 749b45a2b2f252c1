"""What is written at SM „Nad Strugą”: threads and faults, in Polish."""

from .estate import Said, Talk, Trouble, given, moved, noted, told

TALKS = (
    Talk(
        "pl-member",
        "customer_service",
        "Zmiana liczby osób od przyszłego miesiąca",
        (
            Said(
                7,
                17,
                "me",
                "Dzień dobry, od pierwszego wyprowadza się syn i w mieszkaniu przy Jarzębinowej 8/14 zostaję sama. Czy "
                "mogę to zgłosić "
                "tutaj, czy trzeba złożyć oświadczenie na papierze?",
            ),
            Said(
                6,
                10,
                "office",
                "Dzień dobry, zgłoszenie przez portal wystarczy. Prosimy tylko o potwierdzenie daty, od której liczba "
                "osób się zmienia.",
            ),
            Said(6, 18, "me", "Od pierwszego dnia przyszłego miesiąca."),
            Said(1, 9, "office", "Dziękujemy, zmiana jest wprowadzona. Opłata za odpady będzie naliczona od jednej osoby."),
        ),
        unseen=True,
    ),
    Talk(
        "pl-member",
        "rent_control",
        "Zaległość za ubiegły miesiąc",
        (
            Said(
                4,
                12,
                "office",
                "Dzień dobry, na koncie lokalu Jarzębinowa 8/14 widzimy wpłatę niższą niż naliczenie. Czy resztę dopłaci "
                "Pani osobno?",
            ),
            Said(3, 19, "me", "Tak, pomyliłam kwotę w przelewie. Dopłacę po dziesiątym."),
        ),
        unseen=True,
    ),
    Talk(
        "pl-member",
        "property_manager",
        "Rower na klatce",
        (
            Said(
                40, 8, "me", "Dzień dobry, na drugim piętrze od miesiąca stoi przypięty do poręczy rower, trudno przejść z wózkiem."
            ),
            Said(38, 11, "manager", "Dziękujemy za sygnał. Powiesiliśmy kartkę z prośbą o zabranie go w ciągu tygodnia."),
            Said(31, 16, "me", "Rower zniknął, dziękuję."),
        ),
    ),
    Talk(
        ("J10", "3"),
        "customer_service",
        "Jednorazowe hasło dla żony",
        (Said(2, 9, "me", "Dzień dobry, żona chciałaby mieć własny dostęp do portalu. Czy musi przyjść do biura osobiście?"),),
        unseen=True,
    ),
    Talk(
        ("S3", "11"),
        "customer_service",
        "Deklaracja na odpady",
        (
            Said(5, 14, "me", "Czy po zmianie stawki od stycznia trzeba składać nową deklarację?"),
            Said(
                4,
                9,
                "office",
                "Nie, stawka zmieni się w naliczeniu sama. Deklaracja jest potrzebna tylko przy zmianie liczby osób.",
            ),
        ),
    ),
    Talk(
        ("J8", "17"),
        "property_manager",
        "Miejsce na wózek dziecięcy",
        (Said(3, 20, "me", "Czy w wózkowni na parterze można zostawić wózek na stałe? Na drzwiach wisi kartka, że tylko do 22."),),
        unseen=True,
    ),
    Talk(
        ("J10", "12"),
        "rent_control",
        "Zwrot nadpłaty",
        (Said(1, 13, "me", "Dzień dobry, mam na koncie nadpłatę. Proszę jej nie zwracać, tylko zaliczyć na następny miesiąc."),),
        unseen=True,
    ),
)
TROUBLES = (
    Trouble(
        "pl-member",
        5,
        18,
        "heating",
        "Zimny kaloryfer w dużym pokoju. W pozostałych pokojach grzeje normalnie, odkręcanie zaworu nic nie zmienia.",
        (
            moved(4, 8, "office", "received"),
            given(4, 8, "office"),
            moved(
                3, 13, "caretaker", "in_progress", "Odpowietrzyłem grzejnik. Jeżeli do jutra nie będzie ciepły, wymienię głowicę."
            ),
            noted(3, 14, "caretaker", "Zawór prawdopodobnie do wymiany, wziąć z magazynu DN15."),
            told(1, 8, "caretaker", "Będę jutro między 9 a 11 z nową głowicą."),
        ),
        place="duży pokój",
        entry="ask",
        when="Przed południem",
        photo="grzejnik",
        due=1,
        unseen=True,
    ),
    Trouble(
        "pl-member",
        2,
        20,
        "doors",
        "Zbita szyba w drzwiach wejściowych. Szkło leży na schodach przed klatką II.",
        (moved(1, 7, "office", "received", "Szkło jest już uprzątnięte, szklarz przyjedzie pojutrze."), given(1, 7, "office")),
        common=True,
        place="Klatka II, wejście",
        entry="no",
        photo="drzwi",
        due=2,
    ),
    Trouble(
        "pl-member",
        60,
        17,
        "water",
        "Cieknie pion w łazience. Na rurze zbiera się woda, podstawiłam miskę.",
        (
            moved(60, 18, "office", "received"),
            given(60, 18, "office"),
            moved(60, 19, "caretaker", "in_progress"),
            moved(59, 12, "caretaker", "done", "Wymieniona złączka na pionie, sprawdzone pod ciśnieniem."),
            moved(58, 20, "me", "closed"),
        ),
        place="łazienka",
    ),
    Trouble(
        ("J10", "3"),
        0,
        6,
        "lift",
        "Winda stoi między piętrami. Drzwi są zamknięte, w środku nikogo nie ma.",
        common=True,
        place="Klatka I, winda",
        entry="no",
    ),
    Trouble(
        ("S3", "11"),
        1,
        19,
        "water",
        "Kran w kuchni kapie. Zużywa się niepotrzebnie woda, proszę o wymianę uszczelki.",
        place="kuchnia",
        entry="yes",
        when="Po 16",
    ),
    Trouble(
        ("J8", "17"),
        3,
        12,
        "electricity",
        "Nie świeci lampa nad wejściem. Wieczorem nie widać schodów.",
        (moved(2, 8, "office", "received"),),
        common=True,
        place="Klatka II, wejście",
        entry="no",
    ),
    Trouble(
        ("J8", "9"),
        9,
        10,
        "doors",
        "Domofon nie dzwoni. Słychać tylko trzaski.",
        (
            moved(8, 9, "office", "received"),
            given(8, 9, "office"),
            moved(6, 11, "caretaker", "waiting", "Zamówiony nowy unifon, wymiana po dostawie."),
        ),
        place="przedpokój",
        waits=6,
    ),
    Trouble(
        ("J10", "12"),
        6,
        15,
        "other",
        "Zacięty zamek w piwnicy. Klucz się obraca, ale drzwi nie puszczają.",
        (
            moved(5, 8, "office", "received"),
            given(5, 8, "office"),
            moved(2, 14, "caretaker", "done", "Wkładka wymieniona, nowe klucze są w biurze."),
        ),
        common=True,
        place="Piwnica, klatka II",
        entry="no",
    ),
    Trouble(
        ("S3", "7"),
        22,
        18,
        "heating",
        "Grzejnik w łazience stuka. Głównie rano, co kilka sekund.",
        (
            moved(21, 9, "office", "received"),
            given(21, 9, "office"),
            moved(18, 12, "caretaker", "done", "Wyregulowano kryzę na pionie."),
            moved(16, 7, "me", "reopened", "Dziś rano znowu stukał, chyba nawet głośniej."),
            moved(15, 10, "caretaker", "in_progress"),
        ),
        place="łazienka",
    ),
    Trouble(
        ("J10", "6"),
        35,
        11,
        "appliance",
        "Popsuła się moja kuchenka. Nie zapala się piekarnik.",
        (
            moved(
                34,
                9,
                "office",
                "rejected",
                "Kuchenka należy do wyposażenia mieszkania i naprawia ją właściciel. Jeżeli czuć gaz, proszę od razu "
                "dzwonić pod 555 01 99.",
            ),
        ),
        place="kuchnia",
    ),
)
