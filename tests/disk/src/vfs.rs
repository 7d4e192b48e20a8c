//! What SQLite calls: each call is counted, noted, and passed on to the system's VFS.
#![expect(unsafe_code, reason = "SQLite's interface to a VFS is C")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io;
use std::mem::size_of;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_vfs};

use crate::Shared;
use crate::files::Change;
use crate::plan::{Operation, Ruling};

/// An open file. The system's own stands right behind it, in the memory that SQLite gave for both.
#[repr(C)]
struct Open {
    base: sqlite3_file,
    shared: &'static Shared,
    /// `None` for a file without a name.
    path: Option<Box<PathBuf>>,
}

/// Beyond this version of the methods lie memory maps, which would write past the counting.
const METHODS_VERSION: c_int = 2;

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: METHODS_VERSION,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Registers a VFS under a name, for as long as the process lives.
pub(crate) fn register(name: CString, shared: &'static Shared) -> io::Result<()> {
    let system = system();
    if system.is_null() {
        return Err(io::Error::other("SQLite has no VFS named unix"));
    }
    // SAFETY: SQLite's own VFS lives as long as the process, and is plain data that may be copied: a shim inherits what it
    // does not replace. `szOsFile` of both keeps the system's file behind ours aligned, as both are multiples of 8.
    let mut vfs = unsafe { *system };
    vfs.szOsFile += size_of::<Open>() as c_int;
    vfs.zName = CString::into_raw(name);
    vfs.pAppData = std::ptr::from_ref(shared).cast_mut().cast();
    vfs.pNext = std::ptr::null_mut();
    vfs.xOpen = Some(open);
    vfs.xDelete = Some(delete);
    // The rest is the system's and asks for the system's own data.
    vfs.xAccess = Some(access);
    vfs.xFullPathname = Some(full_pathname);
    // SAFETY: the structure is never freed, and its name neither.
    let code = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 0) };
    if code == ffi::SQLITE_OK {
        Ok(())
    } else {
        Err(io::Error::other(format!("SQLite refuses the VFS: {code}")))
    }
}

fn system() -> *mut sqlite3_vfs {
    // SAFETY: the name ends with a zero byte.
    unsafe { ffi::sqlite3_vfs_find(c"unix".as_ptr()) }
}

/// Calls a method of the system's VFS.
macro_rules! pass_on {
    ($method:ident($($argument:expr),*)) => {{
        let system = system();
        // SAFETY: the arguments are those that SQLite gave for this very method, and the VFS the one they are meant for.
        unsafe {
            match (*system).$method {
                Some(call) => call(system, $($argument),*),
                None => ffi::SQLITE_ERROR,
            }
        }
    }};
}

/// Calls a method of the system's file behind ours.
macro_rules! pass_on_file {
    ($file:expr, $method:ident($($argument:expr),*)) => {{
        let file = behind($file);
        // SAFETY: the file behind was opened by the system's VFS, or SQLite would not call, and the arguments are those
        // that SQLite gave for this very method.
        unsafe {
            match (*(*file).pMethods).$method {
                Some(call) => call(file, $($argument),*),
                None => ffi::SQLITE_ERROR,
            }
        }
    }};
}

fn behind(file: *mut sqlite3_file) -> *mut sqlite3_file {
    file.wrapping_byte_add(size_of::<Open>())
}

/// # Safety
/// The file was opened by [`open`] and is not closed.
unsafe fn opened<'a>(file: *mut sqlite3_file) -> &'a Open {
    // SAFETY: [`open`] wrote an [`Open`] there, and the caller promises that it is still there.
    unsafe { &*file.cast::<Open>() }
}

impl Open {
    fn rule(&self, operation: Operation) -> Ruling {
        let mut state = self.shared.lock();
        if let Some(path) = &self.path {
            state.files.look_at(path);
        }
        state.plan.rule(operation)
    }

    fn note(&self, change: Change) {
        if let Some(path) = &self.path {
            self.shared.lock().files.change(path, change);
        }
    }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: [`register`] put it there, and it is never freed.
    let shared: &'static Shared = unsafe { &*(*vfs).pAppData.cast::<Shared>() };
    // SAFETY: SQLite gives room for a file; without methods it counts as not open.
    unsafe { (*file).pMethods = std::ptr::null() };
    if let Ruling::Refused(code) = shared.lock().plan.rule(Operation::Open) {
        return code;
    }
    // SAFETY: the name is a C string, or null.
    let path = unsafe { path_of(name) };
    let known = path.as_ref().is_some_and(|path| path.exists());
    if let Some(path) = &path {
        shared.lock().files.open(path);
    }
    let code = pass_on!(xOpen(name, behind(file), flags, out_flags));
    if code != ffi::SQLITE_OK {
        return code;
    }
    let open = Open {
        base: sqlite3_file { pMethods: &METHODS },
        shared,
        path: path.map(Box::new),
    };
    if !known {
        open.note(Change::Create);
    }
    // SAFETY: `szOsFile` of this VFS is room for an [`Open`] and the system's file behind it.
    unsafe { file.cast::<Open>().write(open) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: [`register`] put it there, and it is never freed.
    let shared: &'static Shared = unsafe { &*(*vfs).pAppData.cast::<Shared>() };
    if let Ruling::Refused(code) = shared.lock().plan.rule(Operation::Delete) {
        return code;
    }
    let code = pass_on!(xDelete(name, sync));
    // SAFETY: the name is a C string, or null.
    if let (ffi::SQLITE_OK, Some(path)) = (code, unsafe { path_of(name) }) {
        let mut state = shared.lock();
        state.files.change(&path, Change::Delete);
        if sync != 0 {
            state.files.sync(&path);
        }
    }
    code
}

unsafe extern "C" fn access(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    pass_on!(xAccess(name, flags, out))
}

unsafe extern "C" fn full_pathname(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    pass_on!(xFullPathname(name, room, out))
}

/// # Safety
/// The name is a C string or null.
unsafe fn path_of(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    Some(Path::new(std::ffi::OsStr::from_bytes(bytes)).to_owned())
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let code = pass_on_file!(file, xClose());
    // SAFETY: [`open`] wrote it, and SQLite closes a file once.
    drop(unsafe { file.cast::<Open>().read() });
    code
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    amount: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite reads from open files.
    if unsafe { opened(file) }.shared.lock().plan.is_dark() {
        return ffi::SQLITE_IOERR_READ;
    }
    pass_on_file!(file, xRead(into, amount, at))
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    amount: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite writes to open files.
    let open = unsafe { opened(file) };
    let (amount, refusal) = match open.rule(Operation::Write) {
        Ruling::Done => (amount, None),
        Ruling::HalfWritten(code) => (amount / 2, Some(code)),
        Ruling::Refused(code) => return code,
    };
    let code = pass_on_file!(file, xWrite(from, amount, at));
    if code == ffi::SQLITE_OK {
        // SAFETY: SQLite gives at least `amount` bytes to be written.
        let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), amount as usize) };
        open.note(Change::Write {
            at: at as usize,
            bytes: bytes.to_owned(),
        });
    }
    refusal.unwrap_or(code)
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: SQLite cuts open files.
    let open = unsafe { opened(file) };
    if let Ruling::Refused(code) = open.rule(Operation::Truncate) {
        return code;
    }
    let code = pass_on_file!(file, xTruncate(size));
    if code == ffi::SQLITE_OK {
        open.note(Change::Truncate(size as usize));
    }
    code
}

/// The real disk is not asked: what reaches it is decided here.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: SQLite syncs open files.
    let open = unsafe { opened(file) };
    let ruling = open.rule(Operation::Sync);
    let mut state = open.shared.lock();
    match (ruling, &open.path) {
        (Ruling::Done, Some(path)) => state.files.sync(path),
        (Ruling::Refused(code), Some(path)) => {
            if !state.plan.is_dark() {
                state.files.lose(path);
            }
            return code;
        }
        (Ruling::Refused(code), None) => return code,
        (Ruling::Done | Ruling::HalfWritten(_), _) => {}
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    pass_on_file!(file, xFileSize(size))
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass_on_file!(file, xLock(level))
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass_on_file!(file, xUnlock(level))
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    pass_on_file!(file, xCheckReservedLock(out))
}

unsafe extern "C" fn file_control(
    file: *mut sqlite3_file,
    what: c_int,
    with: *mut c_void,
) -> c_int {
    pass_on_file!(file, xFileControl(what, with))
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    pass_on_file!(file, xSectorSize())
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    pass_on_file!(file, xDeviceCharacteristics())
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    pass_on_file!(file, xShmMap(region, bytes, extend, out))
}

unsafe extern "C" fn shm_lock(
    file: *mut sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    pass_on_file!(file, xShmLock(offset, count, flags))
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    let file = behind(file);
    // SAFETY: the file behind was opened by the system's VFS, or SQLite would not call.
    unsafe {
        if let Some(call) = (*(*file).pMethods).xShmBarrier {
            call(file);
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, remove: c_int) -> c_int {
    pass_on_file!(file, xShmUnmap(remove))
}
