//! Check-in (P3 to P5): what the card signs and what the element records.

use crate::cbor::{Malformed, Reader, Writer};
use crate::field::Field;
use crate::object::{numbers, object};
use crate::value::{Hash, Id16, InstitutionCode, Ticks, UnixMillis};

numbers! {
    /// Which form of EXTERNAL AUTHENTICATE was used: what the host stated, not what the card enforces.
    pub enum AuthenticationForm = "ea" {
        /// Profile A: opens a state in which the card signs any digest.
        OpensState = 1,
        /// Profile B: covers the digest that the card will sign.
        CoversDigest = 2,
        /// Profile C: the card signs over the authenticated institution code.
        CardBindsInstitution = 3,
    }
}

numbers! {
    /// How the institution states that it checked the holder (施行規則 64-5).
    pub enum HolderCheck = "method" {
        /// 暗証番号
        Pin = 1,
        /// Machine comparison with the card's photo.
        PhotoMachine = 2,
        /// Comparison with the card's photo by eye.
        PhotoVisual = 3,
        /// Biometrics of the phone that carries the certificate.
        DeviceBiometrics = 4,
    }
}

numbers! {
    /// What the card was asked for.
    pub enum Purpose = "purpose" {
        /// Check-in.
        CheckIn = 1,
        /// Check-in and registration of a card ID.
        CheckInAndCardId = 2,
        /// Check-in and consent.
        CheckInAndConsent = 3,
        /// Emergency.
        Emergency = 4,
    }
}

numbers! {
    /// How a card session ended.
    pub enum CommitOutcome = "outcome" {
        /// The card's signature was verified in time.
        Signed = 1,
        /// Wrong signature, or abandoned.
        Aborted = 2,
        /// The card took longer than the binding allows.
        TooLate = 3,
    }
}

/// RND.ICC: the card's challenge, 8 to 32 bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardChallenge(alloc::vec::Vec<u8>);

impl CardChallenge {
    /// Takes 8 to 32 bytes.
    ///
    /// # Errors
    ///
    /// [`Malformed::Value`].
    pub fn new(bytes: &[u8]) -> Result<Self, Malformed> {
        if (8..=32).contains(&bytes.len()) {
            Ok(Self(bytes.to_vec()))
        } else {
            Err(Malformed::Value { field: "rnd-icc" })
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Field for CardChallenge {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::new(reader.bytes()?)
    }
}

object! {
    /// What the patient's card signs: this institution, this element, this moment, this purpose.
    pub struct Presence = 20, "presence", signed Presence, check presence {
        /// The institution.
        pub institution: InstitutionCode,
        /// The element.
        pub element: Id16,
        /// The thin terminal as the box states it; nil without a box.
        pub desk: Option<Id16>,
        /// Hash of the anchor of this power cycle.
        pub anchor: Hash,
        /// Ticks.
        pub ticks: Ticks,
        /// Counter of this session's beginning (mc1).
        pub counter: u64,
        /// Used once; of a TPM: the first 16 bytes of SHA-256(record named by `previous`).
        pub nonce: Id16,
        /// The card's challenge.
        pub challenge: CardChallenge,
        /// Form of EXTERNAL AUTHENTICATE.
        pub form: AuthenticationForm,
        /// SHA-256(blind ‖ certificate).
        pub certificate: Hash,
        /// How the holder was checked, as the institution states it.
        pub method: HolderCheck,
        /// SHA-256 of the institution's own record of that check.
        pub method_record: Option<Hash>,
        /// Purpose.
        pub purpose: Purpose,
        /// SHA-256 of the consent; set exactly for [`Purpose::CheckInAndConsent`].
        pub consent: Option<Hash>,
        /// beacon-h of a beacon that was known before.
        pub beacon: Option<Hash>,
        /// SHA-256 of the payload of the record before.
        pub previous: Hash,
    }
}

fn presence(presence: &Presence) -> Result<(), Malformed> {
    if (presence.purpose == Purpose::CheckInAndConsent) == presence.consent.is_some() {
        Ok(())
    } else {
        Err(Malformed::Value { field: "consent-h" })
    }
}

/// cert-h: SHA-256(blind ‖ certificate).
#[must_use]
pub fn blinded_certificate(blind: &[u8; 32], certificate: &[u8]) -> Hash {
    Hash::of_parts(&[blind, certificate])
}

object! {
    /// The element has verified the card's signature; SHA-256 of this payload is the visit's `evid`.
    pub struct Commit = 21, "commit", signed Element, check commit {
        /// The element.
        pub element: Id16,
        /// How the session ended.
        pub outcome: CommitOutcome,
        /// SHA-256 of the bytes that the card signed (D), whatever the card's algorithm is.
        pub presence: Hash,
        /// SHA-256 of the card's signature; set exactly for [`CommitOutcome::Signed`].
        pub card_signature: Option<Hash>,
        /// Ticks.
        pub ticks: Ticks,
        /// Counter (mc2 = mc1 + 1).
        pub counter: u64,
        /// SHA-256 of the presence payload.
        pub previous: Hash,
    }
}

fn commit(commit: &Commit) -> Result<(), Malformed> {
    if (commit.outcome == CommitOutcome::Signed) == commit.card_signature.is_some() {
        Ok(())
    } else {
        Err(Malformed::Value { field: "csig-h" })
    }
}

object! {
    /// First record after power-on.
    pub struct Boot = 22, "boot", signed Element {
        /// The element.
        pub element: Id16,
        /// Ticks of the new power cycle.
        pub ticks: Ticks,
        /// Counter.
        pub counter: u64,
        /// Counter of a session that the power cut ended.
        pub pending: Option<u64>,
        /// SHA-256 of the payload of the record before.
        pub previous: Hash,
    }
}

object! {
    /// The platform's beacon.
    pub struct Beacon = 23, "beacon", signed Beacon {
        /// Rises.
        pub seq: u64,
        /// The platform's clock.
        pub issued: UnixMillis,
        /// SHA-256 over the current revocation lists.
        pub revocation_lists: Hash,
    }
}

numbers! {
    /// What a stamp is over. The encoding holds a word, this is our number for it.
    pub enum StampSubject = "stamp ctx" {
        /// Idle heartbeat; the message is 32 zero bytes.
        Heartbeat = 1,
        /// A batch.
        Batch = 2,
        /// A document's SHA-256.
        Document = 3,
    }
}

impl StampSubject {
    /// The word in the encoding.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Heartbeat => "heartbeat",
            Self::Batch => "batch",
            Self::Document => "document",
        }
    }
}

/// The word of a stamp's subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StampContext(pub StampSubject);

impl Field for StampContext {
    fn write(&self, writer: &mut Writer) {
        writer.text(self.0.word());
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.text()? {
            "heartbeat" => Ok(Self(StampSubject::Heartbeat)),
            "batch" => Ok(Self(StampSubject::Batch)),
            "document" => Ok(Self(StampSubject::Document)),
            _ => Err(Malformed::Value { field: "stamp ctx" }),
        }
    }
}

object! {
    /// Time Stamp with Tick Stamp over any message (P4).
    pub struct Stamp = 24, "stamp", signed Element, check stamp {
        /// The element.
        pub element: Id16,
        /// Hash of the anchor of this power cycle.
        pub anchor: Hash,
        /// What is stamped.
        pub context: StampContext,
        /// The message's hash.
        pub message: Hash,
        /// Ticks.
        pub ticks: Ticks,
        /// Counter.
        pub counter: u64,
        /// SHA-256 of the payload of the record before.
        pub previous: Hash,
    }
}

fn stamp(stamp: &Stamp) -> Result<(), Malformed> {
    if stamp.context.0 == StampSubject::Heartbeat && stamp.message != Hash::ZERO {
        return Err(Malformed::Value { field: "msg of a heartbeat" });
    }
    Ok(())
}
