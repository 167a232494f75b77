//! PID-BUILD and PID: the institution's pseudonym for the card that has just checked in (P8).

use hmac::{Hmac, Mac};
use jushin_statement::{Alg, CardId, Hash, Pid, PidScheme};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Element;
use super::card_key::Form;
use super::journal::for_card;
use super::memory::CardIdSession;
use super::stop::Stop;
use crate::apdu::StatusWord;
use crate::exchange::{CardIdAnswer, CardIdInput, CardIdRequest, CardIdScope};
use crate::stored::Secret;

impl Element {
    /// Scheme 1: what the card is to sign. One EXTERNAL AUTHENTICATE per epoch, for none is counted.
    pub(super) fn build_card_id(&mut self, input: CardIdScope) -> Result<CardIdRequest, Stop> {
        let session = self.memory.card_id.as_ref().ok_or(StatusWord::WrongState)?;
        let form = match (session.card.alg, session.form) {
            (Alg::Rs256, Some(form)) => form,
            _ => return Err(StatusWord::Unsupported.into()),
        };
        if session.built.contains(&input.epoch) {
            return Err(StatusWord::WrongState.into());
        }
        self.pseudonym_key(input.epoch)?;
        let institution = self.bound()?.binding.institution;
        let card_id = CardId { institution, scope: input.scope, epoch: input.epoch };
        let to_be_signed = for_card(&card_id, Alg::Rs256);
        let digest = Hash::of(&to_be_signed);
        let covered = (form == Form::CoversDigest).then_some(&digest.0[..]);
        let ea_signature = self.external_authenticate(&input.challenge, covered)?;
        if let Some(session) = &mut self.memory.card_id {
            session.built.push(input.epoch);
            session.asked = Some((input.epoch, digest));
        }
        Ok(CardIdRequest { ea_signature: ea_signature.into(), to_be_signed: to_be_signed.into() })
    }

    pub(super) fn card_id(&mut self, input: CardIdInput) -> Result<CardIdAnswer, Stop> {
        let keyed_card_id = self.build.keyed_card_id;
        let session = self.memory.card_id.as_mut().ok_or(StatusWord::WrongState)?;
        let (scheme, epoch, value) = match input {
            CardIdInput::Signature(signature) => {
                let signature = Zeroizing::new(signature.0);
                let epoch = session.check_signature(&signature)?;
                let value = signature_pseudonym(self.pseudonym_key(epoch)?, &signature)?;
                (PidScheme::Signature, epoch, value)
            }
            CardIdInput::Epoch(_) if !keyed_card_id => return Err(StatusWord::WrongState.into()),
            CardIdInput::Epoch(epoch) => {
                let spki = session.card.spki;
                (PidScheme::ElementKeyed, epoch, key_pseudonym(self.pseudonym_key(epoch)?, spki)?)
            }
        };
        Ok(CardIdAnswer { pid: Pid { scheme, epoch, value } })
    }

    fn pseudonym_key(&self, epoch: u64) -> Result<&Secret, Stop> {
        let keys = &self.memory.pseudonyms.keys;
        let found = keys.iter().find(|key| key.epoch == epoch);
        found.map(|found| &found.key).ok_or(StatusWord::UnknownKey.into())
    }
}

impl CardIdSession {
    /// The same card must have signed what PID-BUILD gave last. RSA PKCS#1 is deterministic, so the card
    /// cannot vary what comes out.
    fn check_signature(&mut self, signature: &[u8]) -> Result<u64, Stop> {
        let (epoch, digest) = self.asked.take().ok_or(StatusWord::WrongState)?;
        if self.card.has_signed(&digest.0, signature) {
            Ok(epoch)
        } else {
            Err(StatusWord::WrongSignature.into())
        }
    }
}

/// Scheme 1: keyed, because any web site that the holder logs into with a PIN can get the signature too.
fn signature_pseudonym(key: &Secret, signature: &[u8]) -> Result<Hash, Stop> {
    keyed_hash(key, b"jushin/1/card-id", signature)
}

/// Scheme 3.
fn key_pseudonym(key: &Secret, spki: Hash) -> Result<Hash, Stop> {
    keyed_hash(key, b"jushin/1/spki", &spki.0)
}

fn keyed_hash(key: &Secret, tag: &[u8], rest: &[u8]) -> Result<Hash, Stop> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).map_err(|_| StatusWord::Failed)?;
    mac.update(tag);
    mac.update(rest);
    Ok(Hash(mac.finalize().into_bytes().into()))
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::*;

    const SIGNATURE: &str = concat!(
        "2529082ad2546f260d4e42c3f870368e537f9d049c26e7bfa8c8fad7fad610c2d0e4b95ce280efbd83768569c62b4995",
        "be27c820a5a426b94a24096a4f266952112707396154cab99d0d92995630db55cb9a1bb14acfcdb16c5cf4d691be8aa6",
        "0924f159ebd8998739876dbd59cf826b08b1f34ea45411b24a3b82478ea3e0cf4ccedb26bb56fe800d3d4fb0de324e96",
        "fbb9b432d50d65387a6d8aa6d5f0d6178d5a2b4b7bb513df45771a463c50d4d4f7a4f1d2555ce8d1abc7de3b03d719c6",
        "a1790d321513d70414fb758c57f3f2a1a91da274230bf967fa34ef858d12bb1314489528ee41549e0a66dcf3b669a558",
        "669fcf2affb1cf66753843eea0eb771c",
    );
    const SPKI_MODULUS: &str = concat!(
        "cd271b38fcc7839e79834256c33a2bf20758fc27111c38cb2742ee6499ae91073ea85409d8671a599b500d5c8b42e43a",
        "6fed9e906d118bfe94419abb6073121052134aedaeb7d9fd930e5d3994e4877809400a15fc7b21dda86fee3f444df19e",
        "9509f45ce0a78647a03827bf9cf0d8cb03a223657f4c8e7c28682ac226562282fa62fdc9aa166823681287e0552641cb",
        "fe38b05679f550b57b7a2a06e803b273c020da13dbb18e067ffcf3e7ea39e79cae47b8fd8362f3da3adb281e26849ab2",
        "366e1a7525509876df137d6dad1f538a9f0baf8c10028a5e35f33f448dd7dba0b109138c44bbf0f35483070ce291be8f",
        "b715bf3c682afb80143523565ff60b07",
    );

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    fn hex(hash: Hash) -> String {
        format!("{hash}")
    }

    #[test]
    fn pseudonyms_are_those_of_the_fixed_vectors() {
        let key = Secret::from(&Hash::of(b"jushin test pepper").0[..]);
        let modulus = bytes(SPKI_MODULUS);
        let spki = Hash::of(&jushin_pki::spki::from_rsa_modulus(&modulus));
        assert_eq!(
            signature_pseudonym(&key, &bytes(SIGNATURE)).map(hex).ok().as_deref(),
            Some("97b43688fb975a6786d163f7e472fa5c2fa7ec7b12f29c115cee81300d0fc75e")
        );
        assert_eq!(
            key_pseudonym(&key, spki).map(hex).ok().as_deref(),
            Some("fb6904baec7bc361977c00a161998cdb578fcbdbab91d633acc4da2aa133e993")
        );
    }
}
