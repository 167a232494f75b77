//! What the card knows of the terminal: whose certificate it took, which challenge it gave, what it allows.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use jushin_pki::cv::{CvAuthority, CvCertificate, CvError, CvKeyId};
use jushin_pki::{Crypto, PublicKey, Suite};

use super::{Personalisation, PersonalisationError};
use crate::apdu::StatusWord;
use crate::terminal_auth::{
    CardProfile, LONGEST_CHALLENGE, SHORTEST_CHALLENGE, external_authenticate_message,
};

/// Length of the element's signature.
const SIGNATURE: usize = 256;

/// An institution whose CV certificate was taken.
#[derive(Clone)]
struct Institution {
    key_id: CvKeyId,
    code: String,
    key: Arc<dyn PublicKey>,
}

/// One signature that terminal authentication allows.
pub(super) struct Allowed {
    institution: Institution,
    challenge: Vec<u8>,
    /// Profile B: what EXTERNAL AUTHENTICATE brought, not yet judged.
    pending: Option<Vec<u8>>,
}

pub(super) struct Terminal {
    authority: CvAuthority,
    denied: BTreeSet<CvKeyId>,
    institution: Option<Institution>,
    challenge: Option<Vec<u8>>,
    allowed: Option<Allowed>,
    /// First of the two observed blocks of a certificate.
    pub(super) first_block: Option<Vec<u8>>,
}

impl Terminal {
    pub(super) fn load(
        personalisation: &Personalisation,
        crypto: &dyn Crypto,
    ) -> Result<Self, PersonalisationError> {
        let ca = &personalisation.terminal_ca;
        Ok(Self {
            authority: CvAuthority::new(ca.key_id, &ca.spki, crypto)
                .map_err(|_| PersonalisationError::TerminalCa)?,
            denied: personalisation.denied.iter().copied().collect(),
            institution: None,
            challenge: None,
            allowed: None,
            first_block: None,
        })
    }

    /// Forgets everything that the terminal has shown.
    pub(super) fn forget(&mut self) {
        self.institution = None;
        self.challenge = None;
        self.allowed = None;
        self.first_block = None;
    }

    /// Notes the challenge that is given out; the one before is void.
    pub(super) fn give(&mut self, challenge: &[u8]) {
        self.challenge = Some(challenge.to_vec());
    }

    /// Takes a CV certificate. Whatever was allowed to another is void, also if this one is refused.
    pub(super) fn take_certificate(&mut self, bytes: &[u8], crypto: &dyn Crypto) -> Result<(), StatusWord> {
        self.institution = None;
        self.allowed = None;
        let certificate = CvCertificate::parse(bytes).map_err(|_| StatusWord::WRONG_DATA)?;
        let key = certificate.verify(&self.authority, crypto).map_err(|error| match error {
            CvError::Issuer { .. } => StatusWord::REFERENCE_NOT_FOUND,
            CvError::Signature => StatusWord::WRONG_SIGNATURE,
            _ => StatusWord::WRONG_DATA,
        })?;
        let code = certificate.institution().ok_or(StatusWord::WRONG_DATA)?;
        let key_id = certificate.subject_key_id();
        if self.denied.contains(&key_id) {
            return Err(StatusWord::OUT_OF_ORDER);
        }
        self.institution = Some(Institution { key_id, code, key });
        Ok(())
    }

    /// Takes the element's signature over the challenge, which is void afterwards in any case.
    pub(super) fn authenticate(&mut self, profile: CardProfile, signature: &[u8]) -> Result<(), StatusWord> {
        self.allowed = None;
        let challenge = self.challenge.take();
        let institution = self.institution.clone().ok_or(StatusWord::OUT_OF_ORDER)?;
        let challenge = challenge
            .filter(|challenge| (SHORTEST_CHALLENGE..=LONGEST_CHALLENGE).contains(&challenge.len()))
            .ok_or(StatusWord::OUT_OF_ORDER)?;
        if signature.len() != SIGNATURE {
            return Err(StatusWord::WRONG_LENGTH);
        }
        let mut allowed = Allowed { institution, challenge, pending: None };
        match profile {
            CardProfile::A | CardProfile::C => allowed.check(None, signature)?,
            CardProfile::B => allowed.pending = Some(signature.to_vec()),
        }
        self.allowed = Some(allowed);
        Ok(())
    }

    pub(super) const fn allows(&self) -> bool {
        self.allowed.is_some()
    }

    /// Takes the one signature that is allowed; a second needs a new challenge.
    pub(super) const fn take_allowed(&mut self) -> Option<Allowed> {
        self.allowed.take()
    }
}

impl Allowed {
    pub(super) const fn key_id(&self) -> CvKeyId {
        self.institution.key_id
    }

    pub(super) fn institution(&self) -> &str {
        &self.institution.code
    }

    pub(super) fn challenge(&self) -> &[u8] {
        &self.challenge
    }

    /// Profile B: whether the element's signature covers this digest.
    pub(super) fn covers(&self, digest: &[u8]) -> Result<(), StatusWord> {
        let signature = self.pending.as_deref().ok_or(StatusWord::AUTHENTICATION_FAILED)?;
        self.check(Some(digest), signature)
    }

    fn check(&self, covered: Option<&[u8]>, signature: &[u8]) -> Result<(), StatusWord> {
        let message = external_authenticate_message(&self.challenge, self.institution.key_id, covered);
        self.institution
            .key
            .verify(Suite::RsaPkcs1Sha256, &message, signature)
            .map_err(|_| StatusWord::AUTHENTICATION_FAILED)
    }
}
