//! CSR: the element makes its keys (P1 step 1).

use alloc::vec::Vec;

use jushin_pki::KeyKind;
use jushin_statement::{CertificateRequest, ElementKind, Object};
use zeroize::Zeroizing;

use super::memory::{BootDue, Keys};
use super::stop::Stop;
use super::{Element, InstitutionKeyOrigin};
use crate::apdu::StatusWord;
use crate::exchange::{CertificateNonce, One, State};
use crate::nvm::Slot;
use crate::stored::{Format1, Identity, Institution, Journal, Secret};

impl Element {
    pub(super) fn request_certificate(&mut self, input: CertificateNonce) -> Result<One, Stop> {
        self.require_state(&[State::Factory])?;
        let identity = Identity {
            format: Format1,
            device_key: Secret(self.crypto.generate_stored(KeyKind::P256)?),
            sealing_key: Secret(self.crypto.generate_stored(KeyKind::P256)?),
        };
        let keys = Keys::unpack(&identity, &*self.crypto).map_err(|_| StatusWord::Failed)?;
        let (institution, institution_key) = match self.build.institution_key {
            InstitutionKeyOrigin::Injected => (Institution::default(), None),
            InstitutionKeyOrigin::Generated => {
                let pkcs8 = self.crypto.generate_stored(KeyKind::Rsa2048)?;
                let key = self.crypto.private_key(&pkcs8).map_err(|_| StatusWord::Failed)?;
                (Institution { key: Some(Secret(pkcs8)), ..Institution::default() }, Some(key))
            }
        };
        let request = CertificateRequest {
            device_key: keys.device.spki().into(),
            sealing_key: keys.sealing.spki().into(),
            institution_key: institution_key.as_ref().map(|key| key.spki().into()),
            model: self.build.model.clone(),
            firmware: self.build.firmware.clone(),
            kind: ElementKind::Software,
            tick: self.build.tick,
            nonce: input.nonce,
        };
        let identity: Zeroizing<Vec<u8>> = Zeroizing::new(identity.encode());
        let institution: Zeroizing<Vec<u8>> = Zeroizing::new(institution.encode());
        self.persist(Journal::default(), &[(Slot::Identity, &identity), (Slot::Institution, &institution)])?;
        self.memory.keys = Some(keys);
        self.memory.institution_key = institution_key;
        self.memory.boot = BootDue::Write;
        Ok(One { signed: self.sign_with_device(&request)? })
    }
}
