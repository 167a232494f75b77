//! Made-up institutions, one for each terminal of a bench.

use crate::demo::stage::Place;

/// The place with this number, at most 999,999.
pub(super) fn place(number: usize) -> &'static Place {
    let code = format!("131{number:06}");
    // A place of the demo lasts as long as the program, and so do these few.
    let text = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    Box::leak(Box::new(Place {
        code: text(format!("{code}{}", check_digit(&code))),
        ja: text(format!("模擬診療所 {number}")),
        en: text(format!("Simulated clinic {number}")),
        terminal: text(format!("B{number}")),
        element: text(format!("BE{number}")),
        administrator: text(format!("Kanri Sha {number} (simulated)")),
    }))
}

/// The Luhn digit that follows these digits.
fn check_digit(digits: &str) -> u32 {
    let doubled = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
    let values = digits.chars().rev().filter_map(|digit| digit.to_digit(10)).enumerate();
    let sum: u32 = values.map(|(place, digit)| if place % 2 == 0 { doubled(digit) } else { digit }).sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_end_in_their_check_digit() {
        for number in [0, 7, 49, 9_998] {
            assert!(place(number).code().unwrap().check_digit_fits(), "{number}");
        }
    }
}
