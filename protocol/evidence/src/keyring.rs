//! The trust anchors with their keys parsed.

use std::sync::Arc;

use jushin_pki::{Certificate, Crypto, CvAuthority, Profile, PublicKey, TrustAnchors, oid};
use jushin_statement::{Hash, Signed, Statement};

use crate::Trust;
use crate::signed::{Opened, open};

/// Keys of a trust folder. A key that the provider does not take verifies nothing.
pub(crate) struct Keyring {
    pub(crate) cards: TrustAnchors,
    pub(crate) elements: TrustAnchors,
    pub(crate) time_stampers: TrustAnchors,
    pub(crate) staff: TrustAnchors,
    pub(crate) institutions: Vec<CvAuthority>,
    /// By SHA-256 of the DER SPKI.
    pub(crate) providers: Vec<(Hash, Arc<dyn PublicKey>)>,
    pub(crate) binding: Vec<Arc<dyn PublicKey>>,
    pub(crate) receipt: Vec<Arc<dyn PublicKey>>,
    pub(crate) card_profile: Profile,
    pub(crate) staff_profile: Profile,
}

impl Keyring {
    pub(crate) fn new(trust: &Trust, crypto: &dyn Crypto) -> Self {
        Self {
            cards: anchors(&trust.card_cas, crypto),
            elements: anchors(&trust.element_cas, crypto),
            time_stampers: anchors(&trust.time_stampers, crypto),
            staff: anchors(&trust.staff_cas, crypto),
            institutions: trust
                .institution_cas
                .iter()
                .filter_map(|certificate| CvAuthority::from_certificate(certificate, crypto).ok())
                .collect(),
            providers: trust
                .providers
                .iter()
                .filter_map(|one| Some((Hash::of(one.spki()), crypto.public_key(one.spki()).ok()?)))
                .collect(),
            binding: keys(&trust.platform_binding, crypto),
            receipt: keys(&trust.platform_receipt, crypto),
            card_profile: Profile::jpki_user_authentication().with_policy(oid::SIMULATED_USER_AUTHENTICATION),
            staff_profile: Profile::hpki_authentication().with_policy(oid::SIMULATED_HPKI_AUTHENTICATION),
        }
    }
}

impl Keyring {
    /// Those of `certificates` that a trusted staff CA has issued and that are CAs themselves.
    pub(crate) fn issued_by_staff_cas(&self, certificates: &[Certificate]) -> Vec<Certificate> {
        let is_ca = |one: &Certificate| one.basic_constraints().is_some_and(|constraints| constraints.ca);
        let issued = |one: &Certificate| {
            self.staff
                .iter()
                .any(|ca| ca.certificate().subject() == one.issuer() && one.signed_by(ca.key()).is_ok())
        };
        certificates.iter().filter(|one| is_ca(one) && issued(one)).cloned().collect()
    }
}

fn anchors(certificates: &[Certificate], crypto: &dyn Crypto) -> TrustAnchors {
    let mut anchors = TrustAnchors::new();
    for certificate in certificates {
        let _ = anchors.add(certificate.clone(), crypto); // one that cannot be used verifies nothing
    }
    anchors
}

fn keys(certificates: &[Certificate], crypto: &dyn Crypto) -> Vec<Arc<dyn PublicKey>> {
    certificates.iter().filter_map(|certificate| crypto.public_key(certificate.spki()).ok()).collect()
}

/// Opens a statement with whichever of the keys signed it.
pub(crate) fn open_with<S: Statement>(keys: &[Arc<dyn PublicKey>], signed: &Signed) -> Option<Opened<S>> {
    keys.iter().find_map(|key| open(signed, key.as_ref()).ok())
}
