//! The attributes that a TSA signs (RFC 5652 §11, RFC 5035).

use alloc::vec::Vec;

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::certificate::Certificate;
use crate::der::{NotDer, Reader, tag};
use crate::oid;

use super::TimeStampError;

/// Digests that a token may be made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// From an AlgorithmIdentifier's content, with or without NULL.
    pub(super) fn parse(content: &[u8]) -> Result<Self, TimeStampError> {
        let mut algorithm = Reader::new(content);
        let name = algorithm.take(tag::OID)?;
        if !algorithm.is_empty() {
            algorithm.take(tag::NULL)?;
        }
        algorithm.finish()?;
        [(oid::SHA256, Self::Sha256), (oid::SHA384, Self::Sha384), (oid::SHA512, Self::Sha512)]
            .into_iter()
            .find_map(|(known, hash)| (known.as_bytes() == name).then_some(hash))
            .ok_or(TimeStampError::NotAccepted { what: "digest algorithm" })
    }

    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// The signed attributes, in the bytes in which they came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes<'a> {
    /// Identifier [0] and all.
    whole: &'a [u8],
    content_type: &'a [u8],
    message_digest: &'a [u8],
    signing_certificate: &'a [u8],
}

impl<'a> Attributes<'a> {
    /// Each attribute once, in DER order: verifiers disagree on any other order.
    pub(super) fn parse(whole: &'a [u8], content: &'a [u8]) -> Result<Self, TimeStampError> {
        let (mut content_type, mut message_digest, mut signing_certificate) = (None, None, None);
        let mut list = Reader::new(content);
        let mut before: &[u8] = &[];
        while !list.is_empty() {
            let attribute = list.value(tag::SEQUENCE)?;
            if attribute.whole <= before {
                return Err(NotDer::Content { of: tag::SET }.into());
            }
            before = attribute.whole;
            let mut attribute = Reader::new(attribute.content);
            let name = attribute.take(tag::OID)?;
            let mut values = attribute.nested(tag::SET)?;
            attribute.finish()?;
            let (slot, which) = if name == oid::CONTENT_TYPE.as_bytes() {
                (&mut content_type, "content-type")
            } else if name == oid::MESSAGE_DIGEST.as_bytes() {
                (&mut message_digest, "message-digest")
            } else if name == oid::SIGNING_CERTIFICATE_V2.as_bytes() {
                (&mut signing_certificate, "signing-certificate-v2")
            } else {
                continue;
            };
            let value = values.any()?.whole;
            values.finish().map_err(|_| TimeStampError::Attribute { which })?;
            if slot.replace(value).is_some() {
                return Err(TimeStampError::Attribute { which });
            }
        }
        let missing = |which| TimeStampError::Attribute { which };
        Ok(Self {
            whole,
            content_type: content_type.ok_or(missing("content-type"))?,
            message_digest: message_digest.ok_or(missing("message-digest"))?,
            signing_certificate: signing_certificate.ok_or(missing("signing-certificate-v2"))?,
        })
    }

    /// The bytes that were signed: as received, under the identifier of a SET (RFC 5652 §5.4).
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = self.whole.to_vec();
        if let Some(identifier) = bytes.first_mut() {
            *identifier = tag::SET;
        }
        bytes
    }

    /// Content type and digest are the content's.
    pub(super) fn check_content(&self, content: &[u8], hash: Hash) -> Result<(), TimeStampError> {
        if whole_value(self.content_type, tag::OID)? != oid::TST_INFO.as_bytes() {
            return Err(TimeStampError::Attribute { which: "content-type" });
        }
        if whole_value(self.message_digest, tag::OCTET_STRING)? != hash.of(content) {
            return Err(TimeStampError::Attribute { which: "message-digest" });
        }
        Ok(())
    }

    /// The first ESSCertIDv2 is this certificate's.
    pub(super) fn check_signer(&self, signer: &Certificate) -> Result<(), TimeStampError> {
        let mut signing = Reader::new(whole_value(self.signing_certificate, tag::SEQUENCE)?);
        let mut ids = signing.nested(tag::SEQUENCE)?;
        signing.optional(tag::SEQUENCE)?;
        signing.finish()?;
        let mut id = ids.nested(tag::SEQUENCE)?;
        let hash = match id.optional(tag::SEQUENCE)? {
            Some(algorithm) => Hash::parse(algorithm.content)?,
            None => Hash::Sha256,
        };
        let digest = id.take(tag::OCTET_STRING)?;
        if digest != hash.of(signer.der()) {
            return Err(TimeStampError::OtherSigner);
        }
        if let Some(issuer_serial) = id.optional(tag::SEQUENCE)? {
            let mut issuer_serial = Reader::new(issuer_serial.content);
            let mut names = issuer_serial.nested(tag::SEQUENCE)?;
            let directory_name = names.take(tag::context_constructed(4));
            let serial = issuer_serial.unsigned()?;
            issuer_serial.finish()?;
            if directory_name != Ok(signer.issuer()) || serial != signer.serial() {
                return Err(TimeStampError::OtherSigner);
            }
        }
        Ok(id.finish()?)
    }
}

fn whole_value(bytes: &[u8], tag: u8) -> Result<&[u8], NotDer> {
    let mut reader = Reader::new(bytes);
    let content = reader.take(tag)?;
    reader.finish()?;
    Ok(content)
}
