//! STAMP, CLOSE, STATUS and the door itself.

use jushin_secure_element::exchange::{Budget, State};
use jushin_secure_element::{Instruction, StatusWord};
use jushin_statement::cbor::Writer;
use jushin_statement::{Close, Hash, Stamp, StampSubject};

use crate::actors::actors;
use crate::bench::{Bench, refusal};

#[test]
fn n4_3_a_stamp_of_an_unknown_context_is_refused() {
    let mut bench = Bench::active();
    for word in ["presence", "", "Batch", "act"] {
        let mut writer = Writer::new();
        writer.array(2).text(word).bytes(&[1; 32]);
        assert_eq!(bench.send(Instruction::Stamp, &writer.into_bytes()), StatusWord::Malformed, "{word}");
    }
    let mut writer = Writer::new();
    writer.array(2).text("batch").bytes(&[1; 32]);
    assert_eq!(bench.send(Instruction::Stamp, &writer.into_bytes()), StatusWord::Done);
}

#[test]
fn a_heartbeat_says_nothing() {
    let mut bench = Bench::active();
    assert_eq!(refusal(bench.client.stamp(StampSubject::Heartbeat, Hash::of(b"x"))), StatusWord::Malformed);
    let stamp = bench.client.stamp(StampSubject::Heartbeat, Hash::ZERO).unwrap();
    bench.assert_signed(&stamp);
    let stamp: Stamp = stamp.parse().unwrap().object().unwrap();
    assert_eq!(stamp.message, Hash::ZERO);
}

#[test]
fn no_stamp_without_activation_or_during_a_card_session() {
    let mut bench = Bench::bound();
    assert_eq!(refusal(bench.client.stamp(StampSubject::Batch, Hash::ZERO)), StatusWord::WrongState);
    bench.pair().unwrap();
    bench.unlock().unwrap();
    bench.begin(&actors().patient).unwrap();
    assert_eq!(refusal(bench.client.stamp(StampSubject::Batch, Hash::ZERO)), StatusWord::WrongState);
    assert_eq!(refusal(bench.client.close(Hash::ZERO, 1, None)), StatusWord::WrongState);
}

#[test]
fn a_close_ends_at_the_present_counter() {
    let mut bench = Bench::bound();
    let counter = bench.counter();
    assert_eq!(refusal(bench.client.close(Hash::ZERO, 1, Some(counter + 1))), StatusWord::Malformed);
    assert_eq!(refusal(bench.client.close(Hash::ZERO, 1, Some(counter - 1))), StatusWord::Malformed);
    assert_eq!(refusal(bench.client.close(Hash::ZERO, counter + 1, None)), StatusWord::Malformed);
    let close = bench.client.close(Hash::of(b"n"), counter, Some(counter)).unwrap();
    let close: Close = close.parse().unwrap().object().unwrap();
    assert_eq!((close.nonce, close.lo, close.hi), (Hash::of(b"n"), counter, counter));
}

#[test]
fn no_close_before_a_binding() {
    let mut bench = Bench::keyed();
    assert_eq!(refusal(bench.client.close(Hash::ZERO, 1, None)), StatusWord::WrongState);
}

#[test]
fn status_shows_state_counter_head_budget_and_binding() {
    let mut bench = Bench::factory();
    let status = bench.client.status().unwrap();
    assert_eq!((status.state, status.counter, status.head), (State::Factory, 0, Hash::ZERO));
    assert_eq!((status.budget, status.binding_seq, status.tpm_nonce), (None, None, None));
    let mut bench = Bench::active();
    bench.ticker.advance(10);
    bench.begin(&actors().patient).unwrap();
    let status = bench.client.status().unwrap();
    assert_eq!((status.state, status.binding_seq), (State::Pending, Some(1)));
    assert_eq!(status.budget, Some(Budget { begins: 399, ticks: 79_990 }));
}

#[test]
fn ticks_never_fall_even_if_their_source_does() {
    use jushin_secure_element::Ticker;
    let mut bench = Bench::active();
    bench.ticker.advance(100);
    let first = bench.client.stamp(StampSubject::Heartbeat, Hash::ZERO).unwrap();
    bench.ticker.restart();
    let second = bench.client.stamp(StampSubject::Heartbeat, Hash::ZERO).unwrap();
    let count =
        |signed: &jushin_statement::Signed| signed.parse().unwrap().object::<Stamp>().unwrap().ticks.count;
    assert!(count(&second) >= count(&first));
}

#[test]
fn the_door_refuses_what_is_no_command() {
    let mut bench = Bench::active();
    let element = bench.client.transport();
    for (apdu, word) in [
        (&[0x80, 0x3F, 0, 0][..], [0x6D, 0x00]),
        (&[0x80, 0x3E, 0][..], [0x67, 0x00]),
        (&[0x00, 0x3E, 0, 0][..], [0x6E, 0x00]),
        (&[0x80, 0x3E, 0, 0][..], [0x6A, 0x80]),
        (&[0x80, 0x3E, 0, 0, 2, 0x81, 0x00][..], [0x6A, 0x80]),
        (&[0x80, 0x32, 0, 0, 2, 0x81, 0x40][..], [0x69, 0x85]),
    ] {
        assert_eq!(element.handle(apdu), word, "{apdu:02x?}");
    }
}
