//! What answers about one certificate mean for a span of time.

use crate::moment::Moment;

use super::{Answer, Status};

/// What is known of a certificate over the span in which it was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusOver {
    /// Not revoked before the span's end as far as data reach, which is into the span or beyond.
    Good {
        /// Latest time of the data.
        as_of: Moment,
    },
    /// Revoked before the span began: it should not have been used.
    RevokedBefore {
        /// Since when.
        at: Moment,
    },
    /// Revoked within the span, or the span is open on that side: before or after use is not known.
    RevokedInside {
        /// Since when.
        at: Moment,
    },
    /// No data as of the span's begin or later.
    NoData {
        /// Latest time of the data that there are.
        latest: Option<Moment>,
    },
}

/// Judges a certificate over `lo..=hi` (open where `None`).
///
/// Of several revocations the earliest counts. A revocation after `hi` leaves the use untouched. A
/// revocation counts whenever its data were made; freedom from it only by data as of `lo` or later, in
/// whole seconds: OCSP and CRLs know no finer time (RFC 5280 4.1.2.5.2), so data of `lo`'s second count.
#[must_use]
pub fn status_over(answers: &[Answer], lo: Option<Moment>, hi: Option<Moment>) -> StatusOver {
    let revoked = answers.iter().filter_map(|answer| match answer.status {
        Status::Revoked { at, .. } => Some(at),
        _ => None,
    });
    if let Some(at) = revoked.min() {
        if lo.is_some_and(|lo| at < lo) {
            return StatusOver::RevokedBefore { at };
        }
        if hi.is_none_or(|hi| at <= hi) {
            return StatusOver::RevokedInside { at };
        }
    }
    let covering =
        answers.iter().filter(|answer| matches!(answer.status, Status::Good | Status::Revoked { .. }));
    match covering.map(|answer| answer.this_update).max() {
        Some(as_of) if lo.is_none_or(|lo| as_of >= lo.whole_second()) => StatusOver::Good { as_of },
        latest => StatusOver::NoData { latest },
    }
}
