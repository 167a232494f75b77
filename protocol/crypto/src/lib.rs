//! The crypto provider behind the traits of jushin-pki.
