//! Notes, checkpoints, cosignatures and proofs as text.

use jushin_crypto::{AwsLc, NoteKey};
use jushin_log::{
    Checkpoint, CheckpointError, KeyName, KeyNameError, LoggedProof, LoggedProofError, Note, NoteError,
    Opening, ProofError, SigningKey as _, VerifierKey, commitment, cosign, cosignature_line, leaf_hash,
    node_hash, prove_inclusion, sign_note, verify_cosignature,
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
fn of_a_witnesss_answer_nothing_is_taken_over_but_its_cosignature() {
    let checkpoint = Checkpoint { origin: name("log.example/a"), size: 5, root: [3; 32] };
    let (text, witness) = (checkpoint.text(), name("witness.example/w"));
    let trusted = VerifierKey::of_witness(witness.clone(), key(9).public());
    let at = |seconds| cosign(&text, seconds, &witness, &key(9));
    let line = |answer: &str| cosignature_line(&text, answer, &trusted, &AwsLc);
    assert_eq!(line(&at(7)), Ok(at(7)));
    let somebody = cosign(&text, 7, &name("somebody.example"), &key(8));
    assert_eq!(line(&format!("{somebody}{}{}", at(8), at(7))), Ok(at(8)), "the newest, and only that");

    // With one line break more the log's own signature would become part of what is signed.
    let note = checkpoint.sign(&key(1));
    let over_all = cosign(&note, 7, &witness, &key(9));
    assert_eq!(line(&format!("\n{over_all}")), Err(NoteError::Malformed));
    assert_eq!(line(&format!("{}\n{over_all}", at(7))), Err(NoteError::Malformed));
    assert_eq!(line(&over_all), Err(NoteError::BadSignature));
    assert_eq!(line(&somebody), Err(NoteError::NoTrustedSignature));
    assert_eq!(line("nonsense\n"), Err(NoteError::Malformed));
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

#[test]
fn the_hashes_are_those_of_the_rfc() {
    // Over "", and over "" and 00, as the tests of Certificate Transparency have them.
    let hex = |hash: [u8; 32]| hash.map(|byte| format!("{byte:02x}")).concat();
    let empty = leaf_hash(b"");
    assert_eq!(hex(empty), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    let two = node_hash(&empty, &leaf_hash(&[0]));
    assert_eq!(hex(two), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

#[test]
fn a_commitment_covers_tag_opening_and_content() {
    use sha2::{Digest as _, Sha256};
    let made = commitment(&Opening([4; 32]), &[5; 32]);
    let expected = Sha256::digest([b"jushin/1/leaf".as_slice(), &[4; 32], &[5; 32]].concat());
    assert_eq!(made.as_slice(), expected.as_slice());
}

#[test]
fn a_keys_name_is_one_word() {
    for wrong in ["", "a b", "a\tb", "a+b", "a\u{3000}b", "a\u{7f}b"] {
        assert_eq!(KeyName::new(wrong), Err(KeyNameError), "{wrong:?}");
    }
    assert_eq!(name("log.example/a").as_str(), "log.example/a");
}

/// A verifier key over any material, with the id that fits it.
fn verifier_text(name: &str, id_of: u8, material: &[u8]) -> String {
    use base64ct::{Base64, Encoding as _};
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest([name.as_bytes(), &[b'\n', id_of], &material[1..]].concat());
    let id = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{name}+{id}+{}", Base64::encode_string(material))
}

#[test]
fn a_verifier_key_is_a_logs_or_a_witnesss_and_its_id_covers_name_kind_and_key() {
    for kind in [1, 4] {
        let text = verifier_text("a", kind, &[&[kind][..], &[9; 32]].concat());
        assert_eq!(VerifierKey::parse(&text).map(|key| key.cosigns()), Ok(kind == 4));
    }
    let unknown = verifier_text("a", 6, &[&[6][..], &[9; 32]].concat());
    assert_eq!(VerifierKey::parse(&unknown), Err(NoteError::VerifierKey));
    let other_kind = verifier_text("a", 1, &[&[4][..], &[9; 32]].concat());
    assert_eq!(VerifierKey::parse(&other_kind), Err(NoteError::VerifierKey));
    let renamed = verifier_text("a", 1, &[&[1][..], &[9; 32]].concat()).replacen("a+", "b+", 1);
    assert_eq!(VerifierKey::parse(&renamed), Err(NoteError::VerifierKey));
}

#[test]
fn a_note_has_at_most_32_signatures_and_64_kibibytes() {
    let signed = sign_note("text\n", &name("a"), &key(1));
    let (_, line) = signed.split_once("\n\n").unwrap();
    let with = |count: usize| Note::parse(&format!("text\n\n{}", line.repeat(count))).map(|_| ());
    assert_eq!((with(32), with(33)), (Ok(()), Err(NoteError::Malformed)));

    let of = |length: usize| {
        let rest = length - signed.len();
        Note::parse(&format!("{}{signed}", "x".repeat(rest))).map(|_| ())
    };
    assert_eq!((of(1 << 16), of((1 << 16) + 1)), (Ok(()), Err(NoteError::Malformed)));
}

#[test]
fn the_last_empty_line_separates_text_and_signatures() {
    let text = "one\n\ntwo\n";
    let signed = sign_note(text, &name("a"), &key(1));
    let note = Note::parse(&signed).unwrap();
    assert_eq!(note.text, text);
    assert_eq!(note.verify(&VerifierKey::of_log(name("a"), key(1).public()), &AwsLc), Ok(()));
}

#[test]
fn a_signature_line_names_a_key_and_holds_a_signature() {
    let with = |line: &str| Note::parse(&format!("text\n\n— {line}\n")).map(|_| ());
    assert_eq!(with("a AAAAAAE="), Ok(()));
    assert_eq!(with("a AAAAAA=="), Err(NoteError::Malformed), "an id without a signature");
    assert_eq!(with("a+b AAAAAAE="), Err(NoteError::Malformed), "no name");
}

#[test]
fn a_signature_under_a_trusted_name_and_id_that_is_not_that_keys_is_refused_also_beside_a_good_one() {
    let trusted = VerifierKey::of_log(name("a"), key(1).public());
    let signed = sign_note("text\n", &name("a"), &key(1));
    let other = sign_note("another\n", &name("a"), &key(1));
    let both = format!("{signed}{}", other.split_once("\n\n").unwrap().1);
    assert_eq!(Note::parse(&both).unwrap().verify(&trusted, &AwsLc), Err(NoteError::BadSignature));
    let renamed = signed.replace("— a ", "— b ");
    assert_eq!(Note::parse(&renamed).unwrap().verify(&trusted, &AwsLc), Err(NoteError::NoTrustedSignature));
}

#[test]
fn the_text_of_a_checkpoint_has_one_form() {
    let good = Checkpoint { origin: name("a"), size: 1, root: [3; 32] }.text();
    assert!(Checkpoint::parse(&good).is_ok());
    assert!(Checkpoint::parse(&format!("{good}extension\n")).is_ok());
    for wrong in [
        format!("{good}\n"),
        format!("{good}extension"),
        good.trim_end().to_owned(),
        good.replacen("\n1\n", "\n+1\n", 1),
        good.replacen("\n1\n", "\n01\n", 1),
    ] {
        assert_eq!(Checkpoint::parse(&wrong), Err(CheckpointError::Malformed), "{wrong:?}");
    }
}

#[test]
fn of_two_cosignatures_the_newest_counts_and_a_time_that_no_clock_shows_is_refused() {
    let checkpoint = Checkpoint { origin: name("log.example/a"), size: 5, root: [3; 32] };
    let witness = name("witness.example/w");
    let trusted = VerifierKey::of_witness(witness.clone(), key(9).public());
    let with = |times: &[u64]| {
        let lines: String =
            times.iter().map(|at| cosign(&checkpoint.text(), *at, &witness, &key(9))).collect();
        let note = format!("{}{lines}", checkpoint.sign(&key(1)));
        verify_cosignature(&Note::parse(&note).unwrap(), &trusted, &AwsLc).map(|cosigned| cosigned.at)
    };
    assert_eq!(with(&[]), Err(NoteError::NoTrustedSignature));
    assert_eq!((with(&[7, 9]), with(&[9, 7])), (Ok(9), Ok(9)));
    assert_eq!(with(&[i64::MAX as u64]), Ok(i64::MAX as u64));
    assert_eq!(with(&[i64::MAX as u64 + 1]), Err(NoteError::BadSignature));
}

#[test]
fn a_proof_has_at_most_63_hashes() {
    let with = |count: usize| {
        let hash = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n";
        let text = format!("c2sp.org/tlog-proof@v1\nindex 1\n{}\nx", hash.repeat(count));
        LoggedProof::parse(&text).map(|proof| proof.inclusion.path.len())
    };
    assert_eq!((with(63), with(64)), (Ok(63), Err(LoggedProofError::Malformed)));
}

#[test]
fn a_cosignature_whose_time_was_changed_is_refused() {
    use base64ct::{Base64, Encoding as _};
    let checkpoint = Checkpoint { origin: name("log.example/a"), size: 5, root: [3; 32] };
    let witness = name("witness.example/w");
    let line = cosign(&checkpoint.text(), 7, &witness, &key(9));
    let (start, encoded) = line.trim_end().rsplit_once(' ').unwrap();
    let mut bytes = Base64::decode_vec(encoded).unwrap();
    bytes[11] += 1; // four bytes of the id, eight of the time
    let note = format!("{}{start} {}\n", checkpoint.sign(&key(1)), Base64::encode_string(&bytes));
    let trusted = VerifierKey::of_witness(witness, key(9).public());
    let refused = verify_cosignature(&Note::parse(&note).unwrap(), &trusted, &AwsLc);
    assert_eq!(refused, Err(NoteError::BadSignature));
}
