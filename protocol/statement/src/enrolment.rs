//! Enrolment (P1): an element gets its certificate, its keys and its binding to an institution.

use alloc::string::String;
use alloc::vec::Vec;

use crate::cbor::Malformed;
use crate::field::Bytes;
use crate::object::{numbers, object, part};
use crate::value::{ElementKind, Hash, Id16, InstitutionCode, TickSpec, Ticks, UnixMillis};

object! {
    /// An element asks the platform for its certificate.
    pub struct CertificateRequest = 1, "se-csr", signed Enrol {
        /// DER SPKI of the device key.
        pub device_key: Bytes,
        /// DER SPKI of the key that secrets are sealed to.
        pub sealing_key: Bytes,
        /// DER SPKI of the institution key if it was made in the element; nil if it will be injected.
        pub institution_key: Option<Bytes>,
        /// Model name.
        pub model: String,
        /// Firmware version.
        pub firmware: String,
        /// Kind of element.
        pub kind: ElementKind,
        /// Its clock.
        pub tick: TickSpec,
        /// The platform's nonce.
        pub nonce: Hash,
    }
}

part! {
    /// Extension 2.25.154355430 of an element's certificate.
    pub struct ElementExtension = "se-ext", check element_extension {
        /// Kind of element.
        pub kind: ElementKind,
        /// Its clock as certified.
        pub tick: TickSpec,
        /// TPM Name of the use counter; set exactly for [`ElementKind::Tpm`].
        pub counter_name: Option<Bytes>,
        /// Whether the element or its vendor's proof is made up.
        pub simulated: bool,
    }
}

fn element_extension(extension: &ElementExtension) -> Result<(), Malformed> {
    if (extension.kind == ElementKind::Tpm) == extension.counter_name.is_some() {
        Ok(())
    } else {
        Err(Malformed::Value { field: "counter-name" })
    }
}

part! {
    /// The same extension in the certificate of a CA that certifies elements; absent means false.
    #[derive(Copy)]
    pub struct ElementCaExtension = "se-ca-ext" {
        /// Whether everything under this CA is made up.
        pub simulated: bool,
    }
}

object! {
    /// The administrator's card appoints the key of a terminal.
    pub struct Appointment = 4, "appoint", signed Appoint {
        /// The element.
        pub element: Id16,
        /// The terminal.
        pub terminal: Id16,
        /// SHA-256 of the DER SPKI of the terminal's key.
        pub terminal_key: Hash,
        /// The institution.
        pub institution: InstitutionCode,
    }
}

numbers! {
    /// What an injected message holds.
    pub enum InjectionKind = "inject kind" {
        /// The institution key (PKCS#8, empty if it was made in the element) and its CV certificate.
        InstitutionKey = 1,
        /// A key for pseudonyms, 32 bytes.
        PseudonymKey = 2,
        /// One more card CA key to trust, DER SPKI.
        CardCa = 3,
    }
}

object! {
    /// A secret for an element, signed by the platform and then sealed to the element.
    pub struct Injection = 5, "inject", signed Inject, check injection {
        /// The element.
        pub element: Id16,
        /// What the value is.
        pub kind: InjectionKind,
        /// Epoch of a pseudonym key, else 0.
        pub epoch: u64,
        /// Pseudonym keys of epochs below this are erased, else 0.
        pub keep: u64,
        /// The secret.
        pub value: Bytes,
        /// The CV certificate; set exactly for [`InjectionKind::InstitutionKey`].
        pub certificate: Option<Bytes>,
    }
}

fn injection(message: &Injection) -> Result<(), Malformed> {
    let fits = match message.kind {
        InjectionKind::InstitutionKey => {
            message.certificate.is_some() && message.epoch == 0 && message.keep == 0
        }
        InjectionKind::PseudonymKey => message.certificate.is_none() && message.value.len() == 32,
        InjectionKind::CardCa => message.certificate.is_none() && message.epoch == 0 && message.keep == 0,
    };
    if fits { Ok(()) } else { Err(Malformed::Value { field: "inject" }) }
}

numbers! {
    /// Whether a terminal may be used.
    pub enum BindingState = "binding state" {
        /// In use.
        InUse = 1,
        /// Suspended: stolen, lost, or under review.
        Suspended = 2,
        /// Retired for ever.
        Retired = 3,
    }
}

numbers! {
    /// Which PKI an administrator's card belongs to.
    pub enum AdministratorKind = "admin kind" {
        /// JPKI, only with a recorded acknowledgement.
        Jpki = 1,
        /// HPKI, authentication certificate.
        Hpki = 2,
    }
}

part! {
    /// Somebody who may unlock the element offline.
    #[derive(Copy)]
    pub struct Administrator = "admin" {
        /// Which PKI.
        pub kind: AdministratorKind,
        /// SHA-256 of the DER SPKI of the card's key.
        pub key: Hash,
    }
}

part! {
    /// What the element allows and for how long.
    #[derive(Copy)]
    pub struct Policy = "policy" {
        /// Check-ins after an online activation.
        pub begins_online: u64,
        /// Ticks after an online activation.
        pub ticks_online: u64,
        /// Check-ins since the last online activation while unlocked by an administrator.
        pub begins_offline: u64,
        /// Ticks after an offline activation.
        pub ticks_offline: u64,
        /// Ticks between BEGIN and COMMIT.
        pub session_ticks: u64,
        /// Longest bracket of an anchor in milliseconds.
        pub bracket_ms: u64,
        /// Allowed holder checks: bit `1 << method`.
        pub methods: u64,
    }
}

object! {
    /// The platform binds an element to a terminal, an institution and its administrators.
    pub struct Binding = 2, "binding", signed Binding, check binding {
        /// Number of the binding.
        pub id: Id16,
        /// Rises with every binding of this element.
        pub seq: u64,
        /// Whether the terminal may be used.
        pub state: BindingState,
        /// First counter value that is void (suspended, retired) or valid again (in use).
        pub from_counter: Option<u64>,
        /// The element.
        pub element: Id16,
        /// The terminal.
        pub terminal: Id16,
        /// SHA-256 of the DER SPKI of the terminal's key.
        pub terminal_key: Hash,
        /// The institution.
        pub institution: InstitutionCode,
        /// SHA-256 of the CV certificate.
        pub certificate: Hash,
        /// Who may unlock offline.
        pub administrators: Vec<Administrator>,
        /// SHA-256 of the DER SPKI of the service provider's key.
        pub provider_key: Hash,
        /// SHA-256 of the accepted TSA CA certificates; one or more.
        pub time_stampers: Vec<Hash>,
        /// Not before.
        pub not_before: UnixMillis,
        /// Not after.
        pub not_after: UnixMillis,
        /// What the element allows.
        pub policy: Policy,
    }
}

fn binding(binding: &Binding) -> Result<(), Malformed> {
    if binding.state != BindingState::InUse && binding.from_counter.is_none() {
        return Err(Malformed::Value { field: "from-mc" });
    }
    if binding.time_stampers.is_empty() {
        return Err(Malformed::Value { field: "tsa" });
    }
    if binding.not_before > binding.not_after {
        return Err(Malformed::Value { field: "nb, na" });
    }
    Ok(())
}

object! {
    /// The element has stored a binding.
    pub struct BindingAck = 3, "bind-ack", signed Element {
        /// The element.
        pub element: Id16,
        /// SHA-256 of the binding's payload.
        pub binding: Hash,
        /// Its seq.
        pub seq: u64,
        /// Ticks.
        pub ticks: Ticks,
        /// Counter.
        pub counter: u64,
        /// SHA-256 of the payload of the record before.
        pub previous: Hash,
    }
}

object! {
    /// The terminal shows the element that it is its own; signed by the terminal's key.
    pub struct Pairing = 17, "pair", signed Pair {
        /// The element.
        pub element: Id16,
        /// Its TickNonce of this power cycle.
        pub cycle: Id16,
    }
}

/// Whether a counter value was void under a history of bindings (P1.8), in any order.
///
/// Void: a binding of state suspended or retired has `from_counter ≤ counter`, and no binding in use
/// with a higher seq has `from_counter ≤ counter`.
#[must_use]
pub fn is_void<'b>(history: impl IntoIterator<Item = &'b Binding> + Clone, counter: u64) -> bool {
    let reached = |binding: &&Binding| binding.from_counter.is_some_and(|from| from <= counter);
    history.clone().into_iter().filter(reached).filter(|b| b.state != BindingState::InUse).any(|stop| {
        !history
            .clone()
            .into_iter()
            .filter(reached)
            .any(|binding| binding.state == BindingState::InUse && binding.seq > stop.seq)
    })
}
