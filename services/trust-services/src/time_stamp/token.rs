//! The token: a TSTInfo (RFC 3161 §2.4.2) within SignedData (RFC 5652) that names its signer by
//! ESSCertIDv2 (RFC 5816).

use jushin_pki::Moment;
use jushin_pki::der::{Writer, tag};
use sha2::{Digest as _, Sha256};

use super::Query;
use crate::authority::Signer;
use crate::error::TrustError;
use crate::{TsaConfig, oid};

/// What the authority states.
pub(super) struct Statement<'a> {
    pub(super) query: &'a Query<'a>,
    pub(super) serial: u64,
    pub(super) time: Moment,
    pub(super) config: &'a TsaConfig,
}

impl Statement<'_> {
    /// The ContentInfo.
    pub(super) fn signed_by(&self, signer: &Signer) -> Result<Vec<u8>, TrustError> {
        let info = self.info(signer);
        let attributes = signed_attributes(&info, signer);
        let mut to_sign = Writer::new();
        to_sign.set_of(tag::SET, attributes.clone());
        let signature = signer.sign(&to_sign.into_bytes())?;

        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |content_info| {
            content_info.put(tag::OID, oid::SIGNED_DATA.as_bytes());
            content_info.nest(tag::context_constructed(0), |explicit| {
                explicit.nest(tag::SEQUENCE, |signed_data| {
                    signed_data.unsigned(&[3]);
                    signed_data.nest(tag::SET, sha256);
                    signed_data.nest(tag::SEQUENCE, |content| {
                        content.put(tag::OID, oid::TST_INFO.as_bytes());
                        content.nest(tag::context_constructed(0), |explicit| {
                            explicit.put(tag::OCTET_STRING, &info);
                        });
                    });
                    if self.query.certificates {
                        signed_data.put(tag::context_constructed(0), signer.certificate().der());
                    }
                    signed_data.nest(tag::SET, |infos| signer_info(infos, signer, attributes, &signature));
                });
            });
        });
        Ok(writer.into_bytes())
    }

    /// TSTInfo.
    fn info(&self, signer: &Signer) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |info| {
            info.unsigned(&[1]);
            info.put(tag::OID, oid::SIMULATED_TIME_STAMP_POLICY.as_bytes());
            info.raw(self.query.imprint);
            info.unsigned(&self.serial.to_be_bytes());
            info.put(tag::GENERALIZED_TIME, generalized_time(self.time, self.config.fraction).as_bytes());
            if let Some(accuracy) = self.config.accuracy_ms {
                put_accuracy(info, accuracy);
            }
            if let Some(nonce) = self.query.nonce {
                info.raw(nonce);
            }
            info.nest(tag::context_constructed(0), |tsa| {
                tsa.put(tag::context_constructed(4), signer.certificate().subject());
            });
        });
        writer.into_bytes()
    }
}

/// `YYYYMMDDhhmmss[.s…]Z`; a fraction ends in no zero (RFC 3161 §2.4.2).
fn generalized_time(time: Moment, with_fraction: bool) -> String {
    let [year, month, day, hour, minute, second] = time.to_utc();
    let mut text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}");
    let millis = time.millis().rem_euclid(1_000);
    if with_fraction && millis != 0 {
        text.push('.');
        text.push_str(format!("{millis:03}").trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// Accuracy: seconds and milliseconds, each left out if 0.
fn put_accuracy(info: &mut Writer, millis: u32) {
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    info.nest(tag::SEQUENCE, |accuracy| {
        if seconds != 0 || millis == 0 {
            accuracy.unsigned(&seconds.to_be_bytes());
        }
        if millis != 0 {
            let [high, low] = u16::try_from(millis).unwrap_or(999).to_be_bytes();
            let content = if high == 0 && low < 0x80 { &[low][..] } else { &[high, low][..] };
            let content = if high == 0 && low >= 0x80 { &[0, low][..] } else { content };
            accuracy.put(tag::context(0), content);
        }
    });
}

fn signed_attributes(info: &[u8], signer: &Signer) -> Vec<Vec<u8>> {
    let content_type = attribute(oid::CONTENT_TYPE.as_bytes(), |value| {
        value.put(tag::OID, oid::TST_INFO.as_bytes());
    });
    let digest = attribute(oid::MESSAGE_DIGEST.as_bytes(), |value| {
        value.put(tag::OCTET_STRING, &Sha256::digest(info));
    });
    let signing_certificate = attribute(oid::SIGNING_CERTIFICATE_V2.as_bytes(), |value| {
        value.nest(tag::SEQUENCE, |signing_certificate| {
            signing_certificate.nest(tag::SEQUENCE, |identifiers| {
                identifiers.nest(tag::SEQUENCE, |identifier| {
                    identifier.put(tag::OCTET_STRING, &signer.certificate().sha256());
                    identifier.nest(tag::SEQUENCE, |issuer_serial| {
                        issuer_serial.nest(tag::SEQUENCE, |names| {
                            names.put(tag::context_constructed(4), signer.certificate().issuer());
                        });
                        issuer_serial.unsigned(signer.certificate().serial());
                    });
                });
            });
        });
    });
    vec![content_type, digest, signing_certificate]
}

fn attribute(name: &[u8], value: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |attribute| {
        attribute.put(tag::OID, name);
        attribute.nest(tag::SET, value);
    });
    writer.into_bytes()
}

fn signer_info(infos: &mut Writer, signer: &Signer, attributes: Vec<Vec<u8>>, signature: &[u8]) {
    infos.nest(tag::SEQUENCE, |info| {
        info.unsigned(&[1]);
        info.nest(tag::SEQUENCE, |issuer_and_serial| {
            issuer_and_serial.raw(signer.certificate().issuer());
            issuer_and_serial.unsigned(signer.certificate().serial());
        });
        sha256(info);
        info.set_of(tag::context_constructed(0), attributes);
        info.nest(tag::SEQUENCE, |algorithm| algorithm.put(tag::OID, oid::ECDSA_SHA256.as_bytes()));
        info.put(tag::OCTET_STRING, signature);
    });
}

/// AlgorithmIdentifier of SHA-256, without parameters (RFC 5754 §2).
fn sha256(writer: &mut Writer) {
    writer.nest(tag::SEQUENCE, |algorithm| algorithm.put(tag::OID, oid::SHA256.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_ends_in_no_zero() {
        for (millis, fraction, text) in [
            (1_775_519_523_000, true, "20260406235203Z"),
            (1_775_519_523_500, true, "20260406235203.5Z"),
            (1_775_519_523_012, true, "20260406235203.012Z"),
            (1_775_519_523_999, false, "20260406235203Z"),
        ] {
            assert_eq!(generalized_time(Moment(millis), fraction), text);
        }
    }

    #[test]
    fn an_accuracy_leaves_out_what_is_zero() {
        for (millis, content) in [
            (500, &[0x30, 4, 0x80, 2, 0x01, 0xF4][..]),
            (1_000, &[0x30, 3, 2, 1, 1]),
            (1_200, &[0x30, 7, 2, 1, 1, 0x80, 2, 0, 200]),
            (100, &[0x30, 3, 0x80, 1, 100]),
            (0, &[0x30, 3, 2, 1, 0]),
        ] {
            let mut writer = Writer::new();
            put_accuracy(&mut writer, millis);
            assert_eq!(writer.into_bytes(), content);
        }
    }
}
