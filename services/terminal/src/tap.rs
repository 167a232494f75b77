//! One card session (P3), from the card on the reader to the visit in the journal.
//!
//! ```text
//!  select, read certificate ─ [PIN] ─ challenge ─► BEGIN ─► show CV certificate, authenticate
//!      ─► the card signs ─► COMMIT ─► seal ─► journal
//! ```
//! Certificate, blind, card signature and PIN live in this module only, and are overwritten when it is done.

use std::sync::atomic::Ordering;
use std::time::Duration;

use jushin_card::apdu::StatusWord as CardStatus;
use jushin_card::client::{
    Addressing, ExternalAuthenticate, GetChallenge, Pin, ReadCertificate, ReadTokenInfo, SelectApplication,
    Selected, Sign, SignRequest, TriesLeft, VerifyCertificate, VerifyPin,
};
use jushin_card::jpki::{Credential, Scheme};
use jushin_card::terminal_auth::TerminalAuth;
use jushin_card::{CardError, Session};
use jushin_secure_element::StatusWord;
use jushin_secure_element::client::{ElementError, payload_of};
use jushin_secure_element::exchange::{Begin, Begun, CardCertificate};
use jushin_statement::{
    Alg, AuthenticationForm, CardChallenge, Commit, CommitOutcome, Hash, HolderCheck, Object as _, Presence,
    Purpose, Record, Signed,
};
use zeroize::Zeroizing;

use crate::check_in::{CardFailure, CardGuess, Event, ReadingStep};
use crate::keep::Kept;
use crate::ports::{CardName, ReaderError};
use crate::seal::{CardPart, sealed_evidence};
use crate::store::JournalEntry;
use crate::terminal::{DeviceError, Inner, locked, own_record};

/// Files are addressed by short identifier, which saves a command for each.
const ADDRESSING: Addressing = Addressing::ShortIdentifier;

/// A card on the reader, read and not yet asked to sign.
pub(crate) struct CardSession {
    session: Session<'static>,
    card: Selected,
    /// A phone shows it only after the PIN.
    certificate: Option<CardCertificate>,
    scheme: Scheme,
    form: AuthenticationForm,
    pub(crate) pin: Option<Pin>,
}

/// What a tap took: for figures, never for proofs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TapTrace {
    /// Commands that the card answered.
    pub apdus: u32,
    /// Steps in order, and how long each took.
    pub steps: Vec<(&'static str, Duration)>,
    /// The visit, if one came of it.
    pub evid: Option<Hash>,
    /// Its counter (mc1).
    pub counter: Option<u64>,
    /// Why there is none, in words for the operator.
    pub trouble: Option<String>,
}

/// Why a session gave no visit.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TapError {
    #[error(transparent)]
    Reader(#[from] ReaderError),
    #[error(transparent)]
    Card(#[from] CardError),
    #[error("the card is past its date")]
    Expired,
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error("the element recorded the session as {0:?}")]
    NotSigned(CommitOutcome),
    #[error("the evidence could not be sealed")]
    NotSealed,
    #[error("there is no card session")]
    NoSession,
}

impl From<ElementError> for TapError {
    fn from(error: ElementError) -> Self {
        Self::Device(error.into())
    }
}

impl From<crate::store::StoreError> for TapError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Device(error.into())
    }
}

impl From<jushin_statement::cbor::Malformed> for TapError {
    fn from(error: jushin_statement::cbor::Malformed) -> Self {
        Self::Device(error.into())
    }
}

impl TapError {
    /// What it means to the desk.
    pub(crate) const fn event(&self) -> Event {
        let failure = match self {
            Self::Reader(ReaderError::NoReader) => return Event::ReaderLost,
            Self::Reader(ReaderError::Silent) => CardFailure::NotOurs(CardGuess::Silent),
            Self::Card(CardError::NotJpki { .. }) => CardFailure::NotOurs(CardGuess::OtherChip),
            Self::Card(CardError::UnknownIssuer | CardError::NoCertificate) => {
                CardFailure::NotOurs(CardGuess::UnknownIssuer)
            }
            Self::Card(CardError::WrongPin { tries_left: 0 } | CardError::PinBlocked) => {
                CardFailure::PinBlocked
            }
            Self::Card(CardError::WrongPin { tries_left }) => {
                CardFailure::WrongPin { tries_left: *tries_left }
            }
            Self::Expired => CardFailure::Expired,
            Self::Device(DeviceError::Element(error)) => match error.status() {
                Some(StatusWord::UnknownKey) => CardFailure::NotOurs(CardGuess::UnknownIssuer),
                Some(StatusWord::Exhausted) => CardFailure::OutOfBudget,
                _ => CardFailure::Locked,
            },
            Self::Device(_) | Self::NotSealed => CardFailure::Locked,
            Self::Reader(ReaderError::NoCard) | Self::Card(_) | Self::NotSigned(_) | Self::NoSession => {
                CardFailure::Pulled
            }
        };
        Event::CardFailed(failure)
    }
}

impl Inner {
    /// Connects, selects the application and reads the certificate.
    pub(crate) fn open_card(&self, name: &CardName) -> Result<(), TapError> {
        *locked(&self.card) = None;
        let start = self.stopwatch.read();
        *locked(&self.trace) = TapTrace::default();
        let transport = self.reader.connect(name)?;
        let mut session = Session::new(transport);
        let card = session.run(SelectApplication)?;
        let token = session.run(ReadTokenInfo::new(&card, ADDRESSING))?;
        let certificate = if token.is_phone() { None } else { Some(read_certificate(&mut session, &card)?) };
        if certificate.as_ref().is_some_and(|certificate| self.past_its_date(certificate)) {
            return Err(TapError::Expired);
        }
        let form = self.reader.form(name);
        let open = CardSession { session, card, certificate, scheme: token.scheme(), form, pin: None };
        self.note(&open, "card", start);
        *locked(&self.card) = Some(open);
        Ok(())
    }

    /// How many PIN tries the card has left.
    pub(crate) fn tries_left(&self) -> Result<u8, TapError> {
        let mut card = locked(&self.card);
        let open = card.as_mut().ok_or(TapError::NoSession)?;
        Ok(open.session.run(TriesLeft::new(&open.card, Credential::Authentication, ADDRESSING))?)
    }

    /// Runs the session to its end. After a wrong PIN it stays open for another.
    pub(crate) fn take_visit(
        &self,
        method: HolderCheck,
        progress: &dyn Fn(ReadingStep),
    ) -> Result<Hash, TapError> {
        let mut open = locked(&self.card).take().ok_or(TapError::NoSession)?;
        if method == HolderCheck::Pin
            && let Err(error) = self.verify_pin(&mut open)
        {
            if matches!(error, TapError::Card(CardError::WrongPin { .. } | CardError::PinBlocked)) {
                *locked(&self.card) = Some(open);
            }
            return Err(error);
        }
        let result = self.run_session(&mut open, method, progress);
        let CardSession { session, .. } = open;
        let before = session.exchanges();
        // A card that is gone has closed itself.
        locked(&self.trace).apdus = session.end().unwrap_or(before);
        result
    }

    fn verify_pin(&self, open: &mut CardSession) -> Result<(), TapError> {
        let start = self.stopwatch.read();
        let pin = open.pin.take().ok_or(TapError::NoSession)?;
        open.session.run(VerifyPin::new(&open.card, pin, ADDRESSING))?;
        self.note(open, "pin", start);
        Ok(())
    }

    fn run_session(
        &self,
        open: &mut CardSession,
        method: HolderCheck,
        progress: &dyn Fn(ReadingStep),
    ) -> Result<Hash, TapError> {
        let certificate = match open.certificate.take() {
            Some(certificate) => certificate,
            None => read_certificate(&mut open.session, &open.card)?,
        };
        let start = self.stopwatch.read();
        self.keep_what_waits()?;
        let challenge = open.session.run(GetChallenge::new(&open.card))?;
        let begun = locked(&self.element).begin(&Begin {
            desk: None,
            challenge: CardChallenge::new(challenge.as_bytes())?,
            form: open.form,
            card_alg: card_alg(open.scheme),
            certificate: certificate.clone(),
            method,
            method_record: None,
            purpose: Purpose::CheckIn,
            consent: None,
            beacon: None,
        })?;
        if let Some(abort) = &begun.abort {
            self.journal(abort)?;
        }
        self.note(open, "begin", start);
        // From here on the element waits for a signature: whatever goes wrong is recorded as given up.
        let signed = self.card_signature(open, challenge, &begun, progress);
        let signature = match signed {
            Ok(signature) => signature,
            Err(error) => {
                self.give_up()?;
                return Err(error);
            }
        };
        progress(ReadingStep::Record);
        self.commit(open, &begun, certificate, &signature, method)
    }

    fn card_signature(
        &self,
        open: &mut CardSession,
        challenge: jushin_card::client::Challenge,
        begun: &Begun,
        progress: &dyn Fn(ReadingStep),
    ) -> Result<Zeroizing<Vec<u8>>, TapError> {
        let start = self.stopwatch.read();
        let institution = &self.configuration.institution_certificate;
        let show = VerifyCertificate::new(&open.card, TerminalAuth::Extended, institution);
        let shown = open.session.run(show.map_err(CardError::from)?)?;
        let answer = ExternalAuthenticate::new(&shown, challenge, &begun.ea_signature);
        let accepted = open.session.run(answer.map_err(CardError::from)?)?;
        self.note(open, "terminal", start);
        progress(ReadingStep::Holder);
        let start = self.stopwatch.read();
        let request = SignRequest::statement(open.scheme, &begun.to_be_signed).map_err(CardError::from)?;
        let signed = open.session.run(Sign::without_pin(accepted, request))?;
        self.note(open, "holder", start);
        Ok(Zeroizing::new(signed.signature().to_vec()))
    }

    fn commit(
        &self,
        open: &CardSession,
        begun: &Begun,
        certificate: CardCertificate,
        signature: &[u8],
        method: HolderCheck,
    ) -> Result<Hash, TapError> {
        let start = self.stopwatch.read();
        let signed = locked(&self.element).commit(signature)?;
        let (own, record) = own_record(&signed)?;
        *locked(&self.ticks) = Some(record.link().ticks);
        let Record::Commit(commit) = record else {
            return Err(jushin_statement::cbor::Malformed::Type { object: Commit::NAME }.into());
        };
        if commit.outcome != CommitOutcome::Signed {
            self.keep(Kept::Record(own))?;
            return Err(TapError::NotSigned(commit.outcome));
        }
        let presence = payload_of(&begun.to_be_signed)?;
        let counter = Presence::decode(presence)?.counter;
        let evid = own.payload_hash;
        let part = CardPart {
            alg: card_alg(open.scheme),
            signature,
            certificate: certificate.as_bytes(),
            blind: begun.blind.as_bytes(),
            authentication: &begun.ea_signature,
        };
        let to = &self.configuration.platform_keys.evidence;
        let sealed =
            sealed_evidence(&*self.crypto, to, (commit.element, counter, evid), presence, &part, &signed);
        drop(certificate);
        let Some(sealed) = sealed else {
            self.keep(Kept::Record(own))?;
            return Err(TapError::NotSealed);
        };
        self.keep(Kept::Visit(JournalEntry {
            evid,
            counter,
            presence: presence.to_vec(),
            commit: own,
            method,
            at: self.now(),
            sealed,
        }))?;
        self.note_remaining();
        self.note(open, "record", start);
        let mut trace = locked(&self.trace);
        trace.evid = Some(evid);
        trace.counter = Some(counter);
        Ok(evid)
    }

    /// Tells the element that no signature will come, and journals that.
    fn give_up(&self) -> Result<(), DeviceError> {
        let abort: Signed = locked(&self.element).abort()?;
        self.journal(&abort)?;
        Ok(())
    }

    /// By the terminal's clock, unless that is known to be wrong; what counts is judged by the platform.
    fn past_its_date(&self, certificate: &CardCertificate) -> bool {
        if self.clock_is_wrong.load(Ordering::Relaxed) {
            return false;
        }
        crate::expiry::last_day(certificate.as_bytes())
            .is_some_and(|last| last < crate::expiry::text_of(self.now()))
    }

    fn note(&self, open: &CardSession, step: &'static str, start: Duration) {
        let mut trace = locked(&self.trace);
        trace.apdus = open.session.exchanges();
        trace.steps.push((step, self.stopwatch.read().saturating_sub(start)));
    }
}

fn read_certificate(session: &mut Session<'static>, card: &Selected) -> Result<CardCertificate, CardError> {
    match session.run(ReadCertificate::authentication(card, ADDRESSING)) {
        Ok(certificate) => Ok(CardCertificate::new(certificate.as_bytes().to_vec())),
        // Some children's cards have none.
        Err(CardError::Refused { status: CardStatus::NOT_FOUND, .. }) => Err(CardError::NoCertificate),
        Err(error) => Err(error),
    }
}

const fn card_alg(scheme: Scheme) -> Alg {
    match scheme {
        Scheme::Pkcs1DigestInfo | Scheme::Pkcs1Hash => Alg::Rs256,
        Scheme::Pss => Alg::Ps256,
        Scheme::P384 => Alg::Es384,
    }
}
