//! Sentences of the generated records.
//!
//! Titles come per language, in the order of [`super::names::LANDS`], so that a record can show the same title in the
//! languages of all its cities. `{a}` and `{b}` are cities, `{t}` is a topic, `{y}` a year, `{n}` a number.

mod activities;

pub(super) use activities::{
    EVENT_KINDS, EVENTS, EXCHANGES, MEETING_KINDS, MEETINGS, MISSION_KINDS, MISSIONS, STUDY_VISITS,
};

/// One title in every language.
pub(super) type Row = [&'static str; 7];

pub(super) const TOPICS: [Row; 12] = [
    [
        "górnicze dziedzictwo",
        "Bergbauerbe",
        "hornické dědictví",
        "banícke dedičstvo",
        "patrimoine minier",
        "гірнича спадщина",
        "kalnrūpniecības mantojums",
    ],
    ["czyste powietrze", "saubere Luft", "čisté ovzduší", "čisté ovzdušie", "l'air pur", "чисте повітря", "tīrs gaiss"],
    ["szlaki rowerowe", "Radwege", "cyklostezky", "cyklotrasy", "véloroutes", "велосипедні маршрути", "veloceliņi"],
    [
        "młodzież i sport",
        "Jugend und Sport",
        "mládež a sport",
        "mládež a šport",
        "jeunesse et sport",
        "молодь і спорт",
        "jaunatne un sports",
    ],
    [
        "muzyka bez granic",
        "Musik ohne Grenzen",
        "hudba bez hranic",
        "hudba bez hraníc",
        "musique sans frontières",
        "музика без кордонів",
        "mūzika bez robežām",
    ],
    [
        "bezpieczeństwo mieszkańców",
        "Sicherheit der Bürger",
        "bezpečnost občanů",
        "bezpečnosť občanov",
        "sécurité des habitants",
        "безпека мешканців",
        "iedzīvotāju drošība",
    ],
    [
        "kuchnia sąsiadów",
        "Küche der Nachbarn",
        "kuchyně sousedů",
        "kuchyňa susedov",
        "la cuisine des voisins",
        "кухня сусідів",
        "kaimiņu virtuve",
    ],
    [
        "rzeki i zieleń miejska",
        "Flüsse und Stadtgrün",
        "řeky a městská zeleň",
        "rieky a mestská zeleň",
        "rivières et espaces verts",
        "річки та зелень міста",
        "upes un pilsētas zaļumi",
    ],
    [
        "język sąsiada",
        "Sprache des Nachbarn",
        "jazyk souseda",
        "jazyk suseda",
        "la langue du voisin",
        "мова сусіда",
        "kaimiņa valoda",
    ],
    [
        "rzemiosło i przedsiębiorczość",
        "Handwerk und Unternehmertum",
        "řemeslo a podnikání",
        "remeslo a podnikanie",
        "artisanat et entreprise",
        "ремесло та підприємництво",
        "amatniecība un uzņēmējdarbība",
    ],
    [
        "straż pożarna i ratownictwo",
        "Feuerwehr und Rettung",
        "hasiči a záchrana",
        "hasiči a záchrana",
        "pompiers et secours",
        "пожежники та рятувальники",
        "ugunsdzēsība un glābšana",
    ],
    [
        "pamięć i pojednanie",
        "Erinnerung und Versöhnung",
        "paměť a smíření",
        "pamäť a zmierenie",
        "mémoire et réconciliation",
        "пам'ять і примирення",
        "atmiņa un izlīgums",
    ],
];

/// The themes that go with [`TOPICS`], two each.
pub(super) const TOPIC_THEMES: [[&str; 2]; 12] = [
    ["mining", "history"],
    ["environment", "localGovernment"],
    ["cycling", "tourism"],
    ["youth", "sport"],
    ["culture", "youth"],
    ["publicSafety", "localGovernment"],
    ["culture", "tourism"],
    ["environment", "tourism"],
    ["education", "youth"],
    ["economy", "education"],
    ["publicSafety", "environment"],
    ["history", "education"],
];

/// All themes that the format is known to use.
pub(super) const THEMES: [&str; 13] = [
    "localGovernment",
    "culture",
    "sport",
    "education",
    "economy",
    "publicSafety",
    "tourism",
    "youth",
    "mining",
    "environment",
    "transport",
    "history",
    "cycling",
];

/// A value that no open list knows.
pub(super) const UNSEEN: [&str; 3] = ["astronomy", "beekeeping", "timeBank"];

pub(super) const PROJECTS: [Row; 12] = [
    [
        "{t}: {a} – {b}",
        "{t}: {a} – {b}",
        "{t}: {a} – {b}",
        "{t}: {a} – {b}",
        "{t} : {a} – {b}",
        "{t}: {a} – {b}",
        "{t}: {a} – {b}",
    ],
    [
        "Bliżej sąsiada – {t}",
        "Näher am Nachbarn – {t}",
        "Blíže k sousedovi – {t}",
        "Bližšie k susedovi – {t}",
        "Plus près du voisin – {t}",
        "Ближче до сусіда – {t}",
        "Tuvāk kaimiņam – {t}",
    ],
    [
        "Wspólnie dla przyszłości: {t}, {a} i {b}",
        "Gemeinsam für die Zukunft: {t}, {a} und {b}",
        "Společně pro budoucnost: {t}, {a} a {b}",
        "Spoločne pre budúcnosť: {t}, {a} a {b}",
        "Ensemble pour l'avenir : {t}, {a} et {b}",
        "Разом заради майбутнього: {t}, {a} та {b}",
        "Kopā nākotnei: {t}, {a} un {b}",
    ],
    [
        "Transgraniczne centrum kompetencji „{t}”",
        "Grenzüberschreitendes Kompetenzzentrum „{t}“",
        "Přeshraniční centrum kompetencí „{t}“",
        "Cezhraničné centrum kompetencií „{t}“",
        "Centre transfrontalier de compétences « {t} »",
        "Транскордонний центр компетенцій «{t}»",
        "Pārrobežu kompetenču centrs \"{t}\"",
    ],
    [
        "Spotkania branżowe {a} – {b}",
        "Fachtreffen {a} – {b}",
        "Odborná setkání {a} – {b}",
        "Odborné stretnutia {a} – {b}",
        "Rencontres sectorielles {a} – {b}",
        "Галузеві зустрічі {a} – {b}",
        "Nozaru tikšanās {a} – {b}",
    ],
    [
        "Miasta bez barier: {t}",
        "Städte ohne Barrieren: {t}",
        "Města bez bariér: {t}",
        "Mestá bez bariér: {t}",
        "Villes sans barrières : {t}",
        "Міста без бар'єрів: {t}",
        "Pilsētas bez šķēršļiem: {t}",
    ],
    [
        "Ścieżki przyjaźni {a} – {b}",
        "Wege der Freundschaft {a} – {b}",
        "Stezky přátelství {a} – {b}",
        "Chodníky priateľstva {a} – {b}",
        "Les chemins de l'amitié {a} – {b}",
        "Стежки дружби {a} – {b}",
        "Draudzības takas {a} – {b}",
    ],
    [
        "Cyfrowe pogranicze – {t}",
        "Digitaler Grenzraum – {t}",
        "Digitální pohraničí – {t}",
        "Digitálne pohraničie – {t}",
        "Frontière numérique – {t}",
        "Цифрове прикордоння – {t}",
        "Digitālā pierobeža – {t}",
    ],
    [
        "Dziedzictwo, które łączy: {a}, {b}",
        "Erbe, das verbindet: {a}, {b}",
        "Dědictví, které spojuje: {a}, {b}",
        "Dedičstvo, ktoré spája: {a}, {b}",
        "Un patrimoine qui rassemble : {a}, {b}",
        "Спадщина, що єднає: {a}, {b}",
        "Mantojums, kas vieno: {a}, {b}",
    ],
    [
        "Uczymy się przez zabawę – {t}",
        "Spielend lernen – {t}",
        "Učíme se hrou – {t}",
        "Učíme sa hrou – {t}",
        "Apprendre en jouant – {t}",
        "Навчаємося граючись – {t}",
        "Mācāmies rotaļājoties – {t}",
    ],
    [
        "Analiza połączeń komunikacyjnych {a} – {b}",
        "Analyse der Verkehrsverbindungen {a} – {b}",
        "Analýza dopravního spojení {a} – {b}",
        "Analýza dopravného spojenia {a} – {b}",
        "Étude des liaisons de transport {a} – {b}",
        "Аналіз транспортного сполучення {a} – {b}",
        "Satiksmes savienojumu analīze {a} – {b}",
    ],
    [
        "Razem przeciw powodzi: {a}, {b}",
        "Gemeinsam gegen Hochwasser: {a}, {b}",
        "Společně proti povodním: {a}, {b}",
        "Spoločne proti povodniam: {a}, {b}",
        "Ensemble contre les inondations : {a}, {b}",
        "Разом проти паводків: {a}, {b}",
        "Kopā pret plūdiem: {a}, {b}",
    ],
];

pub(super) const AGREEMENTS: [Row; 3] = [
    [
        "Umowa partnerska {a} – {b}",
        "Partnerschaftsvertrag {a} – {b}",
        "Partnerská smlouva {a} – {b}",
        "Partnerská zmluva {a} – {b}",
        "Accord de jumelage {a} – {b}",
        "Угода про партнерство {a} – {b}",
        "Sadraudzības līgums {a} – {b}",
    ],
    [
        "Porozumienie o współpracy {a} – {b}",
        "Kooperationsvereinbarung {a} – {b}",
        "Dohoda o spolupráci {a} – {b}",
        "Dohoda o spolupráci {a} – {b}",
        "Convention de coopération {a} – {b}",
        "Договір про співпрацю {a} – {b}",
        "Sadarbības līgums {a} – {b}",
    ],
    [
        "Odnowienie umowy {a} – {b}",
        "Erneuerung des Vertrags {a} – {b}",
        "Obnovení smlouvy {a} – {b}",
        "Obnovenie zmluvy {a} – {b}",
        "Renouvellement de l'accord {a} – {b}",
        "Поновлення угоди {a} – {b}",
        "Līguma atjaunošana {a} – {b}",
    ],
];

pub(super) const LETTERS: [Row; 2] = [
    [
        "List intencyjny dotyczący rozwoju partnerstwa {a} – {b}",
        "Gemeinsame Absichtserklärung {a} – {b}",
        "Memorandum o záměru {a} – {b}",
        "List o zámere {a} – {b}",
        "Lettre d'intention {a} – {b}",
        "Лист про наміри {a} – {b}",
        "Nodomu vēstule {a} – {b}",
    ],
    [
        "Deklaracja woli współpracy: {t}",
        "Erklärung zur Zusammenarbeit: {t}",
        "Prohlášení o spolupráci: {t}",
        "Vyhlásenie o spolupráci: {t}",
        "Déclaration de coopération : {t}",
        "Декларація про співпрацю: {t}",
        "Deklarācija par sadarbību: {t}",
    ],
];

pub(super) const RESOLUTIONS: [Row; 3] = [
    [
        "w sprawie nawiązania współpracy partnerskiej z miastem {b}",
        "Städtepartnerschaft mit {b}",
        "Uzavření partnerství s městem {b}",
        "Uzatvorenie partnerstva s mestom {b}",
        "Jumelage avec {b}",
        "Про встановлення партнерства з містом {b}",
        "Par sadarbību ar pilsētu {b}",
    ],
    [
        "w sprawie wyrażenia zgody na zawarcie umowy z miastem {b}",
        "Zustimmung zum Vertrag mit {b}",
        "Souhlas s uzavřením smlouvy s městem {b}",
        "Súhlas s uzavretím zmluvy s mestom {b}",
        "Approbation de la convention avec {b}",
        "Про згоду на укладення угоди з містом {b}",
        "Par līguma slēgšanu ar pilsētu {b}",
    ],
    [
        "w sprawie współpracy zagranicznej miasta {a} z miastem {b} w latach {y} i następnych",
        "Internationale Zusammenarbeit der Stadt {a} mit {b} ab {y}",
        "Zahraniční spolupráce města {a} s městem {b} od roku {y}",
        "Zahraničná spolupráca mesta {a} s mestom {b} od roku {y}",
        "Coopération internationale de {a} avec {b} à partir de {y}",
        "Про міжнародну співпрацю міста {a} з містом {b} з {y} року",
        "Par pilsētas {a} starptautisko sadarbību ar {b} no {y}. gada",
    ],
];

pub(super) const QUESTIONS: [Row; 4] = [
    [
        "Współpraca zagraniczna miasta {a}",
        "Auslandskontakte der Stadt {a}",
        "Zahraniční spolupráce města {a}",
        "Zahraničná spolupráca mesta {a}",
        "Coopération internationale de {a}",
        "Міжнародна співпраця міста {a}",
        "Pilsētas {a} ārējā sadarbība",
    ],
    [
        "Koszty delegacji do miasta {b} w {y} r.",
        "Kosten der Delegation nach {b} {y}",
        "Náklady na delegaci do města {b} v roce {y}",
        "Náklady na delegáciu do mesta {b} v roku {y}",
        "Coût de la délégation à {b} en {y}",
        "Витрати на делегацію до міста {b} у {y} р.",
        "Delegācijas izmaksas uz {b} {y}. gadā",
    ],
    [
        "Wymiana młodzieży: {t}",
        "Jugendaustausch: {t}",
        "Výměna mládeže: {t}",
        "Výmena mládeže: {t}",
        "Échanges de jeunes : {t}",
        "Молодіжні обміни: {t}",
        "Jauniešu apmaiņa: {t}",
    ],
    [
        "Realizacja listu intencyjnego z miastem {b}",
        "Umsetzung der Absichtserklärung mit {b}",
        "Plnění memoranda s městem {b}",
        "Plnenie listu o zámere s mestom {b}",
        "Mise en œuvre de la lettre d'intention avec {b}",
        "Виконання листа про наміри з містом {b}",
        "Nodomu vēstules izpilde ar pilsētu {b}",
    ],
];

pub(super) const DOCUMENTS: [Row; 5] = [
    [
        "Informacja Prezydenta Miasta {a} na sesję ({y})",
        "Bericht der Bürgermeisterin, {a} ({y})",
        "Zpráva primátora města {a} ({y})",
        "Správa primátora mesta {a} ({y})",
        "Rapport du maire de {a} ({y})",
        "Звіт міського голови {a} ({y})",
        "Mēra ziņojums, {a} ({y})",
    ],
    [
        "Album „{t}”",
        "Bildband „{t}“",
        "Publikace „{t}“",
        "Publikácia „{t}“",
        "Album « {t} »",
        "Альбом «{t}»",
        "Albums \"{t}\"",
    ],
    [
        "Program współpracy miast {a} – {b}",
        "Programm der Zusammenarbeit {a} – {b}",
        "Program spolupráce měst {a} – {b}",
        "Program spolupráce miest {a} – {b}",
        "Programme de coopération {a} – {b}",
        "Програма співпраці міст {a} – {b}",
        "Sadarbības programma {a} – {b}",
    ],
    [
        "Film promocyjny „{t}”",
        "Werbefilm „{t}“",
        "Propagační film „{t}“",
        "Propagačný film „{t}“",
        "Film promotionnel « {t} »",
        "Рекламний фільм «{t}»",
        "Reklāmas filma \"{t}\"",
    ],
    [
        "Audycja radiowa o mieście {b}",
        "Radiosendung über {b}",
        "Rozhlasový pořad o městě {b}",
        "Rozhlasová relácia o meste {b}",
        "Émission de radio sur {b}",
        "Радіопередача про місто {b}",
        "Radioraidījums par pilsētu {b}",
    ],
];
/// The kinds that go with [`DOCUMENTS`].
pub(super) const DOCUMENT_KINDS: [&str; 5] = ["report", "publication", "programme", "film", "broadcast"];

/// The title of a paper that answers an interpellation.
pub(super) const ANSWERS: Row = [
    "Odpowiedź na interpelację: {t}",
    "Antwort auf die Anfrage: {t}",
    "Odpověď na interpelaci: {t}",
    "Odpoveď na interpeláciu: {t}",
    "Réponse à la question : {t}",
    "Відповідь на звернення: {t}",
    "Atbilde uz deputāta jautājumu: {t}",
];

/// What makes a title long; appended until it is.
pub(super) const LONG_TAILS: [Row; 3] = [
    [
        " – program wzajemnego poznawania się mieszkańców, instytucji i organizacji",
        " – ein Programm zum gegenseitigen Kennenlernen der Bürgerinnen, Bürger und Einrichtungen",
        " – program vzájemného poznávání obyvatel, institucí a organizací",
        " – program vzájomného spoznávania obyvateľov, inštitúcií a organizácií",
        " – programme de connaissance mutuelle des habitants, des institutions et des associations",
        " – програма взаємного пізнання мешканців, установ та організацій",
        " – programma iedzīvotāju, iestāžu un organizāciju savstarpējai iepazīšanai",
    ],
    [
        " w kontekście wspólnego dziedzictwa oraz zrównoważonego rozwoju pogranicza",
        " im Zusammenhang mit dem gemeinsamen Erbe und der nachhaltigen Entwicklung des Grenzraums",
        " v kontextu společného dědictví a udržitelného rozvoje pohraničí",
        " v kontexte spoločného dedičstva a udržateľného rozvoja pohraničia",
        " dans le contexte du patrimoine commun et du développement durable de la région frontalière",
        " у контексті спільної спадщини та сталого розвитку прикордоння",
        " kopīgā mantojuma un pierobežas ilgtspējīgas attīstības kontekstā",
    ],
    [
        " (etap przygotowawczy, realizacja i upowszechnianie rezultatów)",
        " (Vorbereitung, Durchführung und Verbreitung der Ergebnisse)",
        " (příprava, realizace a šíření výsledků)",
        " (príprava, realizácia a šírenie výsledkov)",
        " (préparation, mise en œuvre et diffusion des résultats)",
        " (підготовка, реалізація та поширення результатів)",
        " (sagatavošana, īstenošana un rezultātu izplatīšana)",
    ],
];

/// Text that readers of a file tend to break on: quotes, a backslash, wildcards, combining marks, markup, digits.
pub(super) const HARD: [&str; 16] = [
    "„100 % energii” / \"100 % Energie\"",
    "\"A\\B\" – archiwum C:\\BIP\\2009",
    "O'Brien & d'Artagnan",
    "_robocze_ 50%_off",
    "Karvina\u{301} a Havi\u{301}r\u{30c}ov",
    "Fuß-, Maß- und Straßenspiele",
    "Győr–Őriszentpéter",
    "<b>Łódź</b> &amp; Łęczyca",
    "50 % – 100 %; -- DROP",
    "Ǆungla, ﬁnał, Ⅳ edycja",
    "naïve façade, cœur",
    "Ünïcödé ß/ẞ",
    "„Ґанок” і «Їжак»",
    "Ķīļķēni, Ņina & Šķēle",
    "'); SELECT '%_\\",
    "Zażółć\u{a0}gęślą\u{a0}jaźń",
];

pub(super) const NOTES: [&str; 14] = [
    "The day was not found; the source gives the month only.",
    "Sources disagree on the spelling of the name; the official one is kept.",
    "The page was read from a stored copy and is cut at about 2,000 characters.",
    "Date as printed in the source; it may be a slip.",
    "Whether it took place could not be checked.",
    "The partner's own page tells it in other words; both versions should be kept.",
    "Read from a scan (\"Tbbenbiiren\" for Ibbenbüren); names were compared with other pages.",
    "Inferred from the announcing article; no report was found.",
    "The lead partner is not stated.",
    "Figures are rounded in the source (\"almost 200\").",
    "Title also printed without the hyphen & with a 'typographic' apostrophe.",
    "The amount is printed as \"3 453,085,00 euro\" in one source, read as 3,453,085.00.",
    "The beginning of the title is missing in the stored text.",
    "Not in the city's own list of partners; mentioned by the other side only.",
];

pub(super) const SUMMARIES: [&str; 14] = [
    "Representatives of both cities met with local institutions and agreed on the next steps.",
    "Workshops, a joint rehearsal and a public performance in the municipal culture house.",
    "Exchange of experience on how local-government bodies are organised and work.",
    "A programme of joint and separate parts with accommodation in families and a youth hostel.",
    "Companies presented themselves; talks on skilled workers, start-ups and vocational training followed.",
    "Exhibition of photographs from all partner cities, shown in turn in every town hall.",
    "Sports competitions in six disciplines; the cup stays in the winning city for a year.",
    "Visit to the waste-water plant, the fire station and the school complex.",
    "Renewal of a public space on both sides, with information boards in all languages.",
    "Sum-up of the cooperation: micro-projects, investments and plans for the next period.",
    "Good practice in cross-border projects and a discussion of funding sources.",
    "Language courses, a bilingual glossary and a phrase book for the emergency services.",
    "Concert, market of crafts and a torch-lit walk through the old town.",
    "Planting of a tree of friendship, opening of a square named after the partner city.",
];

pub(super) const AIMS: [&str; 6] = [
    "economic cooperation and the growth of enterprise",
    "environmental protection",
    "wider contact between the authorities and the residents",
    "exchange of experience in education, art, culture, sport and tourism",
    "support for youth and school groups",
    "keeping the shared heritage alive",
];

pub(super) const AREAS: [&str; 7] = [
    "exchange of experience on how local-government bodies are organised and work",
    "support for cooperation between companies, institutions and business organisations",
    "exchange of information and experience in managing and planning local development",
    "cooperation between institutions that support local development",
    "meetings and contacts between local-government bodies and institutions",
    "help in organising exchanges of youth and pupil groups",
    "support for organising cultural events and sports competitions",
];

/// Commitments: theme and text.
pub(super) const COMMITMENTS: [(&str, &str); 8] = [
    ("economy", "To set up a European network centre acting as a bridge between the cities."),
    ("culture", "To create a cultural network meant to bring about joint cultural events."),
    ("economy", "To build a network for exchanging sector experience."),
    ("youth", "To send a group of young people to the partner city."),
    ("sport", "To hold a tournament of the partner cities in turn."),
    ("environment", "To plan joint measures for clean air and green spaces."),
    ("education", "To support at least one school partnership."),
    ("publicSafety", "To train the fire services together."),
];

pub(super) const UNITS: [&str; 5] = ["joint cultural event", "exchange", "tournament", "meeting", "joint exercise"];

pub(super) const OCCASIONS: [&str; 6] = [
    "City celebrations",
    "Conference \"Partnerstwo poprzez gospodarkę\" and anniversary of the partnership",
    "Opening of the cycle route",
    "Solemn session of both councils",
    "Day of Europe",
    "Visit of the delegation to the Christmas market",
];

pub(super) const VENUES: [&str; 8] = [
    "Town hall",
    "Sala ślubów Urzędu Stanu Cywilnego",
    "Großer Sitzungssaal",
    "Obřadní síň radnice",
    "Veľká sála",
    "Salle d'honneur",
    "Актова зала",
    "Rātsnama zāle",
];

/// Places that lie in no city of the file.
pub(super) const PLACES: [&str; 7] = [
    "European Parliament, Brussels",
    "Burg Vischering, Kreis Coesfeld, DE",
    "Ostrava, CZ",
    "Győr, HU",
    "Zamek Książ, PL",
    "Szczyrk, PL",
    "Õismäe, Tallinn, EE",
];

pub(super) const MISSION_TOPICS: [&str; 7] = [
    "structural change and the end of coal mining",
    "needs of young companies",
    "vocational colleges in the dual training system",
    "sustainable development of a business location",
    "energy saving in public buildings",
    "logistics and the A1 corridor",
    "crafts & small trade: \"Meisterbrief\"",
];

/// A programme: the first and the last year in which its projects begin, the countries it joins (any, when none is
/// named), its name and the fund, where there is one.
pub(super) type Programme = (u64, u64, &'static str, &'static str, &'static str);

pub(super) const PROGRAMMES: [Programme; 17] = [
    (1994, 2006, "PL", "PHARE CBC", "Small Projects Fund"),
    (
        2007,
        2013,
        "CZ PL",
        "Operational Programme Cross-border Cooperation Czech Republic – Poland 2007–2013",
        "Micro-projects Fund of the Euroregion Śląsk Cieszyński – Těšínské Slezsko",
    ),
    (2007, 2013, "", "Lifelong Learning Programme – Comenius", ""),
    (2007, 2013, "", "Europe for Citizens 2007–2013", ""),
    (
        2014,
        2020,
        "CZ PL",
        "Interreg V-A Czech Republic – Poland 2014–2020",
        "Micro-projects Fund of the Euroregion Śląsk Cieszyński – Těšínské Slezsko",
    ),
    (2014, 2020, "PL SK", "Interreg V-A Poland – Slovakia 2014–2020", ""),
    (2014, 2020, "CZ SK", "Interreg V-A Slovak Republic – Czech Republic 2014–2020", "Fond malých projektov"),
    (
        2014,
        2020,
        "DE PL",
        "Cooperation Programme Poland – Saxony 2014–2020",
        "Kleinprojektefonds Euroregion Neisse – Nisa – Nysa",
    ),
    (2014, 2020, "", "Erasmus+ 2014–2020", ""),
    (2014, 2020, "", "Europe for Citizens 2014–2020", ""),
    (2021, 2027, "CZ PL", "Interreg VI-A Czechia – Poland 2021–2027", "Small Project Fund"),
    (2021, 2027, "PL UA", "Interreg NEXT Poland – Ukraine 2021–2027", ""),
    (2021, 2027, "", "Citizens, Equality, Rights and Values (CERV) 2021–2027", ""),
    (2021, 2027, "", "Erasmus+ 2021–2027", ""),
    (1991, 2027, "DE PL", "Deutsch-Polnisches Jugendwerk / Polsko-Niemiecka Współpraca Młodzieży", ""),
    (1991, 2027, "DE FR", "Deutsch-Französischer Bürgerfonds / Fonds citoyen franco-allemand", ""),
    (2000, 2027, "CZ PL", "International Visegrad Fund", ""),
];

/// Where the sources of the records are said to come from, by language.
pub(super) const SOURCES: [[&str; 3]; 7] = [
    ["Aktualności miejskie", "Biuletyn Informacji Publicznej", "Archiwum „Gazety Lokalnej”"],
    ["Pressemitteilung", "Ratsinformationssystem", "Allgemeiner Anzeiger, Archiv"],
    ["Aktuality", "Úřední deska", "Městský zpravodaj"],
    ["Aktuality mesta", "Úradná tabuľa", "Mestské noviny"],
    ["Bulletin municipal", "Délibérations du conseil", "Presse régionale, archives"],
    ["Новини міста", "Офіційний вебсайт", "Газета «Вісник»"],
    ["Ziņas", "Domes lēmumi", "Novada avīze"],
];
