//! The arrays that go into the element and come out of it, one pair per command.
//!
//! They are no statements: no type, no version, no signature. What has to hold for a third party is a
//! signed object inside them.

use alloc::vec::Vec;
use core::fmt;

use jushin_statement::cbor::{Malformed, Reader, Writer};
use jushin_statement::{
    Alg, AuthenticationForm, Boot, Bytes, CardChallenge, Challenge, Embedded, Field, Hash, HolderCheck, Id16,
    Object, Pid, Purpose, Signed, StampContext, UnixMillis,
};
use zeroize::{Zeroize, Zeroizing};

/// Declares an array of fields, which is one side of a command.
macro_rules! array {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident = $command:literal {
            $( $(#[$field_meta:meta])* pub $field:ident : $type:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        $visibility struct $name {
            $( $(#[$field_meta])* pub $field: $type, )*
        }

        impl Object for $name {
            const NAME: &'static str = $command;

            #[allow(unused_variables, reason = "an empty array has no fields to write")]
            fn write(&self, writer: &mut Writer) {
                const ELEMENTS: usize = 0 $( + { let _ = stringify!($field); 1 } )*;
                writer.array(ELEMENTS);
                $( Field::write(&self.$field, writer); )*
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                const ELEMENTS: u64 = 0 $( + { let _ = stringify!($field); 1 } )*;
                reader.array($command, ELEMENTS)?;
                Ok(Self { $( $field: Field::read(reader)?, )* })
            }
        }
    };
}

pub(crate) use array;

array! {
    /// No input, or an answer that says no more than 9000.
    #[derive(Copy, Default)]
    pub struct Nothing = "nothing" {
    }
}

array! {
    /// CSR, in.
    pub struct CertificateNonce = "CSR" {
        /// The platform's nonce.
        pub nonce: Hash,
    }
}

array! {
    /// An answer that is one signed object: CSR, BIND, TS1, COMMIT, STAMP, CLOSE; and BIND's input.
    pub struct One = "signed object" {
        /// The object.
        pub signed: Signed,
    }
}

array! {
    /// INJECT, in.
    pub struct SealedInjection = "INJECT" {
        /// Encapsulated key of the HPKE box.
        pub encapsulated: Bytes,
        /// Ciphertext and tag.
        pub ciphertext: Bytes,
        /// The platform's nonce, for the test signature.
        pub nonce: Hash,
    }
}

array! {
    /// INJECT, out.
    pub struct Injected = "INJECT answer" {
        /// RSA signature whose DigestInfo carries SHA-256("jushin/1/ea-test" ‖ nonce); empty unless an
        /// institution key came.
        pub test_signature: Bytes,
    }
}

array! {
    /// BOOT, out.
    ///
    /// If nothing has followed the boot record of an earlier cycle, the host may have got neither that
    /// record nor the one before it. Then this holds both of them again, nothing is written, and BOOT is
    /// due again: that the host sends it shows that these have arrived.
    pub struct Booted = "BOOT answer" {
        /// The record before `boot`, the same bytes as when it was first released; nil if there is none.
        pub last_record: Option<Signed>,
        /// The boot record.
        pub boot: Signed,
        /// TickNonce of this power cycle.
        pub cycle: Id16,
    }
}

impl Booted {
    /// Whether this released an earlier cycle's boot record once more, so that BOOT is still due.
    #[must_use]
    pub fn is_due_again(&self) -> bool {
        let boot = self.boot.parse().and_then(|sign1| sign1.object::<Boot>());
        boot.is_ok_and(|boot| boot.ticks.cycle != self.cycle)
    }
}

array! {
    /// PAIR, in.
    pub struct PairRequest = "PAIR" {
        /// DER SPKI of the terminal's key.
        pub terminal_key: Bytes,
        /// The pairing, signed by it.
        pub pairing: Signed,
    }
}

array! {
    /// TS1, in.
    pub struct StampRequest = "TS1" {
        /// The service provider's challenge, as a byte string.
        pub challenge: Embedded<Challenge>,
    }
}

array! {
    /// ACT, in.
    pub struct ActivationRequest = "ACT" {
        /// DER SPKI of the service provider's key.
        pub provider_key: Bytes,
        /// SHA-256 of the time-stamp token.
        pub token: Hash,
        /// The activation, signed by the service provider.
        pub activation: Signed,
        /// `tpm-grant`, for a TPM only.
        pub grant: Option<Bytes>,
    }
}

array! {
    /// ACT, out.
    pub struct Activated = "ACT answer" {
        /// TickStamp2.
        pub stamp2: Signed,
        /// anchor-h.
        pub anchor: Hash,
    }
}

array! {
    /// ADM-BUILD, in.
    pub struct AdminClaim = "ADM-BUILD" {
        /// What the terminal's clock shows: a claim, never a bound.
        pub claimed: UnixMillis,
    }
}

array! {
    /// ADM-BUILD, out.
    pub struct AdminRequest = "ADM-BUILD answer" {
        /// The Sig_structure that the administrator's card signs with RS256.
        pub to_be_signed: Bytes,
        /// What else a TPM needs signed; nil for every other element.
        pub grant_input: Option<Bytes>,
    }
}

array! {
    /// ADM-PUT, in.
    pub struct AdminResponse = "ADM-PUT" {
        /// The administrator's signature.
        pub signature: Bytes,
        /// The administrator's certificate, DER.
        pub certificate: Bytes,
        /// `tpm-grant`, for a TPM only.
        pub grant: Option<Bytes>,
    }
}

array! {
    /// ADM-PUT, out.
    pub struct AdminActivated = "ADM-PUT answer" {
        /// anchor-h: SHA-256 of the signed `adm`.
        pub anchor: Hash,
    }
}

array! {
    /// BEGIN, in.
    pub struct Begin = "BEGIN" {
        /// The thin terminal, if a box has several.
        pub desk: Option<Id16>,
        /// The card's challenge (RND.ICC).
        pub challenge: CardChallenge,
        /// Form of EXTERNAL AUTHENTICATE.
        pub form: AuthenticationForm,
        /// With which algorithm the card will sign: RS256, PS256 or ES384.
        pub card_alg: Alg,
        /// The card's certificate.
        pub certificate: CardCertificate,
        /// How the holder was checked.
        pub method: HolderCheck,
        /// SHA-256 of the institution's own record of that check.
        pub method_record: Option<Hash>,
        /// What the card is asked for.
        pub purpose: Purpose,
        /// SHA-256 of the consent; set exactly for [`Purpose::CheckInAndConsent`].
        pub consent: Option<Hash>,
        /// beacon-h of a known beacon.
        pub beacon: Option<Hash>,
    }
}

array! {
    /// BEGIN, out.
    pub struct Begun = "BEGIN answer" {
        /// The commit record that gave up the session before, if one was open.
        pub abort: Option<Signed>,
        /// For EXTERNAL AUTHENTICATE.
        pub ea_signature: Bytes,
        /// The Sig_structure of the presence, which the card is to sign.
        pub to_be_signed: Bytes,
        /// For the sealed evidence and nothing else.
        pub blind: Blind,
    }
}

array! {
    /// COMMIT, in.
    pub struct CardSignature = "COMMIT" {
        /// The card's signature; empty gives the session up.
        pub signature: Bytes,
    }
}

array! {
    /// PID-BUILD, in.
    pub struct CardIdScope = "PID-BUILD" {
        /// A terminal or department, or nil for the whole institution.
        pub scope: Option<Id16>,
        /// Epoch of the institution's pseudonym key.
        pub epoch: u64,
        /// A second challenge of the same card.
        pub challenge: CardChallenge,
    }
}

array! {
    /// PID-BUILD, out.
    pub struct CardIdRequest = "PID-BUILD answer" {
        /// For EXTERNAL AUTHENTICATE.
        pub ea_signature: Bytes,
        /// The Sig_structure of the card-id, which the card is to sign with RS256.
        pub to_be_signed: Bytes,
    }
}

/// PID, in: the card's signature (scheme 1), or an epoch (scheme 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardIdInput {
    /// Scheme 1: the signature over what PID-BUILD gave. Never stored, never logged.
    Signature(Bytes),
    /// Scheme 3: the pseudonym over the card's public key.
    Epoch(u64),
}

impl Object for CardIdInput {
    const NAME: &'static str = "PID";

    fn write(&self, writer: &mut Writer) {
        writer.array(1);
        match self {
            Self::Signature(signature) => Field::write(signature, writer),
            Self::Epoch(epoch) => Field::write(epoch, writer),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array(Self::NAME, 1)?;
        let epoch = reader.clone().uint();
        match epoch {
            Ok(_) => Field::read(reader).map(Self::Epoch),
            Err(_) => Field::read(reader).map(Self::Signature),
        }
    }
}

array! {
    /// PID, out.
    #[derive(Copy)]
    pub struct CardIdAnswer = "PID answer" {
        /// The pseudonym.
        pub pid: Pid,
    }
}

array! {
    /// STAMP, in.
    #[derive(Copy)]
    pub struct StampInput = "STAMP" {
        /// What is stamped.
        pub context: StampContext,
        /// Its hash; 32 zero bytes for a heartbeat.
        pub message: Hash,
    }
}

array! {
    /// CLOSE, in.
    #[derive(Copy)]
    pub struct CloseRequest = "CLOSE" {
        /// The platform's nonce.
        pub nonce: Hash,
        /// First counter value that is closed.
        pub first: u64,
        /// Last one; nil for the present one. Another value than the present one is refused.
        pub last: Option<u64>,
    }
}

array! {
    /// STATUS, out.
    pub struct Status = "STATUS answer" {
        /// State.
        pub state: State,
        /// The counter's present value; 0 before the first record.
        pub counter: u64,
        /// SHA-256 of the last payload (of a record or a presence); zeros before the first.
        pub head: Hash,
        /// What the activation still allows; nil unless active.
        pub budget: Option<Budget>,
        /// Seq of the binding.
        pub binding_seq: Option<u64>,
        /// nonceTPM; nil for every other element.
        pub tpm_nonce: Option<Bytes>,
    }
}

array! {
    /// What an activation still allows.
    #[derive(Copy)]
    pub struct Budget = "budgets" {
        /// Check-ins.
        pub begins: u64,
        /// Ticks.
        pub ticks: u64,
    }
}

impl Field for Budget {
    fn write(&self, writer: &mut Writer) {
        Object::write(self, writer);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Object::read(reader)
    }
}

/// Where an element stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum State {
    /// No keys.
    Factory = 1,
    /// Keys, no binding.
    Keyed = 2,
    /// A binding; not activated in this power cycle.
    Bound = 3,
    /// Activated.
    Active = 4,
    /// A card session is open.
    Pending = 5,
    /// For ever out of use.
    Retired = 6,
}

impl Field for State {
    fn write(&self, writer: &mut Writer) {
        writer.uint(u64::from(*self as u8));
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.uint()? {
            1 => Ok(Self::Factory),
            2 => Ok(Self::Keyed),
            3 => Ok(Self::Bound),
            4 => Ok(Self::Active),
            5 => Ok(Self::Pending),
            6 => Ok(Self::Retired),
            _ => Err(Malformed::Value { field: "state" }),
        }
    }
}

/// A patient's certificate as opaque bytes: overwritten when dropped, and `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct CardCertificate(Zeroizing<Vec<u8>>);

impl CardCertificate {
    /// Takes the DER certificate as the card gave it.
    #[must_use]
    pub fn new(der: Vec<u8>) -> Self {
        Self(Zeroizing::new(der))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for CardCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "certificate of {} bytes", self.0.len())
    }
}

impl Field for CardCertificate {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self::new(reader.bytes()?.to_vec()))
    }
}

/// What hides whose certificate a presence names. Overwritten when dropped, never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Blind(Zeroizing<[u8; 32]>);

impl Blind {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(mut bytes: [u8; 32]) -> Self {
        let blind = Self(Zeroizing::new(bytes));
        bytes.zeroize();
        blind
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Blind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("blind")
    }
}

impl Field for Blind {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(self.as_bytes());
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Field::read(reader).map(Self::new)
    }
}
