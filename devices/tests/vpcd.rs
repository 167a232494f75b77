//! A card in a slot, seen from the reader's side.

#![expect(clippy::unwrap_used, reason = "a test ends where something it needs is missing")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use jushin_devices::vpcd::{Chip, Patience, Puller, Slot, VpcdError};

/// Answers each command with itself and 9000, and counts resets in its ATR.
#[derive(Default)]
struct Echo {
    resets: u8,
}

impl Chip for Echo {
    fn answer_to_reset(&self) -> Vec<u8> {
        vec![0x3b, self.resets]
    }

    fn reset(&mut self) {
        self.resets += 1;
    }

    fn handle(&mut self, command: &[u8]) -> Vec<u8> {
        [command, &[0x90, 0x00]].concat()
    }
}

/// A card that answers more than a frame holds.
struct Flood;

impl Chip for Flood {
    fn answer_to_reset(&self) -> Vec<u8> {
        Vec::new()
    }

    fn reset(&mut self) {}

    fn handle(&mut self, _: &[u8]) -> Vec<u8> {
        vec![0; 65_536]
    }
}

/// The reader's side of the connection, and what became of the card.
struct Reader {
    stream: TcpStream,
    puller: Puller,
    card: JoinHandle<Result<(), VpcdError>>,
}

impl Reader {
    fn with(mut chip: impl Chip + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let slot = Slot::insert(&address, Patience::seconds(1), |_| {}).unwrap();
        let puller = slot.puller().unwrap();
        let card = std::thread::spawn(move || slot.serve(&mut chip));
        Self { stream: listener.accept().unwrap().0, puller, card }
    }

    fn send(&mut self, frame: &[u8]) {
        self.stream.write_all(&u16::try_from(frame.len()).unwrap().to_be_bytes()).unwrap();
        self.stream.write_all(frame).unwrap();
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.stream.read_exact(&mut length).unwrap();
        let mut frame = vec![0; usize::from(u16::from_be_bytes(length))];
        self.stream.read_exact(&mut frame).unwrap();
        frame
    }

    fn close(self) -> Result<(), VpcdError> {
        drop(self.stream);
        self.card.join().unwrap()
    }
}

#[test]
fn power_and_reset_are_not_answered_but_reset_the_card() {
    let mut reader = Reader::with(Echo::default());
    for control in [0x00, 0x01, 0x02] {
        reader.send(&[control]);
    }
    reader.send(&[0x04]);
    assert_eq!(reader.receive(), [0x3b, 3]);
    reader.close().unwrap();
}

#[test]
fn a_command_is_answered_with_one_frame() {
    let mut reader = Reader::with(Echo::default());
    let long = vec![0xa5; 65_000];
    for command in [&[0x00, 0x84, 0x00, 0x00, 0x10][..], &long] {
        reader.send(command);
        assert_eq!(reader.receive(), [command, &[0x90, 0x00]].concat());
    }
    reader.close().unwrap();
}

#[test]
fn a_pulled_card_ends_without_error() {
    let reader = Reader::with(Echo::default());
    reader.puller.pull();
    reader.puller.pull();
    reader.card.join().unwrap().unwrap();
}

#[test]
fn a_peer_that_speaks_something_else_is_named_as_such() {
    let mut reader = Reader::with(Echo::default());
    reader.send(&[0x47]);
    assert!(matches!(reader.card.join().unwrap(), Err(VpcdError::UnknownControl(0x47))));

    let mut reader = Reader::with(Echo::default());
    reader.send(&[]);
    assert!(matches!(reader.card.join().unwrap(), Err(VpcdError::EmptyFrame)));
}

#[test]
fn a_reader_that_breaks_off_within_a_frame_is_an_error() {
    let mut reader = Reader::with(Echo::default());
    reader.stream.write_all(&[0x00, 0x05, 0x00]).unwrap();
    assert!(matches!(reader.close(), Err(VpcdError::BrokenFrame(_))));
}

#[test]
fn an_answer_longer_than_a_frame_is_the_cards_fault() {
    let mut reader = Reader::with(Flood);
    reader.send(&[0x00, 0xb0, 0x00, 0x00]);
    assert!(matches!(reader.card.join().unwrap(), Err(VpcdError::AnswerTooLong(65_536))));
}

#[test]
fn without_a_reader_patience_ends_with_advice() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let patience = Patience { attempts: Some(2), pause: Duration::ZERO };
    let mut told = 0;
    let refusal = Slot::insert(&closed, patience, |_| told += 1).unwrap_err();
    assert!(matches!(refusal, VpcdError::NoReader { attempts: 2, .. }));
    assert!(refusal.to_string().contains("install vsmartcard-vpcd and pcscd, and start pcscd"));
    assert_eq!(told, 1);
}
