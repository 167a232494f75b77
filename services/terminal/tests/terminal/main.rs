//! A whole terminal: real element, virtual cards ◇, and a platform that answers as told.

mod bench;
mod cards;
mod journal;
mod pages;
mod platform;
mod privacy;
mod taps;
