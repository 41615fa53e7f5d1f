import Glibc

/// What a person or a pipe gives a command on standard input.
enum StandardInput {
    /// The daemon takes no longer line, so there is no use in reading more.
    static let limit = 16 << 20

    /// Reads all of it as text; one line end at its end is taken off, as the shell does.
    ///
    /// - Throws: `ClientFailure` when it is too long or no UTF-8.
    static func readText() throws(ClientFailure) -> String {
        var bytes: [UInt8] = []
        while true {
            var count = 0
            var failure: Int32 = 0
            bytes += [UInt8](unsafeUninitializedCapacity: 65_536) { chunk, filled in
                count = read(STDIN_FILENO, chunk.baseAddress, chunk.count)
                failure = errno
                filled = max(count, 0)
            }
            if count == 0 { break }
            if count < 0, failure != EINTR {
                throw ClientFailure("standard input: \(String(cString: strerror(failure)))", ExitStatus.inputOutput)
            }
            guard bytes.count <= limit else {
                throw ClientFailure("standard input is longer than \(limit) bytes", ExitStatus.data)
            }
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ClientFailure("standard input is not UTF-8", ExitStatus.data)
        }
        return text
    }
}
