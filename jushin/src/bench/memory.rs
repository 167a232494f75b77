//! Memory of this process, as Linux says it.

/// Bytes in use now; from now on the peak is counted anew. `None` where the system does not say.
pub(super) fn start() -> Option<u64> {
    // "5" sets the high-water mark back (proc(5)); where that is not allowed, the peak is of the whole run.
    let _may_be_forbidden = std::fs::write("/proc/self/clear_refs", "5");
    field("VmRSS:")
}

/// Most bytes in use since then.
pub(super) fn peak() -> Option<u64> {
    field("VmHWM:")
}

fn field(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}
