//! The platform through its router, with a real software element in front of it.

mod activation;
mod durability;
mod enrolment;
mod intake;
mod sign_in;
mod support;
