//! Plots, written by hand as SVG.

mod classes;
mod svg;
mod timeline;
mod widths;

pub(super) use self::classes::classes;
pub(super) use self::timeline::timeline;
pub(super) use self::widths::widths;
