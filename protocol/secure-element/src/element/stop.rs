//! Why a command ends early.

use jushin_pki::{BadSignature, SigningFailed, UnusableKey};
use jushin_statement::cbor::Malformed;

use crate::apdu::StatusWord;
use crate::nvm::PowerCut;

/// Why a command ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The element answers with this status word.
    Refused(StatusWord),
    /// The element answers nothing any more.
    PowerCut,
}

impl From<StatusWord> for Stop {
    fn from(word: StatusWord) -> Self {
        Self::Refused(word)
    }
}

impl From<PowerCut> for Stop {
    fn from(_: PowerCut) -> Self {
        Self::PowerCut
    }
}

impl From<Malformed> for Stop {
    fn from(_: Malformed) -> Self {
        Self::Refused(StatusWord::Malformed)
    }
}

impl From<UnusableKey> for Stop {
    fn from(_: UnusableKey) -> Self {
        Self::Refused(StatusWord::Malformed)
    }
}

impl From<BadSignature> for Stop {
    fn from(_: BadSignature) -> Self {
        Self::Refused(StatusWord::WrongSignature)
    }
}

impl From<SigningFailed> for Stop {
    fn from(_: SigningFailed) -> Self {
        Self::Refused(StatusWord::Failed)
    }
}
