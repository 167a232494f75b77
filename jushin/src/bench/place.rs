//! Made-up institutions, one for each terminal of a bench.

use crate::demo::stage::Place;

/// The place with this number.
pub(super) fn place(number: usize) -> &'static Place {
    // A place of the demo lasts as long as the program, and so do these few.
    let text = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    Box::leak(Box::new(Place {
        code: text(format!("131{number:07}")),
        ja: text(format!("模擬診療所 {number}")),
        en: text(format!("Simulated clinic {number}")),
        terminal: text(format!("B{number}")),
        element: text(format!("BE{number}")),
        administrator: text(format!("Kanri Sha {number} (simulated)")),
    }))
}
