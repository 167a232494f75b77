//! The book of cases.

use jushin_statement::{Bundle, Hash, Object as _, Signed, TpmRecord, Visits};

use crate::answer::Answer;
use crate::desk::Desk;

/// Who did it, or could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Nobody: as it should be, or damage on the way.
    Nobody,
    /// The terminal's software, without any key of its own that counts.
    Host,
    /// Whoever has the element's key: a broken element, or one that was read out.
    Element,
    /// The institution.
    Institution,
    /// An administrator, or somebody with a staff card.
    Administrator,
    /// The patient, or somebody with a patient's card.
    CardHolder,
    /// Somebody who stole the terminal.
    Thief,
    /// The service provider that unlocks elements.
    Provider,
    /// The eligibility platform.
    Platform,
    /// A time-stamping authority.
    TimeStamper,
    /// A certification authority.
    Certifier,
    /// Anybody through whose hands the bundle went.
    Stranger,
}

/// What came out of the forger's hands, and what it is to be called.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name: also that of the file.
    pub name: &'static str,
    /// Who did it.
    pub by: By,
    /// What was done.
    pub what: &'static str,
    /// Number of the check that it is about.
    pub check: u8,
    /// The trust folder that counts.
    pub trust: &'static str,
    /// The bundle.
    pub bytes: Vec<u8>,
    /// One answer a visit; `None` if the bundle as a whole is not readable.
    pub answers: Option<Vec<Answer>>,
}

impl Case {
    /// Whether nothing was done to it.
    #[must_use]
    pub fn is_honest(&self) -> bool {
        self.by == By::Nobody && self.name.starts_with("good-")
    }

    /// Judges it under another trust folder than the usual one.
    pub fn under(&mut self, trust: &'static str) -> &mut Self {
        self.trust = trust;
        self
    }

    /// Identities of its visits, in order.
    #[must_use]
    pub fn evids(&self) -> Vec<Hash> {
        let Ok(bundle) = Bundle::decode(&self.bytes) else { return Vec::new() };
        match bundle.visits {
            Visits::Full(visits) => visits.iter().map(|visit| evid(&visit.commit)).collect(),
            Visits::Redacted(visits) => visits.iter().map(|visit| evid(&visit.commit)).collect(),
        }
    }
}

/// SHA-256 of the commit payload; of the whole if there is none.
#[must_use]
pub fn evid(commit: &Signed) -> Hash {
    if let Ok(record) = TpmRecord::decode(commit.as_bytes()) {
        return Hash::of(&record.payload);
    }
    commit.parse().map_or_else(|_| commit.imprint(), |parsed| parsed.payload_hash())
}

/// What a case can be made of.
pub trait Material {
    /// The bundle's bytes.
    fn into_bytes(self) -> Vec<u8>;
}

impl Material for Vec<u8> {
    fn into_bytes(self) -> Vec<u8> {
        self
    }
}

impl Material for Bundle {
    fn into_bytes(self) -> Vec<u8> {
        self.encode()
    }
}

impl Material for Desk {
    fn into_bytes(self) -> Vec<u8> {
        self.bundle().encode()
    }
}

impl Material for &Desk {
    fn into_bytes(self) -> Vec<u8> {
        self.bundle().encode()
    }
}

/// The answers to a case.
pub trait Answers {
    /// One a visit, or none at all.
    fn into_answers(self) -> Option<Vec<Answer>>;
}

impl Answers for Answer {
    fn into_answers(self) -> Option<Vec<Answer>> {
        Some(vec![self])
    }
}

impl Answers for Vec<Answer> {
    fn into_answers(self) -> Option<Vec<Answer>> {
        Some(self)
    }
}

/// No bundle in its one encoding.
#[derive(Clone, Copy, Debug)]
pub struct Unreadable;

impl Answers for Unreadable {
    fn into_answers(self) -> Option<Vec<Answer>> {
        None
    }
}

/// All cases, in the order of the checks that they are about.
#[derive(Debug, Default)]
pub struct Book {
    /// The cases.
    pub cases: Vec<Case>,
}

impl Book {
    /// Opens the chapter about a check.
    pub fn chapter(&mut self, check: u8) -> Chapter<'_> {
        Chapter { book: self, check }
    }
}

/// Cases about one check.
pub struct Chapter<'b> {
    book: &'b mut Book,
    check: u8,
}

impl Chapter<'_> {
    /// Writes a case down.
    pub fn case(
        &mut self,
        name: &'static str,
        by: By,
        what: &'static str,
        material: impl Material,
        answers: impl Answers,
    ) -> &mut Case {
        let (bytes, answers) = (material.into_bytes(), answers.into_answers());
        let at = self.book.cases.len();
        self.book.cases.push(Case { name, by, what, check: self.check, trust: USUAL_TRUST, bytes, answers });
        &mut self.book.cases[at]
    }
}

/// Name of the usual trust folder.
pub const USUAL_TRUST: &str = "trust";
