//! Bundles that somebody changed at random, shown to the command: it neither stops nor believes them.

use std::fs;

use jushin_statement::{Bundle, Bytes, Object as _, Visits};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use serde_json::Value;

use crate::support::{Folder, Played, jushin};

/// Changes of bytes, and changes of what a bundle holds, that are tried.
const CHANGES: usize = 400;

struct Dice(ChaCha20Rng);

impl Dice {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end.max(1) as u64) as usize
    }

    /// A place in `length` bytes and a few bytes from there.
    fn stretch(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        start..(start + 1 + self.below(40)).min(length)
    }

    /// Changes bytes somewhere.
    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let here = self.stretch(bytes.len());
        match self.below(8) {
            0..=2 => bytes[here.start] ^= 1 << self.below(8),
            3 => bytes[here.start] = self.below(256) as u8,
            4 => drop(bytes.drain(here)),
            5 => {
                let again = bytes[here.clone()].to_vec();
                drop(bytes.splice(here.start..here.start, again));
            }
            6 => {
                let there = self.stretch(other.len());
                drop(bytes.splice(here, other[there].iter().copied()));
            }
            _ => bytes.truncate(here.start),
        }
    }

    /// Removes, doubles, exchanges or reverses in one of a bundle's lists.
    fn rearrange<T: Clone>(&mut self, list: &mut Vec<T>, other: &[T]) {
        match self.below(5) {
            0 if !list.is_empty() => drop(list.remove(self.below(list.len()))),
            1 if !list.is_empty() => list.push(list[self.below(list.len())].clone()),
            2 if !other.is_empty() => list.push(other[self.below(other.len())].clone()),
            3 if !other.is_empty() && !list.is_empty() => {
                let place = self.below(list.len());
                list[place] = other[self.below(other.len())].clone();
            }
            _ => list.reverse(),
        }
    }

    /// A bundle with something of another one in it.
    fn mix(&mut self, bundle: &Bundle, other: &Bundle) -> Bundle {
        let mut mixed = bundle.clone();
        match self.below(9) {
            0 => self.rearrange(&mut mixed.anchors, &other.anchors),
            1 => self.rearrange(&mut mixed.records, &other.records),
            2 => self.rearrange(&mut mixed.certificates, &other.certificates),
            3 => self.rearrange(&mut mixed.revocation, &other.revocation),
            4 => self.rearrange(&mut mixed.bindings, &other.bindings),
            5 => self.rearrange(&mut mixed.results, &other.results),
            6 => mixed.proofs.push(Bytes(vec![self.below(256) as u8; 9])),
            _ => {
                if let (Visits::Full(visits), Visits::Full(others)) = (&mut mixed.visits, &other.visits) {
                    let (visit, other) = (&mut visits[0], others[0].clone());
                    match self.below(7) {
                        0 => visit.presence = other.presence,
                        1 => (visit.card_alg, visit.card_signature) = (other.card_alg, other.card_signature),
                        2 => visit.certificate = other.certificate,
                        3 => visit.blind = other.blind,
                        4 => visit.authentication = other.authentication,
                        5 => visit.commit = other.commit,
                        _ => *visit = other,
                    }
                }
            }
        }
        mixed
    }
}

/// Who, where and in which order, as `verify` says it of a visit.
fn content(visit: &Value) -> Vec<&Value> {
    ["evid", "institution", "element", "terminal", "holder_check", "counter", "simulated"]
        .map(|key| &visit[key])
        .to_vec()
}

/// A visit that is called valid must be one of the honest ones, and no better proven than there.
fn assert_nothing_new(document: &Value, honest: &[Value], seed: usize) {
    for visit in document["visits"].as_array().unwrap() {
        if !visit["status"].as_str().unwrap().starts_with("VALID") {
            continue;
        }
        let same = honest.iter().find(|one| one["evid"] == visit["evid"]);
        let same = same.unwrap_or_else(|| panic!("change {seed} made a new visit: {visit}"));
        assert_eq!(content(visit), content(same), "change {seed}");
        let time = |visit: &Value, end: &str| visit[end].as_str().map(str::to_owned);
        assert!(time(visit, "earliest") <= time(same, "earliest"), "change {seed}: {visit}");
        let latest = time(visit, "latest").is_none_or(|late| Some(late) >= time(same, "latest"));
        assert!(latest, "change {seed}: {visit}");
        assert!(visit["class"].as_u64() <= same["class"].as_u64(), "change {seed}: {visit}");
    }
}

fn documents(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn n7_1_no_random_change_makes_another_visit_valid_or_stops_the_command() {
    let played = Played::well();
    let trust = played.dir().join("trust").display().to_string();
    let originals: Vec<Vec<u8>> = played.bundles().iter().map(|path| fs::read(path).unwrap()).collect();
    let bundles = played.decoded();

    let folder = Folder::new();
    let mut names: Vec<String> = (0..originals.len()).map(|number| format!("honest-{number}")).collect();
    for (name, bytes) in names.iter().zip(&originals) {
        folder.write(name, bytes);
    }
    for seed in 0..2 * CHANGES {
        let mut dice = Dice(ChaCha20Rng::seed_from_u64(seed as u64));
        let (one, other) = (dice.below(originals.len()), dice.below(originals.len()));
        let bytes = if seed < CHANGES {
            let mut bytes = originals[one].clone();
            (0..=dice.below(3)).for_each(|_| dice.change(&mut bytes, &originals[other]));
            bytes
        } else {
            dice.mix(&bundles[one], &bundles[other]).encode()
        };
        let name = format!("changed-{seed}");
        folder.write(&name, bytes);
        names.push(name);
    }
    let mut arguments = vec!["verify", "--json", "--trust", &trust];
    arguments.extend(names.iter().map(String::as_str));
    let answer = jushin(folder.path(), &arguments).expect(1);
    assert_eq!(answer.err, "");

    let documents = documents(&answer.out);
    assert_eq!(documents.len(), names.len());
    let (honest, changed) = documents.split_at(originals.len());
    let honest: Vec<Value> = honest.iter().map(|document| document["visits"][0].clone()).collect();
    assert!(honest.iter().all(|visit| visit["status"] == "VALID"));
    for (seed, document) in changed.iter().enumerate() {
        assert_nothing_new(document, &honest, seed);
    }
    let refused = |part: &[Value]| part.iter().filter(|document| document["status"] != "VALID").count();
    let (bytes, contents) = changed.split_at(CHANGES);
    assert!(refused(bytes) > CHANGES * 8 / 10, "{}", refused(bytes));
    assert!(refused(contents) > CHANGES / 10, "{}", refused(contents));
    let malformed = bytes.iter().filter(|document| document.get("malformed").is_some()).count();
    assert!(malformed < CHANGES, "some changes reach the verifier");
}
