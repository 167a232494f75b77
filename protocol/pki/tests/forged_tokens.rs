//! Tokens by a TSA that signs what a TSA should not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;

use jushin_crypto::AwsLc;
use jushin_pki::der::{NotDer, Writer, tag};
use jushin_pki::issue::{Issuer, NewExtension};
use jushin_pki::name::Name;
use jushin_pki::time_stamp::{TimeStamp, TimeStampError, Token};
use jushin_pki::{
    Certificate, KeyKind, KeyUsage, Moment, ObjectIdentifier, PathError, PrivateKey, Suite, oid,
};
use sha2::{Digest as _, Sha256};

use support::{Key, NOW, root, template, trust};

const IMPRINT: [u8; 32] = [7; 32];
const GEN_TIME: &str = "20261101000000.5Z";

/// A TSA with every part of its tokens open to change.
struct Forger {
    ca: Issuer,
    key: Arc<dyn PrivateKey>,
    signer: Certificate,
    /// Certificate that ESSCertIDv2 names.
    named: Certificate,
    content_type: ObjectIdentifier,
    gen_time: &'static str,
    /// What follows genTime in TSTInfo.
    after_time: Vec<u8>,
    attributes: fn(&mut Vec<Vec<u8>>),
    signers: usize,
    algorithm: ObjectIdentifier,
    suite: Suite,
    /// TSTInfo's.
    version: u8,
    /// TSTInfo's, of the imprint.
    imprint_hash: ObjectIdentifier,
    /// What ESSCertIDv2 says beside the digest: issuer and serial.
    issuer_serial: Option<(Vec<u8>, u8)>,
}

impl Forger {
    fn new() -> Self {
        Self::with(vec![NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true)])
    }

    fn with(extensions: Vec<NewExtension>) -> Self {
        Self::of(KeyKind::P256, extensions)
    }

    fn of(kind: KeyKind, mut extensions: Vec<NewExtension>) -> Self {
        let ca = root(KeyKind::P256);
        let key = Key::new(kind).key;
        extensions.push(NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE));
        let template = template(Name::new().common_name("TSA ◇"), 3, key.spki(), extensions);
        let signer = ca.issue(&template).unwrap();
        Self {
            named: signer.clone(),
            ca,
            key,
            signer,
            content_type: oid::TST_INFO,
            gen_time: GEN_TIME,
            after_time: vec![],
            attributes: |attributes| attributes.sort(),
            signers: 1,
            algorithm: oid::ECDSA_SHA256,
            suite: Suite::P256Sha256X509,
            version: 1,
            imprint_hash: oid::SHA256,
            issuer_serial: None,
        }
    }

    fn info(&self) -> Vec<u8> {
        built(|whole| {
            whole.nest(tag::SEQUENCE, |info| {
                info.unsigned(&[self.version]);
                put_oid(info, &"1.2.3".parse().unwrap());
                info.nest(tag::SEQUENCE, |imprint| {
                    imprint.nest(tag::SEQUENCE, |algorithm| put_oid(algorithm, &self.imprint_hash));
                    imprint.put(tag::OCTET_STRING, &IMPRINT);
                });
                info.unsigned(&[9]);
                info.put(tag::GENERALIZED_TIME, self.gen_time.as_bytes());
                info.raw(&self.after_time);
            });
        })
    }

    fn signed_attributes(&self, info: &[u8]) -> Vec<u8> {
        let mut attributes = vec![
            attribute(&oid::CONTENT_TYPE, |value| put_oid(value, &self.content_type)),
            attribute(&oid::MESSAGE_DIGEST, |value| value.put(tag::OCTET_STRING, &Sha256::digest(info))),
            attribute(&oid::SIGNING_CERTIFICATE_V2, |value| {
                value.nest(tag::SEQUENCE, |signing| {
                    signing.nest(tag::SEQUENCE, |ids| {
                        ids.nest(tag::SEQUENCE, |id| {
                            id.put(tag::OCTET_STRING, &self.named.sha256());
                            if let Some((issuer, serial)) = &self.issuer_serial {
                                id.nest(tag::SEQUENCE, |both| {
                                    both.nest(tag::SEQUENCE, |names| {
                                        names.put(tag::context_constructed(4), issuer);
                                    });
                                    both.unsigned(&[*serial]);
                                });
                            }
                        });
                    });
                });
            }),
        ];
        (self.attributes)(&mut attributes);
        attributes.concat()
    }

    fn token(&self) -> Vec<u8> {
        let info = self.info();
        let attributes = self.signed_attributes(&info);
        let signature = self.key.sign(self.suite, &built(|set| set.put(tag::SET, &attributes))).unwrap();
        let signer = built(|whole| {
            whole.nest(tag::SEQUENCE, |signer| {
                signer.unsigned(&[1]);
                signer.nest(tag::SEQUENCE, |id| {
                    id.raw(self.signer.issuer());
                    id.unsigned(self.signer.serial());
                });
                signer.nest(tag::SEQUENCE, |algorithm| put_oid(algorithm, &oid::SHA256));
                signer.put(tag::context_constructed(0), &attributes);
                signer.nest(tag::SEQUENCE, |algorithm| {
                    put_oid(algorithm, &self.algorithm);
                    if self.suite != Suite::P256Sha256X509 {
                        algorithm.put(tag::NULL, &[]);
                    }
                });
                signer.put(tag::OCTET_STRING, &signature);
            });
        });
        built(|whole| {
            whole.nest(tag::SEQUENCE, |frame| {
                put_oid(frame, &oid::SIGNED_DATA);
                frame.nest(tag::context_constructed(0), |wrapped| {
                    wrapped.nest(tag::SEQUENCE, |data| {
                        data.unsigned(&[3]);
                        data.nest(tag::SET, |_| {});
                        data.nest(tag::SEQUENCE, |content| {
                            put_oid(content, &oid::TST_INFO);
                            content.nest(tag::context_constructed(0), |wrapped| {
                                wrapped.put(tag::OCTET_STRING, &info);
                            });
                        });
                        data.put(tag::context_constructed(0), self.signer.der());
                        data.nest(tag::SET, |signers| {
                            (0..self.signers).for_each(|_| signers.raw(&signer));
                        });
                    });
                });
            });
        })
    }

    fn verified(&self) -> Result<TimeStamp, TimeStampError> {
        Token::parse(&self.token())?.verify(&IMPRINT, &trust(&[&self.ca]), &AwsLc)
    }
}

fn built(fill: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    fill(&mut writer);
    writer.into_bytes()
}

fn put_oid(writer: &mut Writer, oid: &ObjectIdentifier) {
    writer.put(tag::OID, oid.as_bytes());
}

fn attribute(name: &ObjectIdentifier, value: impl FnOnce(&mut Writer)) -> Vec<u8> {
    built(|whole| {
        whole.nest(tag::SEQUENCE, |attribute| {
            put_oid(attribute, name);
            attribute.nest(tag::SET, value);
        });
    })
}

#[test]
fn a_token_as_it_should_be_verifies() {
    let stamp = Forger::new().verified().unwrap();
    assert_eq!(stamp.gen_time(), NOW.plus_millis(500));
    assert!(stamp.has_fraction());
    assert_eq!(stamp.accuracy(), None);
    assert_eq!(stamp.uncertainty_millis(1_000), 1_000);
}

#[test]
fn digits_below_the_millisecond_are_cut_and_widen_the_uncertainty() {
    let forger = Forger { gen_time: "20261101000000.1239999Z", ..Forger::new() };
    let stamp = forger.verified().unwrap();
    assert_eq!(stamp.gen_time(), NOW.plus_millis(123));
    assert_eq!(stamp.uncertainty_millis(0), 1);

    let whole = Forger { gen_time: "20261101000000Z", ..Forger::new() }.verified().unwrap();
    assert_eq!((whole.has_fraction(), whole.uncertainty_millis(0)), (false, 1_000));
}

#[test]
fn a_time_in_another_form_is_refused() {
    for gen_time in
        ["20261101000000.50Z", "20261101000000.Z", "20261101000000", "202611010000Z", "20261301000000Z"]
    {
        let refused = Forger { gen_time, ..Forger::new() }.verified().unwrap_err();
        assert_eq!(
            refused,
            TimeStampError::Malformed(NotDer::Content { of: tag::GENERALIZED_TIME }),
            "{gen_time}"
        );
    }
}

#[test]
fn accuracy_is_rounded_up() {
    let accuracy = |fill: fn(&mut Writer)| {
        Forger { after_time: built(|whole| whole.nest(tag::SEQUENCE, fill)), ..Forger::new() }
            .verified()
            .map(|stamp| stamp.accuracy().unwrap().millis)
    };
    assert_eq!(accuracy(|_| {}), Ok(0));
    assert_eq!(accuracy(|it| it.unsigned(&[60])), Ok(60_000));
    assert_eq!(accuracy(|it| it.put(tag::context(0), &[5])), Ok(5));
    assert_eq!(accuracy(|it| it.put(tag::context(1), &[1])), Ok(1));
    for fill in [
        (|it| it.put(tag::context(0), &[0])) as fn(&mut Writer),
        |it| it.put(tag::context(0), &[0x03, 0xE8]),
        |it| it.put(tag::context(1), &[0xFF]),
        |it| it.put(tag::context(1), &[]),
    ] {
        assert!(matches!(accuracy(fill), Err(TimeStampError::Malformed(_))));
    }
}

#[test]
fn n2_4_a_certificate_of_another_purpose_stamps_nothing() {
    for extensions in [
        vec![],
        vec![NewExtension::extended_key_usage(&[oid::CLIENT_AUTH], true)],
        vec![NewExtension::extended_key_usage(&[oid::TIME_STAMPING], false)],
        vec![NewExtension::extended_key_usage(&[oid::TIME_STAMPING, oid::CLIENT_AUTH], true)],
    ] {
        let refused = Forger::with(extensions).verified().unwrap_err();
        assert!(matches!(refused, TimeStampError::Path(PathError::ExtendedKeyUsage { .. })), "{refused}");
    }
}

#[test]
fn a_certificate_is_judged_at_the_tokens_time() {
    let refused = Forger { gen_time: "20361101000000Z", ..Forger::new() }.verified().unwrap_err();
    assert!(matches!(refused, TimeStampError::Path(PathError::Expired { .. })), "{refused}");
    let refused = Forger { gen_time: "20161101000000Z", ..Forger::new() }.verified().unwrap_err();
    let at = Moment::from_utc(2016, 11, 1, 0, 0, 0).unwrap();
    assert!(
        matches!(refused, TimeStampError::Path(PathError::NotYetValid { at: it, .. }) if it == at),
        "{refused}"
    );
}

#[test]
fn the_certificate_that_was_signed_over_is_the_signers() {
    let forger = Forger::new();
    let named = forger.ca.certificate().clone();
    assert_eq!(Forger { named, ..forger }.verified().err(), Some(TimeStampError::OtherSigner));
}

#[test]
fn every_signed_attribute_stands_once_in_its_order() {
    type Change = fn(&mut Vec<Vec<u8>>);
    let with = |attributes: Change| Forger { attributes, ..Forger::new() }.verified().err();
    let missing = |which| Some(TimeStampError::Attribute { which });
    let order = Some(TimeStampError::Malformed(NotDer::Content { of: tag::SET }));
    assert_eq!(with(|all| drop(all.remove(0))), missing("content-type"));
    assert_eq!(with(|all| drop(all.remove(1))), missing("message-digest"));
    assert_eq!(with(|all| drop(all.remove(2))), missing("signing-certificate-v2"));
    assert_eq!(with(|all| all.reverse()), order);
    assert_eq!(with(|all| all.insert(1, all[0].clone())), order);
    assert_eq!(
        with(|all| {
            all[1] = attribute(&oid::MESSAGE_DIGEST, |value| value.put(tag::OCTET_STRING, &[0; 32]));
            all.sort();
        }),
        missing("message-digest")
    );
    assert_eq!(
        with(|all| {
            all.push(attribute(&oid::MESSAGE_DIGEST, |value| value.put(tag::OCTET_STRING, &[0; 32])));
            all.sort();
        }),
        missing("message-digest")
    );
}

#[test]
fn the_signed_content_type_is_that_of_time_stamps() {
    let refused = Forger { content_type: oid::SIGNED_DATA, ..Forger::new() }.verified().err();
    assert_eq!(refused, Some(TimeStampError::Attribute { which: "content-type" }));
}

#[test]
fn a_second_signer_is_refused() {
    let refused = Forger { signers: 2, ..Forger::new() }.verified().err();
    assert_eq!(refused, Some(TimeStampError::NotAccepted { what: "second signer" }));
}

#[test]
fn the_algorithm_fits_key_and_digest() {
    for algorithm in [oid::ECDSA_SHA384, oid::SHA256_WITH_RSA, oid::EC_PUBLIC_KEY] {
        let refused = Forger { algorithm, ..Forger::new() }.verified().err();
        assert_eq!(refused, Some(TimeStampError::NotAccepted { what: "signature algorithm" }));
    }
}

#[test]
fn another_key_than_the_certificates_is_refused() {
    let forger = Forger { key: Key::new(KeyKind::P256).key, ..Forger::new() };
    assert_eq!(forger.verified().err(), Some(TimeStampError::Signature));
}

#[test]
fn a_critical_extension_of_the_statement_is_refused() {
    let after_time = built(|whole| {
        whole.nest(tag::context_constructed(1), |list| {
            list.nest(tag::SEQUENCE, |extension| {
                put_oid(extension, &"1.2.3.4".parse().unwrap());
                extension.true_();
                extension.put(tag::OCTET_STRING, &[5, 0]);
            });
        });
    });
    let refused = Forger { after_time, ..Forger::new() }.verified().err();
    assert_eq!(refused, Some(TimeStampError::NotAccepted { what: "critical extension" }));
}

/// The token with the last byte of the first of these object identifiers changed.
fn renamed(mut token: Vec<u8>, oid: &ObjectIdentifier) -> Vec<u8> {
    let name = oid.as_bytes();
    let at = token.windows(name.len()).position(|window| window == name).unwrap() + name.len() - 1;
    token[at] ^= 0x01;
    token
}

#[test]
fn a_frame_that_is_not_a_time_stamps_is_refused_by_its_name() {
    let token = Forger::new().token();
    let refused = |token: &[u8]| Token::parse(token).err();
    let what = |what| Some(TimeStampError::NotAccepted { what });
    assert_eq!(refused(&renamed(token.clone(), &oid::SIGNED_DATA)), what("content type"));
    assert_eq!(refused(&renamed(token.clone(), &oid::TST_INFO)), what("encapsulated content type"));
    // INTEGER 3 and the empty SET of digest algorithms after it.
    let at = token.windows(5).position(|window| window == [2, 1, 3, 0x31, 0]).unwrap() + 2;
    let mut other = token;
    other[at] = 4;
    assert_eq!(refused(&other), what("SignedData version"));
}

#[test]
fn a_statement_of_another_version_or_over_another_hash_is_refused() {
    let what = |what| Some(TimeStampError::NotAccepted { what });
    assert_eq!(Forger { version: 2, ..Forger::new() }.verified().err(), what("version"));
    let forger = Forger { imprint_hash: oid::SHA384, ..Forger::new() };
    assert_eq!(forger.verified().err(), what("imprint other than SHA-256"));
}

#[test]
fn issuer_and_serial_beside_the_digest_are_the_signers() {
    let with = |change: fn(&mut (Vec<u8>, u8))| {
        let forger = Forger::new();
        let mut both = (forger.signer.issuer().to_vec(), 3);
        change(&mut both);
        Forger { issuer_serial: Some(both), ..forger }.verified().map(|_| ())
    };
    assert_eq!(with(|_| {}), Ok(()));
    assert_eq!(with(|both| both.1 = 4), Err(TimeStampError::OtherSigner));
    let other = |both: &mut (Vec<u8>, u8)| *both.0.last_mut().unwrap() ^= 1;
    assert_eq!(with(other), Err(TimeStampError::OtherSigner));
}

#[test]
fn an_rsa_signature_is_over_the_digest_that_the_signer_states() {
    let forger = |algorithm, suite| {
        let extensions = vec![NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true)];
        Forger { algorithm, suite, ..Forger::of(KeyKind::Rsa2048, extensions) }.verified().map(|_| ())
    };
    assert_eq!(forger(oid::SHA256_WITH_RSA, Suite::RsaPkcs1Sha256), Ok(()));
    assert_eq!(forger(oid::RSA_ENCRYPTION, Suite::RsaPkcs1Sha256), Ok(()));
    let refused = Err(TimeStampError::NotAccepted { what: "signature algorithm" });
    assert_eq!(forger(oid::SHA384_WITH_RSA, Suite::RsaPkcs1Sha384), refused);
}
