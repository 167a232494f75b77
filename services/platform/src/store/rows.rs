//! What stands in each table: one array of fields in the one encoding.

use jushin_statement::cbor::{Malformed, Reader, Writer};
use jushin_statement::{
    Administrator, Anchor, Bytes, Embedded, Evidence, Field, Hash, Id16, InstitutionCode, Signed, Status,
    TickSpec, UnixMillis,
};

use zeroize::Zeroizing;

use super::{Inserted, Scan, StoreError, Table, Transaction};
use crate::refusal::Refusal;

/// Bytes that are overwritten when they go, and that no log can show.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes them.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }
}

impl core::ops::Deref for Secret {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Field for Secret {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.bytes().map(Self::new)
    }
}

/// A row of one table.
pub(crate) trait Row: Sized {
    /// The table.
    const TABLE: Table;
    /// Its value.
    fn encode(&self) -> Vec<u8>;
    /// Reads a value.
    fn decode(bytes: &[u8]) -> Result<Self, Malformed>;
}

/// Declares a row: `Name in Table { fields }`.
macro_rules! rows {
    ($( $(#[$meta:meta])* $name:ident in $table:ident { $( $field:ident : $type:ty, )* } )*) => { $(
        $(#[$meta])*
        #[derive(Clone)]
        pub(crate) struct $name { $( pub(crate) $field: $type, )* }

        impl Row for $name {
            const TABLE: Table = Table::$table;

            fn encode(&self) -> Vec<u8> {
                const FIELDS: usize = 0 $( + { let _ = stringify!($field); 1 } )*;
                let mut writer = Writer::new();
                writer.array(FIELDS);
                $( Field::write(&self.$field, &mut writer); )*
                writer.into_bytes()
            }

            fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
                const FIELDS: u64 = 0 $( + { let _ = stringify!($field); 1 } )*;
                let mut reader = Reader::new(bytes)?;
                reader.array(stringify!($name), FIELDS)?;
                let row = Self { $( $field: Field::read(&mut reader)?, )* };
                reader.end()?;
                Ok(row)
            }
        }
    )* };
}

rows! {
    /// A key of the platform, PKCS#8.
    KeyRow in Key { pkcs8: Secret, }
    /// A certificate of the platform.
    CertificateRow in Certificate { certificate: Bytes, }
    /// A secret.
    SecretRow in Secret { bytes: Secret, }
    /// An institution.
    InstitutionRow in Institution {
        name: String, administrators: Vec<Administrator>, jpki_acknowledged: Option<UnixMillis>,
    }
    /// An imported CV certificate.
    InstitutionKeyRow in InstitutionKey { certificate: Bytes, public_key: Bytes, }
    /// A number as issued.
    NonceRow in Nonce { at: UnixMillis, element: Option<Id16>, institution: Option<InstitutionCode>, subject: Option<Hash>, }
    /// A number as used.
    NonceSpentRow in NonceSpent { at: UnixMillis, }
    /// An element.
    ElementRow in Element {
        institution: InstitutionCode, request: Signed, certificate: Bytes, device_key: Bytes, sealing_key: Bytes,
        tick: TickSpec, simulated: bool, at: UnixMillis,
    }
    /// The institution key of an element: hash and contents of its CV certificate, its public key.
    ElementKeyRow in ElementKey { key: Hash, certificate: Bytes, public_key: Bytes, }
    /// Sealed secrets: the answer's bytes, and the nonce of the test signature.
    InjectionRow in Injection { body: Bytes, test_nonce: Hash, }
    /// The element has shown that it holds its key.
    InjectionDoneRow in InjectionDone { at: UnixMillis, signature: Bytes, }
    /// A terminal.
    TerminalRow in Terminal {
        terminal: Id16, key: Bytes, certificate: Bytes, appointment: Signed, administrator: Bytes, at: UnixMillis,
    }
    /// A binding.
    BindingRow in Binding { signed: Signed, at: UnixMillis, }
    /// Its confirmation.
    BindingAckRow in BindingAck { signed: Signed, at: UnixMillis, }
    /// A record.
    RecordRow in Record { signed: Signed, at: UnixMillis, }
    /// An activation on its way.
    UnlockRow in Unlock { stamp: Signed, token: Bytes, activation: Signed, time_stamper: u64, at: UnixMillis, }
    /// Which stamp an activation answers.
    UnlockOfActivationRow in UnlockOfActivation { counter: u64, }
    /// An anchor.
    AnchorRow in Anchor { anchor: Embedded<Anchor>, at: UnixMillis, }
    /// A visit. The only place where a patient's certificate is kept.
    VisitRow in Visit {
        element: Id16, counter: u64, institution: InstitutionCode, evidence: Embedded<Evidence>, at: UnixMillis,
    }
    /// Something that stands under a counter value.
    ClaimRow in Claim { at: UnixMillis, }
    /// A fork.
    ForkRow in Fork { at: UnixMillis, }
    /// A verdict.
    VerdictRow in Verdict { signed: Signed, status: Status, }
    /// An eligibility answer.
    EligibilityRow in Eligibility { signed: Signed, }
    /// An answer to a batch.
    AnswerRow in Answer { body: Bytes, }
    /// An OCSP response about the card of a visit.
    RevocationRow in Revocation { response: Bytes, at: UnixMillis, }
    /// What the register says of a certificate's holder.
    InsuredRow in Register { person: Hash, insurer: String, copay_tenths: u64, validity: u64, number: u64, }
    /// A person handle.
    PersonRow in Person { handle: [u8; 32], }
    /// A bundle on its way to the history service.
    OutboxRow in Outbox { bundle: Bytes, at: UnixMillis, }
    /// A bundle that arrived there.
    DeliveredRow in Delivered { at: UnixMillis, }
    /// A close: what it covers from, and when it came.
    CloseRow in Close { signed: Signed, lo: u64, at: UnixMillis, }
    /// A hole: its last missing counter, what explains it, and the counter of the close that showed it.
    GapRow in Gap { to: u64, kind: u64, close: u64, at: UnixMillis, }
    /// A close that waits for its token.
    UnstampedRow in Unstamped { at: UnixMillis, }
    /// A visit without an upper end.
    OpenRow in Open { at: UnixMillis, }
    /// An entry of the log: what kind of thing it stands for, and its opening.
    LogOpeningRow in LogOpening { kind: u64, opening: [u8; 32], at: UnixMillis, }
    /// Something that waits for its place in the log.
    LogPendingRow in LogPending { at: UnixMillis, }
    /// A stretch of the log.
    LogBatchRow in LogBatch { contents: Vec<Hash>, at: UnixMillis, }
    /// A place in the log.
    LogIndexRow in LogIndex { index: u64, }
    /// A checkpoint, as the log signed it.
    LogCheckpointRow in LogCheckpoint { note: String, at: UnixMillis, }
    /// A witness's line.
    LogCosignatureRow in LogCosignature { line: String, at: UnixMillis, }
    /// A token over a checkpoint.
    LogTokenRow in LogToken { token: Bytes, at: UnixMillis, }
    /// Something that was done.
    OperationRow in Operation { at: UnixMillis, element: Option<Id16>, what: String, }
}

/// Typed reads and writes.
impl dyn Transaction + '_ {
    /// Writes a row; returns what stands there instead if the key was known.
    pub(crate) fn put<R: Row>(&mut self, key: &[u8], row: &R) -> Result<Option<R>, StoreError> {
        // Some rows hold secrets, so no encoding is left behind in memory.
        let value = Zeroizing::new(row.encode());
        match self.insert(R::TABLE, key, &value)? {
            Inserted::New => Ok(None),
            Inserted::Again(stored) => decode(stored).map(Some),
        }
    }

    /// Reads a row.
    pub(crate) fn find<R: Row>(&mut self, key: &[u8]) -> Result<Option<R>, StoreError> {
        self.read(R::TABLE, key)?.map(decode).transpose()
    }

    /// Reads rows with their keys.
    pub(crate) fn list<R: Row>(&mut self, scan: Scan<'_>) -> Result<Vec<(Vec<u8>, R)>, StoreError> {
        self.scan(R::TABLE, scan)?.into_iter().map(|row| Ok((row.key, decode(row.value)?))).collect()
    }

    /// Reads the row with the highest key that begins with `prefix`.
    pub(crate) fn newest<R: Row>(&mut self, prefix: &[u8]) -> Result<Option<(Vec<u8>, R)>, StoreError> {
        Ok(self.list(Scan::last(prefix))?.pop())
    }
}

fn decode<R: Row>(value: Vec<u8>) -> Result<R, StoreError> {
    R::decode(&Zeroizing::new(value)).map_err(|_| StoreError::Unreadable { table: R::TABLE })
}

/// A key from its parts. Numbers are eight bytes, big-endian, so that keys sort as the numbers do.
pub(crate) fn key(parts: &[&dyn KeyPart]) -> Vec<u8> {
    let mut key = Vec::new();
    for part in parts {
        part.append(&mut key);
    }
    key
}

/// Part of a key.
pub(crate) trait KeyPart {
    /// Appends the part.
    fn append(&self, key: &mut Vec<u8>);
}

impl KeyPart for u64 {
    fn append(&self, key: &mut Vec<u8>) {
        key.extend(self.to_be_bytes());
    }
}

impl KeyPart for Hash {
    fn append(&self, key: &mut Vec<u8>) {
        key.extend(self.0);
    }
}

impl KeyPart for Id16 {
    fn append(&self, key: &mut Vec<u8>) {
        key.extend(self.0);
    }
}

impl KeyPart for InstitutionCode {
    fn append(&self, key: &mut Vec<u8>) {
        key.extend(self.as_bytes());
    }
}

impl KeyPart for &str {
    fn append(&self, key: &mut Vec<u8>) {
        key.extend(self.as_bytes());
    }
}

/// The counter that stands after an element's id in a key.
pub(crate) fn counter_of(key: &[u8]) -> u64 {
    key.get(16..24).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes)
}

/// Runs `work` in one transaction: what it returns is an answer only if the commit succeeded, and a
/// refusal takes everything back.
pub(crate) fn transact<T>(
    store: &dyn super::Store,
    mut work: impl FnMut(&mut (dyn Transaction + '_)) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    use super::Finish;
    let mut outcome = None;
    store.transact(&mut |transaction| {
        let result = work(transaction);
        let finish = if result.is_ok() { Finish::Commit } else { Finish::RollBack };
        outcome = Some(result);
        Ok(finish)
    })?;
    outcome
        .unwrap_or_else(|| Err(StoreError::Failed("the store did not run the transaction".to_owned()).into()))
}
