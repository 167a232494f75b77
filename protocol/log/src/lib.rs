//! A transparency log: whoever removes, adds or changes an entry is found out.
//!
//! ```text
//!  entry ─► leaf hash ─► tiles ─► root ─► checkpoint, signed ─► cosigned by witnesses
//!                          │                   ▲
//!                          └── inclusion and consistency proofs: each ends at a signed root
//! ```
//! The tree is RFC 6962's. Tiles, checkpoints, signed notes, cosignatures and proofs have the formats of C2SP
//! (`tlog-tiles`, `tlog-checkpoint`, `signed-note`, `tlog-cosignature`, `tlog-proof`, `tlog-witness`), so that
//! anybody's tools can check the log.
//!
//! Storage of tiles is trusted for nothing. A hash that was read from a tile means nothing by itself: only a proof
//! that was followed up to a signed root does.
//!
//! Pure: no network, no files, no clock, no randomness. Keys come in through [`SigningKey`] and [`VerifyEd25519`].
#![no_std]

extern crate alloc;

mod checkpoint;
mod cosignature;
mod entry;
mod growth;
mod hash;
mod leaf;
mod line;
mod note;
mod proof;
mod prove;
mod tile;
mod tlog_proof;
mod witness;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use cosignature::{Cosigned, cosign, cosignature_line, verify_cosignature};
pub use entry::{BundleError, entries, entry_bundle};
pub use growth::{EdgeError, Grown, Growth};
pub use hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
pub use leaf::{Opening, commitment};
pub use note::{
    KeyName, KeyNameError, Note, NoteCrypto, NoteError, SigningKey, VerifierKey, VerifyEd25519, sign_note,
};
pub use proof::{ConsistencyProof, InclusionProof, ProofError};
pub use prove::{ProveError, Tiles, prove_consistency, prove_inclusion, tree_root};
pub use tile::{TILE_WIDTH, Tile};
pub use tlog_proof::{LoggedProof, LoggedProofError};
pub use witness::{AddCheckpoint, Refusal, Witness, WitnessState};
