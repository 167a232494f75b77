//! CV certificates: 568 bytes, and only those that the institutions' CA signed verify.

use std::sync::LazyLock;

use jushin_crypto::AwsLc;
use jushin_pki::{CvAuthority, CvCertificate};

use crate::{fixtures, planted};

static AUTHORITY: LazyLock<CvAuthority> = LazyLock::new(fixtures::institution_ca);
static GENUINE: LazyLock<Vec<CvCertificate>> = LazyLock::new(|| {
    let bundled =
        fixtures::BUNDLES.iter().flat_map(|bundle| &bundle.certificates).map(|bytes| bytes.to_vec());
    let trusted = fixtures::TRUST_FILES.iter().map(|(_, bytes)| bytes.clone());
    bundled.chain(trusted).filter_map(|bytes| CvCertificate::parse(&bytes).ok()).collect()
});

pub(super) fn run(data: &[u8]) {
    let Ok(certificate) = CvCertificate::parse(data) else { return };
    assert_eq!(certificate.as_bytes()[..], *data);
    let _ = (certificate.institution(), certificate.spki(), certificate.signature());
    let _ = CvAuthority::from_certificate(&certificate, &AwsLc);
    if certificate.verify(&AUTHORITY, &AwsLc).is_ok() {
        let genuine = GENUINE.iter().any(|one| one.body() == certificate.body());
        assert!(genuine, "a CV certificate that the CA has not issued is accepted");
    }
    let code = certificate.institution();
    let new = code.is_some() && !GENUINE.iter().any(|one| one.institution() == code);
    planted::fault(new, "a CV certificate of an institution that has none");
}
