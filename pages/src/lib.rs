//! Layout, words and vocabulary of certainty of every page.
