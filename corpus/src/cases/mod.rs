//! The cases themselves, a file a subject.
//!
//! Times in the answers are milliseconds after [`MORNING`](crate::world::MORNING). They follow from the
//! story: the desk is powered on at 1; the token of its unlock states 201 with an accuracy of a second;
//! the stamps around that token have the counts 0 and 400; ticks are milliseconds with a bound of 100
//! millionths.

mod binding;
mod card;
mod card_certificate;
mod chain;
mod class;
mod commit;
mod element;
mod encoding;
mod good;
mod malformed;
mod offline;
mod online;
mod presence;
mod redacted;
mod status;
mod stranger;
mod tpm;
mod window;

use crate::answer::Window;
use crate::book::Book;

/// Of the visit that begins at count 60 400 and ends at 61 900 after the unlock:
/// 201 − 1000 + 59 999 / 1.0001, and 201 + 1000 + 61 901 / 0.9999.
const USUAL: Window = Window::of(59_194, 63_109);

/// The same visit with no unlock that counts: the close states 122 201.
const CLOSED: Window = Window::until(123_201);

/// The same visit in a power cycle of its own: after the unlock before, and before the close.
const OFFLINE: Window = Window::of(-799, 123_201);

/// Everything, in the order of the checks.
#[must_use]
pub fn all() -> Book {
    let mut book = Book::default();
    good::write(&mut book);
    encoding::write(&mut book);
    malformed::write(&mut book);
    element::write(&mut book);
    binding::write(&mut book);
    online::write(&mut book);
    offline::write(&mut book);
    presence::write(&mut book);
    commit::write(&mut book);
    tpm::write(&mut book);
    card::write(&mut book);
    card_certificate::write(&mut book);
    status::write(&mut book);
    chain::write(&mut book);
    window::write(&mut book);
    class::write(&mut book);
    redacted::write(&mut book);
    stranger::write(&mut book);
    book
}
