//! COSE_Sign1: one form, and what is taken apart is put together again byte for byte.

use jushin_statement::{Alg, Bytes, Context, Record, Signed, Verdict, to_be_signed};

use crate::planted;

pub(super) fn run(data: &[u8]) {
    let signed = Signed(Bytes(data.to_vec()));
    let Ok(sign1) = signed.parse() else { return };
    let again = Signed::assemble(sign1.alg, sign1.key, sign1.payload, sign1.signature);
    assert_eq!(again, signed, "a signed object has two encodings");
    for context in [Context::Element, Context::Presence, Context::Receipt] {
        let covered = to_be_signed(context, sign1.alg, sign1.key, sign1.payload);
        assert_eq!(sign1.to_be_signed(context), covered);
    }
    let _ = Record::decode(sign1.payload);
    if let (Alg::Es256, Ok(verdict)) = (sign1.alg, sign1.object::<Verdict>()) {
        let backwards = verdict.hi.is_some() && verdict.lo > verdict.hi;
        planted::fault(backwards, "a verdict whose window runs backwards");
    }
}
