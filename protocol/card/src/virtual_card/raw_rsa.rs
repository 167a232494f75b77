//! RSA over bytes that carry no DigestInfo of SHA-256: what a crypto provider rightly has no function for.
//!
//! Only a simulated card computes like this. The arithmetic is not hardened against its neighbours on the
//! same machine, and the keys of simulated cards protect nothing.

use alloc::vec::Vec;

use crypto_bigint::modular::{MontyForm, MontyParams};
use crypto_bigint::{Odd, U64, U1024, U2048};
use zeroize::Zeroize;

use super::pkcs8::RsaNumbers;

/// Length of modulus and signature.
pub(super) const MODULUS: usize = 256;
/// Most bytes that PKCS#1 v1.5 padding leaves room for.
pub(super) const LONGEST: usize = MODULUS - 11;
/// e; its 17 bits.
const EXPONENT: u64 = 65_537;

/// An RSA-2048 key as numbers.
pub(crate) struct RawRsa {
    modulus: Odd<U2048>,
    p: Odd<U1024>,
    q: Odd<U1024>,
    d_p: U1024,
    d_q: U1024,
    q_inverse: U1024,
}

impl Drop for RawRsa {
    fn drop(&mut self) {
        for secret in [&mut self.d_p, &mut self.d_q, &mut self.q_inverse] {
            secret.zeroize();
        }
    }
}

impl RawRsa {
    /// Takes the key from PKCS#8; `None` if it is no RSA key of 2048 bits with two primes of 1024.
    pub(crate) fn parse(pkcs8: &[u8]) -> Option<Self> {
        let numbers = RsaNumbers::parse(pkcs8)?;
        let modulus: [u8; MODULUS] = numbers.modulus.try_into().ok()?;
        Some(Self {
            modulus: Odd::new(U2048::from_be_slice(&modulus)).into_option()?,
            p: Odd::new(half(numbers.p)?).into_option()?,
            q: Odd::new(half(numbers.q)?).into_option()?,
            d_p: half(numbers.d_p)?,
            d_q: half(numbers.d_q)?,
            q_inverse: half(numbers.q_inverse)?,
        })
    }

    /// Signs 1 to 245 bytes in PKCS#1 v1.5 padding as they are (RFC 8017, 9.2, without step 2's DigestInfo).
    ///
    /// `None` for another length, or if the result does not verify: a fault in one half of the computation
    /// would otherwise give the key away.
    pub(crate) fn sign_padded(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if !(1..=LONGEST).contains(&bytes.len()) {
            return None;
        }
        let mut padded = [0xFF; MODULUS];
        let (padding, end) = padded.split_at_mut(MODULUS - bytes.len());
        end.copy_from_slice(bytes);
        *padding.first_mut()? = 0;
        *padding.get_mut(1)? = 1;
        *padding.last_mut()? = 0;
        let message = U2048::from_be_slice(&padded);
        let signature = self.private(&message);
        (self.public(&signature) == message).then(|| signature.to_be_bytes().to_vec())
    }

    /// m^d mod n by the Chinese remainder theorem (RFC 8017, 5.1.2, step 2b).
    fn private(&self, message: &U2048) -> U2048 {
        let m_p = power(message, &self.p, &self.d_p);
        let m_q = power(message, &self.q, &self.d_q);
        let p = MontyParams::new_vartime(self.p);
        let difference = m_p.sub_mod(&reduce(&m_q.resize(), &self.p), &self.p);
        let h = (MontyForm::new(&difference, p) * MontyForm::new(&self.q_inverse, p)).retrieve();
        let product: U2048 = h.widening_mul(&self.q.get());
        product.wrapping_add(&m_q.resize())
    }

    /// s^e mod n.
    fn public(&self, signature: &U2048) -> U2048 {
        MontyForm::new(signature, MontyParams::new_vartime(self.modulus))
            .pow_bounded_exp(&U64::from_u64(EXPONENT), 17)
            .retrieve()
    }
}

fn power(message: &U2048, modulus: &Odd<U1024>, exponent: &U1024) -> U1024 {
    let params = MontyParams::new_vartime(*modulus);
    MontyForm::new(&reduce(message, modulus), params).pow(exponent).retrieve()
}

fn reduce(number: &U2048, modulus: &Odd<U1024>) -> U1024 {
    U1024::rem_wide_vartime(number.split(), modulus.as_nz_ref())
}

fn half(bytes: &[u8]) -> Option<U1024> {
    let mut padded = [0; MODULUS / 2];
    let start = padded.len().checked_sub(bytes.len())?;
    padded.get_mut(start..)?.copy_from_slice(bytes);
    Some(U1024::from_be_slice(&padded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jpki::SHA256_DIGEST_INFO;
    use jushin_crypto::AwsLc;
    use jushin_pki::{Crypto, KeyKind, Suite};

    #[test]
    fn over_a_digest_info_the_provider_makes_the_same_signature() {
        for byte in 0..3 {
            let pkcs8 = AwsLc.generate_stored(KeyKind::Rsa2048).unwrap();
            let digest = [byte; 32];
            let raw =
                RawRsa::parse(&pkcs8).unwrap().sign_padded(&[&SHA256_DIGEST_INFO[..], &digest].concat());
            let key = AwsLc.private_key(&pkcs8).unwrap();
            assert_eq!(raw.unwrap(), key.sign_digest(Suite::RsaPkcs1Sha256, &digest).unwrap());
        }
    }

    #[test]
    fn the_fixed_vector_of_a_card_id_signature_comes_out() {
        let unhex = |text: &str| -> Vec<u8> {
            let text = text.trim();
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        };
        let key = unhex(include_str!("../../tests/vectors/rsa_key.pkcs8.hex"));
        let digest = unhex(include_str!("../../tests/vectors/card_id_digest.hex"));
        let signature = unhex(include_str!("../../tests/vectors/card_id_signature.hex"));
        let raw = RawRsa::parse(&key).unwrap().sign_padded(&[&SHA256_DIGEST_INFO[..], &digest].concat());
        assert_eq!(raw, Some(signature));
    }

    #[test]
    fn a_fault_in_one_half_gives_no_signature() {
        let mut key = RawRsa::parse(&AwsLc.generate_stored(KeyKind::Rsa2048).unwrap()).unwrap();
        key.d_p = key.d_p.wrapping_add(&U1024::ONE);
        assert_eq!(key.sign_padded(&[1; 32]), None);
    }

    #[test]
    fn what_leaves_no_room_for_padding_is_not_signed() {
        let key = RawRsa::parse(&AwsLc.generate_stored(KeyKind::Rsa2048).unwrap()).unwrap();
        assert_eq!(key.sign_padded(&[]), None);
        assert_eq!(key.sign_padded(&[1; 246]), None);
        assert!(key.sign_padded(&[1; 245]).is_some());
    }

    #[test]
    fn other_keys_are_none() {
        assert!(RawRsa::parse(&AwsLc.generate_stored(KeyKind::P384).unwrap()).is_none());
        assert!(RawRsa::parse(&[]).is_none());
    }
}
