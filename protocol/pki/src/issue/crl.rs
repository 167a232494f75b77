//! Issues CRLs (RFC 5280 §5).

use alloc::vec::Vec;

use crate::der::{Writer, tag};
use crate::moment::Moment;
use crate::signature::SigningFailed;
use crate::{algorithm, oid, time};

use super::{Issuer, NewExtension, signed};

/// Reason code keyCompromise.
pub const REASON_KEY_COMPROMISE: u8 = 1;

/// One revoked certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedEntry {
    /// Its serial number, big-endian.
    pub serial: Vec<u8>,
    /// When it was revoked; written in whole seconds.
    pub at: Moment,
    /// Reason code (RFC 5280 §5.3.1).
    pub reason: Option<u8>,
}

impl Issuer {
    /// Issues a complete CRL.
    ///
    /// # Errors
    ///
    /// [`SigningFailed`].
    pub fn crl(
        &self,
        number: u64,
        this_update: Moment,
        next_update: Moment,
        revoked: &[RevokedEntry],
    ) -> Result<Vec<u8>, SigningFailed> {
        let mut tbs = Writer::new();
        tbs.nest(tag::SEQUENCE, |tbs| {
            tbs.unsigned(&[1]);
            algorithm::put_suite(tbs, self.suite);
            tbs.raw(self.certificate.subject());
            time::put_time(tbs, this_update);
            time::put_time(tbs, next_update);
            if !revoked.is_empty() {
                tbs.nest(tag::SEQUENCE, |list| revoked.iter().for_each(|entry| put_entry(list, entry)));
            }
            tbs.nest(tag::context_constructed(0), |extensions| {
                extensions.nest(tag::SEQUENCE, |list| {
                    NewExtension::authority_key_id(&self.certificate).put(list);
                    NewExtension::build(oid::CRL_NUMBER, false, |value| {
                        value.unsigned(&number.to_be_bytes())
                    })
                    .put(list);
                });
            });
        });
        signed(&tbs.into_bytes(), self.key.as_ref(), self.suite)
    }
}

fn put_entry(list: &mut Writer, entry: &RevokedEntry) {
    list.nest(tag::SEQUENCE, |revoked| {
        revoked.unsigned(&entry.serial);
        time::put_time(revoked, entry.at);
        if let Some(reason) = entry.reason {
            revoked.nest(tag::SEQUENCE, |extensions| {
                NewExtension::build(oid::REASON_CODE, false, |value| value.put(tag::ENUMERATED, &[reason]))
                    .put(extensions);
            });
        }
    });
}
