//! What the slots hold: our own format, one CBOR array per slot, with a version in front.

use alloc::vec::Vec;
use core::fmt;

use jushin_statement::cbor::{Malformed, Reader, Writer};
use jushin_statement::{Bytes, Field, Hash, Object, Signed};
use zeroize::Zeroizing;

use crate::exchange::array;

/// The 1 in front of every slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Format1;

impl Field for Format1 {
    fn write(&self, writer: &mut Writer) {
        writer.uint(1);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        if reader.uint()? == 1 { Ok(Self) } else { Err(Malformed::Value { field: "format" }) }
    }
}

/// A private key or a pseudonym key; overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) Zeroizing<Vec<u8>>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "secret of {} bytes", self.0.len())
    }
}

impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }
}

impl Field for Secret {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self::from(reader.bytes()?))
    }
}

array! {
    /// [`Slot::Identity`](crate::Slot::Identity).
    pub(crate) struct Identity = "identity slot" {
        /// 1.
        pub format: Format1,
        /// PKCS#8 of the device key.
        pub device_key: Secret,
        /// PKCS#8 of the sealing key.
        pub sealing_key: Secret,
    }
}

array! {
    /// [`Slot::Institution`](crate::Slot::Institution); both nil once retired.
    #[derive(Default)]
    pub(crate) struct Institution = "institution slot" {
        /// 1.
        pub format: Format1,
        /// PKCS#8 of the institution key.
        pub key: Option<Secret>,
        /// Its CV certificate.
        pub certificate: Option<Bytes>,
    }
}

array! {
    /// One pseudonym key.
    pub(crate) struct PseudonymKey = "pseudonym key" {
        /// Its epoch.
        pub epoch: u64,
        /// 32 bytes.
        pub key: Secret,
    }
}

impl Field for PseudonymKey {
    fn write(&self, writer: &mut Writer) {
        Object::write(self, writer);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Object::read(reader)
    }
}

array! {
    /// [`Slot::Pseudonyms`](crate::Slot::Pseudonyms).
    #[derive(Default)]
    pub(crate) struct Pseudonyms = "pseudonyms slot" {
        /// 1.
        pub format: Format1,
        /// Keys of epochs below this were erased and never come back.
        pub keep: u64,
        /// The keys, ascending by epoch.
        pub keys: Vec<PseudonymKey>,
    }
}

array! {
    /// [`Slot::CardCas`](crate::Slot::CardCas).
    #[derive(Default)]
    pub(crate) struct CardCas = "card CA slot" {
        /// 1.
        pub format: Format1,
        /// DER SPKI of each.
        pub keys: Vec<Bytes>,
    }
}

array! {
    /// [`Slot::Binding`](crate::Slot::Binding).
    pub(crate) struct StoredBinding = "binding slot" {
        /// 1.
        pub format: Format1,
        /// The payload as received.
        pub payload: Bytes,
    }
}

array! {
    /// [`Slot::Journal`](crate::Slot::Journal): everything that one record changes, so that one slot is one record.
    pub(crate) struct Journal = "journal slot" {
        /// 1.
        pub format: Format1,
        /// The last counter value that was taken.
        pub counter: u64,
        /// SHA-256 of the payload that took it.
        pub head: Hash,
        /// The last record's bytes, unless that is a boot. A presence is no record and leaves them as they are.
        pub record: Option<Signed>,
        /// The last record's bytes if it is a boot; `record` is then the one before it, and the host may
        /// have got neither.
        pub boot: Option<Signed>,
        /// Counter of an open card session.
        pub pending: Option<u64>,
        /// anchor-h of the last anchor.
        pub last_anchor: Hash,
        /// Check-ins under administrators since the last online activation.
        pub offline_begins: u64,
        /// Wrong ADM-PUTs since the last success or online activation.
        pub admin_failures: u64,
        /// Whether a retired element has made its one close.
        pub closed_for_ever: bool,
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            format: Format1,
            counter: 0,
            head: Hash::ZERO,
            record: None,
            boot: None,
            pending: None,
            last_anchor: Hash::ZERO,
            offline_begins: 0,
            admin_failures: 0,
            closed_for_ever: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The bytes are a promise to every element that is in use: a change needs a new format number.
    #[track_caller]
    fn assert_golden<T: Object + PartialEq + fmt::Debug>(value: &T, golden: &str) {
        assert_eq!(hex(&value.encode()), golden);
        assert_eq!(T::decode(&value.encode()).as_ref(), Ok(value));
    }

    #[test]
    fn the_journal_is_stored_as_ever() {
        let journal = Journal {
            counter: 300,
            head: Hash([0xAA; 32]),
            record: Some(Signed(vec![1, 2, 3].into())),
            boot: Some(Signed(vec![4].into())),
            pending: Some(299),
            last_anchor: Hash([0xBB; 32]),
            offline_begins: 2,
            admin_failures: 1,
            closed_for_ever: true,
            ..Journal::default()
        };
        let (a, b) = ("aa".repeat(32), "bb".repeat(32));
        assert_golden(&journal, &format!("8a0119012c5820{a}430102034104{}5820{b}0201f5", "19012b"));
        let zeros = "00".repeat(32);
        assert_golden(&Journal::default(), &format!("8a01005820{zeros}f6f6f65820{zeros}0000f4"));
    }

    #[test]
    fn keys_are_stored_as_ever() {
        let identity = Identity {
            format: Format1,
            device_key: Secret::from(&[1, 2][..]),
            sealing_key: Secret::from(&[3][..]),
        };
        assert_golden(&identity, "83014201024103");
        let institution = Institution {
            format: Format1,
            key: Some(Secret::from(&[1][..])),
            certificate: Some(vec![2].into()),
        };
        assert_golden(&institution, "830141014102");
        assert_golden(&Institution::default(), "8301f6f6");
        let key = PseudonymKey { epoch: 7, key: Secret::from(&[9][..]) };
        assert_golden(&Pseudonyms { format: Format1, keep: 6, keys: vec![key] }, "8301068182074109");
        assert_golden(&CardCas { format: Format1, keys: vec![vec![5].into()] }, "8201814105");
        assert_golden(&StoredBinding { format: Format1, payload: vec![6].into() }, "82014106");
    }

    #[test]
    fn another_format_is_refused() {
        assert_eq!(Institution::decode(&[0x83, 0x02, 0xf6, 0xf6]), Err(Malformed::Value { field: "format" }));
    }

    #[test]
    fn debug_shows_no_secret() {
        let identity = Identity {
            format: Format1,
            device_key: Secret::from(&[0xAB; 20][..]),
            sealing_key: Secret::from(&[0xCD; 3][..]),
        };
        let shown = format!("{identity:?}");
        assert!(shown.contains("secret of 20 bytes") && !shown.contains("171"), "{shown}");
    }
}
