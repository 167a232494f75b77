//! TimeStampToken: CMS SignedData over a TSTInfo (RFC 3161 §2.4.2, RFC 5652).

use alloc::string::String;
use alloc::vec::Vec;

use ::der::asn1::ObjectIdentifier;

use crate::certificate::Certificate;
use crate::der::{NotDer, Reader, Value, tag};
use crate::moment::Moment;
use crate::path::{AsOf, Profile, TrustAnchors, ValidPath, validate};
use crate::signature::{Crypto, KeyKind, PublicKey, Suite};
use crate::{algorithm, oid};

use super::TimeStampError;
use super::attributes::{Attributes, Hash};
use super::info::{Accuracy, Info};

/// A parsed token. No signature was checked by parsing.
#[derive(Clone, Debug)]
pub struct Token<'a> {
    /// DER TSTInfo as signed.
    content: &'a [u8],
    info: Info<'a>,
    certificates: Vec<Certificate>,
    signer: SignerId<'a>,
    hash: Hash,
    algorithm: Value<'a>,
    attributes: Attributes<'a>,
    signature: &'a [u8],
}

#[derive(Clone, Copy, Debug)]
enum SignerId<'a> {
    IssuerAndSerial { issuer: &'a [u8], serial: &'a [u8] },
    KeyId(&'a [u8]),
}

/// What a verified token proves: its imprint existed at `gen_time`, give or take the uncertainty.
#[derive(Clone, Debug)]
pub struct TimeStamp {
    gen_time: Moment,
    has_fraction: bool,
    cut: bool,
    accuracy: Option<Accuracy>,
    policy: String,
    serial: Vec<u8>,
    tsa: ValidPath,
}

impl<'a> Token<'a> {
    /// Parses one DER TimeStampToken and nothing after it.
    ///
    /// # Errors
    ///
    /// [`TimeStampError::Malformed`], [`TimeStampError::Certificate`], [`TimeStampError::NotAccepted`] or
    /// [`TimeStampError::Attribute`].
    pub fn parse(der: &'a [u8]) -> Result<Self, TimeStampError> {
        let mut outer = Reader::new(der);
        let mut frame = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        if frame.take(tag::OID)? != oid::SIGNED_DATA.as_bytes() {
            return Err(TimeStampError::NotAccepted { what: "content type" });
        }
        let mut wrapped = frame.nested(tag::context_constructed(0))?;
        frame.finish()?;
        let mut data = wrapped.nested(tag::SEQUENCE)?;
        wrapped.finish()?;

        if data.small_unsigned()? != 3 {
            return Err(TimeStampError::NotAccepted { what: "SignedData version" });
        }
        data.take(tag::SET)?;
        let content = take_content(data.nested(tag::SEQUENCE)?)?;
        let mut certificates = Vec::new();
        if let Some(list) = data.optional(tag::context_constructed(0))? {
            let mut list = Reader::new(list.content);
            while !list.is_empty() {
                certificates.push(Certificate::parse(list.value(tag::SEQUENCE)?.whole)?);
            }
        }
        data.optional(tag::context_constructed(1))?;
        let mut signers = data.nested(tag::SET)?;
        data.finish()?;
        let mut signer = signers.nested(tag::SEQUENCE)?;
        if !signers.is_empty() {
            return Err(TimeStampError::NotAccepted { what: "second signer" });
        }

        signer.small_unsigned()?;
        let id = take_signer_id(&mut signer)?;
        let hash = Hash::parse(signer.take(tag::SEQUENCE)?)?;
        let attributes = signer.value(tag::context_constructed(0))?;
        let algorithm = signer.value(tag::SEQUENCE)?;
        let signature = signer.take(tag::OCTET_STRING)?;
        signer.optional(tag::context_constructed(1))?;
        signer.finish()?;
        Ok(Self {
            content,
            info: Info::parse(content)?,
            certificates,
            signer: id,
            hash,
            algorithm,
            attributes: Attributes::parse(attributes.whole, attributes.content)?,
            signature,
        })
    }

    /// SHA-256 digest that the token is over.
    #[must_use]
    pub const fn imprint(&self) -> &[u8; 32] {
        &self.info.imprint
    }

    /// Certificates in the token.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Checks that the token answers the request with this nonce.
    ///
    /// # Errors
    ///
    /// [`TimeStampError::Nonce`] if it carries another nonce or none.
    pub fn check_nonce(&self, sent: &[u8]) -> Result<(), TimeStampError> {
        let start = sent.iter().position(|byte| *byte != 0);
        let significant = start.map_or(&[0][..], |start| sent.split_at(start).1);
        if self.info.nonce == Some(significant) { Ok(()) } else { Err(TimeStampError::Nonce) }
    }

    /// Checks everything that makes the token a proof that `imprint` existed at its time: the imprint, the
    /// signed attributes over the content, the signature over the attributes as received, the signer's
    /// certificate as the one that was signed over, and that certificate as a TSA's under `anchors` at
    /// genTime.
    ///
    /// # Errors
    ///
    /// [`TimeStampError`].
    pub fn verify(
        &self,
        imprint: &[u8; 32],
        anchors: &TrustAnchors,
        crypto: &dyn Crypto,
    ) -> Result<TimeStamp, TimeStampError> {
        if self.info.imprint != *imprint {
            return Err(TimeStampError::Imprint { found: self.info.imprint, expected: *imprint });
        }
        self.attributes.check_content(self.content, self.hash)?;
        let signer =
            self.certificates.iter().find(|one| self.signer.is(one)).ok_or(TimeStampError::NoSigner)?;
        self.attributes.check_signer(signer)?;
        let as_of = AsOf::At(self.info.gen_time);
        let tsa = validate(signer, &self.certificates, anchors, &Profile::time_stamping(), as_of, crypto)?;
        self.check_signature(tsa.key().as_ref())?;
        Ok(TimeStamp {
            gen_time: self.info.gen_time,
            has_fraction: self.info.has_fraction,
            cut: self.info.cut,
            accuracy: self.info.accuracy,
            policy: oid::dotted(self.info.policy),
            serial: self.info.serial.to_vec(),
            tsa,
        })
    }

    fn check_signature(&self, key: &dyn PublicKey) -> Result<(), TimeStampError> {
        let message = self.attributes.signed_bytes();
        let name = Reader::new(self.algorithm.content).take(tag::OID)?;
        if matches!(key.kind(), KeyKind::Rsa2048 | KeyKind::RsaOther) {
            let plain = name == oid::RSA_ENCRYPTION.as_bytes();
            let suite = if plain { Some(pkcs1(self.hash)) } else { algorithm::suite(self.algorithm)? };
            let suite = suite.filter(|suite| suite.digest_length() == self.hash.of(&[]).len());
            let suite = suite.ok_or(TimeStampError::NotAccepted { what: "signature algorithm" })?;
            return Ok(key.verify(suite, &message, self.signature)?);
        }
        if name != ecdsa(self.hash).as_bytes() {
            return Err(TimeStampError::NotAccepted { what: "signature algorithm" });
        }
        let suite = if key.kind() == KeyKind::P256 { Suite::P256Sha256X509 } else { Suite::P384Sha384X509 };
        let digest = fitted(&self.hash.of(&message), suite.digest_length());
        Ok(key.verify_digest(suite, &digest, self.signature)?)
    }
}

/// ECDSA takes the leftmost bits of a digest longer than the group, and a shorter one as the number it is
/// (FIPS 186-5 §6.4), so any digest has an equal of the group's length.
fn fitted(digest: &[u8], length: usize) -> Vec<u8> {
    let mut fitted = alloc::vec![0; length.saturating_sub(digest.len())];
    fitted.extend(digest.iter().take(length));
    fitted
}

const fn pkcs1(hash: Hash) -> Suite {
    match hash {
        Hash::Sha256 => Suite::RsaPkcs1Sha256,
        Hash::Sha384 => Suite::RsaPkcs1Sha384,
        Hash::Sha512 => Suite::RsaPkcs1Sha512,
    }
}

const fn ecdsa(hash: Hash) -> ObjectIdentifier {
    match hash {
        Hash::Sha256 => oid::ECDSA_SHA256,
        Hash::Sha384 => oid::ECDSA_SHA384,
        Hash::Sha512 => oid::ECDSA_SHA512,
    }
}

impl SignerId<'_> {
    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                certificate.issuer() == *issuer && certificate.serial() == *serial
            }
            Self::KeyId(key_id) => certificate.subject_key_id() == Some(key_id),
        }
    }
}

fn take_signer_id<'a>(signer: &mut Reader<'a>) -> Result<SignerId<'a>, NotDer> {
    if let Some(key_id) = signer.optional(tag::context(0))? {
        return Ok(SignerId::KeyId(key_id.content));
    }
    let mut id = signer.nested(tag::SEQUENCE)?;
    let issuer = id.value(tag::SEQUENCE)?.whole;
    let serial = id.unsigned()?;
    id.finish()?;
    Ok(SignerId::IssuerAndSerial { issuer, serial })
}

fn take_content(mut encapsulated: Reader<'_>) -> Result<&[u8], TimeStampError> {
    if encapsulated.take(tag::OID)? != oid::TST_INFO.as_bytes() {
        return Err(TimeStampError::NotAccepted { what: "encapsulated content type" });
    }
    let mut wrapped = encapsulated.nested(tag::context_constructed(0))?;
    encapsulated.finish()?;
    let content = wrapped.take(tag::OCTET_STRING)?;
    wrapped.finish()?;
    Ok(content)
}

impl TimeStamp {
    /// The TSA's time, rounded down to a millisecond.
    #[must_use]
    pub const fn gen_time(&self) -> Moment {
        self.gen_time
    }

    /// Whether genTime stated a part of a second. Without one it may be cut off, and a second is added to
    /// the uncertainty.
    #[must_use]
    pub const fn has_fraction(&self) -> bool {
        self.has_fraction
    }

    /// Accuracy as the token states it.
    #[must_use]
    pub const fn accuracy(&self) -> Option<Accuracy> {
        self.accuracy
    }

    /// How far the true time may be from [`TimeStamp::gen_time`], either way, in milliseconds: the accuracy
    /// (or the default, where the token states none), plus a second if genTime has no fraction, plus a
    /// millisecond if digits below it were cut off.
    #[must_use]
    pub fn uncertainty_millis(&self, default_accuracy: u64) -> u64 {
        self.accuracy
            .map_or(default_accuracy, |accuracy| accuracy.millis)
            .saturating_add(if self.has_fraction { 0 } else { 1_000 })
            .saturating_add(u64::from(self.cut))
    }

    /// The TSA's policy, dotted.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// The token's serial number, big-endian.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The TSA's certificate and its path.
    #[must_use]
    pub const fn tsa(&self) -> &ValidPath {
        &self.tsa
    }
}
