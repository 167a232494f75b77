//! Power is cut before and after every write of a scripted life, and once or twice more during recovery.
//!
//! What must hold then: nothing is released that is not stored; no counter value stands in two payloads; the released records form one chain,
//! whose only holes are presences that a boot record names; BOOT releases the last record again, byte for
//! byte; a presence has at most one commit. The first and the last are what the Spin model of the write
//! order states.

use std::collections::BTreeMap;

use jushin_secure_element::client::{ElementError, payload_of, signed_admin_activation};
use jushin_secure_element::exchange::State;
use jushin_secure_element::{Cut, Nvm, Slot, StatusWord};
use jushin_statement::cbor::Reader;
use jushin_statement::{
    AdminActivation, BindingState, Field, Hash, Object, Presence, Record, Signed, StampSubject, UnixMillis,
};

use crate::actors::actors;
use crate::bench::{Bench, GlassNvm, build};

type Outcome = Result<(), ElementError>;
type Step = fn(&mut Host) -> Outcome;

/// The steps of the life. Each looks first what is already done, so that it can be repeated.
const LIFE: &[Step] = &[
    |host| host.enrol(),
    |host| host.bind(1, BindingState::InUse),
    |host| host.check_in(),
    |host| host.stamp(),
    |host| host.wrong_signature(),
    |host| host.begin_twice(),
    |host| host.close(),
    |host| host.re_anchor(),
    |host| host.bind(2, BindingState::InUse),
    |host| host.idle_power_cycle(),
    |host| host.offline(),
    |host| host.power_off_in_session(),
    |host| host.bind(3, BindingState::Retired),
    |host| host.last_close(),
];

/// A host that keeps every record it is given.
struct Host {
    bench: Bench,
    /// Records by counter.
    records: BTreeMap<u64, Signed>,
    /// Payloads of presences by counter.
    presences: BTreeMap<u64, Vec<u8>>,
    /// Heads that were stored, by counter.
    heads: BTreeMap<u64, Hash>,
    /// The key pair exists but its request never arrived: such an element is thrown away.
    stillborn: bool,
}

/// Counter and predecessor of a record or an `adm`.
fn place(signed: &Signed) -> (u64, Hash) {
    let payload = signed.parse().unwrap().payload;
    match Record::decode(payload) {
        Ok(record) => (record.link().counter, record.link().previous),
        Err(_) => {
            let adm = AdminActivation::decode(payload).unwrap();
            (adm.counter, adm.previous)
        }
    }
}

/// Counter, head and the one or two last records as they are stored.
fn journal(nvm: &GlassNvm) -> Option<(u64, Hash, Vec<Signed>)> {
    let bytes = nvm.read(Slot::Journal)?;
    let mut reader = Reader::new(&bytes).unwrap();
    reader.array_of_any().unwrap();
    assert_eq!(reader.uint(), Ok(1));
    let counter = reader.uint().unwrap();
    let head = Hash::read(&mut reader).unwrap();
    let records: [Option<Signed>; 2] = [Field::read(&mut reader).unwrap(), Field::read(&mut reader).unwrap()];
    Some((counter, head, records.into_iter().flatten().collect()))
}

impl Host {
    fn live(cuts: &[Cut]) -> Self {
        let mut host = Self {
            bench: Bench::factory_with(build(), GlassNvm::with_cuts(cuts)),
            records: BTreeMap::new(),
            presences: BTreeMap::new(),
            heads: BTreeMap::new(),
            stillborn: false,
        };
        for step in LIFE {
            while !host.stillborn {
                let done = step(&mut host);
                host.note_head();
                match done {
                    Ok(()) => break,
                    Err(ElementError::Unreachable(_)) => host.recover(),
                    Err(error) => panic!("{cuts:?}: {error}"),
                }
            }
        }
        host
    }

    /// One counter value, one payload.
    fn note_head(&mut self) {
        if let Some((counter, head, _)) = journal(&self.bench.nvm) {
            assert_eq!(*self.heads.entry(counter).or_insert(head), head, "value {counter} taken twice");
        }
    }

    fn keep(&mut self, signed: &Signed) {
        self.note_head();
        let (counter, _) = place(signed);
        let (_, _, stored) = journal(&self.bench.nvm).unwrap();
        assert!(stored.contains(signed), "value {counter} was released before it was stored");
        assert!(!self.presences.contains_key(&counter), "value {counter} is a presence's");
        let known = self.records.entry(counter).or_insert_with(|| signed.clone());
        assert_eq!(known, signed, "value {counter} in two records");
    }

    fn keep_presence(&mut self, to_be_signed: &[u8]) {
        self.note_head();
        let payload = payload_of(to_be_signed).unwrap();
        let counter = Presence::decode(payload).unwrap().counter;
        assert_eq!(self.heads.get(&counter), Some(&Hash::of(payload)), "released before it was stored");
        assert!(!self.records.contains_key(&counter), "value {counter} is a record's");
        assert_eq!(self.presences.insert(counter, payload.to_vec()), None);
    }

    /// Power on and BOOT until it works; nothing that was stored may be missing then.
    fn recover(&mut self) {
        let stored = journal(&self.bench.nvm).map_or_else(Vec::new, |(_, _, records)| records);
        loop {
            self.bench.client.transport().power_on().unwrap();
            match self.boot() {
                Ok(()) => break,
                Err(ElementError::Unreachable(_)) => {}
                Err(error) if error.status() == Some(StatusWord::WrongState) => break,
                Err(error) => panic!("{error}"),
            }
        }
        for record in stored {
            assert_eq!(self.records.get(&place(&record).0), Some(&record), "BOOT releases it again");
        }
    }

    fn boot(&mut self) -> Outcome {
        loop {
            let booted = self.bench.client.boot()?;
            let released = booted.last_record.iter().chain([&booted.boot]);
            released.for_each(|record| self.keep(record));
            self.bench.cycle = booted.cycle;
            if !booted.is_due_again() {
                return Ok(());
            }
        }
    }

    fn power_cycle(&mut self) -> Outcome {
        self.bench.client.transport().power_on().unwrap();
        self.boot()
    }

    fn enrol(&mut self) -> Outcome {
        if self.bench.state() == State::Factory {
            self.bench.request_certificate()?;
        } else if self.bench.device_key.is_empty() {
            self.stillborn = true;
            return Ok(());
        }
        match self.boot() {
            Err(error) if error.status() == Some(StatusWord::WrongState) => {}
            done => done?,
        }
        let mut card_ca = self.bench.pseudonym_injection(0, 0);
        card_ca.kind = jushin_statement::InjectionKind::CardCa;
        card_ca.value = actors().next_card_ca.key().spki().into();
        for injection in [self.bench.institution_injection(), self.bench.pseudonym_injection(1, 0), card_ca] {
            self.bench.inject(&injection)?;
        }
        Ok(())
    }

    fn bind(&mut self, seq: u64, state: BindingState) -> Outcome {
        let status = self.bench.client.status()?;
        if status.binding_seq >= Some(seq) {
            return Ok(());
        }
        let mut binding = self.bench.binding(seq);
        binding.state = state;
        if state != BindingState::InUse {
            binding.from_counter = Some(status.counter + 1);
        }
        let ack = self.bench.bind(&binding)?;
        self.keep(&ack);
        Ok(())
    }

    fn ensure_active(&mut self) -> Outcome {
        if self.bench.state() == State::Bound {
            self.bench.pair()?;
            self.re_anchor_now()?;
        }
        Ok(())
    }

    fn re_anchor_now(&mut self) -> Outcome {
        let stamp1 = self.bench.stamp1()?;
        self.keep(&stamp1);
        let activation = self.bench.activation(&stamp1);
        let activated = self.bench.activate(&activation)?;
        self.keep(&activated.stamp2);
        Ok(())
    }

    fn re_anchor(&mut self) -> Outcome {
        self.ensure_active()?;
        self.re_anchor_now()
    }

    fn begin(&mut self) -> Result<Vec<u8>, ElementError> {
        let begun = self.bench.begin(&actors().patient)?;
        begun.abort.iter().for_each(|abort| self.keep(abort));
        self.keep_presence(&begun.to_be_signed);
        Ok(actors().patient.sign(&begun.to_be_signed))
    }

    fn commit(&mut self, signature: &[u8]) -> Outcome {
        let commit = self.bench.client.commit(signature)?;
        self.keep(&commit);
        Ok(())
    }

    fn check_in(&mut self) -> Outcome {
        self.ensure_active()?;
        let signature = self.begin()?;
        self.commit(&signature)
    }

    fn wrong_signature(&mut self) -> Outcome {
        self.ensure_active()?;
        self.begin()?;
        self.commit(&[0; 256])
    }

    fn begin_twice(&mut self) -> Outcome {
        self.ensure_active()?;
        self.begin()?;
        self.check_in()
    }

    fn stamp(&mut self) -> Outcome {
        self.ensure_active()?;
        let stamp = self.bench.client.stamp(StampSubject::Heartbeat, Hash::ZERO)?;
        self.keep(&stamp);
        Ok(())
    }

    fn close(&mut self) -> Outcome {
        let close = self.bench.client.close(Hash::of(b"n"), 1, None)?;
        self.keep(&close);
        Ok(())
    }

    fn last_close(&mut self) -> Outcome {
        match self.close() {
            Err(error) if error.status() == Some(StatusWord::WrongState) => Ok(()),
            done => done,
        }
    }

    fn idle_power_cycle(&mut self) -> Outcome {
        self.power_cycle()?;
        self.power_cycle()
    }

    fn offline(&mut self) -> Outcome {
        self.power_cycle()?;
        self.bench.pair()?;
        let request = self.bench.client.build_admin_activation(UnixMillis(1))?;
        let (administrator, stranger) = (&actors().administrator, &actors().stranger);
        let signature = stranger.sign(&request.to_be_signed);
        match self.bench.client.put_admin_activation(&signature, &stranger.certificate, None) {
            Err(error) if error.status() == Some(StatusWord::UnknownKey) => {}
            wrong => wrong.map(|_| panic!("a stranger unlocked the element"))?,
        }
        let signature = administrator.sign(&request.to_be_signed);
        self.bench.client.put_admin_activation(&signature, &administrator.certificate, None)?;
        self.keep(&signed_admin_activation(&request.to_be_signed, &signature).unwrap());
        let signature = self.begin()?;
        self.commit(&signature)
    }

    fn power_off_in_session(&mut self) -> Outcome {
        self.ensure_active()?;
        self.begin()?;
        self.power_cycle()
    }

    /// The records are one chain; its only holes are presences that the next boot record names.
    fn assert_chain(&self, cuts: &[Cut]) {
        let Some(last) = self.records.keys().next_back() else { return };
        let mut commits: BTreeMap<[u8; 32], u64> = BTreeMap::new();
        for counter in 1..=*last {
            let Some(signed) = self.records.get(&counter) else {
                let explained = self.presences.contains_key(&counter)
                    || matches!(self.record(counter + 1), Some(Record::Boot(boot)) if boot.pending == Some(counter));
                assert!(explained, "{cuts:?}: value {counter} is missing");
                continue;
            };
            if AdminActivation::decode(signed.parse().unwrap().payload).is_err() {
                self.bench.assert_signed(signed);
            }
            let before = match (self.records.get(&(counter - 1)), self.presences.get(&(counter - 1))) {
                (Some(record), _) => Some(record.parse().unwrap().payload_hash()),
                (None, Some(presence)) => Some(Hash::of(presence)),
                (None, None) => (counter == 1).then_some(Hash::ZERO),
            };
            assert!(
                before.is_none_or(|before| before == place(signed).1),
                "{cuts:?}: {counter} breaks the chain"
            );
            if let Some(Record::Boot(boot)) = self.record(counter) {
                let open = counter > 1 && !self.records.contains_key(&(counter - 1));
                assert_eq!(boot.pending, open.then_some(counter - 1), "{cuts:?}: names what was open");
            }
            if let Some(Record::Commit(commit)) = self.record(counter) {
                assert_eq!(commits.insert(commit.presence.0, counter), None, "{cuts:?}: second commit");
            }
        }
    }

    fn record(&self, counter: u64) -> Option<Record> {
        let signed = self.records.get(&counter)?;
        Record::decode(signed.parse().unwrap().payload).ok()
    }
}

/// How many writes the undisturbed life makes.
fn writes_of_a_life() -> u64 {
    let host = Host::live(&[]);
    host.assert_chain(&[]);
    assert!(!host.stillborn);
    host.bench.nvm.writes()
}

/// Every choice of before and after for these writes.
fn all_cuts(writes: &[u64]) -> Vec<Vec<Cut>> {
    writes.iter().fold(vec![Vec::new()], |all, write| {
        all.iter()
            .flat_map(|cuts| {
                [Cut::Before(*write), Cut::After(*write)].map(|cut| [&cuts[..], &[cut]].concat())
            })
            .collect()
    })
}

#[test]
fn a_power_cut_at_any_write_loses_no_record_and_reuses_no_counter_value() {
    for write in 0..writes_of_a_life() {
        for cuts in all_cuts(&[write]) {
            let host = Host::live(&cuts);
            assert_eq!(host.stillborn, cuts == [Cut::After(0)], "only the request itself can be lost");
            if !host.stillborn {
                host.assert_chain(&cuts);
            }
        }
    }
}

#[test]
fn further_power_cuts_during_recovery_lose_no_record_either() {
    for write in 1..writes_of_a_life() {
        for cuts in all_cuts(&[write, write + 1]).into_iter().chain(all_cuts(&[write, write + 1, write + 2]))
        {
            Host::live(&cuts).assert_chain(&cuts);
        }
    }
}
