//! Object identifiers in use.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use ::der::asn1::ObjectIdentifier;

macro_rules! identifiers {
    ($($(#[$doc:meta])+ $name:ident = $text:literal;)+) => {
        $($(#[$doc])+ pub const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($text);)+
    };
}

identifiers! {
    /// rsaEncryption.
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    /// id-RSASSA-PSS.
    RSA_PSS = "1.2.840.113549.1.1.10";
    /// id-mgf1.
    MGF1 = "1.2.840.113549.1.1.8";
    /// sha256WithRSAEncryption.
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
    /// sha384WithRSAEncryption.
    SHA384_WITH_RSA = "1.2.840.113549.1.1.12";
    /// sha512WithRSAEncryption.
    SHA512_WITH_RSA = "1.2.840.113549.1.1.13";
    /// id-ecPublicKey.
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    /// secp256r1.
    P256 = "1.2.840.10045.3.1.7";
    /// secp384r1.
    P384 = "1.3.132.0.34";
    /// ecdsa-with-SHA256.
    ECDSA_SHA256 = "1.2.840.10045.4.3.2";
    /// ecdsa-with-SHA384.
    ECDSA_SHA384 = "1.2.840.10045.4.3.3";
    /// ecdsa-with-SHA512, in time-stamp tokens only.
    ECDSA_SHA512 = "1.2.840.10045.4.3.4";
    /// SHA-1, in OCSP certificate ids only.
    SHA1 = "1.3.14.3.2.26";
    /// SHA-256.
    SHA256 = "2.16.840.1.101.3.4.2.1";
    /// SHA-384.
    SHA384 = "2.16.840.1.101.3.4.2.2";
    /// SHA-512.
    SHA512 = "2.16.840.1.101.3.4.2.3";

    /// commonName.
    COMMON_NAME = "2.5.4.3";
    /// countryName.
    COUNTRY = "2.5.4.6";
    /// localityName.
    LOCALITY = "2.5.4.7";
    /// organizationName.
    ORGANIZATION = "2.5.4.10";
    /// organizationalUnitName.
    ORGANIZATIONAL_UNIT = "2.5.4.11";

    /// subjectKeyIdentifier.
    SUBJECT_KEY_ID = "2.5.29.14";
    /// keyUsage.
    KEY_USAGE = "2.5.29.15";
    /// subjectAltName.
    SUBJECT_ALT_NAME = "2.5.29.17";
    /// issuerAltName.
    ISSUER_ALT_NAME = "2.5.29.18";
    /// basicConstraints.
    BASIC_CONSTRAINTS = "2.5.29.19";
    /// cRLNumber.
    CRL_NUMBER = "2.5.29.20";
    /// reasonCode of a CRL entry.
    REASON_CODE = "2.5.29.21";
    /// issuingDistributionPoint.
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    /// cRLDistributionPoints.
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    /// certificatePolicies.
    CERTIFICATE_POLICIES = "2.5.29.32";
    /// authorityKeyIdentifier.
    AUTHORITY_KEY_ID = "2.5.29.35";
    /// extKeyUsage.
    EXTENDED_KEY_USAGE = "2.5.29.37";
    /// authorityInfoAccess.
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    /// The OCSP access method; also the arc of id-pkix-ocsp.
    OCSP = "1.3.6.1.5.5.7.48.1";
    /// id-pkix-ocsp-basic.
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";
    /// id-pkix-ocsp-nonce.
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2";
    /// id-pkix-ocsp-nocheck.
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5";

    /// serverAuth.
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    /// clientAuth.
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /// timeStamping.
    TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    /// OCSPSigning.
    OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

    /// id-signedData.
    SIGNED_DATA = "1.2.840.113549.1.7.2";
    /// id-ct-TSTInfo.
    TST_INFO = "1.2.840.113549.1.9.16.1.4";
    /// id-contentType.
    CONTENT_TYPE = "1.2.840.113549.1.9.3";
    /// id-messageDigest.
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    /// id-aa-signingCertificateV2.
    SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";

    /// Policy of JPKI user authentication certificates.
    JPKI_USER_AUTHENTICATION = "1.2.392.200149.8.5.1.3.30";
    /// Policy of JPKI user authentication test certificates.
    JPKI_USER_AUTHENTICATION_TEST = "1.2.392.200149.8.5.1.0.30";
    /// Policy of HPKI authentication certificates (MEDIS).
    HPKI_AUTHENTICATION = "1.2.392.100495.1.5.1.2.3.1";
    /// Policy of HPKI signing certificates (MEDIS), which are never accepted as an unlock card.
    HPKI_SIGNING = "1.2.392.100495.1.5.1.1.3.1";
    /// Arc of the policies of HPKI signing certificates.
    HPKI_SIGNING_ARC = "1.2.392.100495.1.5.1.1";
    /// Policy of the simulated user authentication certificates ◇.
    SIMULATED_USER_AUTHENTICATION = "2.25.154355430.1";
    /// Policy of the simulated HPKI authentication certificates ◇.
    SIMULATED_HPKI_AUTHENTICATION = "2.25.154355430.2";
    /// What an element's certificate says of the element; also the mark of a simulated element CA.
    ELEMENT = "2.25.154355430";
}

/// Content octets of an OBJECT IDENTIFIER as dotted text, for people; hexadecimal if an arc exceeds 128 bits.
///
/// Identifiers of others may have arcs that [`ObjectIdentifier`] cannot hold (X.667 makes them of UUIDs).
#[must_use]
pub fn dotted(content: &[u8]) -> String {
    arcs(content).map_or_else(
        || alloc::format!("{content:02x?}"),
        |arcs| arcs.iter().map(u128::to_string).collect::<Vec<_>>().join("."),
    )
}

fn arcs(content: &[u8]) -> Option<Vec<u128>> {
    let mut arcs = Vec::new();
    let mut arc = 0_u128;
    for byte in content {
        arc = arc.checked_mul(128)? | u128::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.push(first);
                arc -= first * 40;
            }
            arcs.push(arc);
            arc = 0;
        }
    }
    (content.last()? & 0x80 == 0).then_some(arcs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_octets_agree() {
        for oid in [RSA_ENCRYPTION, SHA1, P384, ELEMENT, JPKI_USER_AUTHENTICATION, HPKI_SIGNING] {
            assert_eq!(dotted(oid.as_bytes()), oid.to_string());
        }
        assert_eq!(dotted(&[0x2A, 3]), "1.2.3");
        assert_eq!(dotted(&[0x2A, 0x83]), "[2a, 83]");
        let mut uuid = [0xFF; 20];
        uuid[0] = 0x69;
        uuid[1] = 0x83;
        uuid[19] = 0x7F;
        assert_eq!(dotted(&uuid), "2.25.340282366920938463463374607431768211455");
        assert_eq!(dotted(&[&uuid[..19], &[0xFF, 0x7F]].concat()).chars().next(), Some('['));
    }
}
