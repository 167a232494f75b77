//! The crypto provider behind the traits of jushin-pki: aws-lc, and HPKE as rustls builds it on aws-lc.
//!
//! [`AwsLc`] is a value to hand on as an argument; nothing is installed globally.

mod ed25519;
mod private_key;
mod provider;
mod public_key;
mod sealing;

pub use ed25519::NoteKey;
pub use provider::AwsLc;
