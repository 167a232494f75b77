//! Real bytes: the trust folder and the bundles that the second verifier is held against.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::{fs, io};

use jushin_crypto::AwsLc;
use jushin_evidence::Trust;
use jushin_pki::{Certificate, Crypto, CvAuthority, CvCertificate, TrustAnchors, pem};
use jushin_statement::{Anchor, Bundle, Object, Visits};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier-js/fixtures");

/// The files of the trust folder, by name.
pub(crate) static TRUST_FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| folder("trust"));

/// The trust folder.
pub(crate) static TRUST: LazyLock<Arc<Trust>> =
    LazyLock::new(|| Arc::new(Trust::from_files(TRUST_FILES.iter().cloned()).unwrap()));

/// Genuine bundles, in the order of their names.
pub(crate) static BUNDLES: LazyLock<Vec<Bundle>> =
    LazyLock::new(|| folder("bundles").iter().map(|(_, bytes)| Bundle::decode(bytes).unwrap()).collect());

/// The X.509 certificates of the bundles, and those of the cards.
pub(crate) static CERTIFICATES: LazyLock<Vec<Certificate>> = LazyLock::new(|| {
    let lists = BUNDLES.iter().flat_map(|bundle| &bundle.certificates).map(|bytes| bytes.to_vec());
    let cards = BUNDLES.iter().flat_map(|bundle| match &bundle.visits {
        Visits::Full(visits) => visits.iter().map(|visit| visit.certificate.to_vec()).collect(),
        Visits::Redacted(_) => Vec::new(),
    });
    lists.chain(cards).filter_map(|der| Certificate::parse(&der).ok()).collect()
});

/// Time-stamp tokens of the bundles' anchors.
pub(crate) fn tokens() -> Vec<Vec<u8>> {
    let anchors = BUNDLES.iter().flat_map(|bundle| &bundle.anchors);
    anchors
        .filter_map(|anchor| match &anchor.0 {
            Anchor::Online { token, .. } => Some(token.to_vec()),
            _ => None,
        })
        .collect()
}

/// The certificates in the trust folder's files with this beginning.
pub(crate) fn trusted(prefix: &str) -> Vec<Certificate> {
    TRUST_FILES
        .iter()
        .filter(|(name, _)| name.starts_with(prefix) && name.ends_with(".pem"))
        .flat_map(|(_, text)| pem::decode_all("CERTIFICATE", str::from_utf8(text).unwrap()).unwrap())
        .map(|der| Certificate::parse(&der).unwrap())
        .collect()
}

/// The same as trust anchors.
pub(crate) fn anchors(prefix: &str) -> TrustAnchors {
    TrustAnchors::from_certificates(trusted(prefix), &AwsLc as &dyn Crypto).unwrap()
}

/// The institutions' CA.
pub(crate) fn institution_ca() -> CvAuthority {
    let (_, bytes) = TRUST_FILES.iter().find(|(name, _)| name == "ca-i-1.bin").unwrap();
    CvAuthority::from_certificate(&CvCertificate::parse(bytes).unwrap(), &AwsLc).unwrap()
}

fn folder(name: &str) -> Vec<(String, Vec<u8>)> {
    let read = |path: &Path| -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut files = fs::read_dir(path)?
            .map(|entry| {
                let entry = entry?;
                Ok((entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?))
            })
            .collect::<io::Result<Vec<_>>>()?;
        files.sort();
        Ok(files)
    };
    let path = Path::new(FIXTURES).join(name);
    read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
