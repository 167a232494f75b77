//! Scheme-2 pseudonyms: one value per person and institution, keyed by the platform (P8).

use hmac::{Hmac, Mac as _};
use jushin_statement::{Hash, InstitutionCode, Pid, PidScheme};
use sha2::Sha256;

use crate::enrolment::EPOCH;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::Transaction;
use crate::store::rows::key;

/// Where a person is known under a pseudonym.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// At an institution.
    Institution(InstitutionCode),
    /// At the history service, which has a key as if it were an institution.
    History,
}

impl Platform {
    /// The pseudonym of a person.
    pub(crate) fn pid(&self, tx: &mut (dyn Transaction + '_), at: At, handle: Hash) -> Result<Pid, Refusal> {
        let name = match &at {
            At::Institution(code) => key(&[&"person pseudonyms ", code, &EPOCH]),
            At::History => key(&[&"person pseudonyms ", &"history", &EPOCH]),
        };
        let secret = self.secret(tx, &name)?;
        Ok(Pid { scheme: PidScheme::Platform, epoch: EPOCH, value: value(&secret, handle) })
    }
}

/// HMAC-SHA-256(K, "jushin/1/pid" ‖ handle).
fn value(secret: &[u8], handle: Hash) -> Hash {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return Hash::ZERO };
    mac.update(b"jushin/1/pid");
    mac.update(&handle.0);
    Hash(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_that_of_the_vectors() {
        let (secret, handle) = (Hash::of(b"jushin test pepper"), Hash::of(b"person"));
        let expected = "ee0641624fb85006246c2884ec594ec9010c4a1a4497b7af2c3fa39fe9a06f65";
        assert_eq!(value(&secret.0, handle).to_string(), expected);
    }
}
