import AgentTestKit
import Glibc

extension TemporaryDirectory {
    /// Where the ledger of the test is.
    var database: String { file("agentd.db") }

    /// Bytes of a file; 0 when it is not there.
    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
