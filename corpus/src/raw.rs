//! Changes encodings from outside: what no encoder of ours would write.

/// Length of the item that `bytes` begin with: head and everything inside.
fn item_length(bytes: &[u8]) -> usize {
    let (head, value) = head(bytes);
    match bytes[0] >> 5 {
        2 | 3 => head + value,
        4 => (0..value).fold(head, |at, _| at + item_length(&bytes[at..])),
        5 => (0..2 * value).fold(head, |at, _| at + item_length(&bytes[at..])),
        _ => head,
    }
}

/// Length of a head, and the number in it.
fn head(bytes: &[u8]) -> (usize, usize) {
    let more = match bytes[0] & 0x1f {
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        small => return (1, usize::from(small)),
    };
    (1 + more, bytes[1..=more].iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// The items of an array, each as it is encoded.
#[must_use]
pub fn items(array: &[u8]) -> Vec<Vec<u8>> {
    let (mut at, count) = head(array);
    (0..count)
        .map(|_| {
            let item = &array[at..at + item_length(&array[at..])];
            at += item.len();
            item.to_vec()
        })
        .collect()
}

/// An array of encoded items.
#[must_use]
pub fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [with_head(4, items.len()), items.concat()].concat()
}

/// A byte string.
#[must_use]
pub fn bytes(content: &[u8]) -> Vec<u8> {
    [&with_head(2, content.len())[..], content].concat()
}

/// The content of an encoded byte string.
#[must_use]
pub fn content(item: &[u8]) -> Vec<u8> {
    item[head(item).0..].to_vec()
}

/// The array with one of its items replaced.
#[must_use]
pub fn with_item(encoded: &[u8], index: usize, item: &[u8]) -> Vec<u8> {
    let mut all = items(encoded);
    all[index] = item.to_vec();
    array(&all)
}

/// The array with one of its items changed.
#[must_use]
pub fn change_item(encoded: &[u8], index: usize, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    with_item(encoded, index, &change(&items(encoded)[index]))
}

/// The same unsigned number, array or string with a head of eight bytes more than it needs at most.
#[must_use]
pub fn with_long_head(item: &[u8]) -> Vec<u8> {
    let (length, value) = head(item);
    let long = [&[item[0] & 0xe0 | 27][..], &u64::try_from(value).unwrap().to_be_bytes()].concat();
    [&long, &item[length..]].concat()
}

/// The same array with an indefinite length.
#[must_use]
pub fn indefinite(item: &[u8]) -> Vec<u8> {
    [&[item[0] | 0x1f], &item[head(item).0..], &[0xff]].concat()
}

/// A byte string in two pieces of indefinite length.
#[must_use]
pub fn in_pieces(item: &[u8]) -> Vec<u8> {
    let content = content(item);
    let (one, two) = content.split_at(content.len() / 2);
    [vec![0x5f], bytes(one), bytes(two), vec![0xff]].concat()
}

fn with_head(major: u8, value: usize) -> Vec<u8> {
    let major = major << 5;
    match (u8::try_from(value), u16::try_from(value)) {
        (Ok(small), _) if small < 24 => vec![major | small],
        (Ok(small), _) => vec![major | 24, small],
        (_, Ok(short)) => [&[major | 25][..], &short.to_be_bytes()].concat(),
        _ => [&[major | 26][..], &u32::try_from(value).unwrap().to_be_bytes()].concat(),
    }
}

#[test]
fn an_array_falls_apart_and_comes_together_again() {
    let encoded = [0x84, 0x18, 0x64, 0x42, 1, 2, 0x81, 0xf6, 0xa1, 1, 0x26];
    let parts = items(&encoded);
    assert_eq!(parts, [&[0x18, 0x64][..], &[0x42, 1, 2], &[0x81, 0xf6], &[0xa1, 1, 0x26]]);
    assert_eq!(array(&parts), encoded);
    assert_eq!(with_long_head(&parts[0]), [0x1b, 0, 0, 0, 0, 0, 0, 0, 0x64]);
    assert_eq!(in_pieces(&parts[1]), [0x5f, 0x41, 1, 0x41, 2, 0xff]);
    assert_eq!(indefinite(&parts[2]), [0x9f, 0xf6, 0xff]);
}
