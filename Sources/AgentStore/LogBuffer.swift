internal import CSQLite

/// Puts together what SQLite writes to its log in pieces.
///
/// A page goes there as two writes, of its header and of itself, and each of them begins and ends inside a page of the
/// kernel's. Here a header waits for its page, and a transaction that ends in a sync waits for that as a whole.
///
/// Nobody can tell: what is in the log counts when the commit that wrote it has ended, an error is reported before that
/// (by a page's write, by the sync, or by a read), and whatever else is done to the file comes after what waits.
final class LogBuffer {
    /// Most bytes that wait: 31 pages with their headers. More than the largest page that SQLite knows.
    private static let capacity = 128 * 1024
    /// What stands in the log before a page.
    private static let headerSize = 24

    /// Whether a sync ends every transaction from now on.
    var isSealed = true

    /// Pages in the log, as SQLite counted after the last commit.
    private(set) var pages = 0

    private let waiting = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    private var count = 0
    /// Where in the file that begins which waits.
    private var offset: Int64 = 0
    /// Where that ends which was written since the log began anew. Before it a header has no page behind it: SQLite
    /// corrects the checksums of pages that it wrote twice.
    private var end: Int64 = 0

    private init() {}

    deinit { waiting.deallocate() }

    /// Stands in front of the log of a connection that writes.
    static func install(on handle: OpaquePointer) throws(StoreError) -> LogBuffer {
        let buffer = LogBuffer()
        try FileLayer.install(on: handle, SQLITE_FCNTL_JOURNAL_POINTER, context: buffer) { methods in
            methods.xWrite = { file, bytes, count, offset in
                LogBuffer.of(file!).write(UnsafeRawBufferPointer(start: bytes, count: Int(count)), offset, to: file!)
            }
            methods.xRead = { file, bytes, count, offset in
                LogBuffer.of(file!).flush(file!) { $0.xRead(file, bytes, count, offset) }
            }
            methods.xSync = { file, flags in LogBuffer.of(file!).flush(file!) { $0.xSync(file, flags) } }
            methods.xTruncate = { file, size in LogBuffer.of(file!).flush(file!) { $0.xTruncate(file, size) } }
            methods.xFileSize = { file, size in LogBuffer.of(file!).flush(file!) { $0.xFileSize(file, size) } }
        }
        let context = Unmanaged.passUnretained(buffer).toOpaque()
        sqlite3_wal_hook(
            handle,
            { buffer, _, _, pages in
                let buffer = Unmanaged<LogBuffer>.fromOpaque(buffer!).takeUnretainedValue()
                precondition(buffer.count == 0, "SQLite ended a sealed commit without a sync")
                buffer.pages = Int(pages)
                return SQLITE_OK
            }, context)
        // What a transaction wrote that is undone must not be written later, when its place in the log may be another's.
        sqlite3_rollback_hook(
            handle, { buffer in Unmanaged<LogBuffer>.fromOpaque(buffer!).takeUnretainedValue().count = 0 },
            context)
        return buffer
    }

    /// All pages have been moved into the database, and the log is empty.
    func hasBeenEmptied() { pages = 0 }

    private static func of(_ file: UnsafeMutablePointer<sqlite3_file>) -> LogBuffer {
        // Nobody else stands in front of a log.
        unsafeDowncast(FileLayer.of(file).pointee.context!, to: LogBuffer.self)
    }

    private func write(
        _ piece: UnsafeRawBufferPointer, _ place: Int64, to file: UnsafeMutablePointer<sqlite3_file>
    ) -> Int32 {
        if count > 0, place != offset + Int64(count) || count + piece.count > Self.capacity {
            let code = flush(file)
            guard code == SQLITE_OK else { return code }
        }
        let waits = isSealed || piece.count == Self.headerSize && place >= end
        end = place == 0 ? Int64(piece.count) : max(end, place + Int64(piece.count))
        guard waits || count > 0 else {
            return FileLayer.below(file).pointee.xWrite(file, piece.baseAddress, Int32(piece.count), place)
        }
        if count == 0 { offset = place }
        (waiting + count).copyMemory(from: piece.baseAddress!, byteCount: piece.count)
        count += piece.count
        return waits ? SQLITE_OK : flush(file)
    }

    /// Writes what waits, then does something else with the file.
    private func flush(
        _ file: UnsafeMutablePointer<sqlite3_file>, then next: (sqlite3_io_methods) -> Int32 = { _ in SQLITE_OK }
    ) -> Int32 {
        let methods = FileLayer.below(file).pointee
        if count > 0 {
            let code = methods.xWrite(file, waiting, Int32(count), offset)
            // What was not written goes on waiting. A read that fails, unlike a write, need not end the transaction.
            guard code == SQLITE_OK else { return code }
            count = 0
        }
        return next(methods)
    }
}
