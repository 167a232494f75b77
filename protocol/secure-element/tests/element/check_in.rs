//! BEGIN and COMMIT: only this card, only over these bytes, only once, only in time.

use jushin_crypto::AwsLc;
use jushin_pki::{Crypto, Suite};
use jushin_secure_element::client::payload_of;
use jushin_secure_element::exchange::{CardCertificate, State};
use jushin_secure_element::{Instruction, StatusWord};
use jushin_statement::{
    Alg, AuthenticationForm, Boot, CardId, Commit, CommitOutcome, Context, Hash, HolderCheck, Id16,
    InjectionKind, Object, Presence, Purpose, blinded_certificate, to_be_signed,
};

use crate::actors::{CODE, Card, actors, institution};
use crate::bench::{Bench, begin, challenge, refusal};

#[test]
fn a_check_in_works_with_every_kind_of_card_and_every_form() {
    let mut bench = Bench::active();
    let pss = actors().patient.labelled(Alg::Ps256);
    for card in [&actors().patient, &pss, &actors().p384_patient] {
        for form in [
            AuthenticationForm::OpensState,
            AuthenticationForm::CoversDigest,
            AuthenticationForm::CardBindsInstitution,
        ] {
            let mut input = begin(card);
            input.form = form;
            let begun = bench.client.begin(&input).unwrap();
            let key_id = [b"9", CODE.as_bytes(), &[0, 0, 0, 0, 1]].concat();
            let given = card.given(&begun.to_be_signed);
            let covered = if form == AuthenticationForm::CoversDigest { &given[..] } else { &[] };
            let digest = Hash::of_parts(&[b"jushin/1/ea", input.challenge.as_bytes(), &key_id, covered]);
            let institution_key = AwsLc.public_key(actors().institution_key.key.spki()).unwrap();
            institution_key.verify_digest(Suite::RsaPkcs1Sha256, &digest.0, &begun.ea_signature).unwrap();
            let signature = card.sign_as(form, &input.challenge, &begun.to_be_signed);
            let commit = bench.commit(&signature).unwrap();
            assert_eq!(commit.outcome, CommitOutcome::Signed, "{:?} {form:?}", card.alg);
            assert_eq!(commit.presence, Hash::of(&begun.to_be_signed), "SHA-256 whatever the card's hash is");
        }
    }
}

#[test]
fn the_presence_says_what_begin_was_told() {
    let mut bench = Bench::active();
    let mut input = begin(&actors().patient);
    input.desk = Some(Id16([4; 16]));
    input.purpose = Purpose::CheckInAndConsent;
    input.consent = Some(Hash::of(b"consent"));
    input.beacon = Some(Hash::of(b"beacon"));
    bench.ticker.advance(7);
    let status = bench.client.status().unwrap();
    let begun = bench.client.begin(&input).unwrap();
    let presence = Presence::decode(payload_of(&begun.to_be_signed).unwrap()).unwrap();
    assert_eq!(
        &*begun.to_be_signed,
        to_be_signed(Context::Presence, Alg::Rs256, None, &presence.encode()),
        "these are the very bytes that the card signs"
    );
    assert_eq!(presence.institution, institution());
    assert_eq!((presence.element, presence.desk), (bench.element, Some(Id16([4; 16]))));
    assert_eq!((presence.counter, presence.previous), (status.counter + 1, status.head));
    assert_eq!((presence.ticks.cycle, presence.ticks.count), (bench.cycle, 7));
    assert_eq!((presence.consent, presence.beacon), (input.consent, input.beacon));
    assert_eq!((presence.method, presence.method_record), (input.method, input.method_record));
    assert_eq!((presence.challenge, presence.form), (input.challenge, input.form));
    assert_eq!(
        presence.certificate,
        blinded_certificate(begun.blind.as_bytes(), &actors().patient.certificate)
    );
}

#[test]
fn two_begins_share_neither_blind_nor_nonce() {
    let mut bench = Bench::active();
    let [one, two] = [(); 2].map(|()| bench.begin(&actors().patient).unwrap());
    assert_ne!(one.blind, two.blind);
    let nonce = |bytes: &[u8]| Presence::decode(payload_of(bytes).unwrap()).unwrap().nonce;
    assert_ne!(nonce(&one.to_be_signed), nonce(&two.to_be_signed));
}

#[test]
fn n3_1_a_signature_over_another_begin_is_no_signature() {
    let mut bench = Bench::active();
    let first = bench.begin(&actors().patient).unwrap();
    let signature = actors().patient.sign(&first.to_be_signed);
    bench.begin(&actors().patient).unwrap();
    assert_eq!(bench.outcome(&signature), CommitOutcome::Aborted);
}

#[test]
fn n3_2_a_signature_by_another_card_is_no_signature() {
    let mut bench = Bench::active();
    let begun = bench.begin(&actors().patient).unwrap();
    let signature = actors().other_patient.sign(&begun.to_be_signed);
    assert_eq!(bench.outcome(&signature), CommitOutcome::Aborted);
}

#[test]
fn n3_3_the_certificate_of_begin_is_the_one_that_counts() {
    let mut bench = Bench::active();
    let begun = bench.begin(&actors().other_patient).unwrap();
    let presence = Presence::decode(payload_of(&begun.to_be_signed).unwrap()).unwrap();
    let swapped = blinded_certificate(begun.blind.as_bytes(), &actors().patient.certificate);
    assert_ne!(presence.certificate, swapped);
    assert_eq!(bench.outcome(&actors().patient.sign(&begun.to_be_signed)), CommitOutcome::Aborted);
}

#[test]
fn n3_4_a_signature_does_not_outlive_a_power_cut() {
    let mut bench = Bench::active();
    let begun = bench.begin(&actors().patient).unwrap();
    let lost = Presence::decode(payload_of(&begun.to_be_signed).unwrap()).unwrap().counter;
    let signature = actors().patient.sign(&begun.to_be_signed);
    bench.client.transport().power_off();
    bench.client.transport().power_on().unwrap();
    let records = bench.boot().unwrap();
    let boot: Boot = records.last().unwrap().parse().unwrap().object().unwrap();
    assert_eq!(boot.pending, Some(lost), "the boot record names the session that was lost");
    assert_eq!(refusal(bench.client.commit(&signature)), StatusWord::WrongState);
    bench.pair().unwrap();
    bench.unlock().unwrap();
    assert_eq!(refusal(bench.client.commit(&signature)), StatusWord::WrongState);
    bench.begin(&actors().patient).unwrap();
    assert_eq!(bench.outcome(&signature), CommitOutcome::Aborted);
}

#[test]
fn a_boot_record_names_no_session_that_was_committed() {
    let mut bench = Bench::active();
    bench.check_in(&actors().patient).unwrap();
    bench.client.transport().power_off();
    bench.client.transport().power_on().unwrap();
    let records = bench.boot().unwrap();
    let boot: Boot = records.last().unwrap().parse().unwrap().object().unwrap();
    assert_eq!(boot.pending, None);
}

#[test]
fn n3_5_no_commit_without_begin() {
    let mut bench = Bench::active();
    assert_eq!(refusal(bench.client.commit(&[1; 256])), StatusWord::WrongState);
    assert_eq!(refusal(bench.client.abort()), StatusWord::WrongState);
}

#[test]
fn n3_6_there_is_no_second_commit() {
    let mut bench = Bench::active();
    let begun = bench.begin(&actors().patient).unwrap();
    let signature = actors().patient.sign(&begun.to_be_signed);
    assert_eq!(bench.outcome(&[0; 256]), CommitOutcome::Aborted);
    assert_eq!(refusal(bench.client.commit(&signature)), StatusWord::WrongState, "not after a wrong one");
    let begun = bench.begin(&actors().patient).unwrap();
    let signature = actors().patient.sign(&begun.to_be_signed);
    assert_eq!(bench.outcome(&signature), CommitOutcome::Signed);
    assert_eq!(refusal(bench.client.commit(&signature)), StatusWord::WrongState, "not after the right one");
}

#[test]
fn n3_7_a_card_that_takes_too_long_is_too_late() {
    for (ticks, outcome) in [(100, CommitOutcome::Signed), (101, CommitOutcome::TooLate)] {
        let mut bench = Bench::active();
        let begun = bench.begin(&actors().patient).unwrap();
        bench.ticker.advance(ticks);
        assert_eq!(bench.outcome(&actors().patient.sign(&begun.to_be_signed)), outcome);
    }
}

#[test]
fn n3_8_a_certificate_of_an_unknown_ca_is_refused() {
    let mut bench = Bench::active();
    assert_eq!(refusal(bench.begin(&actors().next_generation_patient)), StatusWord::UnknownKey);
    assert_eq!(refusal(bench.begin(&actors().stranger)), StatusWord::UnknownKey);
    let mut input = begin(&actors().patient);
    let mut changed = actors().patient.certificate.clone();
    *changed.last_mut().unwrap() ^= 1;
    input.certificate = CardCertificate::new(changed);
    assert_eq!(refusal(bench.client.begin(&input)), StatusWord::UnknownKey);
    input.certificate = CardCertificate::new(vec![0x30, 0]);
    assert_eq!(refusal(bench.client.begin(&input)), StatusWord::Malformed);
}

#[test]
fn an_injected_card_ca_is_trusted_from_then_on() {
    let mut bench = Bench::bound();
    let mut injection = bench.pseudonym_injection(0, 0);
    injection.kind = InjectionKind::CardCa;
    injection.value = actors().next_card_ca.key().spki().into();
    bench.inject(&injection).unwrap();
    for _ in 0..2 {
        bench.power_cycle();
        bench.pair().unwrap();
        bench.unlock().unwrap();
        let commit = bench.check_in(&actors().next_generation_patient).unwrap();
        assert_eq!(commit.outcome, CommitOutcome::Signed);
    }
}

#[test]
fn n3_9_external_authentication_covers_the_cards_challenge() {
    let mut bench = Bench::active();
    let one = bench.begin(&actors().patient).unwrap();
    let mut input = begin(&actors().patient);
    input.challenge = challenge(2);
    let two = bench.client.begin(&input).unwrap();
    assert_ne!(one.ea_signature, two.ea_signature);
}

#[test]
fn n3_11_a_holder_check_that_the_binding_does_not_allow_is_refused() {
    let mut bench = Bench::active();
    let mut input = begin(&actors().patient);
    input.method = HolderCheck::DeviceBiometrics;
    assert_eq!(refusal(bench.client.begin(&input)), StatusWord::NotAuthorised);
}

#[test]
fn n3_12_a_signature_has_one_form_only() {
    let mut bench = Bench::active();
    let modulus_of = |card: &Card| match jushin_pki::spki::parse(card.key.spki()).unwrap() {
        jushin_pki::spki::Key::Rsa { modulus } => modulus.to_vec(),
        _ => panic!("not RSA"),
    };
    let modulus = modulus_of(&actors().patient);
    type Change = fn(&[u8], &[u8]) -> Vec<u8>;
    let changes: [(&str, Change); 4] = [
        ("s + n, 257 bytes", |signature, modulus| {
            let (sum, carry) = add(signature, modulus);
            [&[carry], &sum[..]].concat()
        }),
        ("s + n, 256 bytes", |signature, modulus| add(signature, modulus).0),
        ("a leading zero", |signature, _| [&[0], signature].concat()),
        ("one byte short", |signature, _| signature[1..].to_vec()),
    ];
    for (name, change) in changes {
        let begun = bench.begin(&actors().patient).unwrap();
        let signature = change(&actors().patient.sign(&begun.to_be_signed), &modulus);
        assert_eq!(bench.outcome(&signature), CommitOutcome::Aborted, "{name}");
    }
    let begun = bench.begin(&actors().p384_patient).unwrap();
    let signature = actors().p384_patient.sign(&begun.to_be_signed);
    assert_eq!(signature.len(), 96);
    assert_eq!(bench.outcome(&[&signature[..], &[0]].concat()), CommitOutcome::Aborted);
}

fn add(a: &[u8], b: &[u8]) -> (Vec<u8>, u8) {
    let mut carry = 0;
    let mut sum: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let total = u16::from(*a) + u16::from(*b) + carry;
            carry = total >> 8;
            total as u8
        })
        .collect();
    sum.reverse();
    (sum, carry as u8)
}

#[test]
fn n3_13_a_card_id_signature_is_no_presence() {
    let mut bench = Bench::active();
    bench.begin(&actors().patient).unwrap();
    let card_id = CardId { institution: institution(), scope: None, epoch: 1 };
    let bytes = to_be_signed(Context::CardId, Alg::Rs256, None, &card_id.encode());
    assert_eq!(bench.outcome(&actors().patient.sign(&bytes)), CommitOutcome::Aborted);

    let begun = bench.begin(&actors().patient).unwrap();
    let relabelled =
        to_be_signed(Context::CardId, Alg::Rs256, None, payload_of(&begun.to_be_signed).unwrap());
    assert_eq!(bench.outcome(&actors().patient.sign(&relabelled)), CommitOutcome::Aborted);
}

#[test]
fn consent_and_purpose_must_fit() {
    let mut bench = Bench::active();
    let mut input = begin(&actors().patient);
    input.consent = Some(Hash::of(b"consent"));
    assert_eq!(refusal(bench.client.begin(&input)), StatusWord::Malformed);
    input.consent = None;
    input.purpose = Purpose::CheckInAndConsent;
    assert_eq!(refusal(bench.client.begin(&input)), StatusWord::Malformed);
}

#[test]
fn n3_16_begin_in_an_open_session_makes_exactly_one_abort() {
    let mut bench = Bench::active();
    let first = bench.begin(&actors().patient).unwrap();
    assert_eq!(first.abort, None);
    let first = Presence::decode(payload_of(&first.to_be_signed).unwrap()).unwrap();
    let second = bench.begin(&actors().other_patient).unwrap();
    let abort = second.abort.unwrap();
    bench.assert_signed(&abort);
    let abort: Commit = abort.parse().unwrap().object().unwrap();
    assert_eq!((abort.outcome, abort.card_signature), (CommitOutcome::Aborted, None));
    assert_eq!((abort.counter, abort.previous), (first.counter + 1, first.hash()));
    let second = Presence::decode(payload_of(&second.to_be_signed).unwrap()).unwrap();
    assert_eq!((second.counter, second.previous), (first.counter + 2, abort.hash()));
    assert_eq!(bench.state(), State::Pending);
}

#[test]
fn n3_16_a_refused_begin_leaves_the_open_session_open() {
    let mut bench = Bench::active();
    let begun = bench.begin(&actors().patient).unwrap();
    let counter = bench.counter();
    assert_eq!(refusal(bench.begin(&actors().next_generation_patient)), StatusWord::UnknownKey);
    assert_eq!(bench.send(Instruction::Begin, &[0x80]), StatusWord::Malformed);
    assert_eq!(bench.counter(), counter);
    assert_eq!(bench.outcome(&actors().patient.sign(&begun.to_be_signed)), CommitOutcome::Signed);
}

#[test]
fn n3_19_the_label_and_the_signature_must_be_of_one_kind() {
    let mut bench = Bench::active();
    let (pkcs1, pss) = (&actors().patient, actors().patient.labelled(Alg::Ps256));
    let begun = bench.begin(pkcs1).unwrap();
    assert_eq!(bench.outcome(&pss.sign(&begun.to_be_signed)), CommitOutcome::Aborted, "PSS labelled -257");
    let begun = bench.begin(&pss).unwrap();
    assert_eq!(
        bench.outcome(&pkcs1.sign(&begun.to_be_signed)),
        CommitOutcome::Aborted,
        "PKCS#1 labelled -37"
    );
}

#[test]
fn an_algorithm_that_does_not_fit_the_key_is_refused() {
    let mut bench = Bench::active();
    for card in [
        actors().patient.labelled(Alg::Es384),
        actors().p384_patient.labelled(Alg::Rs256),
        actors().p384_patient.labelled(Alg::Ps256),
        actors().patient.labelled(Alg::Es256),
        actors().p256_patient.labelled(Alg::Es256),
        actors().p256_patient.labelled(Alg::Es384),
    ] {
        assert_eq!(refusal(bench.begin(&card)), StatusWord::Malformed, "{:?}", card.alg);
    }
}

#[test]
fn a_challenge_has_8_to_32_bytes() {
    let mut bench = Bench::active();
    let good = begin(&actors().patient).encode();
    // desk (nil), then the challenge's head 50 and its 16 bytes
    for length in [7_u8, 33] {
        let mut changed = good[..2].to_vec();
        if length < 24 {
            changed.push(0x40 | length)
        } else {
            changed.extend([0x58, length])
        }
        changed.extend(vec![1; usize::from(length)]);
        changed.extend(&good[19..]);
        assert_eq!(bench.send(Instruction::Begin, &changed), StatusWord::Malformed);
    }
}

#[test]
fn nothing_of_a_card_session_is_stored_but_its_counter() {
    use jushin_secure_element::{Nvm, Slot};
    let mut bench = Bench::active();
    let begun = bench.begin(&actors().patient).unwrap();
    let signature = actors().patient.sign(&begun.to_be_signed);
    bench.client.commit(&signature).unwrap();
    let secrets: [&[u8]; 4] = [
        &actors().patient.certificate[..64],
        begun.blind.as_bytes(),
        &signature[..32],
        &begun.ea_signature[..32],
    ];
    for slot in Slot::ALL {
        let bytes = bench.nvm.read(slot).unwrap_or_default();
        for secret in secrets {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{slot:?}");
        }
    }
}

#[test]
fn debug_shows_no_certificate_and_no_blind() {
    let mut bench = Bench::active();
    let input = begin(&actors().patient);
    let begun = bench.client.begin(&input).unwrap();
    let shown = format!("{input:?} {begun:?} {:?}", bench.client);
    let hex: String = begun.blind.as_bytes()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let list = format!("{:?}", &begun.blind.as_bytes()[..4]);
    assert!(!shown.contains(&hex) && !shown.contains(list.trim_matches(['[', ']'])));
    let list = format!("{:?}", &actors().patient.certificate[..8]);
    assert!(!shown.contains(list.trim_matches(['[', ']'])));
}
