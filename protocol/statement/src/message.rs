//! Messages between parties: unsigned, one a body, over mutual TLS.
//!
//! What has to hold for a third party is a signed object inside.

use alloc::string::String;
use alloc::vec::Vec;

use crate::Anchor;
use crate::cbor::Malformed;
use crate::cose::Signed;
use crate::embedded::Embedded;
use crate::field::Bytes;
use crate::object::{numbers, object, part};
use crate::value::{DateText, Hash, Id16, InstitutionCode, Pid, UnixMillis};

/// The media type of every object and message.
pub const MEDIA_TYPE: &str = "application/jushin+cbor";

object! {
    /// Terminal to service provider after power-on; the answer is a challenge.
    pub struct Hello = 80, "hello" {
        /// The element.
        pub element: Id16,
        /// Seq of the binding it holds.
        pub binding_seq: u64,
        /// Counter of its boot record.
        pub last: u64,
        /// nonceTPM of a TPM.
        pub tpm_nonce: Option<Hash>,
    }
}

object! {
    /// Service provider to terminal: the answer to a TickStamp1.
    pub struct Unlock = 81, "unlock" {
        /// The DER TimeStampToken over the signed TickStamp1.
        pub token: Bytes,
        /// The activation.
        pub activation: Signed,
        /// A [`TpmGrant`](crate::TpmGrant) for a TPM.
        pub grant: Option<Bytes>,
    }
}

object! {
    /// Platform to terminal: send these records and a close over the nonce.
    pub struct GapQuery = 82, "gap-query" {
        /// The element.
        pub element: Id16,
        /// First counter.
        pub lo: u64,
        /// Last counter; nil for all.
        pub hi: Option<u64>,
        /// For the close.
        pub nonce: Hash,
    }
}

part! {
    /// A sealed object: HPKE base mode, RFC 9180.
    pub struct Sealed = "sealed" {
        /// Counter of the session's beginning (mc1).
        pub counter: u64,
        /// The visit.
        pub evid: Hash,
        /// Encapsulated key.
        pub enc: Bytes,
        /// Ciphertext.
        pub ciphertext: Bytes,
    }
}

object! {
    /// Terminal to platform. Online: one box and no close.
    pub struct Batch = 83, "batch" {
        /// The element.
        pub element: Id16,
        /// Records.
        pub records: Vec<Signed>,
        /// Anchors.
        pub anchors: Vec<Embedded<Anchor>>,
        /// Sealed evidence.
        pub boxes: Vec<Sealed>,
        /// The close.
        pub close: Option<Signed>,
    }
}

object! {
    /// Platform to terminal.
    pub struct BatchAck = 84, "batch-ack" {
        /// The receipt.
        pub receipt: Signed,
        /// Verdicts of the boxes.
        pub verdicts: Vec<Signed>,
        /// Eligibility answers.
        pub eligibilities: Vec<Signed>,
        /// Visits sealed to the history service (mode "terminal").
        pub visits: Vec<Sealed>,
    }
}

object! {
    /// Terminal to platform: later receipts.
    pub struct ReceiptPoll = 85, "receipt-poll" {
        /// The element.
        pub element: Id16,
        /// First counter.
        pub lo: u64,
        /// Last counter.
        pub hi: u64,
    }
}

object! {
    /// Requester to history service.
    pub struct CapabilityFetch = 86, "cap-fetch", check capability_fetch {
        /// Payload of the consent or break-glass.
        pub request: Bytes,
        /// Payload of the presence.
        pub presence: Option<Bytes>,
        /// Payload of the commit.
        pub commit: Option<Bytes>,
        /// The verdict.
        pub verdict: Option<Signed>,
    }
}

fn capability_fetch(fetch: &CapabilityFetch) -> Result<(), Malformed> {
    if fetch.presence.is_some() == fetch.commit.is_some() && fetch.commit.is_some() == fetch.verdict.is_some()
    {
        Ok(())
    } else {
        Err(Malformed::Value { field: "cap-fetch" })
    }
}

part! {
    /// A visit in a list.
    pub struct VisitRow = "visit-row" {
        /// The visit.
        pub evid: Hash,
        /// The institution.
        pub institution: InstitutionCode,
        /// Earliest proven time.
        pub lo: Option<UnixMillis>,
        /// Latest proven time.
        pub hi: Option<UnixMillis>,
    }
}

object! {
    /// History service to requester.
    pub struct CapabilityList = 87, "cap-list" {
        /// Visits in scope.
        pub visits: Vec<VisitRow>,
        /// Capabilities, one a provider.
        pub capabilities: Vec<Signed>,
    }
}

object! {
    /// Platform to requester: a nonce for one consent.
    pub struct Fresh = 88, "fresh" {
        /// Used once.
        pub nonce: Id16,
        /// Until when.
        pub expires: UnixMillis,
    }
}

object! {
    /// Requester to platform; the answer is a signed reference.
    pub struct ReferenceFetch = 89, "ref-fetch" {
        /// The visit.
        pub evid: Option<Hash>,
        /// Payload of the consent or break-glass.
        pub request: Bytes,
        /// The provider.
        pub provider: InstitutionCode,
    }
}

numbers! {
    /// Sex as the register holds it.
    pub enum Sex = "sex" {
        /// Not known.
        Unknown = 0,
        /// Male.
        Male = 1,
        /// Female.
        Female = 2,
    }
}

object! {
    /// Requester to platform: exactly one match or refused.
    pub struct PersonFind = 90, "bg-find" {
        /// Name.
        pub name: String,
        /// Sex.
        pub sex: Sex,
        /// Date of birth.
        pub birth: DateText,
        /// Address.
        pub address: String,
    }
}

object! {
    /// The answer.
    pub struct PersonFound = 91, "bg-found" {
        /// Value of the scheme-2 pseudonym at the requester.
        pub patient: Hash,
    }
}

object! {
    /// Requester to platform: opens an emergency access.
    pub struct EmergencyOpen = 92, "bg-open" {
        /// The doctor's signature.
        pub doctor: Signed,
        /// The second one's.
        pub second: Option<Signed>,
    }
}

object! {
    /// Platform to history service: the same, with the person's pseudonym there.
    pub struct EmergencyPerson = 93, "bg-person" {
        /// The doctor's signature.
        pub doctor: Signed,
        /// The second one's.
        pub second: Option<Signed>,
        /// The pseudonym.
        pub subject: Pid,
    }
}
