//! PEM (RFC 7468), the form in which certificates lie in files.

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text holds no such block, or one that is not base64 in its one form. Whoever wrote the file is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no well-formed PEM block of the wanted label")]
pub struct BadPem;

/// Writes one block.
#[must_use]
pub fn encode(label: &str, der: &[u8]) -> String {
    let mut base64 = Vec::with_capacity(der.len().div_ceil(3) * 4);
    for chunk in der.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place) & 0x3F) as usize;
            let symbol = if place <= chunk.len() { ALPHABET.get(digit).copied() } else { None };
            base64.push(symbol.unwrap_or(b'='));
        }
    }
    let mut text = alloc::format!("-----BEGIN {label}-----\n");
    for line in base64.chunks(64) {
        text.push_str(core::str::from_utf8(line).unwrap_or_default());
        text.push('\n');
    }
    text.push_str(&alloc::format!("-----END {label}-----\n"));
    text
}

/// Reads every block of this label; text outside blocks is ignored.
///
/// # Errors
///
/// [`BadPem`] if there is none or one is malformed.
pub fn decode_all(label: &str, text: &str) -> Result<Vec<Vec<u8>>, BadPem> {
    let begin = alloc::format!("-----BEGIN {label}-----");
    let end = alloc::format!("-----END {label}-----");
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&begin) {
        let (body, after) = after.split_once(&end).ok_or(BadPem)?;
        blocks.push(base64(body)?);
        rest = after;
    }
    if blocks.is_empty() { Err(BadPem) } else { Ok(blocks) }
}

/// Reads the one block of this label.
///
/// # Errors
///
/// [`BadPem`] if there is none, or more than one.
pub fn decode(label: &str, text: &str) -> Result<Vec<u8>, BadPem> {
    let mut blocks = decode_all(label, text)?;
    match (blocks.pop(), blocks.is_empty()) {
        (Some(block), true) => Ok(block),
        _ => Err(BadPem),
    }
}

fn base64(body: &str) -> Result<Vec<u8>, BadPem> {
    let symbols: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if !symbols.len().is_multiple_of(4) {
        return Err(BadPem);
    }
    let digits = symbols.iter().rposition(|symbol| *symbol != b'=').map_or(0, |last| last + 1);
    let padding = symbols.len() - digits;
    let mut bytes = Vec::with_capacity(symbols.len() / 4 * 3);
    for group in symbols.chunks(4) {
        let mut bits = 0_u32;
        for symbol in group {
            let digit = match symbol {
                b'=' => 0,
                symbol => ALPHABET.iter().position(|known| known == symbol).ok_or(BadPem)?,
            };
            bits = bits << 6 | u32::try_from(digit).map_err(|_| BadPem)?;
        }
        let [_, three @ ..] = bits.to_be_bytes();
        bytes.extend_from_slice(&three);
    }
    let dropped = bytes.split_off(bytes.len().saturating_sub(padding));
    if padding > 2
        || symbols.iter().take(digits).any(|symbol| *symbol == b'=')
        || dropped.iter().any(|byte| *byte != 0)
    {
        return Err(BadPem);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec;

    use super::*;

    #[test]
    fn every_length_reads_back() {
        for length in 0..200_usize {
            let der: Vec<u8> = (0..length).map(|byte| byte as u8 ^ 0xA5).collect();
            let text = encode("CERTIFICATE", &der);
            assert_eq!(decode("CERTIFICATE", &text), Ok(der), "{length}");
        }
    }

    #[test]
    fn two_blocks_are_not_one() {
        let text = encode("X", &[1]) + &encode("X", &[2]);
        assert_eq!(decode("X", &text), Err(BadPem));
        assert_eq!(decode_all("X", &text), Ok(vec![vec![1], vec![2]]));
        assert_eq!(decode("Y", &text), Err(BadPem));
    }

    #[test]
    fn base64_has_one_form() {
        for body in ["AQ=", "A===", "AR==", "AQ==AQ==", "A*==", "====", "A=Q="] {
            let text = ["-----BEGIN X-----\n", body, "\n-----END X-----\n"].concat().to_string();
            assert_eq!(decode("X", &text), Err(BadPem), "{body}");
        }
    }
}
