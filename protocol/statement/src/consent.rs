//! Consent, capability and emergency access (P10).

use alloc::string::String;
use alloc::vec::Vec;

use crate::cbor::Malformed;
use crate::object::{numbers, object, part};
use crate::value::{Hash, Id16, InstitutionCode, Pid, UnixMillis};

numbers! {
    /// Which visits a consent is about.
    pub enum VisitSelection = "visit-sel kind" {
        /// All in scope.
        All = 0,
        /// Those listed.
        Listed = 1,
        /// Those of a period.
        Period = 2,
    }
}

part! {
    /// The visits that a consent is about.
    pub struct SelectedVisits = "visit-sel" {
        /// How they are named.
        pub kind: VisitSelection,
        /// Those listed.
        pub evids: Vec<Hash>,
        /// Start of the period, in ms.
        pub from: Option<u64>,
        /// End of the period, in ms.
        pub to: Option<u64>,
    }
}

object! {
    /// What the patient agreed to; its SHA-256 stands in the presence.
    pub struct Consent = 70, "consent", check consent {
        /// Who asks.
        pub requester: InstitutionCode,
        /// Kinds of information, ascending: 1 visit list … 9 sensitive.
        pub scopes: Vec<u64>,
        /// Which visits.
        pub visits: SelectedVisits,
        /// 1 treatment.
        pub purpose: u64,
        /// Until when.
        pub expires: UnixMillis,
        /// The platform's nonce.
        pub nonce: Id16,
    }
}

fn consent(consent: &Consent) -> Result<(), Malformed> {
    scopes(&consent.scopes)
}

fn scopes(scopes: &[u64]) -> Result<(), Malformed> {
    if !scopes.is_empty() && scopes.is_sorted_by(|a, b| a < b) {
        Ok(())
    } else {
        Err(Malformed::Value { field: "scopes" })
    }
}

object! {
    /// The history service lets a requester ask one provider.
    pub struct Capability = 71, "cap", signed Capability, check capability {
        /// Its number.
        pub id: Id16,
        /// Who asks.
        pub requester: InstitutionCode,
        /// SHA-256 of the DER SPKI of the requester's key.
        pub confirmation: Hash,
        /// Who answers.
        pub provider: InstitutionCode,
        /// The person's pseudonym there.
        pub subject: Pid,
        /// Kinds of information, ascending.
        pub scopes: Vec<u64>,
        /// The visit.
        pub evid: Option<Hash>,
        /// SHA-256 of the consent.
        pub consent: Option<Hash>,
        /// SHA-256 of the break-glass payload.
        pub break_glass: Option<Hash>,
        /// Not before.
        pub not_before: UnixMillis,
        /// Until when.
        pub expires: UnixMillis,
    }
}

fn capability(capability: &Capability) -> Result<(), Malformed> {
    scopes(&capability.scopes)
}

object! {
    /// Proof of possession of the requester's key.
    pub struct Possession = 72, "pop", signed Possession {
        /// SHA-256 of the capability's payload.
        pub capability: Hash,
        /// The provider's nonce.
        pub nonce: Hash,
        /// HTTP method.
        pub method: String,
        /// SHA-256 of the absolute URI, and of the body's SHA-256 if there is one.
        pub target: Hash,
        /// The requester's clock.
        pub at: UnixMillis,
    }
}

numbers! {
    /// Why an emergency access is needed.
    pub enum EmergencyReason = "break-glass reason" {
        /// Unconscious.
        Unconscious = 1,
        /// Life-threatening.
        LifeThreatening = 2,
        /// Mental incapacity.
        MentalIncapacity = 3,
        /// Disaster.
        Disaster = 4,
    }
}

object! {
    /// A doctor's emergency access.
    pub struct BreakGlass = 73, "break-glass", signed BreakGlass, check break_glass {
        /// Who asks.
        pub requester: InstitutionCode,
        /// SHA-256 of the SPKI of the doctor's HPKI certificate.
        pub doctor: Hash,
        /// The second staff member; set exactly when there is no card.
        pub second: Option<Hash>,
        /// Reason.
        pub reason: EmergencyReason,
        /// In words, 1 to 400 bytes.
        pub text: String,
        /// Value of the patient's scheme-2 pseudonym at the requester.
        pub patient: Hash,
        /// The visit; nil when there is no card.
        pub evid: Option<Hash>,
        /// The requester's clock.
        pub at: UnixMillis,
        /// The platform's nonce.
        pub nonce: Id16,
    }
}

fn break_glass(request: &BreakGlass) -> Result<(), Malformed> {
    if !(1..=400).contains(&request.text.len()) {
        return Err(Malformed::Value { field: "break-glass text" });
    }
    if request.evid.is_none() != request.second.is_some() || request.second == Some(request.doctor) {
        return Err(Malformed::Value { field: "second" });
    }
    Ok(())
}
