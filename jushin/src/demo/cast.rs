//! Who and where: nobody and nothing of this exists.

use jushin_history::{Directory, Institution as Listed};
use jushin_statement::InstitutionCode;
use jushin_trust_services::{CardKind, Generation, Person, Sex};

/// An institution of the story.
pub struct Place {
    /// Ten digits.
    pub code: &'static str,
    /// Name in Japanese.
    pub ja: &'static str,
    /// Name in English.
    pub en: &'static str,
    /// The terminal's name.
    pub terminal: &'static str,
    /// The element's name.
    pub element: &'static str,
    /// Who sets the terminal up.
    pub administrator: &'static str,
}

/// Where chapter 1 plays.
pub const SAKURA: Place = Place {
    code: "2613200019",
    ja: "さくら内科",
    en: "Sakura Clinic",
    terminal: "T1",
    element: "E1",
    administrator: "Sakura Kazuko (simulated)",
};

/// Whose terminal is stolen.
pub const YAMABIKO: Place = Place {
    code: "2013200023",
    ja: "やまびこ診療所",
    en: "Yamabiko Clinic",
    terminal: "T2",
    element: "E2",
    administrator: "Yama Hiroshi (simulated)",
};

/// A second desk at the same clinic, whose host throws a visit away.
pub(super) const BACK_DESK: Place =
    Place { terminal: "T3", element: "E3", administrator: "Sakura Ichiro (simulated)", ..SAKURA };

/// A patient of the story and her card.
pub struct Patient {
    /// The card's name.
    pub card: &'static str,
    /// The person's name.
    pub name: &'static str,
    /// How it is read.
    pub kana: &'static str,
    /// The chart number at the clinic.
    pub chart: &'static str,
    pub(super) birth: (i16, i8, i8),
    pub(super) kind: CardKind,
    pub(super) generation: Generation,
    /// What the card is, in a few words.
    pub words: &'static str,
}

/// P1 to P3: today's card, one that signs PSS, and the next generation's.
pub const PATIENTS: [Patient; 3] = [
    Patient {
        card: "P1",
        name: "髙橋 渚󠄁",
        kana: "タカハシ ナギサ",
        chart: "10432",
        birth: (1951, 2, 17),
        kind: CardKind::Rsa,
        generation: Generation::First,
        words: "RSA-2048",
    },
    Patient {
        card: "P2",
        name: "渡邉 葛󠄀雄",
        kana: "ワタナベ クズオ",
        chart: "10518",
        birth: (1987, 9, 30),
        kind: CardKind::RsaPss,
        generation: Generation::Second,
        words: "RSA-PSS",
    },
    Patient {
        card: "P3",
        name: "田中 花子",
        kana: "タナカ ハナコ",
        chart: "10777",
        birth: (2001, 12, 5),
        kind: CardKind::P384,
        generation: Generation::Second,
        words: "P-384",
    },
];

/// What became of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It works.
    Good,
    /// It is past its date.
    Expired,
    /// Its holder had it stopped.
    Stopped,
}

/// Cards that no chapter tells of: whoever tries the pages may place them too.
pub(super) const WAITING_ROOM: [(Patient, Fate); 3] = [
    (waiting("P4", "鈴木 一郎", "スズキ イチロウ", "10801", "first visit"), Fate::Good),
    (waiting("P5", "佐藤 実（期限切れ）", "サトウ ミノル", "10802", "past its date"), Fate::Expired),
    (waiting("P6", "伊藤 さくら（停止中）", "イトウ サクラ", "10803", "stopped"), Fate::Stopped),
];

/// The card of a bus company, which is placed by mistake.
pub(super) const BUS_PASS: &str = "バス Bus";

const fn waiting(
    card: &'static str,
    name: &'static str,
    kana: &'static str,
    chart: &'static str,
    words: &'static str,
) -> Patient {
    let (kind, generation) = (CardKind::P384, Generation::Second);
    Patient { card, name, kana, chart, birth: (1960, 6, 15), kind, generation, words }
}

impl Patient {
    /// The person as the register holds her.
    pub(super) fn person(&self) -> Person {
        Person {
            name: self.name.to_owned(),
            birth: self.birth,
            sex: Sex::Female,
            address: "模擬県見本市一丁目1番1号".to_owned(),
            prefecture: "Mogi-ken".to_owned(),
            municipality: "Mihon-shi".to_owned(),
            municipality_code: "99999".to_owned(),
        }
    }
}

impl Place {
    /// Its code.
    ///
    /// # Errors
    ///
    /// Never for a place of this list.
    pub fn code(&self) -> anyhow::Result<InstitutionCode> {
        Ok(InstitutionCode::new(self.code)?)
    }
}

/// The list of institutions as the history service has it.
///
/// # Errors
///
/// Never for this list.
pub fn directory() -> anyhow::Result<Directory> {
    let listed = |place: &Place| {
        Ok::<_, anyhow::Error>((place.code()?, Listed { ja: place.ja.to_owned(), en: place.en.to_owned() }))
    };
    Ok(Directory::new([listed(&SAKURA)?, listed(&YAMABIKO)?]))
}
