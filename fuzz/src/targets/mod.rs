//! The targets by name.

mod apdu;
mod bundle;
mod card;
mod certificate;
mod cv;
mod der;
mod element;
mod element_client;
mod history;
mod platform;
mod reader;
mod revocation;
mod sign1;
pub(crate) mod statement;
mod time_stamp;
mod tpm;
mod trust;
mod verifier;

/// What is done with one input. It fails by panicking.
pub(crate) type Target = fn(&[u8]);

/// Every target; each has a folder of this name in `corpus`.
pub(crate) const ALL: &[(&str, Target)] = &[
    ("apdu", apdu::run),
    ("boxes", platform::boxes),
    ("bundle", bundle::run),
    ("card", card::run),
    ("certificate", certificate::run),
    ("crl", revocation::crl),
    ("cv", cv::run),
    ("der", der::run),
    ("element", element::run),
    ("element-client", element_client::run),
    ("history", history::run),
    ("ocsp", revocation::ocsp),
    ("platform", platform::routes),
    ("reader", reader::run),
    ("sign1", sign1::run),
    ("statement", statement::run),
    ("time-stamp", time_stamp::run),
    ("tpm", tpm::run),
    ("trust", trust::run),
    ("verifier", verifier::run),
];
