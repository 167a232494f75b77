//! What a TPM attests: both attestations changed anywhere and signed with the TPM's own key.
//!
//! A visit stays valid only while everything that binds the attestations to the record is untouched.

use std::sync::{Arc, LazyLock};

use jushin_corpus::desk::{Desk, Form};
use jushin_corpus::world;
use jushin_crypto::AwsLc;
use jushin_evidence::{Trust, Verifier};
use jushin_pki::Suite;
use jushin_statement::{Bundle, Class, Evidence, Hash, Object, Signed, TpmRecord, Visits};

use crate::input::Input;
use crate::planted;

/// Bytes before the clock of the first attestation: magic, type, qualified signer and extraData.
const BEFORE_CLOCK: usize = 4 + 2 + 2 + 16 + 2 + 32;
/// Magic and type; and what ends the first: firmware is followed by Name, offset and contents.
const BEGINNING: usize = 6;
const CLOCK_AND_FIRMWARE: usize = 8 + 4 + 4 + 1 + 8;

struct World {
    trust: Arc<Trust>,
    bundle: Bundle,
    evidence: Evidence,
    record: TpmRecord,
    desk: Desk,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let desk = Desk::complete(Form::Tpm);
    let bundle = desk.bundle();
    let Visits::Full(visits) = &bundle.visits else { unreachable!("a full bundle") };
    let evidence = visits[0].clone();
    let record = TpmRecord::decode(evidence.commit.as_bytes()).expect("a TPM's record");
    let trust = Arc::new(Trust::from_files(world().files()).expect("the corpus's own"));
    World { trust, evidence, record, bundle, desk }
});

pub(super) fn run(data: &[u8]) {
    let world = &*WORLD;
    let mut input = Input::new(data);
    let mut record = world.record.clone();
    let changes = input.below(4);
    for _ in 0..changes {
        splice(&mut record.counter_attest.0, &mut input);
    }
    // The second attestation is over the first; its extraData stand where its clock would begin.
    let over = Hash::of(&record.counter_attest);
    record.time_attest.0[BEFORE_CLOCK - 32..BEFORE_CLOCK].copy_from_slice(&over.0);
    let changes = input.below(4);
    for _ in 0..changes {
        splice(&mut record.time_attest.0, &mut input);
    }
    record.counter_signature = sign(&record.counter_attest);
    record.time_signature = sign(&record.time_attest);
    check(&record);
}

fn check(record: &TpmRecord) {
    let world = &*WORLD;
    let evidence = Evidence { commit: Signed(record.encode().into()), ..world.evidence.clone() };
    let bundle = Bundle { visits: Visits::Full(vec![evidence]), ..world.bundle.clone() };
    let report = Verifier::new(world.trust.clone(), Arc::new(AwsLc)).verify(&bundle);
    let [visit] = &report.visits[..] else { panic!("one visit") };
    if !visit.is_valid() {
        return;
    }
    assert!(visit.class <= Class::Date, "a TPM never proves more than a date");
    let (attest, genuine) = (&record.counter_attest, &world.record.counter_attest);
    let bound = &genuine[BEFORE_CLOCK + CLOCK_AND_FIRMWARE..];
    assert!(
        attest.starts_with(&genuine[..BEGINNING]) && attest.ends_with(bound),
        "another attestation counts"
    );
    let clock = attest.get(BEFORE_CLOCK..).and_then(|rest| rest.first_chunk::<8>());
    let clock = clock.map_or(0, |clock| u64::from_be_bytes(*clock));
    let genuine = genuine.get(BEFORE_CLOCK..).and_then(|rest| rest.first_chunk::<8>());
    let years = genuine.map_or(0, |clock| u64::from_be_bytes(*clock)) + (1 << 40);
    planted::fault(clock > years, "a valid visit of a TPM that is decades older");
}

fn sign(attest: &[u8]) -> [u8; 64] {
    let signature = WORLD.desk.device.sign(Suite::P256Sha256Cose, attest).expect("a key of our own");
    signature.try_into().expect("r and s")
}

fn splice(bytes: &mut Vec<u8>, input: &mut Input<'_>) {
    let at = usize::from(input.short()) % (bytes.len() + 1);
    let end = (at + input.below(9)).min(bytes.len());
    bytes.splice(at..end, input.string().iter().copied());
}
