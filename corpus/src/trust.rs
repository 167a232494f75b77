//! The trust folders that the cases are judged under.

use jushin_pki::issue::Template;
use jushin_pki::{Certificate, Moment, pem};

use crate::book::USUAL_TRUST;
use crate::world::{MORNING, World, YEAR, template};

/// Names and contents of a folder's files.
pub type Files = Vec<(String, Vec<u8>)>;

/// Every trust folder with its name, the usual one first.
#[must_use]
pub fn folders(world: &World) -> Vec<(&'static str, Files)> {
    let usual = world.files();
    let without = |name: &str| usual.iter().filter(|(file, _)| file != name).cloned().collect::<Files>();
    let with = |name: &str, contents: &[u8]| {
        let mut files = without(name);
        files.push((name.to_owned(), contents.to_vec()));
        files
    };
    vec![
        (USUAL_TRUST, usual.clone()),
        ("trust-nothing", Vec::new()),
        ("trust-without-card-ca", without("ca-u-1.pem")),
        ("trust-without-institution-ca", without("ca-i-1.bin")),
        ("trust-without-element-ca", without("se-ca-demo.pem")),
        ("trust-without-tsa-1", without("tsa-1.pem")),
        ("trust-without-staff-ca", without("hpki-1.pem")),
        ("trust-without-provider", without("sp-1.pem")),
        ("trust-without-binding-key", without("pf-bind.pem")),
        ("trust-without-receipt-key", without("pf-rcpt.pem")),
        ("trust-without-policy", without("policy.json")),
        ("trust-institution-ca-not-self-signed", with("ca-i-1.bin", world.cv.as_bytes())),
        ("trust-expired-tsa-ca", with("tsa-1.pem", &pem_of(&expired_time_ca(world)))),
        ("trust-caps", with("policy.json", br#"{"class_cap":{"1":2,"2":1,"3":3}}"#)),
        ("trust-cap-none", with("policy.json", br#"{"class_cap":{"3":0}}"#)),
        ("trust-tpm-cap-four", with("policy.json", br#"{"class_cap":{"2":4}}"#)),
        ("trust-tight-3915", with("policy.json", br#"{"class_cap":{"3":4},"tight_ms":3915}"#)),
        ("trust-tight-3914", with("policy.json", br#"{"class_cap":{"3":4},"tight_ms":3914}"#)),
        ("trust-accuracy-7", with("policy.json", br#"{"class_cap":{"3":4},"accuracy_ms":7}"#)),
    ]
}

/// A certificate of the first time-stamping CA, over its key, that ended before the morning.
fn expired_time_ca(world: &World) -> Certificate {
    let ca = &world.time_ca[0];
    let named = template("TSA CA 1", ca.key().spki(), crate::world::ca_extensions());
    let ends =
        Template { not_before: Moment(MORNING - 2 * YEAR), not_after: Moment(MORNING - 1_000), ..named };
    ca.issue(&ends).unwrap()
}

fn pem_of(certificate: &Certificate) -> Vec<u8> {
    pem::encode("CERTIFICATE", certificate.der()).into_bytes()
}
