//! What the platform is given when it opens.

use std::sync::Arc;

use jushin_pki::Crypto;
use jushin_runtime::{Clock, Peer, Random};
use jushin_statement::{Administrator, ElementKind, InstitutionCode, Policy, TickSpec, UnixMillis};

use crate::log::LogPorts;
use crate::store::Store;

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Trust anchors of others, under the names of a trust folder: `ca-u-*.pem`, `ca-i-*.bin`,
    /// `tsa-*.pem`, `hpki-*.pem`. The platform adds its own certificates and `policy.json`.
    pub trust: Vec<(String, Vec<u8>)>,
    /// Bytes of `policy.json`; empty for its defaults.
    pub verifier_policy: Vec<u8>,
    /// Whether the CA that certifies elements is marked as simulated ◇. Under such a CA every element is.
    pub simulated: bool,
    /// Models of elements that may be enrolled.
    pub models: Vec<Model>,
    /// What every element allows; goes into its binding.
    pub policy: Policy,
    /// Where the status of certificates is asked: those of patients' cards and of staff cards. A card whose
    /// CA is not listed is judged without: a visit with it stays indeterminate.
    pub card_authorities: Vec<CardAuthority>,
    /// Paths of the time-stamping authorities behind [`Ports::time_stampers`], used in turn.
    pub time_stampers: Vec<String>,
    /// When holes in an element's chain stop its terminal.
    pub gaps: GapPolicy,
    /// Name of the transparency log: an address without its scheme, never another log's.
    pub log_origin: String,
    /// Who removes an institution's key from the platform after it was injected: two persons.
    pub key_custodians: [String; 2],
}

/// When holes in an element's chain stop its terminal. Both count since the terminal's newest binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapPolicy {
    /// So many counter values that nothing explains (G3) suspend the terminal.
    pub suspend_at: u64,
    /// So many visits may be lost to a power cut right after their commit (G1); further ones are alarms.
    pub lost_to_power_cuts: u64,
}

impl Default for GapPolicy {
    fn default() -> Self {
        Self { suspend_at: 3, lost_to_power_cuts: 3 }
    }
}

/// A model of elements and the clock that was certified for it.
#[derive(Clone, Debug)]
pub struct Model {
    /// Model name as the element states it.
    pub name: String,
    /// Kind.
    pub kind: ElementKind,
    /// Its clock. The certificate carries this one; an element that states another is refused.
    pub tick: TickSpec,
    /// Whether elements of this model, or their vendor's proof, are made up ◇.
    pub simulated: bool,
}

/// A CA of cards (patients' or staff), and the path of its OCSP responder behind [`Ports::responder`].
#[derive(Clone, Debug)]
pub struct CardAuthority {
    /// Name of its certificate in [`Config::trust`].
    pub file: String,
    /// Path, for example `/ocsp/ca-u-1`.
    pub path: String,
}

/// What the platform reaches the world through.
#[derive(Clone)]
pub struct Ports {
    /// Signatures.
    pub crypto: Arc<dyn Crypto>,
    /// Wall clock: nonces, receipts and certificates, never proofs.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<Random>,
    /// Time-stamping authorities (RFC 3161 over HTTP).
    pub time_stampers: Peer,
    /// OCSP responders of the CAs of cards.
    pub responder: Peer,
    /// The eligibility register.
    pub register: Peer,
    /// The visit-history service.
    pub history: Peer,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where the transparency log goes.
    pub log: LogPorts,
}

/// An institution as it was registered, out of band.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Institution {
    /// Its code.
    pub code: InstitutionCode,
    /// Its name.
    pub name: String,
    /// Whose cards may appoint terminals and unlock elements offline.
    pub administrators: Vec<Administrator>,
    /// When the institution's acknowledgement was recorded that a JPKI card serves an administrator.
    /// Without it such a card is refused.
    pub jpki_acknowledged: Option<UnixMillis>,
}

/// One row of the eligibility register's feed: a card certificate, the person, the insurance.
///
/// A later row for the same certificate replaces an earlier one.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
pub struct RegisterRow {
    /// Rising number of the row.
    pub number: u64,
    /// Serial of the authentication certificate, hexadecimal without leading zeros.
    pub serial: String,
    /// Key id of its CA, hexadecimal.
    pub issuer_key_id: String,
    /// The register's own name of the person; stays when the certificate is renewed.
    pub person: String,
    /// Name of the insurer, empty if nothing was reported.
    pub insurer: String,
    /// Share that the patient pays, in tenths; 0 if not known.
    pub copay_tenths: u8,
    /// 資格有効性, 1 to 6.
    pub validity: u8,
}

impl std::fmt::Debug for RegisterRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RegisterRow {}", self.number)
    }
}
