//! What a TPM 2.0 gives in place of a COSE_Sign1, and the grant that unlocks it.

use crate::cbor::Malformed;
use crate::field::Bytes;
use crate::object::object;
use crate::value::Id16;

object! {
    /// A record of a TPM: NV_Certify of its use counter and GetTime over that.
    pub struct TpmRecord = 16, "tpm-record" {
        /// The payload.
        pub payload: Bytes,
        /// TPMS_ATTEST of NV_Certify; extraData = SHA-256 of the Sig_structure.
        pub counter_attest: Bytes,
        /// ES256 over it, r‖s.
        pub counter_signature: [u8; 64],
        /// TPMS_ATTEST of GetTime; extraData = SHA-256 of `counter_attest`.
        pub time_attest: Bytes,
        /// ES256 over it, r‖s.
        pub time_signature: [u8; 64],
    }
}

object! {
    /// Authorises the write that unlocks a TPM.
    pub struct TpmGrant = 18, "tpm-grant", check tpm_grant {
        /// The element.
        pub element: Id16,
        /// Per-terminal policyRef.
        pub policy_ref: Bytes,
        /// cpHash, 0 to 32 bytes.
        pub parameters: Bytes,
        /// Signature over aHash.
        pub signature: Bytes,
    }
}

fn tpm_grant(grant: &TpmGrant) -> Result<(), Malformed> {
    if grant.parameters.len() <= 32 { Ok(()) } else { Err(Malformed::Value { field: "cp-hash" }) }
}
