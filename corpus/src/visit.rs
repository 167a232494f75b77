//! A check-in: presence, the card's signature, commit.

use jushin_pki::{Certificate, KeyKind, Suite};
use jushin_statement::*;
use sha2::{Digest, Sha384};

use crate::desk::{Desk, Form};
use crate::tpm::Attestation;
use crate::world::{Holder, Key, world};

/// Which card is presented, and how it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    /// RSA with PKCS#1 v1.5.
    Rsa,
    /// The same card, RSASSA-PSS.
    Pss,
    /// The next card, P-384.
    P384,
    /// Another patient's card.
    Second,
}

/// What a test changes before things are signed.
pub struct Edit<'e> {
    /// The card that signs.
    pub card: Card,
    /// Somebody's card that is none of these.
    pub holder: Option<&'e Holder>,
    /// The algorithm as the host names it to card, element and verifier, if not the one that signs.
    pub label: Option<Alg>,
    /// The context under which the card signs.
    pub context: Context,
    /// The form of authentication that the card followed, if not the stated one.
    pub form: Option<AuthenticationForm>,
    /// The certificate in the evidence, if not the card's own.
    pub certificate: Option<Certificate>,
    /// Changes the presence before the card signs it.
    pub presence: &'e dyn Fn(&mut Presence),
    /// Changes the card's answer before the element hashes it.
    pub answer: &'e dyn Fn(&mut Vec<u8>),
    /// Changes the commit before the element signs it.
    pub commit: &'e dyn Fn(&mut Commit),
    /// Changes the evidence at the end.
    pub evidence: &'e dyn Fn(&mut Evidence),
    /// Changes what a TPM attests.
    pub attestation: &'e dyn Fn(&mut Attestation),
}

impl Default for Edit<'_> {
    fn default() -> Self {
        Self {
            card: Card::Rsa,
            holder: None,
            label: None,
            context: Context::Presence,
            form: None,
            certificate: None,
            presence: &|_| {},
            answer: &|_| {},
            commit: &|_| {},
            evidence: &|_| {},
            attestation: &|_| {},
        }
    }
}

impl Desk {
    /// A check-in of a second and a half.
    pub fn visit(&mut self) -> &Evidence {
        self.visit_with(&Edit::default())
    }

    /// A check-in with something changed before it is signed.
    pub fn visit_with(&mut self, edit: &Edit<'_>) -> &Evidence {
        let (ticks, counter, previous) = self.step();
        let (own_alg, holder) =
            edit.holder.map_or_else(|| card(edit.card), |holder| (alg_of(holder), holder));
        let alg = edit.label.unwrap_or(own_alg);
        let certificate = edit.certificate.clone().unwrap_or_else(|| holder.certificate.clone());
        let blind = Hash::of(&counter.to_be_bytes()).0;
        let nonce = match (&self.last_record, self.form) {
            (Some(record), Form::Tpm) => record.imprint().first16(),
            _ => Hash::of(b"sn").first16(),
        };
        let mut presence = Presence {
            institution: self.binding.institution,
            element: self.element,
            desk: None,
            anchor: self.anchor,
            ticks,
            counter,
            nonce,
            challenge: CardChallenge::new(&[7; 16]).unwrap(),
            form: AuthenticationForm::OpensState,
            certificate: blinded_certificate(&blind, certificate.der()),
            method: HolderCheck::PhotoMachine,
            method_record: Some(Hash::of(b"face")),
            purpose: Purpose::CheckIn,
            consent: None,
            beacon: None,
            previous,
        };
        (edit.presence)(&mut presence);
        self.previous = presence.hash();
        self.wait(1_500);
        let payload = presence.encode();
        let mut card_signature = card_signature(edit, (alg, own_alg), &holder.key, &presence);
        (edit.answer)(&mut card_signature);
        let digest = Hash::of(&to_be_signed(edit.context, alg, None, &payload));
        let (ticks, counter, previous) = self.step();
        let mut commit = Commit {
            element: self.element,
            outcome: CommitOutcome::Signed,
            presence: digest,
            card_signature: Some(Hash::of(&card_signature)),
            ticks,
            counter,
            previous,
        };
        (edit.commit)(&mut commit);
        let mut evidence = Evidence {
            presence: payload.into(),
            card_alg: alg,
            card_signature: card_signature.into(),
            certificate: certificate.der().into(),
            blind,
            authentication: authentication(&presence).into(),
            commit: self.sign_attested(&commit, edit.attestation),
        };
        (edit.evidence)(&mut evidence);
        self.visits.push(evidence);
        self.visits.last().unwrap()
    }
}

fn card(card: Card) -> (Alg, &'static Holder) {
    let world = world();
    match card {
        Card::Rsa => (Alg::Rs256, &world.card),
        Card::Pss => (Alg::Ps256, &world.card),
        Card::P384 => (Alg::Es384, &world.card_p384),
        Card::Second => (Alg::Rs256, &world.second_card),
    }
}

fn alg_of(holder: &Holder) -> Alg {
    match holder.key.kind() {
        KeyKind::P256 => Alg::Es256,
        KeyKind::P384 => Alg::Es384,
        KeyKind::Rsa2048 | KeyKind::RsaOther => Alg::Rs256,
    }
}

/// Under the header of one algorithm, made with another.
fn card_signature(edit: &Edit<'_>, (label, alg): (Alg, Alg), key: &Key, presence: &Presence) -> Vec<u8> {
    let message = to_be_signed(edit.context, label, None, &presence.encode());
    let hash = |bytes: &[u8]| match alg {
        Alg::Es384 => Sha384::digest(bytes).to_vec(),
        _ => Hash::of(bytes).0.to_vec(),
    };
    let mut digest = hash(&message);
    if edit.form.unwrap_or(presence.form) == AuthenticationForm::CardBindsInstitution {
        let head: [&[u8]; 3] =
            [b"jushin/1/card-ea", presence.challenge.as_bytes(), presence.institution.as_bytes()];
        digest = hash(&[&head.concat()[..], &digest].concat());
    }
    let suite = match alg {
        Alg::Es384 => Suite::P384Sha384Cose,
        Alg::Es256 => Suite::P256Sha256Cose,
        Alg::Ps256 => Suite::RsaPssSha256,
        _ => Suite::RsaPkcs1Sha256,
    };
    key.sign_digest(suite, &digest).unwrap()
}

fn authentication(presence: &Presence) -> Vec<u8> {
    let id = world().cv.subject_key_id();
    let message = [&b"jushin/1/ea"[..], presence.challenge.as_bytes(), id.as_bytes()].concat();
    world().institution_key.sign(Suite::RsaPkcs1Sha256, &message).unwrap()
}
