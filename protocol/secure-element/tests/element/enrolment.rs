//! Enrolment and binding: what an element must not take.

use jushin_crypto::AwsLc;
use jushin_pki::{Crypto, Suite};
use jushin_secure_element::exchange::State;
use jushin_secure_element::{Instruction, Slot, StatusWord};
use jushin_statement::{
    Alg, Binding, BindingState, Context, Hash, Id16, InjectionKind, InstitutionCode, KeyHint, Object, Sign1,
    Signed, UnixMillis, to_be_signed,
};

use crate::actors::{OTHER_CODE, actors, cv_certificate};
use crate::bench::{Bench, refusal};

#[test]
fn n1_1_a_binding_whose_seq_does_not_rise_is_refused() {
    let mut bench = Bench::bound();
    bench.bind(&bench.binding(5)).unwrap();
    for seq in [4, 5] {
        assert_eq!(refusal(bench.bind(&bench.binding(seq))), StatusWord::WrongState, "seq {seq}");
    }
    bench.power_cycle();
    assert_eq!(refusal(bench.bind(&bench.binding(5))), StatusWord::WrongState, "after a power cycle, too");
    bench.bind(&bench.binding(6)).unwrap();
}

#[test]
fn n1_2_a_binding_for_another_element_is_refused() {
    let mut bench = Bench::bound();
    let mut binding = bench.binding(2);
    binding.element = Id16([1; 16]);
    assert_eq!(refusal(bench.bind(&binding)), StatusWord::NotAuthorised);
}

#[test]
fn n1_3_a_binding_over_another_institutions_cv_certificate_is_refused() {
    let mut bench = Bench::bound();
    let mut binding = bench.binding(2);
    binding.certificate = Hash::of(&actors().other_institution_key.cv);
    assert_eq!(refusal(bench.bind(&binding)), StatusWord::UnknownKey);
    let mut binding = bench.binding(2);
    binding.institution = InstitutionCode::new(OTHER_CODE).unwrap();
    assert_eq!(refusal(bench.bind(&binding)), StatusWord::UnknownKey, "own certificate, other institution");
}

#[test]
fn n1_4_a_platform_key_that_is_not_pinned_is_refused() {
    let mut bench = Bench::bound();
    let binding = bench.binding(2);
    let signed = actors().impostor.sign_named(&binding);
    assert_eq!(refusal(bench.client.bind(&signed)), StatusWord::UnknownKey);
    let unnamed = actors().platform.sign(&binding);
    assert_eq!(refusal(bench.client.bind(&unnamed)), StatusWord::UnknownKey, "no key named");
    let own = actors().platform.sign_named(&binding);
    let Sign1 { alg, key, payload, .. } = own.parse().unwrap();
    let forged = Signed::assemble(alg, key, payload, signed.parse().unwrap().signature);
    assert_eq!(
        refusal(bench.client.bind(&forged)),
        StatusWord::WrongSignature,
        "named, but another's signature"
    );
}

#[test]
fn n1_4_a_binding_under_another_algorithms_label_is_refused() {
    let mut bench = Bench::bound();
    let payload = bench.binding(2).encode();
    let hint = KeyHint::of_spki(actors().platform.spki());
    for alg in [Alg::EdDsa, Alg::Rs256, Alg::Ps256] {
        let bytes = to_be_signed(Context::Binding, alg, Some(hint), &payload);
        let signature = actors().platform.key.sign(Suite::P256Sha256Cose, &bytes).unwrap();
        let signed = Signed::assemble(alg, Some(hint), &payload, &signature);
        assert_eq!(refusal(bench.client.bind(&signed)), StatusWord::WrongSignature, "{alg:?}");
    }
}

#[test]
fn n1_4_a_secret_that_the_platform_did_not_sign_is_refused() {
    let mut bench = Bench::keyed();
    let injection = bench.pseudonym_injection(1, 0);
    assert_eq!(
        refusal(bench.inject_signed(&actors().impostor.sign_named(&injection))),
        StatusWord::UnknownKey,
        "whoever knows the sealing key can seal"
    );
    let sealed = bench.seal(&actors().platform.sign_named(&injection));
    let mut changed = sealed.clone();
    changed.ciphertext[0] ^= 1;
    assert_eq!(refusal(bench.client.inject(&changed, Hash::ZERO)), StatusWord::WrongSignature);
    let signed = actors().platform.sign_named(&injection);
    let other_aad = AwsLc.seal(&bench.sealing_key, b"jushin/1/inject", &[1; 16], signed.as_bytes()).unwrap();
    assert_eq!(refusal(bench.client.inject(&other_aad, Hash::ZERO)), StatusWord::WrongSignature);
}

#[test]
fn a_secret_for_another_element_is_refused_even_if_sealed_to_this_one() {
    let mut bench = Bench::keyed();
    let mut injection = bench.pseudonym_injection(1, 0);
    injection.element = Id16([1; 16]);
    assert_eq!(refusal(bench.inject(&injection)), StatusWord::NotAuthorised);
}

#[test]
fn n1_5_an_injected_key_whose_cv_certificate_does_not_match_is_refused() {
    let mut bench = Bench::keyed();
    let mut injection = bench.institution_injection();
    injection.certificate = Some(actors().other_institution_key.cv.clone().into());
    assert_eq!(refusal(bench.inject(&injection)), StatusWord::UnknownKey);
    injection.certificate = Some(vec![0; 568].into());
    assert_eq!(refusal(bench.inject(&injection)), StatusWord::Malformed);
    injection = bench.institution_injection();
    injection.value.0.clear();
    assert_eq!(refusal(bench.inject(&injection)), StatusWord::WrongState, "no key was made here");
}

#[test]
fn a_bound_element_takes_no_key_of_another_institution() {
    let mut bench = Bench::bound();
    let mut injection = bench.institution_injection();
    injection.value = actors().other_institution_key.pkcs8.clone().into();
    injection.certificate = Some(actors().other_institution_key.cv.clone().into());
    assert_eq!(refusal(bench.inject(&injection)), StatusWord::UnknownKey);
}

#[test]
fn a_renewed_cv_certificate_needs_a_binding_before_the_next_activation() {
    let mut bench = Bench::bound();
    let cv =
        cv_certificate(&*actors().cv_issuer, crate::actors::CODE, actors().institution_key.key.spki(), 2);
    let mut injection = bench.institution_injection();
    injection.certificate = Some(cv.clone().into());
    bench.inject(&injection).unwrap();
    bench.pair().unwrap();
    assert_eq!(refusal(bench.stamp1()), StatusWord::WrongState);
    assert_eq!(refusal(bench.client.build_admin_activation(UnixMillis(1))), StatusWord::WrongState);
    let mut binding = bench.binding(2);
    binding.certificate = Hash::of(&cv);
    bench.bind(&binding).unwrap();
    bench.stamp1().unwrap();
}

#[test]
fn a_cv_certificate_that_comes_while_an_unlock_is_under_way_stops_it() {
    let renewed = || {
        let key = actors().institution_key.key.spki();
        cv_certificate(&*actors().cv_issuer, crate::actors::CODE, key, 2)
    };
    let renew = |bench: &mut Bench| {
        let mut injection = bench.institution_injection();
        injection.certificate = Some(renewed().into());
        bench.inject(&injection).unwrap();
    };
    let mut bench = Bench::bound();
    bench.pair().unwrap();
    let stamp1 = bench.stamp1().unwrap();
    let activation = bench.activation(&stamp1);
    renew(&mut bench);
    assert_eq!(refusal(bench.activate(&activation)), StatusWord::WrongState, "between TS1 and ACT");

    let mut bench = Bench::bound();
    bench.pair().unwrap();
    let request = bench.client.build_admin_activation(UnixMillis(1)).unwrap();
    let administrator = &actors().administrator;
    let signature = administrator.sign(&request.to_be_signed);
    renew(&mut bench);
    let put = bench.client.put_admin_activation(&signature, &administrator.certificate, None);
    assert_eq!(refusal(put), StatusWord::WrongState, "between ADM-BUILD and ADM-PUT");
}

#[test]
fn the_test_signature_shows_the_injected_key_and_is_no_external_authentication() {
    let mut bench = Bench::keyed();
    let signature = bench.inject(&bench.institution_injection()).unwrap();
    let digest = Hash::of_parts(&[b"jushin/1/ea-test", &Hash::of(b"inject n").0]);
    let key = AwsLc.public_key(actors().institution_key.key.spki()).unwrap();
    key.verify_digest(Suite::RsaPkcs1Sha256, &digest.0, &signature).unwrap();
}

#[test]
fn n1_8_a_test_signature_that_would_serve_as_an_external_authenticate_is_refused() {
    // "jushin/1/ea-test" ‖ n is "jushin/1/ea" ‖ RND.ICC ‖ key id for an RND.ICC of 21 bytes that begins
    // with "-test", if n ends in the key id.
    let mut bench = Bench::keyed();
    let signed = actors().platform.sign_named(&bench.institution_injection());
    let sealed = bench.seal(&signed);
    let cv = jushin_pki::CvCertificate::parse(&actors().institution_key.cv).unwrap();
    let mut nonce = Hash::of(b"n");
    nonce.0[16..].copy_from_slice(cv.subject_key_id().as_bytes());
    assert_eq!(refusal(bench.client.inject(&sealed, nonce)), StatusWord::Malformed);
    nonce.0[31] ^= 1;
    bench.client.inject(&sealed, nonce).unwrap();
}

#[test]
fn n1_6_no_activation_without_pairing_or_with_another_terminals_key() {
    let mut bench = Bench::bound();
    assert_eq!(refusal(bench.stamp1()), StatusWord::NotAuthorised);
    assert_eq!(refusal(bench.client.build_admin_activation(UnixMillis(1))), StatusWord::NotAuthorised);
    let other = &actors().other_terminal;
    let pairing = bench.pairing();
    assert_eq!(
        refusal(bench.client.pair(other.spki(), &other.sign(&pairing))),
        StatusWord::NotAuthorised,
        "a key that the binding does not name"
    );
    let spki = actors().terminal.spki();
    assert_eq!(
        refusal(bench.client.pair(spki, &other.sign(&pairing))),
        StatusWord::WrongSignature,
        "its key, but another's signature"
    );
    assert_eq!(refusal(bench.stamp1()), StatusWord::NotAuthorised);
}

#[test]
fn n1_6_a_pairing_with_another_element_is_refused() {
    let mut bench = Bench::bound();
    let mut pairing = bench.pairing();
    pairing.element = Id16([1; 16]);
    let terminal = &actors().terminal;
    assert_eq!(
        refusal(bench.client.pair(terminal.spki(), &terminal.sign(&pairing))),
        StatusWord::NotAuthorised
    );
}

#[test]
fn n1_6_a_pairing_of_another_power_cycle_is_refused() {
    let mut bench = Bench::bound();
    let old = actors().terminal.sign(&bench.pairing());
    bench.power_cycle();
    assert_eq!(refusal(bench.client.pair(actors().terminal.spki(), &old)), StatusWord::NotAuthorised);
    bench.pair().unwrap();
    bench.power_cycle();
    assert_eq!(refusal(bench.stamp1()), StatusWord::NotAuthorised, "pairing ends with the power cycle");
}

#[test]
fn n1_6_a_binding_to_another_terminal_ends_the_pairing() {
    let mut bench = Bench::bound();
    bench.pair().unwrap();
    let mut binding = bench.binding(2);
    binding.terminal_key = Hash::of(actors().other_terminal.spki());
    bench.bind(&binding).unwrap();
    assert_eq!(refusal(bench.stamp1()), StatusWord::NotAuthorised);
}

#[test]
fn n1_8_no_external_authentication_while_only_bound() {
    let mut bench = Bench::bound();
    bench.pair().unwrap();
    assert_eq!(refusal(bench.begin(&actors().patient)), StatusWord::WrongState);
    bench.stamp1().unwrap();
    assert_eq!(refusal(bench.begin(&actors().patient)), StatusWord::WrongState, "TS1 alone unlocks nothing");
}

#[test]
fn n1_9_a_retired_element_closes_once_and_does_nothing_else() {
    let mut bench = Bench::active();
    let mut retirement = bench.binding(2);
    (retirement.state, retirement.from_counter) = (BindingState::Retired, Some(3));
    bench.bind(&retirement).unwrap();
    assert_eq!(bench.state(), State::Retired);
    assert_eq!(refusal(bench.begin(&actors().patient)), StatusWord::WrongState);
    assert_eq!(refusal(bench.pair()), StatusWord::WrongState);
    assert_eq!(refusal(bench.stamp1()), StatusWord::WrongState);
    assert_eq!(refusal(bench.bind(&bench.binding(3))), StatusWord::WrongState);
    assert_eq!(refusal(bench.inject(&bench.institution_injection())), StatusWord::WrongState);
    bench.client.close(Hash::of(b"last"), 1, None).unwrap();
    assert_eq!(refusal(bench.client.close(Hash::of(b"again"), 1, None)), StatusWord::WrongState);
    bench.power_cycle();
    assert_eq!(bench.state(), State::Retired);
    assert_eq!(refusal(bench.client.close(Hash::of(b"again"), 1, None)), StatusWord::WrongState);
}

#[test]
fn n1_9_retirement_leaves_no_institution_or_pseudonym_key_in_storage() {
    use jushin_secure_element::Nvm;
    let mut bench = Bench::bound();
    let pseudonym_key = [1_u8; 32];
    let contains = |bench: &Bench, secret: &[u8]| {
        Slot::ALL.iter().any(|slot| {
            bench.nvm.read(*slot).is_some_and(|bytes| bytes.windows(secret.len()).any(|part| part == secret))
        })
    };
    assert!(contains(&bench, &actors().institution_key.pkcs8) && contains(&bench, &pseudonym_key));
    let mut retirement = bench.binding(2);
    (retirement.state, retirement.from_counter) = (BindingState::Retired, Some(3));
    bench.bind(&retirement).unwrap();
    assert!(!contains(&bench, &actors().institution_key.pkcs8) && !contains(&bench, &pseudonym_key));
}

#[test]
fn n1_11_a_binding_that_suspends_or_retires_must_say_from_when() {
    let mut bench = Bench::bound();
    for state in [BindingState::Suspended, BindingState::Retired] {
        let mut binding: Binding = bench.binding(2);
        binding.state = state;
        assert_eq!(refusal(bench.bind(&binding)), StatusWord::Malformed);
    }
}

#[test]
fn a_binding_that_ends_before_it_begins_is_refused() {
    let mut bench = Bench::bound();
    let mut binding = bench.binding(2);
    binding.not_before = UnixMillis(2);
    assert_eq!(refusal(bench.bind(&binding)), StatusWord::Malformed);
}

#[test]
fn a_new_binding_locks_an_active_element() {
    let mut bench = Bench::active();
    bench.bind(&bench.binding(2)).unwrap();
    assert_eq!(bench.state(), State::Bound);
    bench.unlock().unwrap();
}

#[test]
fn a_tick_stamp_under_the_binding_before_unlocks_nothing() {
    let mut bench = Bench::bound();
    bench.pair().unwrap();
    let stamp1 = bench.stamp1().unwrap();
    bench.bind(&bench.binding(2)).unwrap();
    let activation = bench.activation(&stamp1);
    assert_eq!(activation.binding_seq, 2);
    assert_eq!(refusal(bench.activate(&activation)), StatusWord::WrongState);
}

#[test]
fn no_binding_and_no_secret_during_a_card_session() {
    let mut bench = Bench::active();
    assert_eq!(refusal(bench.inject(&bench.institution_injection())), StatusWord::WrongState);
    bench.begin(&actors().patient).unwrap();
    assert_eq!(refusal(bench.bind(&bench.binding(2))), StatusWord::WrongState);
    assert_eq!(bench.state(), State::Pending);
}

#[test]
fn keys_are_made_once() {
    let mut bench = Bench::factory();
    assert_eq!(bench.send_nothing(Instruction::Boot), StatusWord::WrongState, "no boot without keys");
    bench.request_certificate().unwrap();
    assert_eq!(refusal(bench.request_certificate()), StatusWord::WrongState);
}

#[test]
fn no_record_comes_before_the_boot_record_of_its_cycle() {
    let mut bench = Bench::bound();
    bench.client.transport().power_on().unwrap();
    assert_eq!(refusal(bench.bind(&bench.binding(2))), StatusWord::WrongState);
    assert_eq!(refusal(bench.client.close(Hash::ZERO, 1, None)), StatusWord::WrongState);
    assert_eq!(refusal(bench.stamp1()), StatusWord::WrongState);
    assert_eq!(refusal(bench.client.build_admin_activation(UnixMillis(1))), StatusWord::WrongState);
    bench.boot().unwrap();
    bench.bind(&bench.binding(2)).unwrap();
}

#[test]
fn erased_epochs_never_come_back() {
    let mut bench = Bench::keyed();
    let first = bench.pseudonym_injection(1, 0);
    bench.inject(&first).unwrap();
    bench.inject(&bench.pseudonym_injection(2, 2)).unwrap();
    assert_eq!(refusal(bench.inject(&first)), StatusWord::WrongState, "the same box sent again");
    assert_eq!(refusal(bench.inject(&bench.pseudonym_injection(3, 4))), StatusWord::WrongState);
}

#[test]
fn a_card_ca_must_be_an_rsa_key() {
    let mut bench = Bench::keyed();
    let mut injection = bench.pseudonym_injection(0, 0);
    injection.kind = InjectionKind::CardCa;
    injection.value = actors().platform.spki().into();
    assert_eq!(refusal(bench.inject(&injection)), StatusWord::Malformed);
    injection.value = vec![1, 2, 3].into();
    assert_eq!(refusal(bench.inject(&injection)), StatusWord::Malformed);
    injection.value = actors().next_card_ca.key().spki().into();
    bench.inject(&injection).unwrap();
    bench.inject(&injection).unwrap();
    assert!(injection.encode().len() > 256);
}
