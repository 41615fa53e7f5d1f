import AgentProtocol

/// Tells reasoning from text for models that put it between `<think>` and `</think>` at the beginning of their text.
///
/// Works on escaped text, in which the tags look the same. Tags anywhere else are text.
struct ThinkTags {
    private enum State { case beginning, thinking, gap, text }

    private static let opening = Array("<think>".utf8)
    private static let closing = Array("</think>".utf8)
    /// Blank space that is waited through for a tag.
    private static let maxBlank = 1024

    private var state = State.beginning
    /// What may be the beginning of a tag, or the blank space before one.
    private var held: [UInt8] = []
    /// Whether any text was said.
    private(set) var hasSaid = false

    /// Whether only text can follow.
    var isDone: Bool { state == .text }

    /// Takes the next piece of escaped text.
    mutating func take(_ piece: UnsafeRawBufferPointer, _ output: (StreamOutput) -> Void) {
        if state == .text { return say(piece, output) }
        held.append(contentsOf: piece)
        while step(output) {}
    }

    /// Nothing more comes: what was held is what it looked like. Blank space alone is no text.
    mutating func end(_ output: (StreamOutput) -> Void) {
        let rest = held
        held = []
        guard Self.afterBlank(rest) < rest.count else { return }
        rest.withUnsafeBytes { state == .thinking ? output(.thought($0)) : say($0, output) }
    }

    /// Goes on with what is held; false when more must come first.
    private mutating func step(_ output: (StreamOutput) -> Void) -> Bool {
        switch state {
        case .beginning:
            let start = Self.afterBlank(held)
            let tag = held[start...].prefix(Self.opening.count)
            if tag.elementsEqual(Self.opening) {
                held.removeFirst(start + Self.opening.count)
                state = .thinking
                return !held.isEmpty
            }
            guard start > Self.maxBlank || !Self.opening.starts(with: tag) else { return false }
            return beginText(output)
        case .thinking:
            let end = Self.find(Self.closing, in: held)
            if end > 0 { held.withUnsafeBytes { output(.thought(UnsafeRawBufferPointer(rebasing: $0[..<end]))) } }
            let isClosed = held.count - end >= Self.closing.count
            held.removeFirst(isClosed ? end + Self.closing.count : end)
            if isClosed { state = .gap }
            return isClosed && !held.isEmpty
        case .gap:
            // The blank lines after the tag belong to it.
            let start = Self.afterBlank(held)
            held.removeFirst(start)
            guard let first = held.first, first != UInt8(ascii: "\\") || held.count > 1 else { return false }
            return beginText(output)
        case .text: return false
        }
    }

    private mutating func beginText(_ output: (StreamOutput) -> Void) -> Bool {
        state = .text
        let text = held
        held = []
        text.withUnsafeBytes { say($0, output) }
        return false
    }

    private mutating func say(_ piece: UnsafeRawBufferPointer, _ output: (StreamOutput) -> Void) {
        guard !piece.isEmpty else { return }
        hasSaid = true
        output(.said(piece))
    }

    /// Where the blank space at the beginning of escaped text ends.
    private static func afterBlank(_ bytes: [UInt8]) -> Int {
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: " ") {
                index += 1
            } else if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count,
                bytes[index + 1] == UInt8(ascii: "n") || bytes[index + 1] == UInt8(ascii: "r")
                    || bytes[index + 1] == UInt8(ascii: "t")
            {
                index += 2
            } else {
                break
            }
        }
        return index
    }

    /// Where the tag stands, or where a part of it may begin at the end; else the end.
    private static func find(_ tag: [UInt8], in bytes: [UInt8]) -> Int {
        var start = 0
        while let open = bytes[start...].firstIndex(of: tag[0]) {
            let here = bytes[open...].prefix(tag.count)
            if tag.starts(with: here) { return open }
            start = open + 1
        }
        return bytes.count
    }
}
