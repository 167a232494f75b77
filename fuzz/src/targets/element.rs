//! The element's door: any commands in any order, with a host that has real keys, and power cuts.
//!
//! Whatever comes, a counter value stands in one payload only and values rise; released records form one
//! chain; nothing is released that is not stored; and without an activation in the same power cycle there
//! is no record of a visit.

use std::collections::BTreeMap;

use jushin_secure_element::client::{ElementError, payload_of};
use jushin_secure_element::exchange::{Booted, One};
use jushin_secure_element::{Cut, Instruction, Nvm, Slot, command};
use jushin_statement::cbor::Reader;
use jushin_statement::{
    AdminActivation, BindingState, Field, Hash, Id16, InjectionKind, Object, Presence, Record, Signed,
    StampSubject, UnixMillis,
};

use crate::element_actors::{Card, actors};
use crate::element_bench::{Bench, GlassNvm, build, challenge};
use crate::input::Input;
use crate::planted;

/// Most commands in one input: some make keys and signatures.
const MOST: usize = 48;

pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let cuts: Vec<Cut> = (0..input.below(5))
        .map(|_| match input.byte() {
            even if even % 2 == 0 => Cut::Before(u64::from(even / 2)),
            odd => Cut::After(u64::from(odd / 2)),
        })
        .collect();
    let mut host = Host::new(&cuts);
    for _ in 0..MOST {
        if input.is_empty() {
            break;
        }
        if let Err(ElementError::Unreachable(_)) = host.step(&mut input) {
            host.power_cycle();
        }
        host.note_head();
    }
}

struct Host {
    bench: Bench,
    records: BTreeMap<u64, Signed>,
    presences: BTreeMap<u64, Vec<u8>>,
    heads: BTreeMap<u64, Hash>,
    /// An activation was accepted in this power cycle, and no binding since.
    unlocked: bool,
    stamp1: Option<Signed>,
    adm: Vec<u8>,
    to_be_signed: Option<(Card_, Vec<u8>)>,
    card_id: Vec<u8>,
}

type Card_ = &'static Card;

impl Host {
    fn new(cuts: &[Cut]) -> Self {
        Self {
            bench: Bench::factory_with(build(), GlassNvm::with_cuts(cuts)),
            records: BTreeMap::new(),
            presences: BTreeMap::new(),
            heads: BTreeMap::new(),
            unlocked: false,
            stamp1: None,
            adm: Vec::new(),
            to_be_signed: None,
            card_id: Vec::new(),
        }
    }

    fn step(&mut self, input: &mut Input<'_>) -> Result<(), ElementError> {
        let choice = input.byte();
        match choice % 26 {
            0 => self.power_cycle(),
            1 => self.bench.ticker.advance(u64::from(input.word() % 200_000)),
            2 => drop(self.bench.request_certificate()?),
            // Nothing can be sealed for an element whose certificate request never arrived.
            3 | 4 if self.bench.sealing_key.is_empty() => {}
            3 => drop(self.bench.inject(&self.bench.institution_injection())?),
            4 => {
                let (epoch, keep) = (u64::from(input.byte()), u64::from(input.byte()));
                let mut injection = self.bench.pseudonym_injection(epoch, keep);
                if epoch == 255 {
                    injection.kind = InjectionKind::CardCa;
                    injection.value = actors().next_card_ca.key().spki().into();
                }
                drop(self.bench.inject(&injection)?);
            }
            5 => self.bind(input)?,
            6 | 7 => self.boot()?,
            8 => self.bench.pair()?,
            9 => {
                let stamp1 = self.bench.stamp1()?;
                self.keep(&stamp1);
                self.stamp1 = Some(stamp1);
            }
            10 => self.activate(input)?,
            11 => self.adm = self.bench.client.build_admin_activation(UnixMillis(1))?.to_be_signed.to_vec(),
            12 => {
                let administrator = &actors().administrator;
                let signature = administrator.sign(&self.adm);
                self.bench.client.put_admin_activation(&signature, &administrator.certificate, None)?;
                self.unlocked = true;
                self.note_head();
            }
            13 | 14 => self.begin(input)?,
            15 | 16 => {
                if let Some((card, to_be_signed)) = self.to_be_signed.take() {
                    self.commit(&card.sign(&to_be_signed))?;
                }
            }
            17 => self.commit(input.string())?,
            18 => {
                let stamp = self.bench.client.stamp(StampSubject::Heartbeat, Hash::ZERO)?;
                self.keep(&stamp);
            }
            19 => {
                let last = Some(u64::from(input.byte())).filter(|last| *last != 0);
                let close = self.bench.client.close(Hash::of(b"n"), u64::from(input.byte()), last)?;
                self.keep(&close);
            }
            20 => {
                let epoch = u64::from(input.byte());
                self.card_id =
                    self.bench.client.build_card_id(None, epoch, challenge(2))?.to_be_signed.to_vec();
            }
            21 => drop(self.bench.client.card_id(&actors().patient.sign(&self.card_id))?),
            22 => drop(self.bench.client.keyed_card_id(u64::from(input.byte()))?),
            23 => drop(self.bench.client.status()?),
            24 => {
                let instruction = Instruction::ALL[input.below(Instruction::ALL.len())];
                if let Ok(apdu) = command(instruction, input.string()) {
                    self.raw(&apdu);
                }
            }
            _ => self.raw(input.string()),
        }
        Ok(())
    }

    fn bind(&mut self, input: &mut Input<'_>) -> Result<(), ElementError> {
        let status = self.bench.client.status()?;
        let choice = input.byte();
        let mut binding = self.bench.binding(status.binding_seq.unwrap_or(0) + u64::from(choice >> 4));
        binding.state = match choice % 8 {
            0 => BindingState::Retired,
            1 | 2 => BindingState::Suspended,
            _ => BindingState::InUse,
        };
        if binding.state != BindingState::InUse {
            binding.from_counter = Some(status.counter + 1);
        }
        binding.policy.begins_offline = 2;
        let ack = self.bench.bind(&binding)?;
        self.unlocked = false;
        self.keep(&ack);
        Ok(())
    }

    fn boot(&mut self) -> Result<(), ElementError> {
        let booted = self.bench.client.boot()?;
        self.keep_boot(&booted);
        Ok(())
    }

    fn keep_boot(&mut self, booted: &Booted) {
        for record in booted.last_record.iter().chain([&booted.boot]) {
            self.keep(record);
        }
        self.bench.cycle = booted.cycle;
        planted::fault(booted.is_due_again(), "a boot record that is released a second time");
    }

    fn activate(&mut self, input: &mut Input<'_>) -> Result<(), ElementError> {
        let Some(stamp1) = self.stamp1.clone() else { return Ok(()) };
        let mut activation = self.bench.activation(&stamp1);
        activation.id = Id16(Hash::of(stamp1.as_bytes()).first16().0);
        activation.begins = u64::from(input.byte() % 8);
        let activated = self.bench.activate(&activation)?;
        self.unlocked = true;
        self.keep(&activated.stamp2);
        Ok(())
    }

    fn begin(&mut self, input: &mut Input<'_>) -> Result<(), ElementError> {
        let all = actors();
        let card: Card_ = [
            &all.patient,
            &all.other_patient,
            &all.p384_patient,
            &all.next_generation_patient,
            &all.stranger,
        ][input.below(5)];
        let begun = self.bench.begin(card)?;
        assert!(self.unlocked, "a card session without an activation");
        begun.abort.iter().for_each(|abort| self.keep(abort));
        self.keep_presence(&begun.to_be_signed);
        self.to_be_signed = Some((card, begun.to_be_signed.to_vec()));
        Ok(())
    }

    fn commit(&mut self, signature: &[u8]) -> Result<(), ElementError> {
        let commit = self.bench.client.commit(signature)?;
        assert!(self.unlocked, "a commit without an activation");
        self.keep(&commit);
        Ok(())
    }

    /// Bytes of the input as a command; what they release is looked at like everything else.
    fn raw(&mut self, apdu: &[u8]) {
        let answer = self.bench.client.transport().handle(apdu);
        let Some((body, [0x90, 0x00])) = answer.split_last_chunk() else { return };
        if let Ok(booted) = Booted::decode(body) {
            self.keep_boot(&booted);
        } else if let Ok(one) = One::decode(body)
            && one.signed.parse().is_ok_and(|sign1| Record::decode(sign1.payload).is_ok())
        {
            self.keep(&one.signed);
        }
    }

    fn power_cycle(&mut self) {
        self.unlocked = false;
        self.bench.client.transport().power_off();
        self.bench.client.transport().power_on().expect("the element wrote its storage itself");
    }

    /// One counter value, one payload; values only rise.
    fn note_head(&mut self) {
        if let Some((counter, head, _)) = self.journal() {
            assert_eq!(*self.heads.entry(counter).or_insert(head), head, "value {counter} taken twice");
            let highest = self.heads.keys().next_back();
            assert_eq!(highest, Some(&counter), "the counter fell to {counter}");
        }
    }

    fn keep(&mut self, signed: &Signed) {
        self.note_head();
        let payload = signed.parse().expect("a signed record").payload;
        let (counter, previous) = place(payload);
        let (_, _, stored) = self.journal().expect("a record was made");
        assert!(stored.contains(signed), "value {counter} was released before it was stored");
        assert!(!self.presences.contains_key(&counter), "value {counter} is a presence's");
        let known = self.records.entry(counter).or_insert_with(|| signed.clone());
        assert_eq!(known, signed, "value {counter} in two records");
        if let Some(before) = counter.checked_sub(1).and_then(|before| self.heads.get(&before)) {
            assert_eq!(previous, *before, "the chain is broken before {counter}");
        }
    }

    fn keep_presence(&mut self, to_be_signed: &[u8]) {
        self.note_head();
        let payload = payload_of(to_be_signed).expect("a Sig_structure");
        let counter = Presence::decode(payload).expect("a presence").counter;
        assert_eq!(self.heads.get(&counter), Some(&Hash::of(payload)), "released before it was stored");
        assert!(!self.records.contains_key(&counter), "value {counter} is a record's");
        assert_eq!(self.presences.insert(counter, payload.to_vec()), None);
    }

    /// Counter, head and the one or two last records as they are stored.
    fn journal(&self) -> Option<(u64, Hash, Vec<Signed>)> {
        let bytes = self.bench.nvm.read(Slot::Journal)?;
        let mut reader = Reader::new(&bytes).ok()?;
        reader.array_of_any().ok()?;
        reader.uint().ok()?;
        let (counter, head) = (reader.uint().ok()?, Hash::read(&mut reader).ok()?);
        let records: [Option<Signed>; 2] = [Field::read(&mut reader).ok()?, Field::read(&mut reader).ok()?];
        Some((counter, head, records.into_iter().flatten().collect()))
    }
}

/// Counter and predecessor of a record or an `adm`.
fn place(payload: &[u8]) -> (u64, Hash) {
    match Record::decode(payload) {
        Ok(record) => (record.link().counter, record.link().previous),
        Err(_) => {
            let adm = AdminActivation::decode(payload).expect("a record or an adm");
            (adm.counter, adm.previous)
        }
    }
}
