//! ISO 7816 with JPKI cards, as the reader and as a virtual card.
