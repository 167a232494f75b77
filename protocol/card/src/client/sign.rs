//! Having the card sign.

use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest, Sha256, Sha384};
use zeroize::Zeroizing;

use super::select::{reference, refused};
use super::{Addressing, CardError, HolderVerified, InstitutionAccepted, Next, Step};
use crate::apdu::{Command, CommandError, Header, Response, StatusWord};
use crate::jpki::{Credential, SHA256_DIGEST_INFO, Scheme};

/// What the card is asked to sign. There is no way to ask for a bare digest of the caller's.
#[derive(Clone)]
pub struct SignRequest {
    scheme: Scheme,
    digest: Zeroizing<Vec<u8>>,
}

/// Bytes that this program has no card sign. The caller is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only a COSE Sig_structure of a Sign1 may be signed, these {0} bytes are none")]
pub struct NotToBeSigned(pub usize);

/// First bytes of a Sig_structure of four parts: `84 6A "Signature1"` (RFC 9052, 4.4).
///
/// No TLS transcript, certificate or text begins like this, so a signature over a statement can never be
/// used as a login elsewhere.
pub(crate) const SIGNATURE_1: &[u8] = b"\x84\x6ASignature1";

impl SignRequest {
    /// Asks for a signature over a statement, given the bytes to be signed (its Sig_structure).
    ///
    /// # Errors
    ///
    /// [`NotToBeSigned`] if `to_be_signed` is anything else.
    pub fn statement(scheme: Scheme, to_be_signed: &[u8]) -> Result<Self, NotToBeSigned> {
        if !to_be_signed.starts_with(SIGNATURE_1) {
            return Err(NotToBeSigned(to_be_signed.len()));
        }
        Ok(Self::over(scheme, to_be_signed))
    }

    /// Asks for the signature by which a patient signs in: over "jushin/1/sign-in" ‖ nonce.
    #[must_use]
    pub fn sign_in(scheme: Scheme, nonce: &[u8; 32]) -> Self {
        Self::over(scheme, &[&b"jushin/1/sign-in"[..], nonce].concat())
    }

    fn over(scheme: Scheme, bytes: &[u8]) -> Self {
        let digest = match scheme {
            Scheme::Pkcs1DigestInfo | Scheme::Pkcs1Hash | Scheme::Pss => Sha256::digest(bytes).to_vec(),
            Scheme::P384 => Sha384::digest(bytes).to_vec(),
        };
        Self { scheme, digest: Zeroizing::new(digest) }
    }

    /// The digest the card is given (E): SHA-256, or SHA-384 for P-384.
    #[must_use]
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }

    fn command(&self, credential: Credential) -> Result<Command, CommandError> {
        let p1 = match self.scheme {
            Scheme::Pkcs1DigestInfo | Scheme::P384 => 0x00,
            Scheme::Pkcs1Hash => 0x02,
            Scheme::Pss => 0x04,
        };
        let prefix = match self.scheme {
            Scheme::Pkcs1DigestInfo => &SHA256_DIGEST_INFO[..],
            Scheme::Pkcs1Hash | Scheme::Pss | Scheme::P384 => &[],
        };
        let p2 = reference(credential.key(), Addressing::ShortIdentifier);
        Command::new(Header::new(0x80, 0x2A, p1, p2))
            .with_data(&[prefix, &self.digest].concat())?
            .expecting(256)
    }
}

impl fmt::Debug for SignRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} over {} bytes of digest", self.scheme, self.digest.len())
    }
}

/// COMPUTE DIGITAL SIGNATURE with the key that was opened.
#[derive(Debug)]
pub struct Sign {
    credential: Credential,
    request: SignRequest,
}

impl Sign {
    /// Signs with what terminal authentication opened, and uses that up: one authentication, one signature.
    ///
    /// If the PIN was verified too, the card still takes this way first.
    #[must_use]
    pub fn without_pin(accepted: InstitutionAccepted, request: SignRequest) -> Self {
        let InstitutionAccepted { .. } = accepted;
        Self { credential: Credential::Authentication, request }
    }

    /// Signs with the key that the holder's PIN opened.
    #[must_use]
    pub const fn with_pin(holder: &HolderVerified, request: SignRequest) -> Self {
        Self { credential: holder.credential(), request }
    }
}

/// The card has signed. Made by [`Sign`] only; whether the signature is right is for a verifier to say.
#[derive(Clone)]
pub struct PatientSigned {
    scheme: Scheme,
    signature: Zeroizing<Vec<u8>>,
}

impl PatientSigned {
    /// The signature: 256 bytes for RSA, r‖s of 96 bytes for P-384.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// How it was made.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }
}

impl fmt::Debug for PatientSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} signature of {} bytes", self.scheme, self.signature.len())
    }
}

impl Step for Sign {
    type Output = PatientSigned;

    fn command(&self) -> Result<Command, CommandError> {
        self.request.command(self.credential)
    }

    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        let scheme = self.request.scheme;
        match response.status() {
            StatusWord::DONE => {}
            StatusWord::AUTHENTICATION_FAILED => return Err(CardError::InstitutionRefused),
            _ => return Err(refused("COMPUTE DIGITAL SIGNATURE", &response)),
        }
        let (expected, got) = (scheme.signature_length(), response.data().len());
        if got != expected {
            return Err(CardError::Length { step: "COMPUTE DIGITAL SIGNATURE", expected, got });
        }
        Ok(Next::Done(PatientSigned { scheme, signature: response.into_data() }))
    }
}
