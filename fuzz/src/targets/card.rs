//! The virtual card's door: any commands in any order, with a terminal beside that has real keys.
//!
//! Whatever comes, a signature needs a PIN that was shown or a terminal authentication that no signature
//! has used up, and nobody gets more tries at a PIN than the card allows.

use jushin_card::apdu::{Command, Header, Response};
use jushin_card::jpki::{APPLICATION, Credential, FileId};
use jushin_card::virtual_card::{CardKind, OpenedBy, Reselecting};
use jushin_card::{CardProfile, VirtualCard};

use crate::card_support::{self as support, Institution, PASSWORD, PIN, WORLD};
use crate::input::Input;
use crate::planted;

/// Most commands in one input: a signature takes a millisecond.
const MOST: usize = 40;

pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mut desk = Desk::new(&mut input);
    for _ in 0..MOST {
        if input.is_empty() {
            break;
        }
        desk.step(&mut input);
    }
}

struct Desk {
    card: VirtualCard,
    profile: CardProfile,
    denied: bool,
    remembers: bool,
    challenge: Vec<u8>,
    digest: Vec<u8>,
    /// What the holder knows.
    pin: Vec<u8>,
    password: Vec<u8>,
    /// A right PIN or password was shown since the last power-on.
    shown: [bool; 2],
    /// Answers to EXTERNAL AUTHENTICATE that no signature has used up.
    authentications: u32,
    signatures_by_terminal: u32,
    wrong_in_a_row: u32,
}

impl Desk {
    fn new(input: &mut Input<'_>) -> Self {
        let choice = input.byte();
        let kind = CardKind::ALL[usize::from(choice) % 4];
        let profile = [CardProfile::A, CardProfile::B, CardProfile::C][usize::from(choice >> 2) % 3];
        let mut personalisation = support::personalisation(kind, profile);
        let remembers = choice & 0x40 != 0;
        if remembers {
            personalisation.reselecting = Reselecting::Remembers;
        }
        let denied = choice & 0x80 != 0;
        if denied {
            personalisation.denied = vec![WORLD.other_institution.certificate.subject_key_id()];
        }
        Self {
            card: support::card_of(personalisation),
            profile,
            denied,
            remembers,
            challenge: Vec::new(),
            digest: vec![7; if kind == CardKind::JpkiP384 { 48 } else { 32 }],
            pin: PIN.as_bytes().to_vec(),
            password: PASSWORD.as_bytes().to_vec(),
            shown: [false; 2],
            authentications: 0,
            signatures_by_terminal: 0,
            wrong_in_a_row: 0,
        }
    }

    fn step(&mut self, input: &mut Input<'_>) {
        let short = |header: [u8; 4], data: &[u8]| {
            [&header[..], &[u8::try_from(data.len()).unwrap_or(0)], data].concat()
        };
        match input.below(14) {
            0 => self.send(input.string()),
            1 => self.send(&short([0x00, 0xA4, 0x04, 0x0C], &APPLICATION)),
            2 => {
                let file =
                    [FileId::AUTHENTICATION_PIN, FileId::SIGNATURE_PASSWORD, FileId::AUTHENTICATION_KEY];
                let file = file.get(input.below(4)).copied().unwrap_or(FileId(input.short()));
                self.send(&short([0x00, 0xA4, 0x02, 0x0C], &file.0.to_be_bytes()));
            }
            3 => self.send(&short([0x00, 0x20, 0x00, 0x98], &self.pin.clone())),
            4 => self.send(&short([0x00, 0x20, 0x00, 0x9B], &self.password.clone())),
            5 => {
                let p2 = [0x80, 0x98, 0x9B, input.byte()][input.below(4)];
                self.send(&short([0x00, 0x20, 0x00, p2], input.string()));
            }
            6 => {
                let p2 = [0x98, 0x9B][input.below(2)];
                self.send(&short([0x00, 0x24, 0x01, p2], input.string()));
            }
            7 => self.send(&[0x00, 0x84, 0x00, 0x00, [16, 8, 0, 32][input.below(4)]]),
            8 => {
                let certificate = self.institution(input).certificate.as_bytes().to_vec();
                self.send_extended(Header::new(0x00, 0x2A, 0x00, 0xBE), &certificate);
            }
            9 => {
                let covered = (self.profile == CardProfile::B).then(|| self.digest.clone());
                let institution = self.institution(input);
                let signature = institution.external_authenticate(&self.challenge, covered.as_deref());
                self.send_extended(Header::new(0x00, 0x82, 0x00, 0x00), &signature);
            }
            10 => {
                let p1 = [0x00, 0x02, 0x04, input.byte()][input.below(4)];
                self.send(&[&short([0x80, 0x2A, p1, 0x97], &self.digest_info(p1))[..], &[0]].concat());
            }
            11 => {
                let p1 = [0x00, 0x02, 0x04][input.below(3)];
                self.send(&[&short([0x80, 0x2A, p1, 0x9A], input.string())[..], &[0]].concat());
            }
            12 => self.send(&[0x00, 0xB0, input.byte(), input.byte(), input.byte()]),
            _ => {
                self.card.reset();
                self.forget();
            }
        }
    }

    fn digest_info(&self, p1: u8) -> Vec<u8> {
        const SHA256: [u8; 19] =
            *b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
        if p1 == 0 && self.digest.len() == 32 {
            [&SHA256[..], &self.digest].concat()
        } else {
            self.digest.clone()
        }
    }

    fn institution(&self, input: &mut Input<'_>) -> &'static Institution {
        [&WORLD.institution, &WORLD.other_institution, &WORLD.stranger][input.below(3)]
    }

    fn send_extended(&mut self, header: Header, data: &[u8]) {
        let command = Command::new(header).with_data(data).expect("shorter than a command");
        self.send(command.extended().to_bytes().as_bytes());
    }

    fn send(&mut self, apdu: &[u8]) {
        let before = self.card.signed().len();
        let answer = self.card.handle(apdu);
        let response = Response::parse(&answer).expect("the card answers with a status word");
        assert!(answer.len() <= 258, "an answer longer than any that a reader takes");
        if let Ok(command) = Command::parse(apdu) {
            self.note(&command, &response);
        }
        self.check_signatures(before);
    }

    /// Takes down what the answer lets the terminal do.
    fn note(&mut self, command: &Command, response: &Response) {
        let done = response.status().is_done();
        // Data of a chain's last command are not all of it.
        match command.header().instruction {
            0x20 if command.data().is_empty() => assert!(!done, "no PIN is no PIN"),
            0x20 if done => {
                let known = [&self.pin, &self.password]
                    .map(|value| command.data().ends_with(value) || value.ends_with(command.data()));
                assert!(known.contains(&true), "a wrong PIN was taken");
                for (shown, known) in self.shown.iter_mut().zip(known) {
                    *shown |= known;
                }
                self.wrong_in_a_row = 0;
                let later = self.card.kind() != CardKind::Jpki;
                planted::fault(self.shown[1] && later, "the password shown to another kind of card");
            }
            0x20 if response.status().tries_left().is_some() => {
                self.wrong_in_a_row += 1;
                let most = Credential::Authentication.tries() + Credential::Signature.tries();
                assert!(self.wrong_in_a_row <= u32::from(most), "one more try at a PIN than allowed");
            }
            0x24 if done => match command.header().p2 {
                0x98 => self.pin = command.data().to_vec(),
                0x9B => self.password = command.data().to_vec(),
                _ => self.learn(command.data()),
            },
            0xA4 if done && command.header().p1 == 0x04 => {
                self.authentications = self.signatures_by_terminal;
                if !self.remembers {
                    self.shown = [false; 2];
                }
            }
            0x84 if done => self.challenge = response.data().to_vec(),
            0x82 if done && !command.header().is_chained() => self.authentications += 1,
            _ => {}
        }
    }

    /// A PIN was changed by reference to the current file: either of the two.
    fn learn(&mut self, value: &[u8]) {
        if value.len() == 4 {
            self.pin = value.to_vec();
        } else {
            self.password = value.to_vec();
        }
    }

    fn check_signatures(&mut self, before: usize) {
        for signed in &self.card.signed()[before..] {
            match signed.opened_by {
                OpenedBy::Pin => {
                    let place = usize::from(signed.credential == Credential::Signature);
                    assert!(self.shown[place], "a signature without the PIN");
                }
                OpenedBy::Institution(key) => {
                    assert_eq!(signed.credential, Credential::Authentication);
                    let mut allowed = vec![&WORLD.institution];
                    if !self.denied {
                        allowed.push(&WORLD.other_institution);
                    }
                    let known = allowed.iter().any(|one| one.certificate.subject_key_id() == key);
                    assert!(known, "a signature for an institution that has no certificate");
                    self.signatures_by_terminal += 1;
                    assert!(
                        self.signatures_by_terminal <= self.authentications,
                        "a second signature after one terminal authentication"
                    );
                }
            }
        }
    }

    fn forget(&mut self) {
        self.shown = [false; 2];
        self.challenge.clear();
        self.signatures_by_terminal = self.authentications;
    }
}
