import CSQLite
import Glibc
import Testing

@testable import AgentStore

@Suite struct StoreErrorTests {
    private func kind(_ code: Int32, _ systemCode: Int32 = 0) -> StoreError.Kind {
        StoreError("test", code: code, message: "", systemCode: systemCode).kind
    }

    /// Extended codes have their kind in the second byte.
    private static func ioError(_ number: Int32) -> Int32 { SQLITE_IOERR | number << 8 }
    private static let write = ioError(3)
    private static let fsync = ioError(4)
    private static let directorySync = ioError(5)

    @Test func aDiskWithoutSpaceIsNoEnd() {
        #expect(kind(SQLITE_FULL) == .full)
        #expect(kind(Self.write, ENOSPC) == .full)
        #expect(kind(Self.write, EDQUOT) == .full)
        #expect(kind(SQLITE_CANTOPEN, ENOSPC) == .full)
        #expect(kind(Self.write, EIO) == .other)
        #expect(kind(Self.write) == .other)
    }

    @Test func aSyncThatFailedIsOneWhateverTheReason() {
        for reason in [0, EIO, ENOSPC] {
            #expect(kind(Self.fsync, reason) == .unsynced)
            #expect(kind(Self.directorySync, reason) == .unsynced)
        }
    }

    @Test func damageAndLocksAreTold() {
        #expect(kind(SQLITE_CORRUPT | 1 << 8) == .damaged)
        #expect(kind(SQLITE_NOTADB) == .damaged)
        #expect(kind(SQLITE_BUSY | 2 << 8) == .busy)
        #expect(kind(SQLITE_CONSTRAINT) == .other)
        #expect(StoreError.unreadable("row").kind == .damaged)
    }

    @Test func theSystemsReasonIsTold() {
        let error = StoreError("write", code: Self.write, message: "disk I/O error", systemCode: EIO)
        #expect(error.description == "write: disk I/O error (SQLite code 778, Input/output error)")
    }
}
