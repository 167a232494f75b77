//! The host's side: one typed method per command.

use alloc::boxed::Box;
use alloc::vec::Vec;

use jushin_pki::Sealed;
use jushin_statement::cbor::Malformed;
use jushin_statement::{
    AdminActivation, Alg, CardChallenge, Challenge, Embedded, Hash, Id16, Object, Pid, Signed, StampContext,
    StampSubject, UnixMillis,
};
use zeroize::Zeroizing;

use crate::apdu::{Instruction, NotACommand, StatusWord, command};
use crate::element::Element;
use crate::exchange::{
    Activated, ActivationRequest, AdminActivated, AdminClaim, AdminRequest, AdminResponse, Begin, Begun,
    Booted, CardIdAnswer, CardIdInput, CardIdRequest, CardIdScope, CardSignature, CertificateNonce,
    CloseRequest, Injected, Nothing, One, PairRequest, SealedInjection, StampInput, StampRequest, Status,
};

/// A way to an element: in this process, over a reader, over a socket.
pub trait ElementTransport: Send {
    /// Sends one command APDU and returns the whole answer with its status word.
    ///
    /// # Errors
    ///
    /// [`ElementUnreachable`] if no answer came. Whether the command took effect is then unknown; after
    /// the next power-on BOOT tells.
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ElementUnreachable>;

    /// Switches an element that gives no answer off and on again.
    ///
    /// # Errors
    ///
    /// [`ElementUnreachable`] where the host has no switch, as by default, or the element stays dark.
    fn restart(&mut self) -> Result<(), ElementUnreachable> {
        Err(ElementUnreachable)
    }
}

impl<T: ElementTransport + ?Sized> ElementTransport for Box<T> {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ElementUnreachable> {
        (**self).transmit(apdu)
    }
    fn restart(&mut self) -> Result<(), ElementUnreachable> {
        (**self).restart()
    }
}

impl<T: ElementTransport + ?Sized> ElementTransport for &mut T {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ElementUnreachable> {
        (**self).transmit(apdu)
    }
    fn restart(&mut self) -> Result<(), ElementUnreachable> {
        (**self).restart()
    }
}

/// An element in this process: an [`Element`] that lost power gives no answer.
impl ElementTransport for Element {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ElementUnreachable> {
        let answer = self.handle(apdu);
        if answer.is_empty() { Err(ElementUnreachable) } else { Ok(answer) }
    }
    fn restart(&mut self) -> Result<(), ElementUnreachable> {
        self.power_on().map_err(|_| ElementUnreachable)
    }
}

/// The element gave no answer: pulled out, without power, or its driver is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the element does not answer")]
pub struct ElementUnreachable;

/// Why a command gave no result.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ElementError {
    /// No answer.
    #[error(transparent)]
    Unreachable(#[from] ElementUnreachable),
    /// The element refused, and nothing has changed in it but, after a wrong ADM-PUT, its failure count.
    #[error("{instruction} refused: {status} ({:04X})", *status as u16)]
    Refused {
        /// The command.
        instruction: Instruction,
        /// The reason.
        status: StatusWord,
    },
    /// The element, or what stands between, sent something else than the command's answer.
    #[error("{instruction} answered with something else: {malformed}")]
    Answer {
        /// The command.
        instruction: Instruction,
        /// What is wrong with it.
        malformed: Malformed,
    },
    /// The element sent a status word that no element of ours sends, or none.
    #[error("{instruction} answered with an unknown status word")]
    UnknownStatus {
        /// The command.
        instruction: Instruction,
    },
    /// The caller's data fit into no APDU.
    #[error(transparent)]
    TooLong(#[from] NotACommand),
}

impl ElementError {
    /// The element's reason, if it refused.
    #[must_use]
    pub const fn status(&self) -> Option<StatusWord> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
}

/// Talks to an element.
#[derive(Debug)]
pub struct ElementClient<T> {
    transport: T,
}

impl<T: ElementTransport> ElementClient<T> {
    /// Talks over `transport`.
    pub const fn new(transport: T) -> Self {
        Self { transport }
    }

    /// The transport, for instance to cut its power.
    pub const fn transport(&mut self) -> &mut T {
        &mut self.transport
    }

    /// Switches the element off and on, where the host can.
    ///
    /// # Errors
    ///
    /// [`ElementError::Unreachable`] where it cannot, or the element stays dark.
    pub fn restart(&mut self) -> Result<(), ElementError> {
        Ok(self.transport.restart()?)
    }

    /// Gives the transport back.
    pub fn into_transport(self) -> T {
        self.transport
    }

    /// CSR: the element makes its keys; returns the signed `se-csr`.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6985 unless the element is new.
    pub fn request_certificate(&mut self, nonce: Hash) -> Result<Signed, ElementError> {
        self.one(Instruction::RequestCertificate, &CertificateNonce { nonce })
    }

    /// INJECT: returns the test signature over the platform's `nonce`, empty unless an institution key came.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6988 for a box or signature that is wrong, 6A88 for a CV certificate of another key.
    pub fn inject(&mut self, sealed: &Sealed, nonce: Hash) -> Result<Vec<u8>, ElementError> {
        let input = SealedInjection {
            encapsulated: sealed.enc.clone().into(),
            ciphertext: sealed.ciphertext.clone().into(),
            nonce,
        };
        let Injected { test_signature } = self.run(Instruction::Inject, &input)?;
        Ok(test_signature.0)
    }

    /// BIND: returns the signed `bind-ack`.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6985 for a seq that does not rise, 6982 for another element's, 6A88 for another
    /// CV certificate or an unknown signer, 6988 for a wrong signature.
    pub fn bind(&mut self, binding: &Signed) -> Result<Signed, ElementError> {
        self.one(Instruction::Bind, &One { signed: binding.clone() })
    }

    /// BOOT: due once after CSR and after every power-on, before any other record.
    ///
    /// Store the records that come, then call again while [`Booted::is_due_again`].
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6985 if not due.
    pub fn boot(&mut self) -> Result<Booted, ElementError> {
        self.run(Instruction::Boot, &Nothing {})
    }

    /// PAIR: `terminal_key` is the DER SPKI, `pairing` the `pair` over this cycle's TickNonce signed by it.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6982 for another terminal's key or another cycle.
    pub fn pair(&mut self, terminal_key: &[u8], pairing: &Signed) -> Result<(), ElementError> {
        let input = PairRequest { terminal_key: terminal_key.into(), pairing: pairing.clone() };
        self.run::<_, Nothing>(Instruction::Pair, &input).map(|_| ())
    }

    /// TS1: the first tick stamp over the service provider's challenge.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6982 while unpaired or suspended.
    pub fn tick_stamp1(&mut self, challenge: &Challenge) -> Result<Signed, ElementError> {
        self.one(Instruction::TickStamp1, &StampRequest { challenge: Embedded(challenge.clone()) })
    }

    /// ACT: `provider_key` is the DER SPKI, `token` SHA-256 of the time-stamp token, `grant` for a TPM only.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6A88 for another provider's key, 6988 for a wrong signature, 6982 for an
    /// activation of something else, 6985 without a tick stamp or for an activation that was used.
    pub fn activate(
        &mut self,
        provider_key: &[u8],
        token: Hash,
        activation: &Signed,
        grant: Option<&[u8]>,
    ) -> Result<Activated, ElementError> {
        let input = ActivationRequest {
            provider_key: provider_key.into(),
            token,
            activation: activation.clone(),
            grant: grant.map(Into::into),
        };
        self.run(Instruction::Activate, &input)
    }

    /// ADM-BUILD: what the administrator's card is to sign; `claimed` is the terminal's clock.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6983 after five failures or with no offline budget left.
    pub fn build_admin_activation(&mut self, claimed: UnixMillis) -> Result<AdminRequest, ElementError> {
        self.run(Instruction::BuildAdminActivation, &AdminClaim { claimed })
    }

    /// ADM-PUT: returns anchor-h. [`signed_admin_activation`] puts the same signed `adm` together.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6A88 for a certificate that the binding does not list, 6988 for a wrong
    /// signature (both count as failures), 6985 if another record came between.
    pub fn put_admin_activation(
        &mut self,
        signature: &[u8],
        certificate: &[u8],
        grant: Option<&[u8]>,
    ) -> Result<Hash, ElementError> {
        let input = AdminResponse {
            signature: signature.into(),
            certificate: certificate.into(),
            grant: grant.map(Into::into),
        };
        let AdminActivated { anchor } = self.run(Instruction::PutAdminActivation, &input)?;
        Ok(anchor)
    }

    /// BEGIN: opens a card session, and gives up the one that may still be open.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; a refused BEGIN changes nothing, an open session stays open. 6983 with no budget
    /// left, 6982 for a holder check that the binding does not allow, 6A88 for a certificate of an
    /// unknown CA, 6A80 for data that do not fit together.
    pub fn begin(&mut self, begin: &Begin) -> Result<Begun, ElementError> {
        self.run(Instruction::Begin, begin)
    }

    /// COMMIT: the card's signature; the returned `commit` says how the session ended.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6985 without an open session. A wrong or late signature is no error but an outcome.
    pub fn commit(&mut self, signature: &[u8]) -> Result<Signed, ElementError> {
        self.one(Instruction::Commit, &CardSignature { signature: signature.into() })
    }

    /// COMMIT without a signature: gives the session up.
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit).
    pub fn abort(&mut self) -> Result<Signed, ElementError> {
        self.commit(&[])
    }

    /// PID-BUILD: what the card is to sign for a card ID of scheme 1.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6985 unless right after a successful COMMIT, 6A81 with a card that cannot,
    /// 6A88 for an epoch without key.
    pub fn build_card_id(
        &mut self,
        scope: Option<Id16>,
        epoch: u64,
        challenge: CardChallenge,
    ) -> Result<CardIdRequest, ElementError> {
        self.run(Instruction::BuildCardId, &CardIdScope { scope, epoch, challenge })
    }

    /// PID, scheme 1: the card's signature over what PID-BUILD gave.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6988 if this session's card did not sign it.
    pub fn card_id(&mut self, signature: &[u8]) -> Result<Pid, ElementError> {
        self.pid(&CardIdInput::Signature(signature.into()))
    }

    /// PID, scheme 3: over the card's public key.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6985 unless the element was built with the acknowledgement.
    pub fn keyed_card_id(&mut self, epoch: u64) -> Result<Pid, ElementError> {
        self.pid(&CardIdInput::Epoch(epoch))
    }

    /// STAMP: a tick stamp over a message's hash (32 zero bytes for a heartbeat).
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6985 unless active, 6983 when the activation's ticks are used up.
    pub fn stamp(&mut self, subject: StampSubject, message: Hash) -> Result<Signed, ElementError> {
        self.one(Instruction::Stamp, &StampInput { context: StampContext(subject), message })
    }

    /// CLOSE: states the chain's head over the platform's nonce; `last` nil means the present counter.
    ///
    /// # Errors
    ///
    /// [`ElementError`]; 6A80 for a range that does not end at the present counter.
    pub fn close(&mut self, nonce: Hash, first: u64, last: Option<u64>) -> Result<Signed, ElementError> {
        self.one(Instruction::Close, &CloseRequest { nonce, first, last })
    }

    /// STATUS: never refused.
    ///
    /// # Errors
    ///
    /// [`ElementError`].
    pub fn status(&mut self) -> Result<Status, ElementError> {
        self.run(Instruction::Status, &Nothing {})
    }

    fn pid(&mut self, input: &CardIdInput) -> Result<Pid, ElementError> {
        let CardIdAnswer { pid } = self.run(Instruction::CardId, input)?;
        Ok(pid)
    }

    fn one<I: Object>(&mut self, instruction: Instruction, input: &I) -> Result<Signed, ElementError> {
        let One { signed } = self.run(instruction, input)?;
        Ok(signed)
    }

    /// Sends one command. APDU and answer may hold a certificate or a blind, so both are overwritten.
    fn run<I: Object, O: Object>(&mut self, instruction: Instruction, input: &I) -> Result<O, ElementError> {
        let data = Zeroizing::new(input.encode());
        let apdu = Zeroizing::new(command(instruction, &data)?);
        let answer = Zeroizing::new(self.transport.transmit(&apdu)?);
        let unknown = ElementError::UnknownStatus { instruction };
        let (body, word) = answer.split_last_chunk::<2>().ok_or(unknown)?;
        match StatusWord::from_bytes(*word).ok_or(unknown)? {
            StatusWord::Done => {
                O::decode(body).map_err(|malformed| ElementError::Answer { instruction, malformed })
            }
            status => Err(ElementError::Refused { instruction, status }),
        }
    }
}

/// The signed `adm` out of what ADM-BUILD gave and the administrator's signature: the anchor's first part.
///
/// # Errors
///
/// [`Malformed`] if `to_be_signed` is no Sig_structure of an `adm`.
pub fn signed_admin_activation(to_be_signed: &[u8], signature: &[u8]) -> Result<Signed, Malformed> {
    let payload = payload_of(to_be_signed)?;
    AdminActivation::decode(payload)?;
    Ok(Signed::assemble(Alg::Rs256, None, payload, signature))
}

/// The payload inside a Sig_structure: what the presence or `adm` says.
///
/// # Errors
///
/// [`Malformed`] if the bytes are no Sig_structure.
pub fn payload_of(to_be_signed: &[u8]) -> Result<&[u8], Malformed> {
    let mut reader = jushin_statement::cbor::Reader::new(to_be_signed)?;
    reader.array("Sig_structure", 4)?;
    if reader.text()? != "Signature1" {
        return Err(Malformed::Value { field: "Sig_structure" });
    }
    reader.bytes()?;
    reader.bytes()?;
    let payload = reader.bytes()?;
    reader.end()?;
    Ok(payload)
}
