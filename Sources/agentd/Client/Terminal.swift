import Glibc

/// An output stream of this process, and what may be written to it.
struct Terminal {
    /// Standard output.
    static let output = Terminal(STDOUT_FILENO)
    /// Standard error.
    static let errors = Terminal(STDERR_FILENO)

    /// Whether a person is looking at it.
    let isTerminal: Bool
    /// Whether colours are welcome (see no-color.org).
    let hasColours: Bool
    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        let refused = getenv("NO_COLOR").map { $0[0] != 0 } ?? false
        hasColours = isTerminal && !refused
    }

    /// Writes bytes as they are. A reader that has gone ends the process by SIGPIPE, as it should in a pipeline.
    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }

    /// Writes a text of our own.
    func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes a text that came from a model, a tool or a user; on a terminal its control characters are left out.
    func show(_ text: String) { write(isTerminal ? Self.harmless(text) : text) }

    /// A text without anything a terminal would act on: of C0, DEL and C1 only the line feed and the tab are left.
    static func harmless(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A: result.append(scalar)
            case 0x00...0x1F, 0x7F...0x9F: continue
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
