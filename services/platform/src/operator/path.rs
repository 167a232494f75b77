//! Ids in paths: keyed, so that they hold no code, name or counter and still lead back.

use hmac::{Hmac, Mac as _};
use jushin_statement::Id16;
use sha2::Sha256;

use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::rows::ElementRow;
use crate::store::{Scan, Transaction};

/// 26 characters of base32 hold 128 bits.
const LENGTH: usize = 26;

impl Platform {
    /// The path id of an element's terminal.
    pub(super) fn terminal_path(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
    ) -> Result<String, Refusal> {
        Ok(path_id(&self.secret(tx, b"operator paths")?, element))
    }

    /// The element that a path id leads to.
    pub(super) fn element_of_path(
        &self,
        tx: &mut (dyn Transaction + '_),
        path: &str,
    ) -> Result<Id16, Refusal> {
        let secret = self.secret(tx, b"operator paths")?;
        let elements = tx.list::<ElementRow>(Scan::all(&[]))?;
        elements
            .into_iter()
            .filter_map(|(row_key, _)| row_key.try_into().ok().map(Id16))
            .find(|element| path_id(&secret, *element) == path)
            .ok_or(Refusal::Unknown("terminal"))
    }
}

fn path_id(secret: &[u8], element: Id16) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(b"operator/terminals/");
    mac.update(&element.0);
    let bytes: [u8; 32] = mac.finalize().into_bytes().into();
    let (first, _) = bytes.split_at(16);
    let value = first.iter().fold(0_u128, |value, byte| value << 8 | u128::from(*byte));
    (0..LENGTH)
        .filter_map(|place| ALPHABET.get((value >> (5 * place)) as usize & 31))
        .map(|letter| char::from(*letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_26_letters_and_depends_on_key_and_element() {
        let id = path_id(b"key", Id16([1; 16]));
        assert_eq!(id.len(), LENGTH);
        assert!(id.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit()), "{id}");
        assert_ne!(id, path_id(b"key", Id16([2; 16])));
        assert_ne!(id, path_id(b"other key", Id16([1; 16])));
    }
}
