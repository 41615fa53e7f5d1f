import ArgumentParser
import Glibc

/// Questions line by line from standard input: a pipe, a file, or a terminal that can do no more.
final class LineInput: ChatInput {
    /// The daemon takes no longer line, so there is no use in reading more.
    private static let limit = StandardInput.limit

    let isInteractive = isatty(STDIN_FILENO) == 1
    let descriptorDuringAnswers: Int32? = nil

    private var isInviting = false
    private var unread: [UInt8] = []
    private var events: [ChatEvent] = []

    func invite() {
        guard isInteractive, !isInviting else { return }
        isInviting = true
        Terminal.errors.write("> ")
    }

    func withdraw() {
        if isInviting { Terminal.errors.write("\n") }
        isInviting = false
    }

    func fill() throws(ClientFailure) {
        let count = unread.count
        while true {
            var read = 0
            unread += [UInt8](unsafeUninitializedCapacity: 65_536) { chunk, filled in
                read = Glibc.read(STDIN_FILENO, chunk.baseAddress, chunk.count)
                filled = max(read, 0)
            }
            if read < 0 && errno == EINTR { continue }
            guard read >= 0 else {
                throw ClientFailure("standard input: \(String(cString: strerror(errno)))", ExitStatus.inputOutput)
            }
            break
        }
        let isAtEnd = unread.count == count
        if isAtEnd { unread.append(UInt8(ascii: "\n")) }
        while let newline = unread.firstIndex(of: UInt8(ascii: "\n")) {
            guard let line = String(validating: unread[..<newline], as: UTF8.self) else {
                throw ClientFailure("standard input is not UTF-8", ExitStatus.data)
            }
            unread.removeFirst(newline + 1)
            if line.contains(where: { !$0.isWhitespace }) { events.append(.line(line)) }
        }
        if isAtEnd { events.append(.end) }
        guard unread.count <= Self.limit else {
            throw ClientFailure("a line of standard input is longer than \(Self.limit) bytes", ExitStatus.data)
        }
    }

    func next() -> ChatEvent? {
        guard !events.isEmpty else { return nil }
        isInviting = false
        return events.removeFirst()
    }

    func takeInterrupt() -> Bool { false }

    func remember(_ question: String) {}

    func close() {}
}
