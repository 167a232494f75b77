//! Activation: who may unlock, for which power cycle, and how far.

use jushin_secure_element::client::payload_of;
use jushin_secure_element::exchange::{Budget, State};
use jushin_secure_element::{Instruction, StatusWord};
use jushin_statement::{
    AdminActivation, BindingState, CommitOutcome, Hash, Id16, Object, StampSubject, TickStamp1, UnixMillis,
};

use crate::actors::actors;
use crate::bench::{Bench, begin, refusal};

fn paired() -> Bench {
    let mut bench = Bench::bound();
    bench.pair().unwrap();
    bench
}

#[test]
fn n2_1_an_activation_of_an_earlier_power_cycle_is_refused() {
    let mut bench = paired();
    let stamp1 = bench.stamp1().unwrap();
    let old = bench.activation(&stamp1);
    bench.power_cycle();
    bench.pair().unwrap();
    bench.stamp1().unwrap();
    assert_eq!(refusal(bench.activate(&old)), StatusWord::NotAuthorised);
}

#[test]
fn n2_2_an_activation_for_anything_else_is_refused() {
    let mut bench = paired();
    let stamp1 = bench.stamp1().unwrap();
    let good = bench.activation(&stamp1);
    let mut others = vec![good.clone(); 5];
    others[0].element = Id16([1; 16]);
    others[1].cycle = Id16([1; 16]);
    others[2].counter += 1;
    others[3].stamp = Hash::of(b"another");
    others[4].binding_seq += 1;
    for other in &others {
        assert_eq!(refusal(bench.activate(other)), StatusWord::NotAuthorised, "{other:?}");
    }
    let signed = actors().provider.sign(&good);
    let other_token = bench.client.activate(actors().provider.spki(), Hash::of(b"t"), &signed, None);
    assert_eq!(refusal(other_token), StatusWord::NotAuthorised);
    bench.activate(&good).unwrap();
}

#[test]
fn an_activation_by_another_provider_is_refused() {
    let mut bench = paired();
    let stamp1 = bench.stamp1().unwrap();
    let activation = bench.activation(&stamp1);
    let other = &actors().other_provider;
    assert_eq!(refusal(bench.activate_as(other, &activation)), StatusWord::UnknownKey);
    let forged =
        bench.client.activate(actors().provider.spki(), activation.token, &other.sign(&activation), None);
    assert_eq!(refusal(forged), StatusWord::WrongSignature);
}

#[test]
fn n2_16_a_grant_is_for_a_tpm_and_no_other_element_takes_one() {
    let mut bench = paired();
    let stamp1 = bench.stamp1().unwrap();
    let activation = bench.activation(&stamp1);
    let signed = actors().provider.sign(&activation);
    let online = bench.client.activate(actors().provider.spki(), activation.token, &signed, Some(&[1]));
    assert_eq!(refusal(online), StatusWord::Malformed);
    let request = bench.client.build_admin_activation(UnixMillis(1)).unwrap();
    let administrator = &actors().administrator;
    let signature = administrator.sign(&request.to_be_signed);
    let offline = bench.client.put_admin_activation(&signature, &administrator.certificate, Some(&[1]));
    assert_eq!(refusal(offline), StatusWord::Malformed);
    assert_eq!(bench.state(), State::Bound);
}

#[test]
fn a_tick_stamp_carries_the_nonce_the_providers_time_and_the_binding() {
    let mut bench = paired();
    let challenge = bench.challenge();
    let signed = bench.stamp1().unwrap();
    let stamp1: TickStamp1 = signed.parse().unwrap().object().unwrap();
    assert_eq!((stamp1.nonce, stamp1.provider_time), (challenge.nonce, challenge.provider_time));
    assert_eq!((stamp1.element, stamp1.binding), (bench.element, bench.binding(1).hash()));
}

#[test]
fn an_activation_counts_once() {
    let mut bench = paired();
    let stamp1 = bench.stamp1().unwrap();
    let mut activation = bench.activation(&stamp1);
    bench.activate(&activation).unwrap();
    assert_eq!(refusal(bench.activate(&activation)), StatusWord::WrongState, "its stamp is used up");
    let another = bench.activation(&stamp1);
    assert_eq!(refusal(bench.activate(&another)), StatusWord::WrongState, "for every other one, too");
    let id = activation.id;
    let stamp1 = bench.stamp1().unwrap();
    activation = bench.activation(&stamp1);
    activation.id = id;
    assert_eq!(refusal(bench.activate(&activation)), StatusWord::WrongState, "its id is used up");
}

#[test]
fn n2_7_a_suspended_element_is_unlocked_by_nobody() {
    let mut bench = paired();
    let mut suspension = bench.binding(2);
    (suspension.state, suspension.from_counter) = (BindingState::Suspended, Some(1));
    bench.bind(&suspension).unwrap();
    bench.pair().unwrap();
    assert_eq!(refusal(bench.stamp1()), StatusWord::NotAuthorised);
    assert_eq!(refusal(bench.client.build_admin_activation(UnixMillis(1))), StatusWord::NotAuthorised);
    let mut recovery = bench.binding(3);
    recovery.from_counter = Some(bench.counter() + 1);
    bench.bind(&recovery).unwrap();
    bench.unlock().unwrap();
}

#[test]
fn n2_8_an_administrator_whom_the_binding_does_not_list_is_refused() {
    let mut bench = paired();
    let request = bench.client.build_admin_activation(UnixMillis(1)).unwrap();
    let stranger = &actors().stranger;
    let signature = stranger.sign(&request.to_be_signed);
    let put = bench.client.put_admin_activation(&signature, &stranger.certificate, None);
    assert_eq!(refusal(put), StatusWord::UnknownKey);
    let put = bench.client.put_admin_activation(&signature, &actors().administrator.certificate, None);
    assert_eq!(refusal(put), StatusWord::WrongSignature, "a listed certificate, another's signature");
    let put = bench.client.put_admin_activation(&signature, &[1, 2, 3], None);
    assert_eq!(refusal(put), StatusWord::Malformed);
    assert_eq!(bench.state(), State::Bound);
}

#[test]
fn n2_9_an_adm_of_another_power_cycle_is_refused() {
    let mut bench = paired();
    let old = bench.client.build_admin_activation(UnixMillis(1)).unwrap();
    let signature = actors().administrator.sign(&old.to_be_signed);
    bench.power_cycle();
    bench.pair().unwrap();
    let certificate = &actors().administrator.certificate;
    let put = bench.client.put_admin_activation(&signature, certificate, None);
    assert_eq!(refusal(put), StatusWord::WrongState, "nothing was built in this cycle");
    bench.client.build_admin_activation(UnixMillis(1)).unwrap();
    let put = bench.client.put_admin_activation(&signature, certificate, None);
    assert_eq!(refusal(put), StatusWord::WrongSignature);
}

#[test]
fn n2_10_a_presence_signature_is_no_admin_signature() {
    let mut bench = Bench::active();
    let begun = bench.begin(&actors().patient).unwrap();
    let presence_signature = actors().administrator.sign(&begun.to_be_signed);
    bench.power_cycle();
    bench.pair().unwrap();
    bench.client.build_admin_activation(UnixMillis(1)).unwrap();
    let put =
        bench.client.put_admin_activation(&presence_signature, &actors().administrator.certificate, None);
    assert_eq!(refusal(put), StatusWord::WrongSignature);
}

#[test]
fn an_adm_says_where_the_element_stands_and_what_the_host_claims() {
    let mut bench = paired();
    let (_, activated) = bench.unlock().unwrap();
    assert_eq!(refusal(bench.client.build_admin_activation(UnixMillis(1))), StatusWord::WrongState, "active");
    bench.power_cycle();
    bench.pair().unwrap();
    let status = bench.client.status().unwrap();
    let request = bench.client.build_admin_activation(UnixMillis(7)).unwrap();
    let adm = AdminActivation::decode(payload_of(&request.to_be_signed).unwrap()).unwrap();
    assert_eq!((adm.claimed, adm.last_anchor), (UnixMillis(7), activated.anchor));
    assert_eq!((adm.counter, adm.previous), (status.counter + 1, status.head));
    assert_eq!((adm.element, adm.ticks.cycle), (bench.element, bench.cycle));
}

#[test]
fn a_tick_stamp_from_before_an_offline_unlock_unlocks_nothing_more() {
    let mut bench = paired();
    let stamp1 = bench.stamp1().unwrap();
    let activation = bench.activation(&stamp1);
    bench.unlock_offline().unwrap();
    assert_eq!(refusal(bench.activate(&activation)), StatusWord::WrongState);
}

#[test]
fn an_adm_is_refused_if_another_record_came_between() {
    let mut bench = paired();
    let request = bench.client.build_admin_activation(UnixMillis(1)).unwrap();
    let signature = actors().administrator.sign(&request.to_be_signed);
    bench.client.close(Hash::ZERO, 1, None).unwrap();
    let put = bench.client.put_admin_activation(&signature, &actors().administrator.certificate, None);
    assert_eq!(refusal(put), StatusWord::WrongState);
}

#[test]
fn five_wrong_admin_signatures_leave_only_the_provider() {
    let mut bench = paired();
    let stranger = &actors().stranger;
    for _ in 0..5 {
        bench.power_cycle();
        bench.pair().unwrap();
        let request = bench.client.build_admin_activation(UnixMillis(1)).unwrap();
        let put = bench.client.put_admin_activation(
            &stranger.sign(&request.to_be_signed),
            &stranger.certificate,
            None,
        );
        assert_eq!(refusal(put), StatusWord::UnknownKey);
    }
    assert_eq!(refusal(bench.client.build_admin_activation(UnixMillis(1))), StatusWord::Exhausted);
    let put = bench.client.put_admin_activation(&[1], &actors().administrator.certificate, None);
    assert_eq!(refusal(put), StatusWord::Exhausted);
    bench.power_cycle();
    bench.pair().unwrap();
    assert_eq!(refusal(bench.client.build_admin_activation(UnixMillis(1))), StatusWord::Exhausted);
    bench.unlock().unwrap();
    bench.power_cycle();
    bench.pair().unwrap();
    bench.unlock_offline().unwrap();
}

#[test]
fn an_administrators_success_clears_the_wrong_signatures_before_it() {
    let mut bench = paired();
    let administrator = &actors().administrator;
    for _ in 0..2 {
        for _ in 0..4 {
            bench.client.build_admin_activation(UnixMillis(1)).unwrap();
            let put = bench.client.put_admin_activation(&[1; 256], &administrator.certificate, None);
            assert_eq!(refusal(put), StatusWord::WrongSignature);
        }
        bench.unlock_offline().unwrap();
        bench.power_cycle();
        bench.pair().unwrap();
    }
}

#[test]
fn n2_11_the_offline_budget_is_used_up_over_power_cycles_too() {
    let mut bench = paired();
    let said = bench.client.build_admin_activation(UnixMillis(1)).unwrap();
    let adm = AdminActivation::decode(payload_of(&said.to_be_signed).unwrap()).unwrap();
    assert_eq!(adm.begins, 3);
    bench.unlock_offline().unwrap();
    for _ in 0..2 {
        assert_eq!(bench.check_in(&actors().patient).unwrap().outcome, CommitOutcome::Signed);
    }
    bench.power_cycle();
    bench.pair().unwrap();
    let said = bench.client.build_admin_activation(UnixMillis(1)).unwrap();
    let adm = AdminActivation::decode(payload_of(&said.to_be_signed).unwrap()).unwrap();
    assert_eq!(adm.begins, 1, "cycling refills nothing");
    bench.unlock_offline().unwrap();
    bench.check_in(&actors().patient).unwrap();
    assert_eq!(refusal(bench.begin(&actors().patient)), StatusWord::Exhausted);
    bench.power_cycle();
    bench.pair().unwrap();
    assert_eq!(refusal(bench.client.build_admin_activation(UnixMillis(1))), StatusWord::Exhausted);
    bench.unlock().unwrap();
    bench.power_cycle();
    bench.pair().unwrap();
    bench.unlock_offline().unwrap();
}

#[test]
fn n2_12_a_power_cycle_between_ts1_and_act_needs_a_new_ts1() {
    let mut bench = paired();
    let stamp1 = bench.stamp1().unwrap();
    let activation = bench.activation(&stamp1);
    bench.power_cycle();
    bench.pair().unwrap();
    assert_eq!(refusal(bench.activate(&activation)), StatusWord::WrongState);
}

#[test]
fn a_challenge_for_another_element_gets_no_stamp() {
    let mut bench = paired();
    let mut challenge = bench.challenge();
    challenge.element = Id16([1; 16]);
    assert_eq!(refusal(bench.client.tick_stamp1(&challenge)), StatusWord::NotAuthorised);
}

#[test]
fn the_smaller_of_activation_and_policy_limits_check_ins() {
    for (of_activation, of_policy) in [(2, 500), (500, 2)] {
        let mut bench = paired();
        let mut binding = bench.binding(2);
        binding.policy.begins_online = of_policy;
        bench.bind(&binding).unwrap();
        let stamp1 = bench.stamp1().unwrap();
        let mut activation = bench.activation(&stamp1);
        activation.begins = of_activation;
        bench.activate(&activation).unwrap();
        for _ in 0..2 {
            bench.begin(&actors().patient).unwrap();
        }
        assert_eq!(refusal(bench.begin(&actors().patient)), StatusWord::Exhausted);
        assert_eq!(bench.state(), State::Pending, "a refused BEGIN changes nothing");
    }
}

#[test]
fn the_smaller_of_activation_and_policy_limits_ticks() {
    for (of_activation, of_policy) in [(50, 500), (500, 50)] {
        let mut bench = paired();
        let mut binding = bench.binding(2);
        binding.policy.ticks_online = of_policy;
        bench.bind(&binding).unwrap();
        bench.ticker.advance(1_000);
        let stamp1 = bench.stamp1().unwrap();
        let mut activation = bench.activation(&stamp1);
        activation.max_ticks = of_activation;
        bench.activate(&activation).unwrap();
        bench.ticker.advance(50);
        assert_eq!(bench.client.status().unwrap().budget, Some(Budget { begins: 400, ticks: 0 }));
        bench.begin(&actors().patient).unwrap();
        bench.client.abort().unwrap();
        bench.ticker.advance(1);
        assert_eq!(refusal(bench.begin(&actors().patient)), StatusWord::Exhausted);
        let stamp = bench.client.stamp(StampSubject::Heartbeat, Hash::ZERO);
        assert_eq!(refusal(stamp), StatusWord::Exhausted);
        bench.unlock().unwrap();
        bench.begin(&actors().patient).unwrap();
    }
}

#[test]
fn offline_ticks_are_counted_from_the_adm() {
    let mut bench = paired();
    bench.ticker.advance(500);
    bench.unlock_offline().unwrap();
    bench.ticker.advance(9_000);
    bench.begin(&actors().patient).unwrap();
    bench.ticker.advance(1);
    assert_eq!(refusal(bench.begin(&actors().patient)), StatusWord::Exhausted);
}

#[test]
fn a_re_anchor_gives_later_presences_the_new_anchor() {
    let mut bench = Bench::active();
    let stamp1 = bench.stamp1().unwrap();
    bench.check_in(&actors().patient).unwrap();
    let activation = bench.activation(&stamp1);
    let anchor = bench.activate(&activation).unwrap().anchor;
    let begun = bench.begin(&actors().patient).unwrap();
    let presence = jushin_statement::Presence::decode(payload_of(&begun.to_be_signed).unwrap()).unwrap();
    assert_eq!(presence.anchor, anchor, "check-ins between TS1 and ACT do not disturb it");
}

#[test]
fn no_activation_during_a_card_session() {
    let mut bench = Bench::active();
    let stamp1 = bench.stamp1().unwrap();
    let activation = bench.activation(&stamp1);
    bench.begin(&actors().patient).unwrap();
    assert_eq!(refusal(bench.activate(&activation)), StatusWord::WrongState);
    assert_eq!(refusal(bench.stamp1()), StatusWord::WrongState);
    bench.client.abort().unwrap();
    bench.activate(&activation).unwrap();
}

#[test]
fn power_off_locks() {
    let mut bench = Bench::active();
    bench.power_cycle();
    assert_eq!(bench.state(), State::Bound);
    assert_eq!(refusal(bench.client.begin(&begin(&actors().patient))), StatusWord::WrongState);
    assert_eq!(bench.send(Instruction::Stamp, &[0x80]), StatusWord::Malformed);
}
