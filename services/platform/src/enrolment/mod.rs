//! Enrolment (P1): certificate, secrets, appointment, binding, in this order.

mod binding;
mod element;
mod injection;
mod terminal;

pub(crate) use binding::{StoredBinding, newest_binding, payload_hash as binding_hash, resumed};
pub(crate) use element::find_element;
pub(crate) use injection::{EPOCH, private_key_key};
pub(crate) use terminal::{AdministratorCard, newest_terminal};
