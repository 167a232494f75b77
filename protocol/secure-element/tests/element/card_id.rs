//! PID-BUILD and PID: a pseudonym of the card that has just checked in, and of no other.

use jushin_secure_element::exchange::{CardIdInput, CardIdRequest};
use jushin_secure_element::{Build, Instruction, StatusWord};
use jushin_statement::{
    Alg, AuthenticationForm, CardId, CommitOutcome, Context, Hash, Id16, InstitutionCode, Object, Pid,
    PidScheme, to_be_signed,
};

use crate::actors::{Card, OTHER_CODE, actors, institution};
use crate::bench::{Bench, begin, build, challenge, refusal};

fn ask(bench: &mut Bench) -> CardIdRequest {
    bench.client.build_card_id(None, 1, challenge(9)).unwrap()
}

fn card_id(bench: &mut Bench, card: &Card) -> Pid {
    bench.check_in(card).unwrap();
    let request = ask(bench);
    bench.client.card_id(&card.sign(&request.to_be_signed)).unwrap()
}

#[test]
fn n8_1_the_same_card_at_two_institutions_gives_two_ids() {
    let mut bench = Bench::active();
    let here = card_id(&mut bench, &actors().patient);
    let mut bench = Bench::keyed();
    let mut injection = bench.institution_injection();
    injection.value = actors().other_institution_key.pkcs8.clone().into();
    injection.certificate = Some(actors().other_institution_key.cv.clone().into());
    bench.inject(&injection).unwrap();
    bench.inject(&bench.pseudonym_injection(1, 0)).unwrap();
    let mut binding = bench.binding(1);
    binding.institution = InstitutionCode::new(OTHER_CODE).unwrap();
    binding.certificate = Hash::of(&actors().other_institution_key.cv);
    bench.bind(&binding).unwrap();
    bench.pair().unwrap();
    bench.unlock().unwrap();
    let there = card_id(&mut bench, &actors().patient);
    assert_ne!(here.value, there.value, "even if both had the same pseudonym key");
}

#[test]
fn n8_2_the_same_card_gives_the_same_id_and_another_card_another() {
    let mut bench = Bench::active();
    let first = card_id(&mut bench, &actors().patient);
    assert_eq!((first.scheme, first.epoch), (PidScheme::Signature, 1));
    assert_eq!(card_id(&mut bench, &actors().patient), first);
    assert_ne!(card_id(&mut bench, &actors().other_patient), first);
    let mut other_element = Bench::active();
    assert_eq!(
        card_id(&mut other_element, &actors().patient),
        first,
        "all elements of the institution agree"
    );
}

#[test]
fn the_card_signs_institution_scope_and_epoch_under_its_own_context() {
    let mut bench = Bench::active();
    bench.check_in(&actors().patient).unwrap();
    let request = ask(&mut bench);
    let card_id = CardId { institution: institution(), scope: None, epoch: 1 };
    assert_eq!(&*request.to_be_signed, to_be_signed(Context::CardId, Alg::Rs256, None, &card_id.encode()));
    bench.check_in(&actors().patient).unwrap();
    let scope = Some(Id16([6; 16]));
    let request = bench.client.build_card_id(scope, 1, challenge(9)).unwrap();
    let card_id = CardId { institution: institution(), scope, epoch: 1 };
    assert_eq!(&*request.to_be_signed, to_be_signed(Context::CardId, Alg::Rs256, None, &card_id.encode()));
}

#[test]
fn n8_3_no_id_without_a_successful_commit() {
    let mut bench = Bench::active();
    assert_eq!(refusal(bench.client.build_card_id(None, 1, challenge(9))), StatusWord::WrongState);
    assert_eq!(refusal(bench.client.card_id(&[1; 256])), StatusWord::WrongState);
    bench.begin(&actors().patient).unwrap();
    assert_eq!(refusal(bench.client.build_card_id(None, 1, challenge(9))), StatusWord::WrongState);
    assert_eq!(bench.outcome(&[1; 256]), CommitOutcome::Aborted);
    assert_eq!(refusal(bench.client.build_card_id(None, 1, challenge(9))), StatusWord::WrongState);
    let begun = bench.begin(&actors().patient).unwrap();
    bench.ticker.advance(101);
    assert_eq!(bench.outcome(&actors().patient.sign(&begun.to_be_signed)), CommitOutcome::TooLate);
    assert_eq!(refusal(bench.client.build_card_id(None, 1, challenge(9))), StatusWord::WrongState);
}

#[test]
fn n8_3_any_other_command_ends_the_session() {
    for apdu in [&[0x80, 0x3E, 0, 0, 1, 0x80][..], &[0x80, 0x99, 0, 0], &[0x80]] {
        let mut bench = Bench::active();
        bench.check_in(&actors().patient).unwrap();
        let request = ask(&mut bench);
        bench.client.transport().handle(apdu);
        let signature = actors().patient.sign(&request.to_be_signed);
        assert_eq!(refusal(bench.client.card_id(&signature)), StatusWord::WrongState);
    }
}

#[test]
fn n8_4_a_signature_of_another_card_is_refused() {
    let mut bench = Bench::active();
    bench.check_in(&actors().patient).unwrap();
    let request = ask(&mut bench);
    let signature = actors().other_patient.sign(&request.to_be_signed);
    assert_eq!(refusal(bench.client.card_id(&signature)), StatusWord::WrongSignature);
    let signature = actors().patient.sign(&request.to_be_signed);
    assert_eq!(refusal(bench.client.card_id(&signature)), StatusWord::WrongState, "no second try");
}

#[test]
fn n8_5_a_presence_signature_is_no_card_id_signature() {
    let mut bench = Bench::active();
    let begun = bench.begin(&actors().patient).unwrap();
    let signature = actors().patient.sign(&begun.to_be_signed);
    bench.commit(&signature).unwrap();
    ask(&mut bench);
    assert_eq!(refusal(bench.client.card_id(&signature)), StatusWord::WrongSignature);
}

#[test]
fn n8_6_a_card_that_cannot_is_unsupported() {
    let mut bench = Bench::active();
    for card in [actors().patient.labelled(Alg::Ps256), actors().p384_patient.labelled(Alg::Es384)] {
        bench.check_in(&card).unwrap();
        assert_eq!(refusal(bench.client.build_card_id(None, 1, challenge(9))), StatusWord::Unsupported);
    }
    let mut input = begin(&actors().patient);
    input.form = AuthenticationForm::CardBindsInstitution;
    let begun = bench.client.begin(&input).unwrap();
    let signature = actors().patient.sign_as(input.form, &input.challenge, &begun.to_be_signed);
    assert_eq!(bench.outcome(&signature), CommitOutcome::Signed);
    assert_eq!(refusal(bench.client.build_card_id(None, 1, challenge(9))), StatusWord::Unsupported);
}

#[test]
fn n8_7_scheme_3_is_refused_without_the_acknowledgement() {
    let mut bench = Bench::active();
    bench.check_in(&actors().patient).unwrap();
    assert_eq!(refusal(bench.client.keyed_card_id(1)), StatusWord::WrongState);
    let mut bench = Bench::active_with(Build { keyed_card_id: true, ..build() });
    assert_eq!(refusal(bench.client.keyed_card_id(1)), StatusWord::WrongState, "nor before a commit");
    bench.check_in(&actors().p384_patient).unwrap();
    let pid = bench.client.keyed_card_id(1).unwrap();
    assert_eq!((pid.scheme, pid.epoch), (PidScheme::ElementKeyed, 1));
    bench.check_in(&actors().p384_patient).unwrap();
    assert_eq!(bench.client.keyed_card_id(1).unwrap(), pid);
    assert_eq!(refusal(bench.client.keyed_card_id(2)), StatusWord::UnknownKey);
}

#[test]
fn n8_11_during_an_epoch_roll_both_ids_come_out_of_one_session() {
    let mut bench = Bench::bound();
    bench.inject(&bench.pseudonym_injection(2, 0)).unwrap();
    bench.pair().unwrap();
    bench.unlock().unwrap();
    bench.check_in(&actors().patient).unwrap();
    let ids = [1, 2].map(|epoch| {
        let request = bench.client.build_card_id(None, epoch, challenge(9)).unwrap();
        bench.client.card_id(&actors().patient.sign(&request.to_be_signed)).unwrap()
    });
    assert_ne!(ids[0].value, ids[1].value);
    assert_eq!(
        refusal(bench.client.build_card_id(None, 1, challenge(9))),
        StatusWord::WrongState,
        "one EXTERNAL AUTHENTICATE per epoch"
    );
    assert_eq!(refusal(bench.client.build_card_id(None, 3, challenge(9))), StatusWord::UnknownKey);
}

#[test]
fn external_authentication_for_the_id_of_form_b_covers_its_digest() {
    use jushin_crypto::AwsLc;
    use jushin_pki::{Crypto, Suite};
    let mut bench = Bench::active();
    let mut input = begin(&actors().patient);
    input.form = AuthenticationForm::CoversDigest;
    let begun = bench.client.begin(&input).unwrap();
    bench.commit(&actors().patient.sign(&begun.to_be_signed)).unwrap();
    let request = ask(&mut bench);
    let key_id = [&b"91312345679"[..], &[0, 0, 0, 0, 1]].concat();
    let digest = Hash::of_parts(&[
        b"jushin/1/ea",
        challenge(9).as_bytes(),
        &key_id,
        &Hash::of(&request.to_be_signed).0,
    ]);
    let key = AwsLc.public_key(actors().institution_key.key.spki()).unwrap();
    key.verify_digest(Suite::RsaPkcs1Sha256, &digest.0, &request.ea_signature).unwrap();
}

#[test]
fn n8_10_the_signature_is_stored_nowhere() {
    use jushin_secure_element::{Nvm, Slot};
    let mut bench = Bench::active();
    bench.check_in(&actors().patient).unwrap();
    let request = ask(&mut bench);
    let signature = actors().patient.sign(&request.to_be_signed);
    bench.client.card_id(&signature).unwrap();
    for slot in Slot::ALL {
        let bytes = bench.nvm.read(slot).unwrap_or_default();
        assert!(!bytes.windows(32).any(|part| part == &signature[..32]), "{slot:?}");
    }
    let shown = format!("{:?}", CardIdInput::Signature(signature.into()));
    assert_eq!(shown, "Signature(256 bytes)");
    assert_eq!(bench.send(Instruction::CardId, &[0x80]), StatusWord::Malformed);
}
