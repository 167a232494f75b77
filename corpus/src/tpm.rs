//! What a TPM 2.0 attests about a record.

use jushin_pki::Suite;
use jushin_statement::{Alg, Context, Hash, Object, Signed, TpmRecord, to_be_signed};

use crate::world::{COUNTER_NAME, Key};

/// The contents of both attestations, so that a test can make one of them wrong.
#[derive(Clone, Debug)]
pub struct Attestation {
    /// TPM_GENERATED_VALUE.
    pub magic: u32,
    /// The types of both attestations.
    pub kinds: (u16, u16),
    /// Name of the NV index.
    pub name: Vec<u8>,
    /// Contents of the NV index.
    pub value: u64,
    /// Where in the NV index the contents begin.
    pub offset: u16,
    /// Milliseconds since power-on.
    pub time: u64,
    /// resetCount and restartCount.
    pub boots: (u32, u32),
    /// The first attestation's extraData is of another record.
    pub of_other: bool,
    /// The second's is of another first.
    pub over_other: bool,
}

impl Attestation {
    /// What an honest TPM attests.
    pub fn of(value: u64, time: u64, boots: (u32, u32)) -> Self {
        Self {
            magic: 0xff54_4347,
            kinds: (0x8014, 0x8019),
            name: COUNTER_NAME.to_vec(),
            value,
            offset: 0,
            time,
            boots,
            of_other: false,
            over_other: false,
        }
    }

    /// The record with both attestations.
    pub fn sign(&self, payload: &[u8], key: &Key) -> Signed {
        let message = to_be_signed(Context::Element, Alg::Es256, None, payload);
        let of = if self.of_other { Hash::ZERO } else { Hash::of(&message) };
        let mut nv = self.header(self.kinds.0, of);
        sized(&mut nv, &self.name);
        nv.extend(self.offset.to_be_bytes());
        sized(&mut nv, &self.value.to_be_bytes());
        let over = if self.over_other { Hash::ZERO } else { Hash::of(&nv) };
        let mut time = self.header(self.kinds.1, over);
        time.extend(self.time.to_be_bytes());
        time.extend(self.clock_info());
        time.extend(7_u64.to_be_bytes());
        let signature = |bytes: &[u8]| key.sign(Suite::P256Sha256Cose, bytes).unwrap().try_into().unwrap();
        let record = TpmRecord {
            payload: payload.into(),
            counter_signature: signature(&nv),
            counter_attest: nv.into(),
            time_signature: signature(&time),
            time_attest: time.into(),
        };
        Signed(record.encode().into())
    }

    fn header(&self, kind: u16, extra: Hash) -> Vec<u8> {
        let mut bytes = self.magic.to_be_bytes().to_vec();
        bytes.extend(kind.to_be_bytes());
        sized(&mut bytes, b"qualified signer");
        sized(&mut bytes, &extra.0);
        bytes.extend(self.clock_info());
        bytes.extend(7_u64.to_be_bytes());
        bytes
    }

    fn clock_info(&self) -> Vec<u8> {
        let mut bytes = 123_456_u64.to_be_bytes().to_vec();
        bytes.extend(self.boots.0.to_be_bytes());
        bytes.extend(self.boots.1.to_be_bytes());
        bytes.push(1);
        bytes
    }
}

fn sized(bytes: &mut Vec<u8>, content: &[u8]) {
    bytes.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
    bytes.extend(content);
}
