//! Records of a TPM 2.0: NV_Certify of its use counter, and GetTime over that (TPM 2.0 part 2, §10.12).

use jushin_pki::{PublicKey, Suite};
use jushin_statement::{Alg, Context, Hash, TpmRecord, to_be_signed};

const GENERATED: u32 = 0xff54_4347;
const ATTEST_NV: u16 = 0x8014;
const ATTEST_TIME: u16 = 0x8019;

/// What a TPM attested about one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attested {
    /// Milliseconds since the TPM was powered on.
    pub(crate) time: u64,
    /// TPM resets, then restarts.
    pub(crate) boots: (u32, u32),
}

/// Checks both attestations of a record.
///
/// `None` if magic, types, the counter's Name, its value, either extraData, or a signature does not fit.
pub(crate) fn verify(
    record: &TpmRecord,
    counter: u64,
    counter_name: &[u8],
    key: &dyn PublicKey,
) -> Option<Attested> {
    let message = to_be_signed(Context::Element, Alg::Es256, None, &record.payload);
    let certified = Certified::parse(&record.counter_attest)?;
    let fits = certified.extra == Hash::of(&message).0
        && certified.name == counter_name
        && certified.offset == 0
        && certified.contents == counter.to_be_bytes();
    let timed = Timed::parse(&record.time_attest)?;
    if !fits || timed.extra != Hash::of(&record.counter_attest).0 {
        return None;
    }
    let signed = |bytes: &[u8], signature: &[u8]| key.verify(Suite::P256Sha256Cose, bytes, signature).is_ok();
    (signed(&record.counter_attest, &record.counter_signature)
        && signed(&record.time_attest, &record.time_signature))
    .then_some(timed.attested)
}

struct Certified<'a> {
    extra: &'a [u8],
    name: &'a [u8],
    offset: u16,
    contents: &'a [u8],
}

impl<'a> Certified<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let extra = reader.header(ATTEST_NV)?;
        let certified =
            Self { extra, name: reader.sized()?, offset: reader.u16()?, contents: reader.sized()? };
        reader.0.is_empty().then_some(certified)
    }
}

struct Timed<'a> {
    extra: &'a [u8],
    attested: Attested,
}

impl<'a> Timed<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let extra = reader.header(ATTEST_TIME)?;
        let time = reader.u64()?;
        let boots = reader.clock_info()?;
        let _firmware = reader.u64()?;
        reader.0.is_empty().then_some(Self { extra, attested: Attested { time, boots } })
    }
}

/// Big-endian fields one after another.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Everything before the attested part; gives extraData.
    fn header(&mut self, kind: u16) -> Option<&'a [u8]> {
        if self.u32()? != GENERATED || self.u16()? != kind {
            return None;
        }
        let _qualified_signer = self.sized()?;
        let extra = self.sized()?;
        self.clock_info()?;
        let _firmware = self.u64()?;
        Some(extra)
    }

    /// clock, resetCount, restartCount, safe.
    fn clock_info(&mut self) -> Option<(u32, u32)> {
        let _clock = self.u64()?;
        let boots = (self.u32()?, self.u32()?);
        matches!(self.take::<1>()?, [0 | 1]).then_some(boots)
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.u16()?);
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }
}
