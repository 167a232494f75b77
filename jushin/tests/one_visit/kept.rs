//! The kept visit, taken apart.

use std::fs;
use std::path::Path;

use jushin_crypto::AwsLc;
use jushin_evidence::{Appraisal, Trust, verify};
use jushin_pki::time_stamp::Token;
use jushin_statement::{
    Activation, Anchor, Batch, BatchAck, Binding, Bundle, Commit, Context, Hash, Object, Presence, Receipt,
    Signed, TickStamp1, TickStamp2, Verdict, Visit, blinded_certificate, online_anchor_hash, to_be_signed,
};

use crate::support::evidence;

pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/one-visit");

/// Everything that the page shows.
pub(crate) struct Kept {
    pub(crate) bundle: Bundle,
    pub(crate) batch: Batch,
    pub(crate) answer: BatchAck,
    pub(crate) history: Bundle,
    pub(crate) card_trace: String,
    pub(crate) element_trace: String,
    pub(crate) presence: Presence,
    pub(crate) commit: Commit,
    /// The bytes that the card signed.
    pub(crate) to_be_signed: Vec<u8>,
    /// Every anchor of the bundle.
    pub(crate) anchors: Vec<Named>,
    /// The anchor that the presence names.
    pub(crate) anchor: Named,
    pub(crate) receipt: Receipt,
    pub(crate) verdict: Verdict,
    pub(crate) registration: Visit,
}

/// An anchor that was made online.
#[derive(Clone)]
pub(crate) struct Named {
    pub(crate) stamp1: Signed,
    pub(crate) token: Vec<u8>,
    pub(crate) activation: Signed,
    pub(crate) stamp2: Signed,
}

/// A hash in one object that is of another's bytes.
pub(crate) struct Join {
    /// Its name.
    pub(crate) name: &'static str,
    /// Of what it is.
    pub(crate) of: &'static str,
    /// In which object it stands.
    pub(crate) place: &'static str,
    pub(crate) computed: Hash,
    pub(crate) found: Hash,
}

fn read(name: &str) -> Vec<u8> {
    fs::read(Path::new(FOLDER).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn object<T: Object>(signed: &Signed) -> T {
    signed.parse().unwrap().object().unwrap()
}

pub(crate) fn payload(signed: &Signed) -> Vec<u8> {
    signed.parse().unwrap().payload.to_vec()
}

impl Kept {
    pub(crate) fn read() -> Self {
        let bundle = Bundle::decode(&read("visit.jvb")).unwrap();
        let answer = BatchAck::decode(&read("batch-ack.cbor")).unwrap();
        let history = Bundle::decode(&read("history.jvb")).unwrap();
        let visit = evidence(&bundle);
        let presence = Presence::decode(&visit.presence).unwrap();
        let anchors = bundle.anchors.iter().filter_map(|anchor| match anchor.0.clone() {
            Anchor::Online { stamp1, token, activation, stamp2 } => {
                Some(Named { stamp1, token: token.0, activation, stamp2 })
            }
            _ => None,
        });
        let anchors: Vec<Named> = anchors.collect();
        let anchor = anchors.iter().find(|anchor| anchor.hash() == presence.anchor).unwrap().clone();
        let registration =
            history.results.iter().find_map(|result| result.parse().ok()?.object().ok()).unwrap();
        Self {
            to_be_signed: to_be_signed(Context::Presence, visit.card_alg, None, &visit.presence),
            commit: object(&visit.commit),
            receipt: object(&answer.receipt),
            verdict: object(&answer.verdicts[0]),
            batch: Batch::decode(&read("batch.cbor")).unwrap(),
            card_trace: String::from_utf8(read("card.txt")).unwrap(),
            element_trace: String::from_utf8(read("element.txt")).unwrap(),
            presence,
            anchors,
            anchor,
            registration,
            bundle,
            answer,
            history,
        }
    }

    /// What an independent verification says of it.
    pub(crate) fn appraisal(&self) -> Appraisal {
        let trust = Trust::from_files(fs::read_dir(Path::new(FOLDER).join("trust")).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())
        }));
        verify(&self.bundle, &trust.unwrap(), &AwsLc).visits.remove(0)
    }

    /// How the objects hang together.
    pub(crate) fn joins(&self) -> Vec<Join> {
        let visit = evidence(&self.bundle);
        let (stamp1, stamp2): (TickStamp1, TickStamp2) =
            (object(&self.anchor.stamp1), object(&self.anchor.stamp2));
        let activation: Activation = object(&self.anchor.activation);
        let binding =
            self.bundle.bindings.iter().map(object::<Binding>).max_by_key(|binding| binding.seq).unwrap();
        let token = Token::parse(&self.anchor.token).unwrap();
        let join = |name, of, place, computed, found| Join { name, of, place, computed, found };
        let record = |signed: &Signed| Hash::of(&payload(signed));
        vec![
            join("bind-h", "binding payload", "ts1", binding.hash(), stamp1.binding),
            join("imprint", "signed ts1", "TSA token", self.anchor.stamp1.imprint(), Hash(*token.imprint())),
            join("ts1-h", "ts1 payload", "act", record(&self.anchor.stamp1), activation.stamp),
            join("tst-h", "TSA token", "act", Hash::of(&self.anchor.token), activation.token),
            join("tst-h", "TSA token", "ts2", Hash::of(&self.anchor.token), stamp2.token),
            join("act-h", "act payload", "ts2", record(&self.anchor.activation), stamp2.activation_hash),
            join(
                "anchor-h",
                "[ts1-h, tst-h, act-h, ts2-h]",
                "presence",
                self.anchor.hash(),
                self.presence.anchor,
            ),
            join("prev", "ts2 payload", "presence", record(&self.anchor.stamp2), self.presence.previous),
            join(
                "cert-h",
                "blind ‖ certificate",
                "presence",
                blinded_certificate(&visit.blind, &visit.certificate),
                self.presence.certificate,
            ),
            join(
                "pres-h",
                "TBS: what the card signed",
                "commit",
                Hash::of(&self.to_be_signed),
                self.commit.presence,
            ),
            join(
                "csig-h",
                "the card's signature",
                "commit",
                Hash::of(&visit.card_signature),
                self.commit.card_signature.unwrap(),
            ),
            join("prev", "presence payload", "commit", Hash::of(&visit.presence), self.commit.previous),
            join("evid", "commit payload", "sealed box", record(&visit.commit), self.batch.boxes[0].evid),
            join("evid", "commit payload", "verdict", record(&visit.commit), self.verdict.evid),
            join("head", "commit payload", "receipt", record(&visit.commit), self.receipt.head),
            join("verdict-h", "verdict payload", "visit", self.verdict.hash(), self.registration.verdict),
            join("evid", "commit payload", "visit", record(&visit.commit), self.registration.evid),
        ]
    }
}

impl Named {
    /// anchor-h.
    pub(crate) fn hash(&self) -> Hash {
        let of = |signed: &Signed| Hash::of(&payload(signed));
        online_anchor_hash(of(&self.stamp1), Hash::of(&self.token), of(&self.activation), of(&self.stamp2))
    }
}
