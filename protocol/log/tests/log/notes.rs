//! Notes, checkpoints, cosignatures and proofs as text.

use jushin_crypto::{AwsLc, NoteKey};
use jushin_log::{
    Checkpoint, CheckpointError, KeyName, LoggedProof, LoggedProofError, Note, NoteError, Opening,
    ProofError, SigningKey as _, VerifierKey, commitment, cosign, leaf_hash, prove_inclusion, sign_note,
    verify_cosignature,
};

use crate::folder::log;

fn key(seed: u8) -> NoteKey {
    NoteKey::from_seed(&[seed; 32]).unwrap()
}

fn name(text: &str) -> KeyName {
    KeyName::new(text).unwrap()
}

/// The example of C2SP signed-note.
const PUBLISHED_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const PUBLISHED_NOTE: &str = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

#[test]
fn the_published_example_verifies() {
    let key = VerifierKey::parse(PUBLISHED_KEY).unwrap();
    assert_eq!(key.to_text(), PUBLISHED_KEY);
    let note = Note::parse(PUBLISHED_NOTE).unwrap();
    assert_eq!(note.text, "This is an example message.\n");
    assert_eq!(note.verify(&key, &AwsLc), Ok(()));
    let changed = PUBLISHED_NOTE.replace("example message", "exomple message");
    assert_eq!(Note::parse(&changed).unwrap().verify(&key, &AwsLc), Err(NoteError::BadSignature));
}

#[test]
fn a_note_of_another_form_is_refused() {
    for wrong in ["", "\n\n", "text\n", "text\n\n", "text\n\nno dash AAAA\n", "text\n\n— name not-base64\n"]
    {
        assert_eq!(Note::parse(wrong), Err(NoteError::Malformed), "{wrong:?}");
    }
    let carriage_return = PUBLISHED_NOTE.replace("message.", "message.\r");
    assert_eq!(Note::parse(&carriage_return), Err(NoteError::Malformed));
    let cut = PUBLISHED_NOTE.trim_end();
    assert_eq!(Note::parse(cut), Err(NoteError::Malformed));
    for wrong in ["", "a+b", "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "x+00000000+AQ=="] {
        assert_eq!(VerifierKey::parse(wrong), Err(NoteError::VerifierKey), "{wrong:?}");
    }
    let other_id = PUBLISHED_KEY.replace("530d903a", "530d903b");
    assert_eq!(VerifierKey::parse(&other_id), Err(NoteError::VerifierKey));
}

#[test]
fn unknown_signatures_are_passed_over_and_wrong_ones_under_a_known_name_are_not() {
    let log = name("log.example/a");
    let trusted = VerifierKey::of_log(log.clone(), key(1).public());
    let text = "anything\n";
    let signed = sign_note(text, &log, &key(1));
    let other = sign_note(text, &name("somebody.example"), &key(2));
    let both = format!("{signed}{}", other.split_once("\n\n").unwrap().1);
    assert_eq!(Note::parse(&both).unwrap().verify(&trusted, &AwsLc), Ok(()));
    assert_eq!(Note::parse(&other).unwrap().verify(&trusted, &AwsLc), Err(NoteError::NoTrustedSignature));
    let impostor = sign_note(text, &log, &key(2));
    assert_eq!(Note::parse(&impostor).unwrap().verify(&trusted, &AwsLc), Err(NoteError::NoTrustedSignature));
}

#[test]
fn a_checkpoint_says_which_log_and_every_other_is_refused() {
    let origin = name("log.example/a");
    let checkpoint = Checkpoint { origin: origin.clone(), size: 20_852_163, root: [3; 32] };
    let note = checkpoint.sign(&key(1));
    let trusted = VerifierKey::of_log(origin, key(1).public());
    assert_eq!(Checkpoint::open(&note, &trusted, &AwsLc), Ok(checkpoint.clone()));

    let elsewhere = sign_note(
        &Checkpoint { origin: name("log.example/b"), ..checkpoint.clone() }.text(),
        trusted.name(),
        &key(1),
    );
    assert_eq!(Checkpoint::open(&elsewhere, &trusted, &AwsLc), Err(CheckpointError::OtherLog));
    let grown = note.replace("20852163", "20852164");
    let refused = Checkpoint::open(&grown, &trusted, &AwsLc);
    assert_eq!(refused, Err(CheckpointError::Note(NoteError::BadSignature)));
    for wrong in ["a\n01\n", "a\n1\nAAAA\n", "a\n1\n", "", "a\n-1\nxxx\n"] {
        assert_eq!(Checkpoint::parse(wrong), Err(CheckpointError::Malformed), "{wrong:?}");
    }
    let empty = Checkpoint { size: 0, ..checkpoint }.text();
    assert_eq!(Checkpoint::parse(&empty), Err(CheckpointError::EmptyRoot));
}

#[test]
fn a_cosignature_is_over_the_text_and_the_time() {
    let checkpoint = Checkpoint { origin: name("log.example/a"), size: 5, root: [3; 32] };
    let (text, witness) = (checkpoint.text(), name("witness.example/w"));
    let line = cosign(&text, 1_775_519_523, &witness, &key(9));
    let note = format!("{}{line}", checkpoint.sign(&key(1)));
    let trusted = VerifierKey::of_witness(witness.clone(), key(9).public());
    let cosigned = verify_cosignature(&Note::parse(&note).unwrap(), &trusted, &AwsLc).unwrap();
    assert_eq!((cosigned.witness, cosigned.at), (witness.clone(), 1_775_519_523));
    assert!(VerifierKey::parse(&trusted.to_text()).unwrap().cosigns());

    let moved = note.replacen("log.example/a\n5\n", "log.example/a\n6\n", 1);
    let refused = verify_cosignature(&Note::parse(&moved).unwrap(), &trusted, &AwsLc);
    assert_eq!(refused, Err(NoteError::BadSignature));
    let of_log = VerifierKey::of_log(witness, key(9).public());
    let refused = verify_cosignature(&Note::parse(&note).unwrap(), &of_log, &AwsLc);
    assert_eq!(refused, Err(NoteError::VerifierKey));
}

#[test]
fn a_proof_stands_alone_and_holds_for_its_entry_only() {
    let opening = Opening([4; 32]);
    let entries: Vec<Vec<u8>> = (0..5_u8).map(|n| commitment(&opening, &[n; 32]).to_vec()).collect();
    let (growth, folder) = log(&entries, &[5]);
    let origin = name("log.example/a");
    let checkpoint = Checkpoint { origin: origin.clone(), size: 5, root: growth.root() };
    let proof = LoggedProof {
        extra: Some(opening.0.to_vec()),
        inclusion: prove_inclusion(&folder, 3, &leaf_hash(&entries[3]), 5, &growth.root()).unwrap(),
        checkpoint: checkpoint.sign(&key(1)),
    };
    let text = proof.to_text();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra BAQE"), "{text}");
    let read = LoggedProof::parse(&text).unwrap();
    assert_eq!(read, proof);
    let trusted = VerifierKey::of_log(origin, key(1).public());
    assert_eq!(read.verify(&entries[3], &trusted, &AwsLc), Ok(checkpoint));
    let other = read.verify(&entries[2], &trusted, &AwsLc);
    assert_eq!(other, Err(LoggedProofError::Proof(ProofError::OtherRoot)));
    for wrong in
        ["", "c2sp.org/tlog-proof@v2\nindex 1\n\n", "c2sp.org/tlog-proof@v1\nindex 01\n\nx", &text[1..]]
    {
        assert_eq!(LoggedProof::parse(wrong), Err(LoggedProofError::Malformed), "{wrong:?}");
    }
    assert_eq!(format!("{opening:?}"), "Opening", "an opening is shown to nobody by accident");
}
