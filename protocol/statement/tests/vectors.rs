//! `vectors/vectors.json`: fixed inputs, and every hash, digest and signature that they lead to.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use crypto_bigint::modular::{MontyForm, MontyParams};
use crypto_bigint::{Odd, U1024, U2048};
use hmac::{Hmac, Mac};
use jushin_statement::*;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384};
use support::{hex, to_hex};

const INSTITUTION: &str = "1312345679";

struct Vectors(Value);

impl Vectors {
    fn read() -> Self {
        Self(serde_json::from_str(include_str!("../vectors/vectors.json")).unwrap())
    }

    fn text(&self, entry: &str, field: &str) -> &str {
        self.0[entry][field].as_str().unwrap_or_else(|| panic!("{entry}.{field}"))
    }

    #[track_caller]
    fn agree(&self, entry: &str, field: &str, bytes: impl AsRef<[u8]>) {
        assert_eq!(to_hex(bytes.as_ref()), self.text(entry, field), "{entry}.{field}");
    }

    #[track_caller]
    fn length(&self, entry: &str, field: &str, length: usize) {
        assert_eq!(self.0[entry][field].as_u64(), Some(length as u64), "{entry}.{field}");
    }
}

fn named(name: &str) -> Hash {
    Hash::of(name.as_bytes())
}

fn id(name: &str) -> Id16 {
    named(name).first16()
}

fn institution() -> InstitutionCode {
    InstitutionCode::new(INSTITUTION).unwrap()
}

fn ticks(count: u64) -> Ticks {
    Ticks { cycle: id("tn"), count }
}

/// The fixed RSA key, just enough of it to sign.
struct Rsa {
    n: U2048,
    d: U2048,
}

impl Rsa {
    fn read(vectors: &Vectors) -> Self {
        let prime = |name| U1024::from_be_hex(&vectors.text("rsa-key", name)[2..]);
        let (p, q) = (prime("p"), prime("q"));
        let product = |a: &U1024, b: &U1024| {
            let (low, high) = a.split_mul(b);
            U2048::from((low, high))
        };
        let n = product(&p, &q);
        let phi = product(&p.wrapping_sub(&U1024::ONE), &q.wrapping_sub(&U1024::ONE));
        let d = U2048::from(65_537_u32).inv_mod(&phi).unwrap();
        Self { n, d }
    }

    fn power(&self, block: &[u8; 256], exponent: &U2048) -> [u8; 256] {
        let params = MontyParams::new(Odd::new(self.n).unwrap());
        MontyForm::new(&U2048::from_be_slice(block), params).pow(exponent).retrieve().to_be_bytes()
    }

    fn sign_pkcs1(&self, message: &[u8]) -> [u8; 256] {
        let info = hex("3031300d060960864801650304020105000420");
        let mut block = [0xff; 256];
        block[..2].copy_from_slice(&[0, 1]);
        block[256 - 52] = 0;
        block[256 - 51..256 - 32].copy_from_slice(&info);
        block[256 - 32..].copy_from_slice(&Sha256::digest(message));
        self.power(&block, &self.d)
    }

    fn sign_pss(&self, digest: &Hash, salt: &[u8]) -> [u8; 256] {
        let hash = Hash::of_parts(&[&[0; 8], &digest.0, salt]);
        let mut block = [0; 256];
        block[190] = 1;
        block[191..223].copy_from_slice(salt);
        let mask = (0_u32..7).flat_map(|counter| Hash::of_parts(&[&hash.0, &counter.to_be_bytes()]).0);
        for (byte, mask) in block[..223].iter_mut().zip(mask) {
            *byte ^= mask;
        }
        block[0] &= 0x7f;
        block[223..255].copy_from_slice(&hash.0);
        block[255] = 0xbc;
        self.power(&block, &self.d)
    }

    /// DER SubjectPublicKeyInfo.
    fn spki(&self) -> Vec<u8> {
        let head = "30820122300d06092a864886f70d01010105000382010f003082010a0282010100";
        [hex(head), self.n.to_be_bytes().to_vec(), hex("0203010001")].concat()
    }
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn stamp1() -> TickStamp1 {
    TickStamp1 {
        element: id("se"),
        binding: named("bind"),
        nonce: named("n"),
        provider_time: UnixMillis(1_780_000_000_000),
        ticks: ticks(5),
        counter: 17,
        previous: Hash::ZERO,
    }
}

fn activation() -> Activation {
    Activation {
        id: id("act"),
        element: id("se"),
        cycle: id("tn"),
        counter: 17,
        stamp: stamp1().hash(),
        token: named("tst"),
        binding_seq: 3,
        begins: 5_000,
        max_ticks: 90_000,
    }
}

fn stamp2() -> TickStamp2 {
    TickStamp2 {
        element: id("se"),
        activation: id("act"),
        token: named("tst"),
        activation_hash: activation().hash(),
        ticks: ticks(7),
        counter: 18,
        previous: stamp1().hash(),
    }
}

fn certificate() -> Vec<u8> {
    vec![0; 1_300]
}

fn presence() -> Presence {
    Presence {
        institution: institution(),
        element: id("se"),
        desk: None,
        anchor: named("anchor"),
        ticks: ticks(4_200),
        counter: 19,
        nonce: id("sn"),
        challenge: CardChallenge::new(&[0, 1, 2, 3, 4, 5, 6, 7]).unwrap(),
        form: AuthenticationForm::OpensState,
        certificate: blinded_certificate(&named("blind").0, &certificate()),
        method: HolderCheck::PhotoMachine,
        method_record: Some(named("face")),
        purpose: Purpose::CheckIn,
        consent: None,
        beacon: None,
        previous: stamp2().hash(),
    }
}

fn presence_to_sign(alg: Alg) -> Vec<u8> {
    to_be_signed(Context::Presence, alg, None, &presence().encode())
}

fn commit(signature: &[u8]) -> Commit {
    Commit {
        element: id("se"),
        outcome: CommitOutcome::Signed,
        presence: Hash::of(&presence_to_sign(Alg::Rs256)),
        card_signature: Some(Hash::of(signature)),
        ticks: ticks(4_203),
        counter: 20,
        previous: presence().hash(),
    }
}

fn fixed_commit() -> Commit {
    commit(&Rsa::read(&Vectors::read()).sign_pkcs1(&presence_to_sign(Alg::Rs256)))
}

#[test]
fn the_card_id_agrees() {
    let (vectors, rsa) = (Vectors::read(), Rsa::read(&Vectors::read()));
    let card_id = CardId { institution: institution(), scope: None, epoch: 1 };
    let message = to_be_signed(Context::CardId, Alg::Rs256, None, &card_id.encode());
    let signature = rsa.sign_pkcs1(&message);
    vectors.agree("card-id", "payload", card_id.encode());
    vectors.agree("card-id", "sig_structure", &message);
    vectors.agree("card-id", "digest", Hash::of(&message));
    vectors.agree("card-id", "n_sha256", Hash::of(&rsa.n.to_be_bytes()));
    vectors.agree("card-id", "sig", signature);
    vectors.agree("card-id", "sig_sha256", Hash::of(&signature));
    let pepper = named("jushin test pepper");
    vectors.agree("card-id", "pepper", pepper);
    vectors.agree("card-id", "pid_value", hmac(&pepper.0, &[b"jushin/1/card-id", &signature]));
}

#[test]
fn the_records_of_one_visit_agree() {
    let vectors = Vectors::read();
    let commit = fixed_commit();
    for (entry, context, payload) in [
        ("ts1", Context::Element, stamp1().encode()),
        ("act", Context::Activate, activation().encode()),
        ("ts2", Context::Element, stamp2().encode()),
        ("commit", Context::Element, commit.encode()),
    ] {
        vectors.agree(entry, "payload", &payload);
        vectors.length(entry, "len", payload.len());
        let message = to_be_signed(context, Alg::Es256, None, &payload);
        vectors.agree(entry, "sig_structure_sha256", Hash::of(&message));
    }
}

#[test]
fn the_presence_agrees() {
    let (vectors, rsa) = (Vectors::read(), Rsa::read(&Vectors::read()));
    let message = presence_to_sign(Alg::Rs256);
    vectors.agree("presence", "payload", presence().encode());
    vectors.length("presence", "len", presence().encode().len());
    vectors.agree("presence", "cert_h", presence().certificate);
    vectors.length("presence", "sig_structure_len", message.len());
    vectors.agree("presence", "digest", Hash::of(&message));
    vectors.agree("presence", "sig_sha256", Hash::of(&rsa.sign_pkcs1(&message)));
}

#[test]
fn evidence_has_the_stated_length() {
    let evidence = Evidence {
        presence: presence().encode().into(),
        card_alg: Alg::Rs256,
        card_signature: vec![0; 256].into(),
        certificate: certificate().into(),
        blind: named("blind").0,
        authentication: vec![0; 256].into(),
        commit: Signed(vec![0; 64 + 10 + fixed_commit().encode().len()].into()),
    };
    Vectors::read().length("evidence_len_with_1300B_cert", "len", evidence.encode().len());
}

#[test]
fn hashes_that_join_objects_agree() {
    let vectors = Vectors::read();
    let evid = fixed_commit().hash();
    vectors.agree("joined", "evid", evid);
    let anchor = online_anchor_hash(stamp1().hash(), named("tst"), activation().hash(), stamp2().hash());
    vectors.agree("joined", "anchor_h", anchor);
    vectors.agree("joined", "seal_aad", seal_aad(id("se"), 19, evid));
    let beacon = Beacon { seq: 5, issued: UnixMillis(1_780_000_000_000), revocation_lists: named("r") };
    vectors.agree("joined", "beacon_h", beacon_hash(beacon.hash(), named("tst")));
}

#[test]
fn digests_that_cards_and_elements_sign_agree() {
    let vectors = Vectors::read();
    let challenge = [0, 1, 2, 3, 4, 5, 6, 7];
    let key_id = [&b"9"[..], INSTITUTION.as_bytes(), &[0, 0, 0, 0, 1]].concat();
    let rs256 = Hash::of(&presence_to_sign(Alg::Rs256));
    let es384 = Sha384::digest(presence_to_sign(Alg::Es384));
    vectors.agree("card-digests", "rnd_icc", challenge);
    vectors.agree("card-digests", "subject_key_id", &key_id);
    let ea = |bound: &[u8]| Hash::of_parts(&[b"jushin/1/ea", &challenge, &key_id, bound]);
    vectors.agree("card-digests", "ea_A", ea(&[]));
    vectors.agree("card-digests", "ea_B", ea(&rs256.0));
    vectors.agree("card-digests", "ea_B_p384", ea(&es384));
    let card =
        |digest: &[u8]| [&b"jushin/1/card-ea"[..], &challenge, institution().as_bytes(), digest].concat();
    vectors.agree("card-digests", "card_ea_C", Hash::of(&card(&rs256.0)));
    vectors.agree("card-digests", "presence_E_p384", es384);
    vectors.agree("card-digests", "card_ea_C_p384", Sha384::digest(card(&es384)));
    vectors.agree("card-digests", "ea_test", Hash::of_parts(&[b"jushin/1/ea-test", &named("n").0]));
}

#[test]
fn the_administrators_activation_agrees() {
    let (vectors, rsa) = (Vectors::read(), Rsa::read(&Vectors::read()));
    let admin = AdminActivation {
        element: id("se"),
        institution: institution(),
        binding: named("bind"),
        ticks: ticks(1),
        counter: 18,
        nonce: id("sn"),
        claimed: UnixMillis(1_780_000_000_000),
        last_anchor: Hash::ZERO,
        begins: 200,
        previous: stamp1().hash(),
    };
    let message = to_be_signed(Context::AdminActivate, Alg::Rs256, None, &admin.encode());
    vectors.agree("adm", "payload", admin.encode());
    vectors.agree("adm", "digest", Hash::of(&message));
    let signed = sign(&admin, Alg::Rs256, None, |bytes| {
        assert_eq!(bytes, message);
        Ok::<_, ()>(rsa.sign_pkcs1(bytes).to_vec())
    })
    .unwrap();
    vectors.agree("adm", "anchor_h", signed.imprint());
}

#[test]
fn pseudonyms_agree() {
    let (vectors, rsa) = (Vectors::read(), Rsa::read(&Vectors::read()));
    let pepper = named("jushin test pepper");
    vectors.agree("pid", "person_handle", named("person"));
    vectors.agree("pid", "scheme2", hmac(&pepper.0, &[b"jushin/1/pid", &named("person").0]));
    vectors.agree("pid", "scheme3", hmac(&pepper.0, &[b"jushin/1/spki", &Hash::of(&rsa.spki()).0]));
}

#[test]
fn the_pss_signature_agrees() {
    let (vectors, rsa) = (Vectors::read(), Rsa::read(&Vectors::read()));
    let digest = Hash::of(&presence_to_sign(Alg::Ps256));
    vectors.agree("pss", "salt", named("salt"));
    vectors.agree("pss", "digest", digest);
    vectors.agree("pss", "sig", rsa.sign_pss(&digest, &named("salt").0));
}

#[test]
fn the_paper_receipt_agrees() {
    let vectors = Vectors::read();
    let commit = fixed_commit();
    let signature = [named("r").0, named("s").0].concat();
    let signed = Signed::assemble(Alg::Es256, None, &commit.encode(), &signature);
    vectors.agree("paper", "commit_s", signed.as_bytes());
    let paper = Paper {
        evid: commit.hash(),
        leaf: Some(5),
        date: DateText::new("2026-05-29").unwrap(),
        institution: institution(),
    };
    vectors.agree("paper", "payload", paper.encode());
    vectors.agree("paper", "check", signed.imprint().first16());
    assert_eq!(paper_code(&paper, &signed), vectors.text("paper", "qr"));
}

#[test]
fn policy_extensions_tpm_records_and_visits_agree() {
    let vectors = Vectors::read();
    let file = |name: &str, contents: &[u8]| TrustFile { name: name.into(), hash: Hash::of(contents) };
    let files = [file("policy.json", b"{}"), file("ca-u-1.pem", b"a")];
    vectors.agree("more", "policy_id", policy_id(&files));
    let list = decode_trust_list(&hex(vectors.text("more", "trust_list"))).unwrap();
    assert_eq!(list, [files[1].clone(), files[0].clone()]);
    assert_eq!(Hash::of(&hex(vectors.text("more", "trust_list"))), policy_id(&files));

    let extension = ElementExtension {
        kind: ElementKind::Tpm,
        tick: TickSpec { kind: TickKind::Time, tau_us: 1_000, rho_ppm: 150_000 },
        counter_name: Some([&[0, 0x0b][..], &named("name").0].concat().into()),
        simulated: true,
    };
    vectors.agree("more", "se_ext", extension.encode());

    let pair =
        |one: &str, two: &str| -> [u8; 64] { [named(one).0, named(two).0].concat().try_into().unwrap() };
    let record = TpmRecord {
        payload: stamp2().encode().into(),
        counter_attest: b"nv".as_slice().into(),
        counter_signature: pair("r", "s"),
        time_attest: b"time".as_slice().into(),
        time_signature: pair("r2", "s2"),
    };
    vectors.agree("more", "tpm_record", record.encode());
    vectors.agree("more", "tpm_record_sn", record.hash().first16());

    let pid = |name: &str| Pid { scheme: PidScheme::Platform, epoch: 1, value: named(name) };
    let visit = Visit {
        evid: fixed_commit().hash(),
        verdict: named("v"),
        institution: institution(),
        subject: pid("s"),
        local: pid("l"),
    };
    vectors.agree("more", "visit", visit.encode());
    let message = to_be_signed(Context::Visit, Alg::Es256, Some(KeyHint([0; 8])), &visit.encode());
    vectors.agree("more", "visit_digest", Hash::of(&message));
}

#[test]
fn no_card_or_provider_signature_is_a_grant_for_a_tpm() {
    let vectors = Vectors::read();
    let input = [&named("nonceTPM").0[..], &[0; 4], &named("cp").0, b"ref"].concat();
    vectors.agree("more", "aHash", Hash::of(&input));
    for message in [
        to_be_signed(Context::Activate, Alg::Es256, None, &activation().encode()),
        presence_to_sign(Alg::Rs256),
    ] {
        assert_ne!(message[32..36], [0; 4], "four zero bytes at offset 32 stand in grants alone");
    }
}
