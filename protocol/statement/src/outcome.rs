//! Evidence and what was found about it (P6, P7).

use alloc::string::String;
use alloc::vec::Vec;

use crate::cbor::{Malformed, Reader, Writer};
use crate::cose::{Alg, Signed};
use crate::field::{Bytes, Field};
use crate::object::{Object, numbers, object, part};
use crate::value::{DateText, Hash, Id16, InstitutionCode, Pid, Ticks, UnixMillis};

object! {
    /// Everything that proves one visit. Outside the platform it exists only sealed.
    pub struct Evidence = 30, "evidence" {
        /// The presence payload as the card signed it.
        pub presence: Bytes,
        /// The card's algorithm.
        pub card_alg: Alg,
        /// The card's signature.
        pub card_signature: Bytes,
        /// The card's certificate, DER.
        pub certificate: Bytes,
        /// Opens the presence's cert-h.
        pub blind: [u8; 32],
        /// The signature of EXTERNAL AUTHENTICATE.
        pub authentication: Bytes,
        /// The element's commit.
        pub commit: Signed,
    }
}

object! {
    /// The form outside the platform: no certificate, no card signature, no blind.
    pub struct Redacted = 38, "redacted" {
        /// The presence payload.
        pub presence: Bytes,
        /// The element's commit.
        pub commit: Signed,
    }
}

object! {
    /// The element states the head of its chain on request.
    pub struct Close = 31, "close", signed Element {
        /// The element.
        pub element: Id16,
        /// The platform's nonce.
        pub nonce: Hash,
        /// SHA-256 of the payload of record `hi`.
        pub head: Hash,
        /// First counter of the range.
        pub lo: u64,
        /// Last counter of the range (counter − 1).
        pub hi: u64,
        /// Ticks.
        pub ticks: Ticks,
        /// Counter.
        pub counter: u64,
        /// SHA-256 of the payload of the record before.
        pub previous: Hash,
    }
}

numbers! {
    /// What a verifier says of one visit.
    pub enum Status = "status" {
        /// Proven.
        Valid = 0,
        /// Proven, but nothing bounds it from above yet.
        OpenEnded = 1,
        /// Something needed is missing.
        Indeterminate = 2,
        /// Disproved.
        Invalid = 3,
        /// Contradicts something else that is proven.
        Conflict = 4,
    }
}

numbers! {
    /// How closely the time is proven.
    pub enum Class = "cls" {
        /// Nothing.
        None = 0,
        /// The order among the element's records.
        OrderOnly = 1,
        /// Both ends of a window.
        Interval = 2,
        /// The date in Japan.
        Date = 3,
        /// A window within the policy's width.
        Tight = 4,
    }
}

part! {
    /// Counter values a..b that are missing.
    #[derive(Copy)]
    pub struct Gap = "gap" {
        /// First missing.
        pub from: u64,
        /// Last missing.
        pub to: u64,
    }
}

part! {
    /// What a receipt says of one visit.
    pub struct ReceiptItem = "item" {
        /// Counter of the session's beginning (mc1).
        pub counter: u64,
        /// Status of its verdict.
        pub status: Status,
        /// Reasons, ascending.
        pub reasons: Vec<u64>,
        /// Scheme-2 pseudonym at the institution, with a valid verdict.
        pub pid: Option<Pid>,
    }
}

object! {
    /// The platform has stored everything up to `hi`.
    pub struct Receipt = 32, "receipt", signed Receipt {
        /// The element.
        pub element: Id16,
        /// First counter.
        pub lo: u64,
        /// Last counter.
        pub hi: u64,
        /// SHA-256 of the payload of record `hi`.
        pub head: Hash,
        /// The platform's clock.
        pub at: UnixMillis,
        /// Missing values.
        pub gaps: Vec<Gap>,
        /// Visits.
        pub items: Vec<ReceiptItem>,
    }
}

object! {
    /// What the verifier says of one visit (P7).
    pub struct Verdict = 33, "verdict", signed Verdict {
        /// SHA-256 of the commit payload.
        pub evid: Hash,
        /// Status.
        pub status: Status,
        /// Class.
        pub class: Class,
        /// Earliest proven time.
        pub lo: Option<UnixMillis>,
        /// Latest proven time.
        pub hi: Option<UnixMillis>,
        /// Reasons, ascending, each once.
        pub reasons: Vec<u64>,
        /// Which trust anchors and policy were used.
        pub policy: Hash,
        /// Whether the element is made up.
        pub simulated: bool,
        /// The verifier's clock.
        pub at: UnixMillis,
    }
}

object! {
    /// The platform translates a person for one provider (P10).
    pub struct Reference = 34, "ref", signed Reference, check reference {
        /// The visit; nil exactly for an emergency access without card.
        pub evid: Option<Hash>,
        /// SHA-256 of the break-glass payload.
        pub break_glass: Option<Hash>,
        /// The provider.
        pub provider: InstitutionCode,
        /// The person's pseudonym there.
        pub subject: Pid,
        /// The platform's clock.
        pub at: UnixMillis,
    }
}

fn reference(reference: &Reference) -> Result<(), Malformed> {
    if reference.evid.is_none() && reference.break_glass.is_none() {
        return Err(Malformed::Value { field: "evid of a ref" });
    }
    Ok(())
}

object! {
    /// The platform registers a visit in the history (P11).
    pub struct Visit = 35, "visit", signed Visit {
        /// The visit.
        pub evid: Hash,
        /// SHA-256 of the verdict's payload.
        pub verdict: Hash,
        /// The institution.
        pub institution: InstitutionCode,
        /// The person's pseudonym at the history service.
        pub subject: Pid,
        /// The person's pseudonym at the institution.
        pub local: Pid,
    }
}

numbers! {
    /// 資格有効性 (QualificationValidity).
    pub enum Validity = "validity" {
        /// Valid.
        Valid = 1,
        /// Invalid.
        Invalid = 2,
        /// Invalid, a newer one exists.
        Superseded = 3,
        /// None found.
        NoneFound = 4,
        /// Several found.
        Several = 5,
        /// Valid, the card is not registered.
        CardNotRegistered = 6,
    }
}

object! {
    /// The eligibility answer for the desk that checked in, and nobody else.
    pub struct Eligibility = 36, "elig", signed Eligibility, check eligibility {
        /// The visit.
        pub evid: Hash,
        /// Whether the insurance holds.
        pub validity: Validity,
        /// The insurer's name.
        pub insurer: String,
        /// Share that the patient pays, in tenths; 0 not known.
        pub copay_tenths: u64,
        /// The platform's clock.
        pub at: UnixMillis,
    }
}

fn eligibility(answer: &Eligibility) -> Result<(), Malformed> {
    if answer.copay_tenths <= 3 { Ok(()) } else { Err(Malformed::Value { field: "copay" }) }
}

object! {
    /// What a paper receipt's code holds.
    pub struct Paper = 37, "paper" {
        /// The visit.
        pub evid: Hash,
        /// Its leaf in the transparency log.
        pub leaf: Option<u64>,
        /// Date in Japan as the terminal printed it.
        pub date: DateText,
        /// The institution.
        pub institution: InstitutionCode,
    }
}

/// Text of a paper receipt's QR: base45 (RFC 9285) of the paper and 16 bytes of SHA-256(commit-s).
#[must_use]
pub fn paper_code(paper: &Paper, commit: &Signed) -> String {
    let mut bytes = paper.encode();
    bytes.extend(commit.imprint().first16().0);
    base45(&bytes)
}

fn base45(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut text = String::new();
    for pair in bytes.chunks(2) {
        let mut value = pair.iter().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
        for _ in 0..=pair.len() {
            text.push(char::from(ALPHABET[value % 45]));
            value /= 45;
        }
    }
    text
}

/// AAD of a sealed evidence: `[se, mc1, evid]`.
#[must_use]
pub fn seal_aad(element: Id16, counter: u64, evid: Hash) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(3).bytes(&element.0).uint(counter).bytes(&evid.0);
    writer.into_bytes()
}

part! {
    /// A file of a trust folder.
    pub struct TrustFile = "trust-file" {
        /// Its name.
        pub name: String,
        /// SHA-256 of its bytes.
        pub hash: Hash,
    }
}

/// policy-id: SHA-256 over names and hashes of all files of a trust folder, sorted by name.
#[must_use]
pub fn policy_id(files: &[TrustFile]) -> Hash {
    let mut files = files.to_vec();
    files.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    let mut writer = Writer::new();
    Field::write(&files, &mut writer);
    Hash::of(&writer.into_bytes())
}

/// Reads a trust-list: files sorted by name.
///
/// # Errors
///
/// [`Malformed`], also when the order is another or a name comes twice.
pub fn decode_trust_list(bytes: &[u8]) -> Result<Vec<TrustFile>, Malformed> {
    let mut reader = Reader::new(bytes)?;
    let files: Vec<TrustFile> = Field::read(&mut reader)?;
    reader.end()?;
    if files.is_sorted_by(|a, b| a.name.as_bytes() < b.name.as_bytes()) {
        Ok(files)
    } else {
        Err(Malformed::NotDeterministic { at: 0 })
    }
}
