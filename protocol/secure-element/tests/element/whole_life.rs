//! A life from the factory to retirement, in date mode and in time mode.

use jushin_secure_element::client::{payload_of, signed_admin_activation};
use jushin_secure_element::exchange::State;
use jushin_secure_element::{Build, InstitutionKeyOrigin, Instruction, StatusWord};
use jushin_statement::{
    BindingState, Close, Commit, CommitOutcome, Hash, InjectionKind, Object, Presence, Record, Signed,
    StampSubject, TickStamp2, UnixMillis, online_anchor_hash,
};

use crate::actors::{actors, cv_certificate};
use crate::bench::{Bench, DATE, build, refusal};

fn record(signed: &Signed) -> Record {
    Record::decode(signed.parse().unwrap().payload).unwrap()
}

#[test]
fn an_element_lives_from_the_factory_to_retirement() {
    let mut bench = Bench::factory();
    assert_eq!(bench.state(), State::Factory);
    let request = bench.request_certificate().unwrap();
    assert_eq!((request.model.as_str(), request.institution_key), ("bench element", None));
    assert_eq!(request.nonce, Hash::of(b"n"));
    assert_eq!(bench.state(), State::Keyed);
    let mut chain = bench.boot().unwrap();
    assert!(!bench.inject(&bench.institution_injection()).unwrap().is_empty());
    assert!(bench.inject(&bench.pseudonym_injection(1, 0)).unwrap().is_empty());
    chain.push(bench.bind(&bench.binding(1)).unwrap());
    assert_eq!(bench.state(), State::Bound);
    bench.pair().unwrap();
    let (stamp1, activated) = bench.unlock().unwrap();
    assert_eq!(bench.state(), State::Active);
    chain.extend([stamp1, activated.stamp2.clone()]);

    let begun = bench.begin(&actors().patient).unwrap();
    assert_eq!(bench.state(), State::Pending);
    let presence = Presence::decode(payload_of(&begun.to_be_signed).unwrap()).unwrap();
    assert_eq!(presence.anchor, activated.anchor);
    let signature = actors().patient.sign(&begun.to_be_signed);
    let commit = bench.client.commit(&signature).unwrap();
    let said: Commit = commit.parse().unwrap().object().unwrap();
    assert_eq!(said.outcome, CommitOutcome::Signed);
    assert_eq!(said.presence, Hash::of(&begun.to_be_signed));
    assert_eq!(said.card_signature, Some(Hash::of(&signature)));
    assert_eq!((said.counter, said.previous), (presence.counter + 1, presence.hash()));

    let stamp = bench.client.stamp(StampSubject::Document, Hash::of(b"letter")).unwrap();
    let close = bench.client.close(Hash::of(b"gap"), 1, None).unwrap();
    let said: Close = close.parse().unwrap().object().unwrap();
    assert_eq!((said.lo, said.hi, said.head), (1, said.counter - 1, said.previous));
    let mut retirement = bench.binding(2);
    (retirement.state, retirement.from_counter) = (BindingState::Retired, Some(said.counter + 1));
    let retired = bench.bind(&retirement).unwrap();
    assert_eq!(bench.state(), State::Retired);
    let last = bench.client.close(Hash::of(b"last"), 1, None).unwrap();

    chain.extend([commit, stamp, close, retired, last]);
    let mut head = (0, Hash::ZERO);
    for signed in &chain {
        bench.assert_signed(signed);
        let link = record(signed).link();
        if link.previous == presence.hash() {
            head = (head.0 + 1, presence.hash());
        }
        assert_eq!((link.counter, link.previous), (head.0 + 1, head.1));
        head = (link.counter, signed.parse().unwrap().payload_hash());
    }
    assert_eq!(bench.client.status().unwrap().head, head.1);
}

#[test]
fn anchor_h_joins_both_stamps_token_and_activation() {
    let mut bench = Bench::bound();
    bench.pair().unwrap();
    let stamp1 = bench.stamp1().unwrap();
    let activation = bench.activation(&stamp1);
    let activated = bench.activate(&activation).unwrap();
    let stamp2: TickStamp2 = activated.stamp2.parse().unwrap().object().unwrap();
    assert_eq!(stamp2.activation_hash, activation.hash());
    let expected = online_anchor_hash(
        stamp1.parse().unwrap().payload_hash(),
        activation.token,
        activation.hash(),
        stamp2.hash(),
    );
    assert_eq!(activated.anchor, expected);
}

#[test]
fn anchor_h_of_an_offline_activation_is_the_hash_of_the_signed_adm() {
    let mut bench = Bench::bound();
    bench.pair().unwrap();
    let request = bench.client.build_admin_activation(UnixMillis(5)).unwrap();
    let counter = bench.counter();
    let signature = actors().administrator.sign(&request.to_be_signed);
    let anchor =
        bench.client.put_admin_activation(&signature, &actors().administrator.certificate, None).unwrap();
    let signed = signed_admin_activation(&request.to_be_signed, &signature).unwrap();
    assert_eq!(anchor, signed.imprint());
    assert_eq!(bench.counter(), counter + 1, "building reserves the value, putting takes it");
    bench.client.transport().power_off();
    bench.client.transport().power_on().unwrap();
    assert_eq!(bench.boot().unwrap()[0], signed, "BOOT releases it again like every record");
}

#[test]
fn in_date_mode_ticks_count_the_counter_values_of_the_cycle() {
    let mut bench = Bench::active_with(Build { tick: DATE, ..build() });
    bench.check_in(&actors().patient).unwrap();
    bench.power_cycle();
    bench.pair().unwrap();
    let counts: Vec<u64> = [bench.stamp1().unwrap(), bench.client.close(Hash::ZERO, 1, None).unwrap()]
        .iter()
        .map(|signed| record(signed).link().ticks.count)
        .collect();
    assert_eq!(counts, [1, 2], "boot is 0");
}

#[test]
fn an_institution_key_made_in_the_element_never_leaves_it() {
    let mut bench = Bench::factory_with(
        Build { institution_key: InstitutionKeyOrigin::Generated, ..build() },
        Default::default(),
    );
    let request = bench.request_certificate().unwrap();
    bench.boot().unwrap();
    let spki = request.institution_key.unwrap();
    let mut injection = bench.institution_injection();
    injection.value.0.clear();
    assert_eq!(refusal(bench.inject(&injection)), StatusWord::UnknownKey, "another key's CV certificate");
    let cv = cv_certificate(&*actors().cv_issuer, crate::actors::CODE, &spki, 1);
    injection.certificate = Some(cv.clone().into());
    assert_eq!(injection.kind, InjectionKind::InstitutionKey);
    assert_eq!(bench.inject(&injection).unwrap().len(), 256);
    let mut binding = bench.binding(1);
    binding.certificate = Hash::of(&cv);
    bench.bind(&binding).unwrap();
    bench.pair().unwrap();
    bench.unlock().unwrap();
    assert_eq!(bench.check_in(&actors().patient).unwrap().outcome, CommitOutcome::Signed);
}

#[test]
fn a_dark_element_answers_nothing() {
    let mut bench = Bench::keyed();
    bench.client.transport().power_off();
    assert!(bench.client.transport().handle(&[0x80, 0x3E, 0, 0, 1, 0x80]).is_empty());
    assert!(bench.client.status().is_err());
}

#[test]
fn every_power_cycle_has_a_new_tick_nonce() {
    let mut bench = Bench::keyed();
    let first = bench.cycle;
    bench.power_cycle();
    assert_ne!(bench.cycle, first);
    assert_eq!(bench.send_nothing(Instruction::Boot), StatusWord::WrongState, "BOOT is due once");
}
