//! Writes the corpora anew: real objects from the fixtures, and short scripts for the doors.
//!
//! `JUSHIN_FUZZ_TARGET=seeds JUSHIN_FUZZ_SEEDS=FOLDER` does it. Inputs that once failed are kept beside these
//! and are named after what they showed.

use std::fs;
use std::path::Path;

use jushin_corpus::world;
use jushin_corpus::world::World;
use jushin_pki::revocation::{IdHash, OcspRequest};
use jushin_pki::time_stamp::TimeStampRequest;
use jushin_pki::{Certificate, CvCertificate, pem};
use jushin_secure_element::exchange::{Budget, CardIdInput, CloseRequest, State, Status};
use jushin_secure_element::{Instruction, command};
use jushin_statement::*;

use crate::fixtures::{self, BUNDLES, CERTIFICATES};
use crate::targets::statement::number_of;

type Seeds = Vec<(&'static str, Vec<u8>)>;

/// Writes every corpus under `folder`.
pub(crate) fn write(folder: &Path) {
    for (target, seeds) in all() {
        let folder = folder.join(target);
        fs::create_dir_all(&folder).expect("a folder");
        for (place, (name, bytes)) in seeds.into_iter().enumerate() {
            fs::write(folder.join(format!("{place:02}-{name}")), bytes).expect("a file");
        }
    }
}

fn all() -> Vec<(&'static str, Seeds)> {
    vec![
        ("apdu", apdu()),
        ("boxes", boxes()),
        ("bundle", bundle()),
        ("card", card()),
        ("certificate", certificate()),
        ("crl", crl()),
        ("cv", cv()),
        ("der", der()),
        ("element", element()),
        ("element-client", element_client()),
        ("history", history()),
        ("ocsp", ocsp()),
        ("platform", platform()),
        ("reader", reader()),
        ("sign1", sign1()),
        ("statement", statement()),
        ("time-stamp", time_stamp()),
        ("tpm", tpm()),
        ("trust", trust()),
        ("verifier", verifier()),
    ]
}

/// A byte string with its length in front.
fn string(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).expect("short").to_be_bytes()[..], bytes].concat()
}

/// Replaces as many bytes as `with` has, from `at`.
fn splice(at: u16, with: &[u8]) -> Vec<u8> {
    [&at.to_be_bytes()[..], &[u8::try_from(with.len()).expect("short")], &string(with)].concat()
}

fn visit() -> &'static Evidence {
    let full = BUNDLES.iter().find_map(|bundle| match &bundle.visits {
        Visits::Full(visits) => visits.first(),
        Visits::Redacted(_) => None,
    });
    full.expect("a full bundle")
}

/// One signed object of each type in the fixtures.
fn signed_objects() -> Vec<Signed> {
    let mut all: Vec<Signed> = vec![visit().commit.clone()];
    for bundle in &*BUNDLES {
        all.extend(bundle.records.iter().chain(&bundle.bindings).chain(&bundle.results).cloned());
        for anchor in &bundle.anchors {
            match &anchor.0 {
                Anchor::Online { stamp1, activation, stamp2, .. } => {
                    all.extend([stamp1, activation, stamp2].map(Clone::clone));
                }
                Anchor::Offline { admin, .. } => all.push(admin.clone()),
                Anchor::Close { close, .. } => all.push(close.clone()),
                _ => {}
            }
        }
    }
    let kind = |signed: &Signed| signed.parse().map_or(0, |sign1| sign1.payload.get(1).copied().unwrap_or(0));
    let long = |signed: &Signed| signed.parse().map_or(0, |sign1| sign1.payload.get(2).copied().unwrap_or(0));
    all.sort_by_key(|signed| (kind(signed), long(signed), signed.as_bytes().len()));
    all.dedup_by_key(|signed| (kind(signed), long(signed)));
    all
}

fn statement() -> Seeds {
    let element = Id16([1; 16]);
    let mut seeds = Seeds::new();
    for signed in signed_objects() {
        let Ok(sign1) = signed.parse() else { continue };
        let known = [
            chosen(sign1.object::<Binding>()),
            chosen(sign1.object::<TickStamp1>()),
            chosen(sign1.object::<Activation>()),
            chosen(sign1.object::<TickStamp2>()),
            chosen(sign1.object::<Commit>()),
            chosen(sign1.object::<Close>()),
            chosen(sign1.object::<Verdict>()),
            chosen(sign1.object::<Visit>()),
        ];
        seeds.extend(known.into_iter().flatten().map(|bytes| ("payload", bytes)));
    }
    let others = [
        chosen(Presence::decode(&visit().presence)),
        chosen(Ok(Hello { element, binding_seq: 1, last: 2, tpm_nonce: Some(Hash::ZERO) })),
        chosen(Ok(GapQuery { element, lo: 1, hi: None, nonce: Hash::ZERO })),
        chosen(Ok(ReceiptPoll { element, lo: 1, hi: 2 })),
        chosen(Ok(Pid { scheme: PidScheme::Platform, epoch: 1, value: Hash::ZERO })),
        chosen(Ok(Challenge { nonce: Hash::ZERO, provider_time: UnixMillis(1), element })),
        chosen(Ok(CardIdInput::Epoch(7))),
        chosen(Ok(CloseRequest { nonce: Hash::ZERO, first: 1, last: Some(2) })),
        chosen(Ok(redacted())),
    ];
    seeds.extend(others.into_iter().flatten().map(|bytes| ("object", bytes)));
    seeds
}

/// An object's encoding behind the number of its decoder.
fn chosen<T: Object>(object: Result<T, cbor::Malformed>) -> Option<Vec<u8>> {
    Some([&[number_of::<T>()][..], &object.ok()?.encode()].concat())
}

fn redacted() -> Redacted {
    let bytes = include_bytes!("../../jushin/tests/one-visit/history.jvb");
    match Bundle::decode(bytes).map(|bundle| bundle.visits) {
        Ok(Visits::Redacted(mut visits)) => visits.remove(0),
        other => panic!("not a redacted bundle: {other:?}"),
    }
}

fn sign1() -> Seeds {
    signed_objects().into_iter().map(|signed| ("signed", signed.0.0)).collect()
}

fn der() -> Seeds {
    let element = fixtures::trusted("se-ca-").remove(0);
    vec![
        (
            "nested",
            b"\x30\x13\x30\x11\x30\x0f\x30\x0d\x02\x04\x01\x02\x03\x04\x06\x02\x2a\x03\x01\x01\xff".to_vec(),
        ),
        ("spki", element.spki().to_vec()),
        ("name", element.subject().to_vec()),
        ("certificate", element.der().to_vec()),
        ("integer", vec![0x02, 0x02, 0x00, 0x80]),
        ("pem", pem::encode("CERTIFICATE", b"not one").into_bytes()),
    ]
}

fn certificate() -> Seeds {
    let mut all: Vec<Certificate> = ["ca-u-1", "hpki-", "se-ca-", "tsa-1", "sp-1", "pf-rcpt"]
        .into_iter()
        .flat_map(fixtures::trusted)
        .collect();
    let mut others: Vec<Certificate> = CERTIFICATES.clone();
    others.sort_by(|one, other| one.issuer().cmp(other.issuer()));
    others.dedup_by(|one, other| one.issuer() == other.issuer());
    all.extend(others);
    all.iter().map(|certificate| ("certificate", certificate.der().to_vec())).collect()
}

fn cv() -> Seeds {
    let bundled = BUNDLES.iter().flat_map(|bundle| &bundle.certificates);
    let one = bundled.map(|bytes| bytes.to_vec()).find(|bytes| CvCertificate::parse(bytes).is_ok());
    let ca = fixtures::TRUST_FILES.iter().find(|(name, _)| name == "ca-i-1.bin");
    let both = [one, ca.map(|(_, bytes)| bytes.clone())];
    both.into_iter().flatten().map(|bytes| ("cv", bytes)).collect()
}

fn time_stamp() -> Seeds {
    let token = fixtures::tokens().remove(0);
    let mut response = jushin_pki::der::Writer::new();
    response.nest(0x30, |response| {
        response.nest(0x30, |status| status.unsigned(&[0]));
        response.raw(&token);
    });
    vec![
        ("token", token),
        ("response", response.into_bytes()),
        ("request", TimeStampRequest::new([7; 32], &[1, 2, 3, 4, 5, 6, 7, 8]).to_der()),
    ]
}

fn ocsp() -> Seeds {
    let responses = BUNDLES.iter().flat_map(|bundle| &bundle.revocation);
    let mut seeds: Seeds = responses
        .filter(|data| jushin_pki::revocation::OcspResponse::looks_like(data))
        .take(2)
        .map(|data| ("response", data.to_vec()))
        .collect();
    let issuer = fixtures::trusted("ca-u-").remove(0);
    for nonce in [None, Some(&[1, 2, 3, 4][..])] {
        seeds.push(("request", OcspRequest::new(&issuer, &issuer, IdHash::Sha1, nonce).to_der()));
    }
    seeds
}

fn crl() -> Seeds {
    let world = world();
    let revoked = [(world.card_ca.certificate(), 1_775_519_523_000)];
    vec![
        ("list", World::crl(&world.card_ca, 1_775_519_523_000, &revoked)),
        ("empty", World::crl(&world.staff_ca, 1_775_519_523_000, &[])),
    ]
}

fn bundle() -> Seeds {
    let mut small = Bundle::of(Visits::Full(Vec::new()));
    small.proofs.push(Bytes(b"proof".to_vec()));
    let smallest = BUNDLES.iter().min_by_key(|bundle| bundle.encode().len()).expect("a bundle");
    vec![
        ("empty", Bundle::of(Visits::Redacted(Vec::new())).encode()),
        ("proof", small.encode()),
        ("redacted", include_bytes!("../../jushin/tests/one-visit/history.jvb").to_vec()),
        ("full", smallest.encode()),
    ]
}

fn trust() -> Seeds {
    let policy = br#"{"class_cap":{"1":4,"3":2},"accuracy_ms":1000,"tight_ms":300000,"log_vkeys":["a","b"]}"#;
    let genuine = (0..10).flat_map(|name| [name, 1]).collect::<Vec<u8>>();
    vec![
        ("policy", [&[0, 0][..], &string(policy)].concat()),
        ("no-policy", [&[0, 0][..], &string(b"{}")].concat()),
        ("all", genuine),
        ("changed", [&[1, 2][..], &splice(60, b"AAAA"), &[2, 2], &splice(30, b"12")].concat()),
        (
            "named",
            [&[10][..], &string(b"ca-u-2.pem"), &[1], &[10], &string(b"x"), &[0], &string(b"y")].concat(),
        ),
    ]
}

fn tpm() -> Seeds {
    let clock = splice(58, &[0, 0, 0, 0, 1, 2, 3, 4]);
    vec![
        ("genuine", vec![0, 0]),
        ("clock", [&[1][..], &clock, &[0]].concat()),
        ("clocks", [&[1][..], &clock, &[1], &clock].concat()),
        ("signer", [&[1][..], &splice(8, b"another"), &[1], &splice(90, &[9])].concat()),
    ]
}

fn verifier() -> Seeds {
    let mut seeds: Seeds = (0..4).map(|base| ("genuine", vec![base])).collect();
    // Per change: the other bundle, which list, what is done, here, there.
    seeds.extend([
        ("doubled", vec![0, 0, 1, 1, 0, 0]),
        ("without-anchor", vec![0, 0, 0, 0, 0, 0]),
        ("anchors-of-another", vec![0, 1, 0, 2, 0, 0, 1, 0, 2, 0, 1]),
        ("certificates-of-another", vec![0, 1, 2, 2, 0, 0, 1, 2, 2, 0, 1]),
        ("bindings-of-another", vec![0, 1, 4, 2, 0, 0]),
        ("revocation-of-another", vec![0, 1, 3, 2, 0, 0]),
        ("visit-of-another", vec![0, 1, 7, 0, 2, 0, 0]),
        ("visit-twice", vec![0, 0, 7, 0, 1, 0, 0]),
        ("presence-of-another", vec![1, 2, 7, 1, 0]),
        ("damaged", [&[0, 0, 7, 1, 5][..], &splice(40, &[1, 2])].concat()),
        ("damaged-anchor", [&[0, 0, 0, 4, 0, 0][..], &splice(60, &[7])].concat()),
        ("proof", [&[0, 0, 6][..], &string(b"proof")].concat()),
    ]);
    seeds
}

fn apdu() -> Seeds {
    vec![
        ("extended", b"\x00\x2a\x00\xbe\x00\x00\x05hello\x01\x00".to_vec()),
        ("short", b"\x00\xa4\x04\x0c\x02\x3f\x00".to_vec()),
        ("le", b"\x00\xb0\x00\x00\x00".to_vec()),
        ("tlv", b"\x7f\x21\x81\x04\x02\x02\x01\x02".to_vec()),
        ("response", b"\x01\x02\x63\xc2".to_vec()),
        ("element", command(Instruction::Boot, &[0x80]).expect("short")),
        ("token-info", [&b"JPKIAPICCTOKEN"[..], &[b' '; 146]].concat()),
    ]
}

fn card() -> Seeds {
    let visit = [1, 7, 0, 8, 0, 9, 0, 10, 0, 0];
    let mut seeds: Seeds =
        [0, 2, 4, 8].iter().map(|kind| ("visit", [&[*kind][..], &visit].concat())).collect();
    let wrong = |index| [&[5, 0, index][..], &string(b"0000")].concat();
    seeds.extend([
        ("pin", vec![0, 1, 3, 10, 0, 0, 13, 10, 0, 0]),
        ("password", [&[0, 1, 4, 11, 0][..], &string(&[7; 20])].concat()),
        ("wrong", [&[0, 1][..], &wrong(1), &wrong(1), &wrong(2)].concat()),
        ("changed", [&[0, 1, 3, 6, 0][..], &string(b"4321"), &[3, 10, 0, 0]].concat()),
        ("files", vec![0, 1, 2, 0, 12, 0, 0, 0, 2, 3, 0, 0x0A, 12, 0, 0, 4]),
        (
            "raw",
            [&[0, 0][..], &string(b"\x00\xa4\x04\x0c\x0a\xd3\x92\xf0\x00\x26\x01\x00\x00\x00\x01")].concat(),
        ),
        ("stranger", vec![0x80, 1, 7, 0, 8, 1, 9, 1, 8, 2, 9, 2]),
    ]);
    seeds
}

fn reader() -> Seeds {
    let file = string(&[&[0x30, 0x82, 0x02, 0x10][..], &[0xA5; 64]].concat());
    let session = |choice: u8, steps: usize| [&[choice][..], &file, &vec![3; steps]].concat();
    vec![
        ("visit", session(0, 60)),
        ("short-ids", session(1, 60)),
        ("chained", session(2 + 8, 60)),
        ("everything", session(0x60, 90)),
        ("refused", [&[0][..], &file, &[3, 3, 0], &string(&[0x69, 0x82])].concat()),
    ]
}

fn element_client() -> Seeds {
    let status = Status {
        state: State::Active,
        counter: 9,
        head: Hash::ZERO,
        budget: Some(Budget { begins: 4, ticks: 0x0102_0304 }),
        binding_seq: Some(1),
        tpm_nonce: None,
    };
    let answer = |bytes: &[u8]| [&[1][..], &string(bytes)].concat();
    let one = [&[0x81][..], &{
        let mut writer = cbor::Writer::new();
        writer.bytes(visit().commit.as_bytes());
        writer.into_bytes()
    }]
    .concat();
    vec![
        ("status", [&string(&[11])[..], &answer(&status.encode())].concat()),
        ("commit", [&string(&[8, 0])[..], &answer(&one)].concat()),
        ("refused", [&string(&[3, 4, 9])[..], &[0], &string(&[0x69, 0x85])].concat()),
    ]
}

fn element() -> Seeds {
    // CSR, boot, both injections, binding, pair, TS1, ACT: then check-ins.
    let enrolled = [2, 6, 3, 4, 1, 0, 5, 0x13];
    let unlocked = [8, 9, 10, 5];
    let visit = [13, 0, 15];
    let script = |parts: &[&[u8]]| parts.concat();
    vec![
        ("visit", script(&[&[0], &enrolled, &unlocked, &visit, &visit, &[18, 19, 0, 1]])),
        ("power", script(&[&[0], &enrolled, &unlocked, &visit, &[0, 6], &unlocked, &visit])),
        ("cut", script(&[&[1, 11], &enrolled, &unlocked, &[6], &unlocked, &visit, &[6, 6]])),
        ("offline", script(&[&[0], &enrolled, &[8, 11, 12], &visit, &[0, 6, 8, 11, 12]])),
        ("card-id", script(&[&[0], &enrolled, &unlocked, &visit, &[20, 1, 21, 22, 1]])),
        ("give-up", script(&[&[0], &enrolled, &unlocked, &[13, 0, 13, 1, 17, 0, 0, 23]])),
        ("retire", script(&[&[0], &enrolled, &[5, 0x11, 5, 0x13, 5, 0x10, 19, 0, 1]])),
        ("raw", script(&[&[0], &enrolled, &[24, 15, 0, 1, 0x80, 25, 0, 5, 0x80, 0x20, 0, 0, 0]])),
    ]
}

fn history() -> Seeds {
    let nothing = |what: u8, query: u8| [what, 0, 0, query, 0, 0].to_vec();
    vec![
        ("delivery", vec![0, 0]),
        ("changed", [&[0, 1][..], &splice(300, &[1])].concat()),
        ("signed-in", [nothing(4, 0), nothing(1, 0), nothing(5, 0)].concat()),
        ("english", nothing(1, 1)),
        ("wrong-pin", [&[4, 0, 0, 0][..], &string(b"card=P1&pin=9999")].concat()),
        ("visit", [&[2, 0, 0, 0][..], &string(b"abc")].concat()),
        ("events", nothing(6, 0)),
    ]
}

fn platform() -> Seeds {
    let element = Id16([0xEE; 16]);
    let batch = Batch {
        element,
        records: vec![visit().commit.clone()],
        anchors: Vec::new(),
        boxes: Vec::new(),
        close: None,
    };
    let short = Batch { records: vec![Signed(Bytes(vec![0x80]))], ..batch.clone() };
    let at = |route: u8, body: &[u8]| [&[route][..], body].concat();
    let hello = Hello { element, binding_seq: 1, last: 1, tpm_nonce: None };
    let code = b"\x6a1312345679";
    let three = [&[0x83, 0x41, 1, 0x41, 2, 0x58, 0x20][..], &[0; 32]].concat();
    vec![
        ("batch", at(0, &batch.encode())),
        ("short-batch", at(0, &short.encode())),
        ("hello", at(1, &hello.encode())),
        ("stamp", at(2, visit().commit.as_bytes())),
        ("anchor", at(3, visit().commit.as_bytes())),
        ("receipts", at(4, &ReceiptPoll { element, lo: 1, hi: 2 }.encode())),
        ("nonce", at(5, code)),
        ("element", at(6, visit().commit.as_bytes())),
        ("terminal", at(7, &three)),
        ("sign-in", at(10, &three)),
        ("challenge", at(9, &[])),
        ("redeem", at(11, &[&[0x58, 0x20][..], &[0; 32]].concat())),
        ("said-hello", at(15, &[0, 0, 0, 1, 0, 0, 0, 1])),
        ("poll", at(14, &[0, 0, 0, 1, 0, 0, 0, 2])),
    ]
}

fn boxes() -> Seeds {
    let change = |part: u8, at: u16, with: &[u8]| [&[0, 0, 1, part][..], &splice(at, with), &[0]].concat();
    vec![
        ("genuine", vec![0, 0, 0, 0]),
        ("other-counter", vec![1, 0, 0, 0]),
        ("other-evid", vec![0, 1, 0, 0]),
        ("presence", change(0, 190, &[1, 2])),
        ("certificate", change(2, 100, &[1])),
        ("commit", change(3, 100, &[1])),
        ("signature", change(4, 10, &[1])),
        ("plain", [&[0, 0, 0, 1][..], &splice(3, &[9])].concat()),
    ]
}
