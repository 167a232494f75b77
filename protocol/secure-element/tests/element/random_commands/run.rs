//! An element and the model beside it.

use jushin_secure_element::Instruction;
use jushin_secure_element::StatusWord::{
    self, Done, Exhausted, NotAuthorised, UnknownKey, WrongSignature, WrongState,
};
use jushin_secure_element::exchange::{CardIdInput, State, Status};
use jushin_statement::{BindingState, CommitOutcome, Hash, Object, Signed, StampSubject, UnixMillis};

use super::model::{Ids, Model, Session, card};
use super::ops::Op;
use crate::actors::actors;
use crate::bench::{Bench, begin, challenge};

pub(super) struct Run {
    pub(super) bench: Bench,
    pub(super) model: Model,
}

pub(super) fn word<T>(result: &Result<T, jushin_secure_element::client::ElementError>) -> StatusWord {
    match result {
        Ok(_) => Done,
        Err(error) => error.status().expect("the element answers"),
    }
}

impl Run {
    /// Sends the command and returns what the element answered and what the table says.
    pub(super) fn step(&mut self, op: &Op) -> (StatusWord, StatusWord) {
        let model = &mut self.model;
        if !matches!(
            op,
            Op::BuildCardId(_)
                | Op::CardId
                | Op::WrongCardId
                | Op::KeyedCardId
                | Op::Advance(_)
                | Op::Raw(..)
        ) {
            model.ids = None;
        }
        match op {
            Op::PowerCycle => {
                self.bench.client.transport().power_on().unwrap();
                model.power_cycle();
                (Done, Done)
            }
            Op::Advance(ticks) => {
                self.bench.ticker.advance(*ticks);
                model.now += ticks;
                (Done, Done)
            }
            Op::RequestCertificate | Op::InjectInstitution | Op::InjectPseudonym(_) => self.enrol(op),
            Op::Bind(_) | Op::StaleBind => self.bind(op),
            Op::Boot | Op::Pair | Op::WrongPair => self.power_on(op),
            Op::Stamp1 | Op::Activate | Op::WrongActivate => self.activate(op),
            Op::BuildAdmin | Op::PutAdmin | Op::WrongPutAdmin => self.administrator(op),
            Op::Begin(_) | Op::UnknownBegin | Op::Commit | Op::WrongCommit | Op::Abort => self.check_in(op),
            Op::BuildCardId(_) | Op::CardId | Op::WrongCardId | Op::KeyedCardId => self.card_id(op),
            Op::Stamp | Op::Close => self.records(op),
            Op::Status => (word(&self.bench.client.status()), Done),
            Op::Raw(instruction, data) => self.raw(*instruction, data),
        }
    }

    pub(super) fn enrol(&mut self, op: &Op) -> (StatusWord, StatusWord) {
        let (bench, model) = (&mut self.bench, &mut self.model);
        let keyed = model.in_states(&[State::Keyed, State::Bound]);
        match op {
            Op::RequestCertificate => {
                let expected = if model.state == State::Factory { Done } else { WrongState };
                let got = word(&bench.client.request_certificate(Hash::of(b"n")).map(|signed| {
                    let request: jushin_statement::CertificateRequest =
                        signed.parse().unwrap().object().unwrap();
                    bench.element = jushin_statement::Id16::of_spki(&request.device_key);
                    bench.sealing_key = request.sealing_key.to_vec();
                }));
                if expected == Done {
                    (model.state, model.boot_due) = (State::Keyed, 1);
                }
                (got, expected)
            }
            _ if model.state == State::Factory => {
                (bench.send(Instruction::Inject, &sealed_nothing()), WrongState)
            }
            Op::InjectInstitution => {
                model.cv |= keyed;
                let injection = bench.institution_injection();
                (word(&bench.inject(&injection)), if keyed { Done } else { WrongState })
            }
            Op::InjectPseudonym(epoch) => {
                if keyed && !model.epochs.contains(epoch) {
                    model.epochs.push(*epoch);
                }
                let injection = bench.pseudonym_injection(*epoch, 0);
                (word(&bench.inject(&injection)), if keyed { Done } else { WrongState })
            }
            _ => unreachable!(),
        }
    }

    pub(super) fn bind(&mut self, op: &Op) -> (StatusWord, StatusWord) {
        let (bench, model) = (&mut self.bench, &mut self.model);
        let (seq, state) = match op {
            Op::Bind(state) => (model.seq.unwrap_or(0) + 1, *state),
            _ => (model.seq.unwrap_or(1), BindingState::InUse),
        };
        let mut binding = bench.binding(seq);
        binding.state = state;
        if state != BindingState::InUse {
            binding.from_counter = Some(1);
        }
        let expected = match model.state {
            State::Keyed | State::Bound | State::Active if model.boot_due == 0 => match model.seq {
                Some(stored) if seq <= stored => WrongState,
                _ if !model.cv => UnknownKey,
                _ => Done,
            },
            _ => WrongState,
        };
        let got = word(&bench.bind(&binding));
        if expected == Done {
            model.took(1);
            model.seq = Some(seq);
            model.suspended = state == BindingState::Suspended;
            model.state = if state == BindingState::Retired { State::Retired } else { State::Bound };
            (model.stamp1, model.adm) = (None, None);
        }
        (got, expected)
    }

    pub(super) fn power_on(&mut self, op: &Op) -> (StatusWord, StatusWord) {
        let (bench, model) = (&mut self.bench, &mut self.model);
        if matches!(op, Op::Boot) {
            let expected = if model.boot_due > 0 { Done } else { WrongState };
            let booted = bench.client.boot();
            if let Ok(booted) = &booted {
                assert_eq!(booted.is_due_again(), model.boot_due == 2);
                bench.cycle = booted.cycle;
            }
            if model.boot_due == 1 {
                model.took(1);
                model.record_after_boot = false;
            }
            model.boot_due = model.boot_due.saturating_sub(1);
            return (word(&booted), expected);
        }
        let right = matches!(op, Op::Pair);
        let booted = model.boot_due == 0;
        let expected = match model.state {
            State::Bound if right && booted => Done,
            State::Bound => NotAuthorised,
            _ => WrongState,
        };
        let mut pairing = bench.pairing();
        if !(right && booted) {
            pairing.cycle = jushin_statement::Id16([0xFF; 16]);
        }
        let terminal = &actors().terminal;
        let got = word(&bench.client.pair(terminal.spki(), &terminal.sign(&pairing)));
        model.paired |= expected == Done;
        (got, expected)
    }

    pub(super) fn activate(&mut self, op: &Op) -> (StatusWord, StatusWord) {
        let (bench, model) = (&mut self.bench, &mut self.model);
        if matches!(op, Op::Stamp1) {
            let expected = match model.state {
                State::Bound | State::Active => model.may_unlock(),
                _ => WrongState,
            };
            let stamp1 = bench.stamp1();
            if expected == Done {
                model.took(1);
                model.stamp1 = stamp1.as_ref().ok().cloned();
            }
            return (word(&stamp1), expected);
        }
        let right = matches!(op, Op::Activate);
        let Some(stamp1) = model.stamp1.clone().filter(|_| model.in_states(&[State::Bound, State::Active]))
        else {
            let data = jushin_secure_element::exchange::ActivationRequest {
                provider_key: actors().provider.spki().into(),
                token: Hash::ZERO,
                activation: Signed(Vec::new().into()),
                grant: None,
            };
            return (bench.send(Instruction::Activate, &data.encode()), WrongState);
        };
        let mut activation = bench.activation(&stamp1);
        activation.id = jushin_statement::Id16(Hash::of(stamp1.as_bytes()).first16().0);
        activation.begins = 4;
        if !right {
            activation.cycle = jushin_statement::Id16([1; 16]);
        }
        let got = word(&bench.activate(&activation));
        if right {
            model.took(1);
            (model.state, model.offline, model.begins_left, model.since) =
                (State::Active, false, 4, model.now);
            (model.stamp1, model.adm, model.offline_used, model.failures) = (None, None, 0, 0);
        }
        (got, if right { Done } else { NotAuthorised })
    }

    pub(super) fn administrator(&mut self, op: &Op) -> (StatusWord, StatusWord) {
        let (bench, model) = (&mut self.bench, &mut self.model);
        if matches!(op, Op::BuildAdmin) {
            let expected = match (model.state, model.may_unlock()) {
                (State::Bound, Done) if model.failures >= 5 || model.offline_used >= 3 => Exhausted,
                (State::Bound, word) => word,
                _ => WrongState,
            };
            let built = bench.client.build_admin_activation(UnixMillis(1));
            if expected == Done {
                let bytes = built.as_ref().map(|built| built.to_be_signed.to_vec()).unwrap_or_default();
                model.adm = Some((model.counter + 1, bytes));
            }
            return (word(&built), expected);
        }
        let right = matches!(op, Op::PutAdmin);
        let expected = match (model.state, &model.adm) {
            (State::Bound, Some(_)) if model.failures >= 5 => Exhausted,
            (State::Bound, Some((counter, _))) if *counter == model.counter + 1 => {
                if right {
                    Done
                } else {
                    WrongSignature
                }
            }
            _ => WrongState,
        };
        let bytes = model.adm.as_ref().map(|(_, bytes)| bytes.clone()).unwrap_or_default();
        let mut signature = actors().administrator.sign(&bytes);
        if !right {
            signature[0] ^= 1;
        }
        let put = bench.client.put_admin_activation(&signature, &actors().administrator.certificate, None);
        if expected == Done {
            model.took(1);
            // The adm's ticks are those of ADM-BUILD; nothing here lets so many pass that it matters.
            (model.state, model.offline, model.since, model.failures) = (State::Active, true, 0, 0);
            (model.stamp1, model.adm) = (None, None);
        } else if expected == WrongSignature {
            model.failures += 1;
        }
        (word(&put), expected)
    }

    pub(super) fn check_in(&mut self, op: &Op) -> (StatusWord, StatusWord) {
        let (bench, model) = (&mut self.bench, &mut self.model);
        let active = model.in_states(&[State::Active, State::Pending]);
        match op {
            Op::Begin(_) | Op::UnknownBegin => {
                let (other, known) = match op {
                    Op::Begin(other) => (*other, true),
                    _ => (false, false),
                };
                let expected = match active {
                    false => WrongState,
                    true if !model.ticks_left() || model.begins_left() == 0 => Exhausted,
                    true if !known => UnknownKey,
                    true => Done,
                };
                let input = begin(if known { card(other) } else { &actors().stranger });
                let begun = bench.client.begin(&input);
                if let (Done, Ok(begun)) = (expected, &begun) {
                    assert_eq!(begun.abort.is_some(), model.state == State::Pending);
                    model.took(1 + u64::from(model.state == State::Pending));
                    if model.offline {
                        model.offline_used += 1
                    } else {
                        model.begins_left -= 1
                    }
                    let to_be_signed = begun.to_be_signed.to_vec();
                    model.session = Some(Session { other, to_be_signed, since: model.now });
                    model.state = State::Pending;
                }
                (word(&begun), expected)
            }
            _ => {
                let expected = if model.state == State::Pending { Done } else { WrongState };
                let session = model.session.take();
                let signature = match (op, &session) {
                    (Op::Commit, Some(session)) => card(session.other).sign(&session.to_be_signed),
                    (Op::Abort, _) => Vec::new(),
                    _ => vec![1; 256],
                };
                let commit = bench.commit(&signature);
                if let (Ok(commit), Some(session)) = (&commit, session) {
                    let outcome = match op {
                        Op::Abort => CommitOutcome::Aborted,
                        _ if model.now - session.since > 100 => CommitOutcome::TooLate,
                        Op::Commit => CommitOutcome::Signed,
                        _ => CommitOutcome::Aborted,
                    };
                    assert_eq!(commit.outcome, outcome);
                    model.took(1);
                    model.state = State::Active;
                    let ids = Ids { other: session.other, ..Ids::default() };
                    model.ids = (outcome == CommitOutcome::Signed).then_some(ids);
                }
                (word(&commit), expected)
            }
        }
    }

    pub(super) fn card_id(&mut self, op: &Op) -> (StatusWord, StatusWord) {
        let (bench, model) = (&mut self.bench, &mut self.model);
        match op {
            Op::BuildCardId(epoch) => {
                let expected = match &model.ids {
                    None => WrongState,
                    Some(ids) if ids.built.contains(epoch) => WrongState,
                    Some(_) if !model.epochs.contains(epoch) => UnknownKey,
                    Some(_) => Done,
                };
                let request = bench.client.build_card_id(None, *epoch, challenge(9));
                if let (Ok(request), Some(ids)) = (&request, &mut model.ids) {
                    ids.built.push(*epoch);
                    ids.asked = Some((*epoch, request.to_be_signed.to_vec()));
                }
                (word(&request), expected)
            }
            Op::KeyedCardId => (word(&bench.client.keyed_card_id(1)), WrongState),
            _ => {
                let asked =
                    model.ids.as_mut().and_then(|ids| ids.asked.take().map(|asked| (ids.other, asked)));
                let right = matches!(op, Op::CardId);
                let (signature, expected) = match asked {
                    None => (vec![1; 256], WrongState),
                    Some((other, (_, bytes))) if right => (card(other).sign(&bytes), Done),
                    Some((other, (_, bytes))) => (card(!other).sign(&bytes), WrongSignature),
                };
                (
                    bench.send(Instruction::CardId, &CardIdInput::Signature(signature.into()).encode()),
                    expected,
                )
            }
        }
    }

    pub(super) fn records(&mut self, op: &Op) -> (StatusWord, StatusWord) {
        let (bench, model) = (&mut self.bench, &mut self.model);
        let (got, expected) = match op {
            Op::Stamp => {
                let expected = match model.state {
                    State::Active if model.ticks_left() => Done,
                    State::Active => Exhausted,
                    _ => WrongState,
                };
                (word(&bench.client.stamp(StampSubject::Heartbeat, Hash::ZERO)), expected)
            }
            _ => {
                let allowed = model.in_states(&[State::Bound, State::Active, State::Retired]);
                let expected =
                    if allowed && model.boot_due == 0 && !model.closed { Done } else { WrongState };
                model.closed |= expected == Done && model.state == State::Retired;
                (word(&bench.client.close(Hash::ZERO, 1, None)), expected)
            }
        };
        if expected == Done {
            model.took(1);
        }
        (got, expected)
    }

    /// Bytes that are no command's input: refused, whatever they are, and nothing changes.
    pub(super) fn raw(&mut self, instruction: u8, data: &[u8]) -> (StatusWord, StatusWord) {
        let mut apdu = vec![0x80, instruction, 0, 0];
        apdu.extend_from_slice(data);
        let known = [0x20, 0x32, 0x34, 0x3A].contains(&instruction);
        if known || data.contains(&0x80) {
            return (Done, Done);
        }
        self.model.ids = None;
        let answer = self.bench.client.transport().handle(&apdu);
        assert_eq!(answer.len(), 2);
        assert_ne!(answer, [0x90, 0x00]);
        (Done, Done)
    }

    pub(super) fn assert_state(&mut self) {
        // STATUS would end a card ID session, so it is only asked outside one.
        if self.model.ids.is_some() {
            return;
        }
        let Status { state, counter, binding_seq, .. } = self.bench.client.status().unwrap();
        assert_eq!((state, counter, binding_seq), (self.model.state, self.model.counter, self.model.seq));
    }
}

pub(super) fn sealed_nothing() -> Vec<u8> {
    jushin_secure_element::exchange::SealedInjection {
        encapsulated: Vec::new().into(),
        ciphertext: Vec::new().into(),
        nonce: Hash::ZERO,
    }
    .encode()
}
