//! Proven medical visits: the command.
fn main() {}
