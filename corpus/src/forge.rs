//! Tools of the forger.

use jushin_statement::{Evidence, Object as _, Presence, Signed};

use crate::desk::{Desk, Form};
use crate::visit::Edit;

/// Order of P-256's group (FIPS 186-5), big-endian.
pub const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Order of P-384's group.
pub const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a,
    0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

/// The other signature that verifies as this one does: r and n − s.
#[must_use]
pub fn twin(signature: &[u8], order: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(order.len());
    [r, &difference(order, s)].concat()
}

/// a − b of equally long big-endian numbers, a ≥ b.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut result = vec![0; a.len()];
    let mut borrow = 0_i16;
    for at in (0..a.len()).rev() {
        let value = i16::from(a[at]) - i16::from(b[at]) - borrow;
        borrow = i16::from(value < 0);
        result[at] = u8::try_from(value.rem_euclid(256)).unwrap();
    }
    result
}

/// a + b of equally long big-endian numbers; `None` if it has one more byte.
#[must_use]
pub fn sum(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    let mut result = vec![0; a.len()];
    let mut carry = 0_u16;
    for at in (0..a.len()).rev() {
        let value = u16::from(a[at]) + u16::from(b[at]) + carry;
        carry = value >> 8;
        result[at] = u8::try_from(value & 0xff).unwrap();
    }
    (carry == 0).then_some(result)
}

/// The same payload with its signature changed.
#[must_use]
pub fn resigned(signed: &Signed, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Signed {
    let parsed = signed.parse().unwrap();
    Signed::assemble(parsed.alg, parsed.key, parsed.payload, &change(parsed.signature))
}

/// The bytes with the lowest bit of one turned.
#[must_use]
pub fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[at] ^= 1;
    changed
}

/// Unlocked, and a minute later.
#[must_use]
pub fn open_day(form: Form) -> Desk {
    let mut desk = Desk::unlocked(form);
    desk.wait(60_000);
    desk
}

/// A minute later, the close.
#[must_use]
pub fn closed(mut desk: Desk) -> Desk {
    desk.wait(60_000);
    desk.close();
    desk
}

/// A minute, a visit, a minute, the close.
#[must_use]
pub fn visited(mut desk: Desk, edit: &Edit<'_>) -> Desk {
    desk.wait(60_000);
    desk.visit_with(edit);
    closed(desk)
}

/// A day of the demo's element whose one visit was changed before it was signed.
#[must_use]
pub fn edited(edit: &Edit<'_>) -> Desk {
    visited(Desk::unlocked(Form::Demo), edit)
}

/// A valid day whose evidence was changed afterwards.
#[must_use]
pub fn tampered(change: impl FnOnce(&mut Evidence)) -> Desk {
    let mut desk = Desk::complete(Form::Demo);
    change(&mut desk.visits[0]);
    desk
}

/// A valid day whose presence was changed afterwards.
#[must_use]
pub fn with_presence(change: impl FnOnce(&mut Presence)) -> Desk {
    tampered(|evidence| {
        let mut presence = Presence::decode(&evidence.presence).unwrap();
        change(&mut presence);
        evidence.presence = presence.encode().into();
    })
}
