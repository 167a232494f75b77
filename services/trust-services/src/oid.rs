//! Object identifiers beyond those that verifiers know.

pub(crate) use jushin_pki::oid::*;

use jushin_pki::ObjectIdentifier;

/// Policy under which the simulated time-stamping authorities sign ◇.
pub(crate) const SIMULATED_TIME_STAMP_POLICY: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("2.25.154355430.3");
/// Policy of the simulated signing certificates ◇.
pub(crate) const SIMULATED_DIGITAL_SIGNATURE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("2.25.154355430.4");
/// Policy of JPKI signing test certificates.
pub(crate) const JPKI_DIGITAL_SIGNATURE_TEST: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.1.0.20");
/// otherName in a JPKI signing certificate: name.
pub(crate) const JPKI_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.1");
/// otherName: which characters of the name are substitutes.
pub(crate) const JPKI_NAME_SUBSTITUTES: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.2");
/// otherName: sex.
pub(crate) const JPKI_SEX: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.3");
/// otherName: date of birth.
pub(crate) const JPKI_BIRTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.4");
/// otherName: address.
pub(crate) const JPKI_ADDRESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.5");
/// otherName: which characters of the address are substitutes.
pub(crate) const JPKI_ADDRESS_SUBSTITUTES: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.6");
/// subjectDirectoryAttributes.
pub(crate) const SUBJECT_DIRECTORY_ATTRIBUTES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.9");
/// The health-care actor attribute of ISO 17090-2, called hcRole in HPKI.
pub(crate) const HEALTHCARE_ACTOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.0.17090.0.1");
/// Coding scheme of health-care roles in Japan.
pub(crate) const HEALTHCARE_ROLES_OF_JAPAN: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.392.100495.1.6.1.1");
/// id-qt-cps: where a policy's practice statement stands.
pub(crate) const PRACTICE_STATEMENT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");
/// id-qt-unotice: what is to be told to people.
pub(crate) const USER_NOTICE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.2");
