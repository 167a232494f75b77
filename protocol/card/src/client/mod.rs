//! The reader's side: one consuming type per step, and one [`Session`] that drives them.
//!
//! ```no_run
//! # use jushin_card::{CardError, CardTransport, Session};
//! # use jushin_card::client::*;
//! # use jushin_card::jpki::Scheme;
//! # use jushin_card::terminal_auth::TerminalAuth;
//! # fn element(_: &Challenge, _: &CardCertificate) -> (Vec<u8>, Vec<u8>) { (vec![], vec![]) }
//! # fn check_in(reader: impl CardTransport, cv_certificate: &jushin_pki::CvCertificate) -> Result<(), CardError> {
//! let mut session = Session::new(reader);
//! let card = session.run(SelectApplication)?;
//! let certificate = session.run(ReadCertificate::authentication(&card, Addressing::Select))?;
//! let challenge = session.run(GetChallenge::new(&card))?;
//! let (external_authenticate, to_be_signed) = element(&challenge, &certificate);
//! let shown = session.run(VerifyCertificate::new(&card, TerminalAuth::Extended, cv_certificate)?)?;
//! let accepted = session.run(ExternalAuthenticate::new(&shown, challenge, &external_authenticate)?)?;
//! let request = SignRequest::statement(Scheme::Pkcs1DigestInfo, &to_be_signed)?;
//! let signed = session.run(Sign::without_pin(accepted, request))?;
//! session.end()?;
//! # let _ = signed.signature();
//! # Ok(())
//! # }
//! ```

mod authenticate;
mod error;
mod pin;
mod read;
mod select;
mod session;
mod sign;
mod step;

pub use authenticate::{
    CertificateAccepted, Challenge, ExternalAuthenticate, GetChallenge, InstitutionAccepted,
    VerifyCertificate,
};
pub use error::CardError;
pub use pin::{ChangePin, HolderVerified, Pin, PinForm, TriesLeft, VerifyPin};
pub use read::{CardCertificate, Presence, ReadCertificate, ReadPresence, ReadTerminalCa, ReadTokenInfo};
pub use select::{Addressing, SelectApplication, Selected};
pub use session::{Exchange, Session};
pub(crate) use sign::SIGNATURE_1;
pub use sign::{NotToBeSigned, PatientSigned, Sign, SignRequest};
pub use step::{Next, Step};
