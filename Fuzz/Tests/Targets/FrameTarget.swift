import AgentProtocol

/// A line becomes the same command however it is written, and its reply is one small line of JSON.
enum FrameTarget {
    /// What a refusal may weigh, whatever was sent.
    private static let refusalBytes = 16 * 1024

    static func check(_ line: UnsafeRawBufferPointer) throws(Finding) {
        let decoded = FrameDecoder.decode(line)
        let isBlank = line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        let object = Result { () throws(JSONError) in try JSONReader.read(line) }.object
        switch decoded {
        case .blank: try Finding.unless(isBlank, "a line that holds something is not blank")
        case .command(let frame):
            try Finding.unless(object != nil, "a command is an object")
            try checkReply(ReplyEncoder.success(frame.command.name, id: frame.id, warnings: frame.warnings), object)
        case .rejected(let frame):
            try Finding.unless(!isBlank, "a blank line is not answered")
            try Finding.unless((frame.error.code == .badJSON) == (object == nil), "bad_json is what is no object")
            try Finding.unless(object != nil || frame.cmd == nil && frame.id == nil, "a broken line echoes nothing")
            try checkReply(
                ReplyEncoder.failure(cmd: frame.cmd, id: frame.id, error: frame.error, warnings: frame.warnings),
                object)
        }
        guard let object else { return }
        let meaning = meaning(of: decoded)
        for (other, how) in [
            (rewritten(object), "rewritten"), (reversed(object), "in another order"), (padded(line), "padded"),
        ] {
            let again = other.withUnsafeBytes { self.meaning(of: FrameDecoder.decode($0)) }
            try Finding.unless(again == meaning, "\(how), it means the same: \(meaning), \(again)")
        }
    }

    /// One line that every reader accepts, with the `id` of the command.
    private static func checkReply(_ reply: [UInt8], _ command: JSONObject?) throws(Finding) {
        try Finding.unless(reply.count <= refusalBytes, "a reply of \(reply.count) bytes")
        try Finding.unless(reply.firstIndex(of: UInt8(ascii: "\n")) == reply.count - 1, "a reply is one line")
        let read = Result { () throws(JSONError) in try JSONReader.read(reply) }
        guard let object = read.object else { throw Finding(reason: "a reply is an object: \(read)") }
        if let id = object["id"] {
            let sent = command?["id"].map(JSONTarget.bytes)
            try Finding.unless(sent.map { isSameID($0, JSONTarget.bytes(id)) } ?? false, "the id that was sent")
        }
    }

    /// An integer may have been sent as `-0`.
    private static func isSameID(_ sent: [UInt8], _ echoed: [UInt8]) -> Bool {
        sent == echoed || (sent.elementsEqual("-0".utf8) && echoed.elementsEqual("0".utf8))
    }

    /// All that a line makes the daemon do, in words; warnings stand in the order of the fields.
    private static func meaning(of line: DecodedLine) -> String {
        switch line {
        case .blank: "nothing"
        case .command(let frame): "\(frame.command) \(String(describing: frame.id)) \(frame.close)"
        case .rejected(let frame):
            "\(frame.error) \(String(describing: frame.cmd)) \(String(describing: frame.id)) \(frame.close)"
        }
    }

    private static func rewritten(_ object: JSONObject) -> [UInt8] { JSONTarget.bytes(.object(object)) }

    private static func reversed(_ object: JSONObject) -> [UInt8] {
        var other = JSONObject()
        for member in object.members.reversed() { other.append(member.name, member.value) }
        return rewritten(other)
    }

    private static func padded(_ line: UnsafeRawBufferPointer) -> [UInt8] {
        Array(" \t".utf8) + Array(line) + Array(" \r".utf8)
    }
}

extension Result<JSONValue, JSONError> {
    /// The object that was read, if one was.
    fileprivate var object: JSONObject? {
        if case .success(let value) = self { value.object } else { nil }
    }
}
