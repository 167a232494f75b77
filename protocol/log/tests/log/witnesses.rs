//! A log that forks, goes back or lies to its witness.

use jushin_crypto::{AwsLc, NoteKey};
use jushin_log::{
    AddCheckpoint, Checkpoint, ConsistencyProof, KeyName, Note, Refusal, SigningKey as _, VerifierKey,
    Witness, WitnessState, prove_consistency, sign_note, verify_cosignature,
};

use crate::folder::{entries, log};
use crate::reference;

const AT: u64 = 1_775_519_523;

struct Scene {
    log: NoteKey,
    own: NoteKey,
    origin: KeyName,
    name: KeyName,
    logs: Vec<VerifierKey>,
}

impl Scene {
    fn new() -> Self {
        let log = NoteKey::from_seed(&[1; 32]).unwrap();
        let origin = KeyName::new("log.example/a").unwrap();
        let logs = vec![VerifierKey::of_log(origin.clone(), log.public())];
        let own = NoteKey::from_seed(&[2; 32]).unwrap();
        Self { log, own, origin, name: KeyName::new("witness.example/w").unwrap(), logs }
    }

    fn request(&self, old_size: usize, entries: &[Vec<u8>]) -> AddCheckpoint {
        let (growth, folder) = log(entries, &[100]);
        let (size, root) = (entries.len() as u64, growth.root());
        let old_root = reference::root(&entries[..old_size]);
        let proof = prove_consistency(&folder, (old_size as u64, &old_root), (size, &root)).unwrap();
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root }.sign(&self.log);
        AddCheckpoint { old_size: old_size as u64, proof, checkpoint }
    }

    fn ask(
        &self,
        request: &AddCheckpoint,
        last: Option<WitnessState>,
    ) -> Result<(WitnessState, String), Refusal> {
        let witness = Witness { name: &self.name, key: &self.own, logs: &self.logs, crypto: &AwsLc };
        let request = AddCheckpoint::parse(&request.to_text())?;
        let checkpoint = witness.open(&request)?;
        witness.decide(&request, &checkpoint, last, AT)
    }
}

#[test]
fn a_witness_cosigns_what_goes_on_from_what_it_saw() {
    let scene = Scene::new();
    let entries = entries(700);
    let (first, _) = scene.ask(&scene.request(0, &entries[..300]), None).unwrap();
    assert_eq!(first.size, 300);
    let request = scene.request(300, &entries);
    let (second, line) = scene.ask(&request, Some(first)).unwrap();
    assert_eq!(second.size, 700);
    let note = format!("{}{line}", request.checkpoint);
    let trusted = VerifierKey::of_witness(scene.name.clone(), scene.own.public());
    let cosigned = verify_cosignature(&Note::parse(&note).unwrap(), &trusted, &AwsLc).unwrap();
    assert_eq!(cosigned.at, AT);
    // The same again is fine.
    assert_eq!(scene.ask(&scene.request(700, &entries), Some(second)).unwrap().0, second);
}

#[test]
fn a_fork_and_a_step_back_are_refused_each_with_its_status() {
    let scene = Scene::new();
    let all = entries(700);
    let (seen, _) = scene.ask(&scene.request(0, &all[..300]), None).unwrap();

    let mut forked = all.clone();
    forked[5].push(b'!');
    let refused = scene.ask(&scene.request(300, &forked), Some(seen)).unwrap_err();
    assert_eq!((refused, refused.status()), (Refusal::Inconsistent, 422));
    let same_size = scene.ask(&scene.request(300, &forked[..300]), Some(seen)).unwrap_err();
    assert_eq!(same_size, Refusal::Inconsistent, "another tree of the same size");
    let back = scene.ask(&scene.request(200, &all[..250]), Some(seen)).unwrap_err();
    assert_eq!((back, back.status()), (Refusal::OtherSize { size: 300 }, 409));
    let anew = scene.ask(&scene.request(0, &forked), Some(seen)).unwrap_err();
    assert_eq!(anew, Refusal::OtherSize { size: 300 });
    let mut larger = scene.request(300, &all);
    larger.old_size = 701;
    let refused = scene.ask(&larger, Some(seen)).unwrap_err();
    assert_eq!((refused, refused.status()), (Refusal::Malformed, 400));
}

#[test]
fn logs_that_nobody_watches_and_checkpoints_that_nobody_signed_are_refused() {
    let mut scene = Scene::new();
    let entries = entries(9);
    let good = scene.request(0, &entries);
    let mut unsigned = good.clone();
    unsigned.checkpoint = unsigned.checkpoint.replacen("\n9\n", "\n8\n", 1);
    let refused = scene.ask(&unsigned, None).unwrap_err();
    assert_eq!((refused, refused.status()), (Refusal::NotSigned, 403));
    let mut superfluous = good.clone();
    superfluous.proof = ConsistencyProof { path: vec![[1; 32]] };
    assert_eq!(scene.ask(&superfluous, None), Err(Refusal::Inconsistent));
    scene.logs.clear();
    let refused = scene.ask(&good, None).unwrap_err();
    assert_eq!((refused, refused.status()), (Refusal::UnknownLog, 404));
    for wrong in ["", "old 1\n", "old 01\n\nx", "new 1\n\nx", "old 1\nAAAA\n\nx"] {
        assert_eq!(AddCheckpoint::parse(wrong), Err(Refusal::Malformed), "{wrong:?}");
    }
}

#[test]
fn a_request_has_at_most_63_hashes() {
    let with = |count: usize| {
        let proof = ConsistencyProof { path: vec![[3; 32]; count] };
        let request = AddCheckpoint { old_size: 1, proof, checkpoint: "x".to_owned() };
        AddCheckpoint::parse(&request.to_text()).map(|request| request.proof.path.len())
    };
    assert_eq!((with(63), with(64)), (Ok(63), Err(Refusal::Malformed)));
}

#[test]
fn a_witness_cosigns_the_text_as_the_log_wrote_it() {
    let scene = Scene::new();
    let entries = entries(3);
    let plain = scene.request(0, &entries);
    let text = Note::parse(&plain.checkpoint).unwrap().text.to_owned();
    let extended = sign_note(&format!("{text}an extension\n"), &scene.origin, &scene.log);
    let request = AddCheckpoint { checkpoint: extended.clone(), ..plain };
    let (_, line) = scene.ask(&request, None).unwrap();
    let note = format!("{extended}{line}");
    let trusted = VerifierKey::of_witness(scene.name.clone(), scene.own.public());
    assert!(verify_cosignature(&Note::parse(&note).unwrap(), &trusted, &AwsLc).is_ok());
}

#[test]
fn another_logs_checkpoint_and_a_later_size_than_the_witnesss_are_refused() {
    let scene = Scene::new();
    let all = entries(9);
    let mut other = scene.request(0, &all);
    other.checkpoint = other.checkpoint.replacen("log.example/a", "log.example/b", 1);
    assert_eq!(scene.ask(&other, None), Err(Refusal::UnknownLog));
    let (seen, _) = scene.ask(&scene.request(0, &all[..3]), None).unwrap();
    let ahead = scene.ask(&scene.request(5, &all), Some(seen));
    assert_eq!(ahead, Err(Refusal::OtherSize { size: 3 }));
}
