//! The C functions of PC/SC, found at run time, each behind a safe function.
//!
//! Types are those of pcsc-lite on Linux: `LONG` is `long`, `DWORD` is `unsigned long`, structures
//! are not packed. The library may be called from several threads at once (its own promise).
#![expect(unsafe_code, reason = "a C library is opened and called here, and nowhere else")]

use std::ffi::{CStr, c_char, c_long, c_uchar, c_ulong, c_void};
use std::ptr;

use zeroize::Zeroizing;

use super::PcscError;
use super::status::Status;

/// Name under which pcsc-lite's client library is installed (Debian: package `libpcsclite1`).
const NAME: &str = "libpcsclite.so.1";

const SCOPE_SYSTEM: c_ulong = 2;
const PROTOCOL_T0_OR_T1: c_ulong = 3;
const LONGEST_ATR: usize = 33;

/// Longest response APDU: 65 536 bytes and the status word.
const LONGEST_RESPONSE: usize = 65_538;

/// Handle of a session with the resource manager.
#[derive(Clone, Copy, Debug)]
pub(super) struct ContextHandle(c_long);

/// Handle of a connection to a card, and the protocol that was agreed.
#[derive(Clone, Copy, Debug)]
pub(super) struct CardHandle {
    handle: c_long,
    protocol: c_ulong,
}

/// `dwShareMode`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Share {
    Exclusive = 1,
}

/// `dwDisposition`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Disposition {
    Leave = 0,
    Reset = 1,
}

/// What a reader answered about its card: state bits and ATR.
#[derive(Clone, Debug)]
pub(super) struct ReaderState {
    pub(super) bits: u32,
    pub(super) atr: Vec<u8>,
}

/// `SCARD_READERSTATE`.
#[repr(C)]
struct RawReaderState {
    reader: *const c_char,
    user_data: *mut c_void,
    current_state: c_ulong,
    event_state: c_ulong,
    atr_length: c_ulong,
    atr: [c_uchar; LONGEST_ATR],
}

/// `SCARD_IO_REQUEST`.
#[repr(C)]
struct IoRequest {
    protocol: c_ulong,
    length: c_ulong,
}

type Establish = unsafe extern "C" fn(c_ulong, *const c_void, *const c_void, *mut c_long) -> c_long;
type Release = unsafe extern "C" fn(c_long) -> c_long;
type ListReaders = unsafe extern "C" fn(c_long, *const c_char, *mut c_char, *mut c_ulong) -> c_long;
type StatusChange = unsafe extern "C" fn(c_long, c_ulong, *mut RawReaderState, c_ulong) -> c_long;
type Connect =
    unsafe extern "C" fn(c_long, *const c_char, c_ulong, c_ulong, *mut c_long, *mut c_ulong) -> c_long;
type Reconnect = unsafe extern "C" fn(c_long, c_ulong, c_ulong, c_ulong, *mut c_ulong) -> c_long;
type Disconnect = unsafe extern "C" fn(c_long, c_ulong) -> c_long;
type Transmit = unsafe extern "C" fn(
    c_long,
    *const IoRequest,
    *const c_uchar,
    c_ulong,
    *mut IoRequest,
    *mut c_uchar,
    *mut c_ulong,
) -> c_long;

/// The library's functions. They stay valid as long as the library is loaded, which this value keeps.
pub(super) struct Library {
    establish: Establish,
    release: Release,
    list_readers: ListReaders,
    status_change: StatusChange,
    connect: Connect,
    reconnect: Reconnect,
    disconnect: Disconnect,
    transmit: Transmit,
    _loaded: libloading::Library,
}

impl std::fmt::Debug for Library {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(NAME)
    }
}

impl Library {
    /// Opens the library and finds its functions.
    pub(super) fn open() -> Result<Self, PcscError> {
        // SAFETY: pcsc-lite's client library has no initialiser that depends on the caller's state.
        let loaded = unsafe { libloading::Library::new(NAME) }.map_err(PcscError::NoLibrary)?;
        Ok(Self {
            // SAFETY: the types above are those of winscard.h and pcsclite.h on Linux.
            establish: unsafe { function(&loaded, c"SCardEstablishContext") }?,
            // SAFETY: as above.
            release: unsafe { function(&loaded, c"SCardReleaseContext") }?,
            // SAFETY: as above.
            list_readers: unsafe { function(&loaded, c"SCardListReaders") }?,
            // SAFETY: as above.
            status_change: unsafe { function(&loaded, c"SCardGetStatusChange") }?,
            // SAFETY: as above.
            connect: unsafe { function(&loaded, c"SCardConnect") }?,
            // SAFETY: as above.
            reconnect: unsafe { function(&loaded, c"SCardReconnect") }?,
            // SAFETY: as above.
            disconnect: unsafe { function(&loaded, c"SCardDisconnect") }?,
            // SAFETY: as above.
            transmit: unsafe { function(&loaded, c"SCardTransmit") }?,
            _loaded: loaded,
        })
    }

    /// `SCardEstablishContext`.
    pub(super) fn establish(&self) -> Result<ContextHandle, Status> {
        let mut context = 0;
        // SAFETY: the reserved pointers may be null, `context` outlives the call.
        let code = unsafe { (self.establish)(SCOPE_SYSTEM, ptr::null(), ptr::null(), &raw mut context) };
        Status::check(code)?;
        Ok(ContextHandle(context))
    }

    /// `SCardReleaseContext`. A context that is gone already needs no release.
    pub(super) fn release(&self, context: ContextHandle) {
        // SAFETY: no pointer is passed; a stale handle is answered by an error code.
        let _ = unsafe { (self.release)(context.0) };
    }

    /// `SCardListReaders`: names, each ended by a zero byte, the list by another.
    pub(super) fn list_readers(&self, context: ContextHandle) -> Result<Vec<u8>, Status> {
        let mut length = 0;
        // SAFETY: a null list asks for the length only.
        let code = unsafe { (self.list_readers)(context.0, ptr::null(), ptr::null_mut(), &raw mut length) };
        Status::check(code)?;
        let mut names = vec![0_u8; to_usize(length)];
        // SAFETY: `names` has `length` bytes; where a reader came in between, the library answers
        // "insufficient buffer" instead of writing more.
        let code = unsafe {
            (self.list_readers)(context.0, ptr::null(), names.as_mut_ptr().cast(), &raw mut length)
        };
        Status::check(code)?;
        names.truncate(to_usize(length));
        Ok(names)
    }

    /// `SCardGetStatusChange` for one reader: returns at once when its state differs from `known`.
    pub(super) fn status_change(
        &self,
        context: ContextHandle,
        reader: &CStr,
        known: u32,
        milliseconds: u32,
    ) -> Result<ReaderState, Status> {
        let mut state = RawReaderState {
            reader: reader.as_ptr(),
            user_data: ptr::null_mut(),
            current_state: c_ulong::from(known),
            event_state: 0,
            atr_length: 0,
            atr: [0; LONGEST_ATR],
        };
        // SAFETY: one structure is passed and announced; it and the name outlive the call.
        let code = unsafe { (self.status_change)(context.0, c_ulong::from(milliseconds), &raw mut state, 1) };
        Status::check(code)?;
        let atr_length = to_usize(state.atr_length).min(LONGEST_ATR);
        Ok(ReaderState {
            bits: u32::try_from(state.event_state & 0xffff_ffff).unwrap_or(0),
            atr: state.atr.get(..atr_length).unwrap_or_default().to_vec(),
        })
    }

    /// `SCardConnect`, T=0 or T=1.
    pub(super) fn connect(
        &self,
        context: ContextHandle,
        reader: &CStr,
        share: Share,
    ) -> Result<CardHandle, Status> {
        let (mut handle, mut protocol) = (0, 0);
        // SAFETY: the name and both results outlive the call.
        let code = unsafe {
            (self.connect)(
                context.0,
                reader.as_ptr(),
                share as c_ulong,
                PROTOCOL_T0_OR_T1,
                &raw mut handle,
                &raw mut protocol,
            )
        };
        Status::check(code)?;
        Ok(CardHandle { handle, protocol })
    }

    /// `SCardReconnect` after another program reset the card.
    pub(super) fn reconnect(&self, card: CardHandle, share: Share) -> Result<CardHandle, Status> {
        let mut protocol = 0;
        // SAFETY: the result outlives the call.
        let code = unsafe {
            (self.reconnect)(
                card.handle,
                share as c_ulong,
                PROTOCOL_T0_OR_T1,
                Disposition::Reset as c_ulong,
                &raw mut protocol,
            )
        };
        Status::check(code)?;
        Ok(CardHandle { protocol, ..card })
    }

    /// `SCardDisconnect`. A card that is gone already needs no goodbye.
    pub(super) fn disconnect(&self, card: CardHandle, disposition: Disposition) {
        // SAFETY: no pointer is passed; a stale handle is answered by an error code.
        let _ = unsafe { (self.disconnect)(card.handle, disposition as c_ulong) };
    }

    /// `SCardTransmit`: one command APDU, short or extended, and its answer.
    pub(super) fn transmit(&self, card: CardHandle, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Status> {
        let request = IoRequest { protocol: card.protocol, length: size_of::<IoRequest>() as c_ulong };
        let mut response = Zeroizing::new(vec![0_u8; LONGEST_RESPONSE]);
        let mut length = response.len() as c_ulong;
        // SAFETY: both buffers are passed with their own lengths and outlive the call; the library
        // writes at most `length` bytes.
        let code = unsafe {
            (self.transmit)(
                card.handle,
                &raw const request,
                command.as_ptr(),
                command.len() as c_ulong,
                ptr::null_mut(),
                response.as_mut_ptr(),
                &raw mut length,
            )
        };
        Status::check(code)?;
        response.truncate(to_usize(length));
        Ok(response)
    }
}

/// Finds one function.
///
/// # Safety
///
/// `F` must be the function's C type.
unsafe fn function<F: Copy>(library: &libloading::Library, name: &'static CStr) -> Result<F, PcscError> {
    // SAFETY: the caller's promise.
    let symbol = unsafe { library.get::<F>(name) };
    symbol.map(|found| *found).map_err(PcscError::NoLibrary)
}

fn to_usize(length: c_ulong) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
