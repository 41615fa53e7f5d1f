internal import CSQLite
import Glibc

/// Keeps what was deleted out of the database file.
///
/// SQLite overwrites a row that is deleted (`secure_delete`). But where it splits or merges pages, copies of rows that
/// have moved are left in the unused middle of a page, and they outlive the row. So every page that goes into the file
/// goes through here, and its unused middle is written as zeros. In WAL mode that is at checkpoints, on the writer thread.
enum PageScrubber {
    /// Beyond this, the first byte of a page of text may look like that of a tree's page.
    static let pagesAtMost: Int64 = 0x01FF_FFFF

    /// Puts itself between a connection and its file.
    static func install(on handle: OpaquePointer) throws(StoreError) {
        try FileLayer.install(on: handle, SQLITE_FCNTL_FILE_POINTER) { methods in
            methods.xWrite = { file, bytes, count, offset in
                let write = FileLayer.below(file!).pointee.xWrite!
                let page = UnsafeRawBufferPointer(start: bytes, count: Int(count))
                guard let middle = PageScrubber.unusedMiddle(of: page, at: offset) else {
                    return write(file, bytes, count, offset)
                }
                return withUnsafeTemporaryAllocation(byteCount: page.count, alignment: 8) { copy in
                    copy.copyMemory(from: page)
                    memset(copy.baseAddress! + middle.lowerBound, 0, middle.count)
                    return write(file, copy.baseAddress, count, offset)
                }
            }
        }
    }

    /// The bytes between a tree page's list of cells and its cells; nil for pages of other kinds.
    static func unusedMiddle(of page: UnsafeRawBufferPointer, at offset: Int64) -> Range<Int>? {
        let size = page.count
        guard size >= 512, offset % Int64(size) == 0 else { return nil }
        let pageNumber = offset / Int64(size) + 1
        // Every so many pages comes one that says who owns the others.
        guard pageNumber == 1 || (pageNumber - 2) % Int64(size / 5 + 1) != 0 else { return nil }
        let header = pageNumber == 1 ? 100 : 0
        let headerSize: Int
        switch page[header] {
        case 2, 5: headerSize = 12
        case 10, 13: headerSize = 8
        default: return nil
        }
        func number(at place: Int) -> Int { Int(page[place]) << 8 | Int(page[place + 1]) }
        let start = header + headerSize + 2 * number(at: header + 3)
        let end = number(at: header + 5)
        return start < end && end <= size ? start..<end : nil
    }
}
