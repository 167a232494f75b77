//! A time-stamping authority (RFC 3161, RFC 5816) that is told the time.

use jushin_pki::der::{Writer, tag};
use jushin_pki::{Moment, Suite, oid};
use jushin_statement::{Hash, Signed};

use crate::world::Holder;

/// What a token states besides its imprint.
#[derive(Clone, Copy, Debug)]
pub struct Stated {
    /// genTime, milliseconds since 1970.
    pub time: i64,
    /// Whether milliseconds are written.
    pub fraction: bool,
    /// Content of the Accuracy, DER; `None` leaves it out.
    pub accuracy: Option<&'static [u8]>,
}

/// Accuracy of one second.
pub const ONE_SECOND: &[u8] = &[2, 1, 1];

impl Stated {
    /// The time with milliseconds, and an accuracy of a second.
    pub const fn at(time: i64) -> Self {
        Self { time, fraction: true, accuracy: Some(ONE_SECOND) }
    }
}

/// A token over a signed object.
pub fn token(signed: &Signed, stated: Stated, signer: &Holder) -> Vec<u8> {
    token_over(signed.imprint(), stated, signer)
}

/// A token over an imprint.
pub fn token_over(imprint: Hash, stated: Stated, signer: &Holder) -> Vec<u8> {
    flawed_token(imprint, stated, signer, &Flaws::default())
}

/// What is unusual in a token.
#[derive(Clone, Debug, Default)]
pub struct Flaws {
    /// DER that follows the accuracy in TSTInfo: a nonce, extensions.
    pub more: Vec<u8>,
    /// The certificate that ESSCertIDv2 names, if not the signer's.
    pub names: Option<Hash>,
    /// message-digest, if not that of TSTInfo.
    pub digest: Option<Hash>,
    /// Whether the signer's certificate is left out.
    pub without_certificate: bool,
    /// Whether one bit of the signature's last byte is turned.
    pub bad_signature: bool,
    /// Whether the time is written with four digits after the point.
    pub four_digits: bool,
}

/// A token with something unusual in it.
pub fn flawed_token(imprint: Hash, stated: Stated, signer: &Holder, flaws: &Flaws) -> Vec<u8> {
    let info = info(imprint, stated, flaws);
    let attributes = signed_attributes(&info, signer, flaws);
    let mut to_sign = Writer::new();
    to_sign.set_of(tag::SET, attributes.clone());
    let mut signature = signer.key.sign(Suite::P256Sha256X509, &to_sign.into_bytes()).unwrap();
    if let Some(last) = signature.last_mut() {
        *last ^= u8::from(flaws.bad_signature);
    }
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |content_info| {
        content_info.put(tag::OID, oid::SIGNED_DATA.as_bytes());
        content_info.nest(tag::context_constructed(0), |explicit| {
            explicit.nest(tag::SEQUENCE, |data| {
                data.unsigned(&[3]);
                data.nest(tag::SET, sha256);
                data.nest(tag::SEQUENCE, |content| {
                    content.put(tag::OID, oid::TST_INFO.as_bytes());
                    content.nest(tag::context_constructed(0), |explicit| {
                        explicit.put(tag::OCTET_STRING, &info);
                    });
                });
                if !flaws.without_certificate {
                    data.put(tag::context_constructed(0), signer.certificate.der());
                }
                data.nest(tag::SET, |infos| signer_info(infos, signer, attributes, &signature));
            });
        });
    });
    writer.into_bytes()
}

fn info(imprint: Hash, stated: Stated, flaws: &Flaws) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |info| {
        info.unsigned(&[1]);
        info.put(tag::OID, oid::ELEMENT.as_bytes()); // any policy will do
        info.nest(tag::SEQUENCE, |message_imprint| {
            sha256(message_imprint);
            message_imprint.put(tag::OCTET_STRING, &imprint.0);
        });
        info.unsigned(&Hash::of(&imprint.0).0[..8]);
        info.put(tag::GENERALIZED_TIME, generalized_time(stated, flaws).as_bytes());
        if let Some(accuracy) = stated.accuracy {
            info.put(tag::SEQUENCE, accuracy);
        }
        info.raw(&flaws.more);
    });
    writer.into_bytes()
}

fn generalized_time(stated: Stated, flaws: &Flaws) -> String {
    let [year, month, day, hour, minute, second] = Moment(stated.time).to_utc();
    let mut text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}");
    let millis = stated.time.rem_euclid(1_000);
    if stated.fraction && millis != 0 {
        text.push_str(format!(".{millis:03}").trim_end_matches('0')); // DER knows no fraction of zero
    }
    if flaws.four_digits {
        text.push_str(if millis == 0 { ".0001" } else { "1" });
    }
    text.push('Z');
    text
}

fn signed_attributes(info: &[u8], signer: &Holder, flaws: &Flaws) -> Vec<Vec<u8>> {
    let digest = flaws.digest.unwrap_or_else(|| Hash::of(info));
    let names = flaws.names.unwrap_or(Hash(signer.certificate.sha256()));
    vec![
        attribute(oid::CONTENT_TYPE.as_bytes(), |value| value.put(tag::OID, oid::TST_INFO.as_bytes())),
        attribute(oid::MESSAGE_DIGEST.as_bytes(), |value| value.put(tag::OCTET_STRING, &digest.0)),
        attribute(oid::SIGNING_CERTIFICATE_V2.as_bytes(), |value| {
            value.nest(tag::SEQUENCE, |signing| {
                signing.nest(tag::SEQUENCE, |ids| {
                    ids.nest(tag::SEQUENCE, |id| id.put(tag::OCTET_STRING, &names.0));
                });
            });
        }),
    ]
}

fn attribute(name: &[u8], value: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |attribute| {
        attribute.put(tag::OID, name);
        attribute.nest(tag::SET, value);
    });
    writer.into_bytes()
}

fn signer_info(infos: &mut Writer, signer: &Holder, attributes: Vec<Vec<u8>>, signature: &[u8]) {
    infos.nest(tag::SEQUENCE, |info| {
        info.unsigned(&[1]);
        info.nest(tag::SEQUENCE, |issuer_and_serial| {
            issuer_and_serial.raw(signer.certificate.issuer());
            issuer_and_serial.unsigned(signer.certificate.serial());
        });
        sha256(info);
        info.set_of(tag::context_constructed(0), attributes);
        info.nest(tag::SEQUENCE, |algorithm| algorithm.put(tag::OID, oid::ECDSA_SHA256.as_bytes()));
        info.put(tag::OCTET_STRING, signature);
    });
}

fn sha256(writer: &mut Writer) {
    writer.nest(tag::SEQUENCE, |algorithm| algorithm.put(tag::OID, oid::SHA256.as_bytes()));
}
