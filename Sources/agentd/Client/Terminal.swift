import Glibc
import Synchronization

/// An output stream of this process, and what may be written to it.
struct Terminal {
    /// Standard output.
    static let output = Terminal(STDOUT_FILENO)
    /// Standard error.
    static let errors = Terminal(STDERR_FILENO)

    /// Whether a person is looking at it.
    let isTerminal: Bool
    /// Whether it can move its cursor and show colours at all: `TERM=dumb`, as in an editor's shell, says no.
    let isCapable: Bool
    /// Whether colours are welcome (see no-color.org).
    let hasColours: Bool
    private let descriptor: Int32
    /// Why something could not be written to a file or a pipe; 0 while all could.
    private static let failure = Atomic<Int32>(0)

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        let kind = getenv("TERM").map { String(cString: $0) } ?? ""
        isCapable = isTerminal && !kind.isEmpty && kind != "dumb"
        let refused = getenv("NO_COLOR").map { $0[0] != 0 } ?? false
        hasColours = isCapable && !refused
    }

    /// Its width and height in cells; 80 by 24 where it does not say.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
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
                // A terminal or a reader that has gone misses nothing; a file on a full disk does.
                if !isTerminal, errno != EPIPE { Self.failure.store(errno, ordering: .relaxed) }
                return
            }
        }
    }

    /// Makes sure that all of what was written has arrived.
    static func requireOutput() throws(ClientFailure) {
        let failure = failure.load(ordering: .relaxed)
        guard failure != 0 else { return }
        throw ClientFailure("cannot write the output: \(String(cString: strerror(failure)))", ExitStatus.inputOutput)
    }

    /// Writes a text of our own.
    func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes a text that came from a model, a tool or a user; on a terminal its control characters are only shown.
    func show(_ text: String) { write(isTerminal ? Self.harmless(text) : text) }

    /// Writes lines of JSON; on a terminal DEL and the control characters of C1, which JSON lets stand, are escaped.
    func write(json: [UInt8]) { write(isTerminal ? Self.escaped(json) : json) }

    /// Lines of JSON with DEL and C1 as escapes: they can only be in texts.
    static func escaped(_ json: [UInt8]) -> [UInt8] {
        var result = String.UnicodeScalarView()
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            if (0x7F...0x9F).contains(scalar.value) {
                result.append(contentsOf: "\\u00\(String(scalar.value, radix: 16))".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return Array(String(result).utf8)
    }

    /// Writes a remark of ours on a line of its own.
    func note(_ text: String) {
        write("agentd: ")
        show(text)
        write("\n")
    }

    /// A text in a style (`1` bold, `2` dim) where styles are welcome.
    func styled(_ text: String, _ style: String) -> String {
        hasColours ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text
    }

    /// A text without anything a terminal would act on: of C0, DEL and C1 only the line feed and the tab are left, the
    /// rest is spelt as `cat -v` does it (`^[` for escape). A carriage return, which is half of many a line end, is
    /// left out.
    static func harmless(_ text: String) -> String {
        if isHarmless(text) { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A: result.append(scalar)
            case 0x0D: continue
            case 0x00...0x1F: result.append(contentsOf: ["^", Unicode.Scalar(UInt8(scalar.value + 0x40))])
            case 0x7F: result.append(contentsOf: "^?".unicodeScalars)
            case 0x80...0x9F:
                result.append(contentsOf: "M-^".unicodeScalars)
                result.append(Unicode.Scalar(UInt8(scalar.value - 0x40)))
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// The same on one line: line feeds and tabs are spelt too, as in a program's source.
    static func oneLine(_ text: String) -> String {
        let text = harmless(text)
        guard text.utf8.contains(where: { $0 == 0x0A || $0 == 0x09 }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether there is nothing in a text that a terminal would act on.
    static func isHarmless(_ text: String) -> Bool { !text.unicodeScalars.contains(where: isControl) }

    /// Whether a character is of C0 or C1, or DEL.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
