//! What a requester asks (RFC 3161 §2.4.1).

use jushin_pki::der::{NotDer, Reader, tag};

use crate::oid;

/// Why no token is made. The requester is at fault, except for [`Refusal::SystemFailure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// badAlg
    #[error("the digest must be SHA-256, SHA-384 or SHA-512")]
    BadAlgorithm,
    /// badRequest
    #[error("only version 1 of the request is known")]
    BadRequest,
    /// badDataFormat
    #[error("the request is not the DER of RFC 3161, or the digest has a wrong length")]
    BadDataFormat,
    /// unacceptedPolicy
    #[error("the requested policy is not served")]
    UnacceptedPolicy,
    /// unacceptedExtension
    #[error("no extension is served")]
    UnacceptedExtension,
    /// systemFailure
    #[error("the authority cannot sign at the moment")]
    SystemFailure,
}

impl Refusal {
    /// Bit of PKIFailureInfo.
    pub(crate) const fn bit(self) -> u8 {
        match self {
            Self::BadAlgorithm => 0,
            Self::BadRequest => 2,
            Self::BadDataFormat => 5,
            Self::UnacceptedPolicy => 15,
            Self::UnacceptedExtension => 16,
            Self::SystemFailure => 25,
        }
    }
}

impl From<NotDer> for Refusal {
    fn from(_: NotDer) -> Self {
        Self::BadDataFormat
    }
}

/// A request that can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Query<'a> {
    /// MessageImprint as received.
    pub(crate) imprint: &'a [u8],
    /// Content of the policy's OBJECT IDENTIFIER.
    pub(crate) policy: Option<&'a [u8]>,
    /// INTEGER as received.
    pub(crate) nonce: Option<&'a [u8]>,
    /// Whether the signer's certificate is wanted in the token.
    pub(crate) certificates: bool,
}

/// Longest nonce that is echoed, in bytes.
const NONCE_LIMIT: usize = 64;

impl<'a> Query<'a> {
    /// Parses strictly.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut outer = Reader::new(bytes);
        let mut request = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        if request.small_unsigned()? != 1 {
            return Err(Refusal::BadRequest);
        }
        let imprint = request.value(tag::SEQUENCE)?;
        check_imprint(imprint.content)?;
        let policy = request.optional(tag::OID)?.map(|policy| policy.content);
        let nonce = request.optional(tag::INTEGER)?;
        if nonce.is_some_and(|nonce| !is_shortest(nonce.content)) {
            return Err(Refusal::BadDataFormat);
        }
        let certificates = request.boolean_or_false()?;
        if request.optional(tag::context_constructed(0))?.is_some() {
            return Err(Refusal::UnacceptedExtension);
        }
        request.finish()?;
        Ok(Self { imprint: imprint.whole, policy, nonce: nonce.map(|nonce| nonce.whole), certificates })
    }
}

fn check_imprint(content: &[u8]) -> Result<(), Refusal> {
    let mut imprint = Reader::new(content);
    let mut algorithm = imprint.nested(tag::SEQUENCE)?;
    let name = algorithm.take(tag::OID)?;
    if algorithm.optional(tag::NULL)?.is_some_and(|null| !null.content.is_empty()) {
        return Err(Refusal::BadDataFormat);
    }
    algorithm.finish()?;
    let digest = imprint.take(tag::OCTET_STRING)?;
    imprint.finish()?;
    let length = match name {
        name if name == oid::SHA256.as_bytes() => 32,
        name if name == oid::SHA384.as_bytes() => 48,
        name if name == oid::SHA512.as_bytes() => 64,
        _ => return Err(Refusal::BadAlgorithm),
    };
    if digest.len() == length { Ok(()) } else { Err(Refusal::BadDataFormat) }
}

/// An INTEGER in its one DER form, of either sign, that is not absurdly long.
fn is_shortest(content: &[u8]) -> bool {
    match content {
        [] => false,
        [0x00, second, ..] => *second >= 0x80 && content.len() <= NONCE_LIMIT,
        [0xFF, second, ..] => *second < 0x80 && content.len() <= NONCE_LIMIT,
        _ => content.len() <= NONCE_LIMIT,
    }
}
