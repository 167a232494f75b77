//! The eligibility register: which certificate belongs to which insured person.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A person in the register: 16 random bytes, meaning nothing elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub [u8; 16]);

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Sex as a signing certificate states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 1
    Male,
    /// 2
    Female,
    /// 3
    Other,
}

impl Sex {
    /// Its number, 1 to 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Male => 1,
            Self::Female => 2,
            Self::Other => 3,
        }
    }

    /// The one with this number.
    #[must_use]
    pub const fn numbered(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Male),
            2 => Some(Self::Female),
            3 => Some(Self::Other),
            _ => None,
        }
    }
}

/// A made-up person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Name, any Unicode.
    pub name: String,
    /// Date of birth: year, month, day.
    pub birth: (i16, i8, i8),
    /// Sex.
    pub sex: Sex,
    /// Address.
    pub address: String,
    /// Prefecture in Latin letters, as `Tokyo-to`.
    pub prefecture: String,
    /// Municipality in Latin letters, as `Kiyose-shi`.
    pub municipality: String,
    /// Code of the municipality, five digits, as `13221`.
    pub municipality_code: String,
}

/// 資格有効性, with the numbers of the online eligibility check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// 1 有効
    Valid,
    /// 2 無効
    Invalid,
    /// 3 無効（新資格あり）
    Replaced,
    /// 4 該当なし
    NotFound,
    /// 5 複数該当
    SeveralFound,
    /// 6 有効（未登録）
    ValidUnregistered,
}

impl Validity {
    /// Its number, 1 to 6.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Valid => 1,
            Self::Invalid => 2,
            Self::Replaced => 3,
            Self::NotFound => 4,
            Self::SeveralFound => 5,
            Self::ValidUnregistered => 6,
        }
    }

    /// The one with this number.
    #[must_use]
    pub const fn numbered(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Valid),
            2 => Some(Self::Invalid),
            3 => Some(Self::Replaced),
            4 => Some(Self::NotFound),
            5 => Some(Self::SeveralFound),
            6 => Some(Self::ValidUnregistered),
            _ => None,
        }
    }
}

/// What an insurer reported about a person. The insured number is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insurance {
    /// Name of the insurer.
    pub insurer: String,
    /// Share that the patient pays, in tenths (1 to 3); 0 if not known.
    pub copay_tenths: u8,
    /// Whether it is in force.
    pub validity: Validity,
}

/// One line of the feed: what is known of one certificate's holder since `number`. A later row for the
/// same certificate replaces an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterRow {
    /// Rising number of the row.
    pub number: u64,
    /// Serial of the authentication certificate, hexadecimal without leading zeros.
    pub serial: String,
    /// Key id of its CA, hexadecimal.
    pub issuer_key_id: String,
    /// The person, opaque; the same for all certificates of one person.
    pub person: String,
    /// Name of the insurer, empty if nothing was reported.
    pub insurer: String,
    /// Share that the patient pays, in tenths; 0 if not known.
    pub copay_tenths: u8,
    /// 資格有効性, 1 to 6; 4 if nothing was reported.
    pub validity: u8,
}

/// A page of the feed. Ask again with `since` = `next` while `more`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterPage {
    /// Rows after `since`, ascending, at most 500.
    pub rows: Vec<RegisterRow>,
    /// `since` of the next request.
    pub next: u64,
    /// Whether more rows were waiting.
    pub more: bool,
}
