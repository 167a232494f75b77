//! What the tests of this crate share: hexadecimal, the vector files, and every object by its name.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use jushin_statement::*;
use serde_json::Value;

pub fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "an even number of digits");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One encoding that another implementation made.
pub struct Vector {
    pub object: String,
    pub bytes: Vec<u8>,
}

pub fn objects() -> Vec<Vector> {
    let file: Value = serde_json::from_str(include_str!("../../vectors/objects.json")).unwrap();
    let field = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    file.as_array()
        .unwrap()
        .iter()
        .map(|entry| Vector { object: field(entry, "object"), bytes: hex(&field(entry, "hex")) })
        .collect()
}

type Reencode = fn(&[u8]) -> Result<Vec<u8>, cbor::Malformed>;

/// An object's name, its decoder followed by its encoder, and its context if it is signed.
pub struct Kind {
    pub name: &'static str,
    pub reencode: Reencode,
    pub context: Option<Context>,
}

fn reencode<T: Object + Clone + PartialEq + std::fmt::Debug>(
    bytes: &[u8],
) -> Result<Vec<u8>, cbor::Malformed> {
    let object = T::decode(bytes)?;
    let encoded = object.encode();
    assert_eq!(T::decode(&encoded).as_ref(), Ok(&object), "decoding what was encoded");
    Ok(encoded)
}

fn trust_list(bytes: &[u8]) -> Result<Vec<u8>, cbor::Malformed> {
    let files = decode_trust_list(bytes)?;
    assert_eq!(policy_id(&files), Hash::of(bytes));
    let mut writer = cbor::Writer::new();
    Field::write(&files, &mut writer);
    Ok(writer.into_bytes())
}

macro_rules! kinds {
    (signed: $($signed:ty),*; unsigned: $($unsigned:ty),*;) => {
        /// Every object and message that has a type of its own.
        pub fn kinds() -> Vec<Kind> {
            vec![
                $( Kind {
                    name: <$signed>::NAME,
                    reencode: reencode::<$signed>,
                    context: Some(<$signed>::CONTEXT),
                }, )*
                $( Kind { name: <$unsigned>::NAME, reencode: reencode::<$unsigned>, context: None }, )*
                Kind { name: "trust-list", reencode: trust_list, context: None },
            ]
        }
    };
}

kinds! {
    signed: CertificateRequest, Appointment, Injection, Binding, BindingAck, TickStamp1, Activation,
        TickStamp2, AdminActivation, Pairing, Presence, Commit, Boot, Beacon, Stamp, Close, Receipt,
        Verdict, Reference, Visit, Eligibility, CardId, Link, RevocationList, Capability, Possession,
        BreakGlass;
    unsigned: ElementExtension, ElementCaExtension, Challenge, Anchor, TpmRecord, TpmGrant, Evidence,
        Redacted, Paper, Bundle, Consent, Hello, Unlock, GapQuery, Batch, BatchAck, ReceiptPoll,
        CapabilityFetch, CapabilityList, Fresh, ReferenceFetch, PersonFind, PersonFound, EmergencyOpen,
        EmergencyPerson;
}

pub fn kind(name: &str) -> Kind {
    kinds().into_iter().find(|kind| kind.name == name).unwrap_or_else(|| panic!("no decoder for {name}"))
}
