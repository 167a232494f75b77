//! Stand-ins for the parties that the platform asks: two time-stamping authorities, an OCSP responder, the
//! eligibility register, the history service. Each can be switched.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use jushin_pki::der::{Writer, tag};
use jushin_pki::revocation::{CertId, OcspRequest};
use jushin_pki::time_stamp::TimeStampRequest;
use jushin_pki::{Moment, Suite, oid};
use jushin_runtime::{Clock as _, Peer};
use jushin_statement::{Bundle, Object as _};
use sha2::{Digest as _, Sha256};

use super::ManualClock;
use super::keys::{Holder, OUTSIDE};

/// What the peers do.
#[derive(Clone)]
pub(crate) struct Behaviour {
    /// Who signs at `/tsa/1` and `/tsa/2`; nobody: the authority is down.
    pub(crate) tsas: [Option<Holder>; 2],
    /// Whether tokens are over what was asked.
    pub(crate) honest_imprint: bool,
    /// Whether tokens carry the number that was asked with.
    pub(crate) honest_nonce: bool,
    /// Whether the OCSP responder answers.
    pub(crate) responder: bool,
    /// When the patient's certificate was revoked.
    pub(crate) revoked: Option<Moment>,
    /// When the administrator's certificate was revoked.
    pub(crate) administrator_revoked: Option<Moment>,
    /// The register's feed.
    pub(crate) register: String,
    /// Status of the history service; below 200: unreachable.
    pub(crate) history: u16,
}

/// The peers of one platform.
#[derive(Clone)]
pub(crate) struct Peers {
    clock: ManualClock,
    behaviour: Arc<Mutex<Behaviour>>,
    /// Which authority made each token.
    pub(crate) stamped: Arc<Mutex<Vec<usize>>>,
    /// What the history service took.
    pub(crate) registered: Arc<Mutex<Vec<Bundle>>>,
}

impl Peers {
    pub(crate) fn new(clock: ManualClock) -> Self {
        let behaviour = Behaviour {
            tsas: OUTSIDE.tsas.clone().map(Some),
            honest_imprint: true,
            honest_nonce: true,
            responder: true,
            revoked: None,
            administrator_revoked: None,
            register: r#"{"rows":[],"next":0,"more":false}"#.to_owned(),
            history: 204,
        };
        Self {
            clock,
            behaviour: Arc::new(Mutex::new(behaviour)),
            stamped: Arc::default(),
            registered: Arc::default(),
        }
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.behaviour.lock().unwrap());
    }

    pub(crate) fn peer(&self) -> Peer {
        Peer::in_process(
            Router::new()
                .route("/tsa/{which}", post(stamp))
                .route("/ocsp/{which}", post(status))
                .route("/register/rows", get(rows))
                .route("/v1/visits", post(take))
                .with_state(self.clone()),
        )
    }

    fn behaviour(&self) -> Behaviour {
        self.behaviour.lock().unwrap().clone()
    }

    fn now(&self) -> Moment {
        Moment(self.clock.now().0 as i64)
    }
}

async fn stamp(
    State(peers): State<Peers>,
    Path(which): Path<usize>,
    body: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    let behaviour = peers.behaviour();
    let holder = behaviour.tsas[which - 1].clone().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let mut request = TimeStampRequest::parse(&body).unwrap();
    if !behaviour.honest_imprint {
        request.imprint[0] ^= 1;
    }
    if let Some(nonce) = request.nonce.as_mut().filter(|_| !behaviour.honest_nonce) {
        nonce[1] ^= 1;
    }
    peers.stamped.lock().unwrap().push(which);
    let token = token(&request, &holder, peers.now());
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |response| {
        response.nest(tag::SEQUENCE, |status| status.unsigned(&[0]));
        response.raw(&token);
    });
    Ok(writer.into_bytes())
}

/// A token with an accuracy of 500 ms, signed with ECDSA.
fn token(request: &TimeStampRequest, holder: &Holder, now: Moment) -> Vec<u8> {
    let sha256 = |writer: &mut Writer| {
        writer.nest(tag::SEQUENCE, |algorithm| algorithm.put(tag::OID, oid::SHA256.as_bytes()));
    };
    let mut info = Writer::new();
    info.nest(tag::SEQUENCE, |info| {
        info.unsigned(&[1]);
        info.put(tag::OID, oid::ELEMENT.as_bytes());
        info.nest(tag::SEQUENCE, |imprint| {
            sha256(imprint);
            imprint.put(tag::OCTET_STRING, &request.imprint);
        });
        info.unsigned(&[1]);
        info.put(tag::GENERALIZED_TIME, text(now, true).as_bytes());
        info.nest(tag::SEQUENCE, |accuracy| accuracy.put(tag::context(0), &[0x01, 0xf4]));
        info.unsigned(request.nonce.as_deref().unwrap());
    });
    let info = info.into_bytes();
    let attribute = |name: &[u8], fill: &dyn Fn(&mut Writer)| {
        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |attribute| {
            attribute.put(tag::OID, name);
            attribute.nest(tag::SET, |value| fill(value));
        });
        writer.into_bytes()
    };
    let certificate = &holder.certificate;
    let attributes = vec![
        attribute(oid::CONTENT_TYPE.as_bytes(), &|value| value.put(tag::OID, oid::TST_INFO.as_bytes())),
        attribute(oid::MESSAGE_DIGEST.as_bytes(), &|value| {
            value.put(tag::OCTET_STRING, &Sha256::digest(&info))
        }),
        attribute(oid::SIGNING_CERTIFICATE_V2.as_bytes(), &|value| {
            value.nest(tag::SEQUENCE, |signing| {
                signing.nest(tag::SEQUENCE, |ids| {
                    ids.nest(tag::SEQUENCE, |id| id.put(tag::OCTET_STRING, &certificate.sha256()));
                });
            });
        }),
    ];
    let mut signed = Writer::new();
    signed.set_of(tag::SET, attributes.clone());
    let signature = holder.key.sign(Suite::P256Sha256X509, &signed.into_bytes()).unwrap();
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |content_info| {
        content_info.put(tag::OID, oid::SIGNED_DATA.as_bytes());
        content_info.nest(tag::context_constructed(0), |explicit| {
            explicit.nest(tag::SEQUENCE, |data| {
                data.unsigned(&[3]);
                data.nest(tag::SET, sha256);
                data.nest(tag::SEQUENCE, |content| {
                    content.put(tag::OID, oid::TST_INFO.as_bytes());
                    content
                        .nest(tag::context_constructed(0), |explicit| explicit.put(tag::OCTET_STRING, &info));
                });
                data.put(tag::context_constructed(0), certificate.der());
                data.nest(tag::SET, |infos| {
                    infos.nest(tag::SEQUENCE, |signer| {
                        signer.unsigned(&[1]);
                        signer.nest(tag::SEQUENCE, |id| {
                            id.raw(certificate.issuer());
                            id.unsigned(certificate.serial());
                        });
                        sha256(signer);
                        signer.set_of(tag::context_constructed(0), attributes);
                        signer.nest(tag::SEQUENCE, |name| name.put(tag::OID, oid::ECDSA_SHA256.as_bytes()));
                        signer.put(tag::OCTET_STRING, &signature);
                    });
                });
            });
        });
    });
    writer.into_bytes()
}

/// The CA answers itself.
async fn status(
    State(peers): State<Peers>,
    Path(which): Path<String>,
    body: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    let behaviour = peers.behaviour();
    if !behaviour.responder {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let request = OcspRequest::parse(&body).unwrap();
    let (issuer, algorithm) = match which.as_str() {
        "cards" => (&OUTSIDE.card_ca, oid::SHA256_WITH_RSA),
        _ => (&OUTSIDE.staff_ca, oid::ECDSA_SHA256),
    };
    let put_time = |writer: &mut Writer, at| writer.put(tag::GENERALIZED_TIME, text(at, false).as_bytes());
    let mut data = Writer::new();
    data.nest(tag::SEQUENCE, |data| {
        data.put(tag::context_constructed(1), issuer.certificate().subject());
        put_time(data, peers.now());
        data.nest(tag::SEQUENCE, |list| {
            for id in &request.ids {
                list.nest(tag::SEQUENCE, |single| {
                    put_id(single, id);
                    let revoked = match which.as_str() {
                        "cards" => (behaviour.revoked, &OUTSIDE.patient),
                        _ => (behaviour.administrator_revoked, &OUTSIDE.administrator),
                    };
                    match revoked {
                        (Some(at), holder) if id.serial == holder.certificate.serial() => {
                            single.nest(tag::context_constructed(1), |revoked| put_time(revoked, at));
                        }
                        _ => single.put(tag::context(0), &[]),
                    }
                    put_time(single, peers.now());
                });
            }
        });
        data.nest(tag::context_constructed(1), |explicit| {
            explicit.nest(tag::SEQUENCE, |extensions| {
                extensions.nest(tag::SEQUENCE, |extension| {
                    extension.put(tag::OID, oid::OCSP_NONCE.as_bytes());
                    let mut value = Writer::new();
                    value.put(tag::OCTET_STRING, request.nonce.as_deref().unwrap());
                    extension.put(tag::OCTET_STRING, &value.into_bytes());
                });
            });
        });
    });
    let data = data.into_bytes();
    let signature = issuer.key().sign(issuer.suite(), &data).unwrap();
    let mut basic = Writer::new();
    basic.nest(tag::SEQUENCE, |basic| {
        basic.raw(&data);
        basic.nest(tag::SEQUENCE, |name| {
            name.put(tag::OID, algorithm.as_bytes());
            if algorithm == oid::SHA256_WITH_RSA {
                name.put(tag::NULL, &[]);
            }
        });
        basic.bit_string(&signature);
    });
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |response| {
        response.put(tag::ENUMERATED, &[0]);
        response.nest(tag::context_constructed(0), |explicit| {
            explicit.nest(tag::SEQUENCE, |bytes| {
                bytes.put(tag::OID, oid::OCSP_BASIC.as_bytes());
                bytes.put(tag::OCTET_STRING, &basic.into_bytes());
            });
        });
    });
    Ok(writer.into_bytes())
}

fn put_id(writer: &mut Writer, id: &CertId) {
    writer.nest(tag::SEQUENCE, |name| {
        name.nest(tag::SEQUENCE, |algorithm| {
            algorithm.put(tag::OID, oid::SHA1.as_bytes());
            algorithm.put(tag::NULL, &[]);
        });
        name.put(tag::OCTET_STRING, &id.issuer_name_hash);
        name.put(tag::OCTET_STRING, &id.issuer_key_hash);
        name.unsigned(&id.serial);
    });
}

async fn rows(State(peers): State<Peers>) -> String {
    peers.behaviour().register
}

async fn take(State(peers): State<Peers>, body: Bytes) -> StatusCode {
    let status = StatusCode::from_u16(peers.behaviour().history).unwrap();
    if status.is_success() {
        peers.registered.lock().unwrap().push(Bundle::decode(&body).unwrap());
    }
    status
}

/// `YYYYMMDDhhmmss[.s…]Z`.
fn text(at: Moment, fraction: bool) -> String {
    let [year, month, day, hour, minute, second] = at.to_utc();
    let whole = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}");
    let millis = format!("{:03}", at.millis().rem_euclid(1_000));
    match millis.trim_end_matches('0') {
        digits if fraction && !digits.is_empty() => format!("{whole}.{digits}Z"),
        _ => format!("{whole}Z"),
    }
}
