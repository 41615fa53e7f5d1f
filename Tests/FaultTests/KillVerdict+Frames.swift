import AgentProtocol
import AgentTestKit

/// Compares frames with the rows that they were read out of.
extension KillVerdict {
    /// Whether a run was deleted with its conversation.
    func isGone(_ run: String, _ testimony: KillTestimony, _ ledger: KillLedger) -> Bool {
        ledger.gone.contains(testimony.asked[run]?.session ?? "")
    }

    /// A stream tells all events behind the one that it began at, as far as it came.
    mutating func compare(_ stream: ClientLedger.Stream, _ testimony: KillTestimony, _ ledger: KillLedger) {
        guard !isGone(stream.run, testimony, ledger) else { return }
        figures.streams += 1
        if stream.after > 0 { figures.resumed += 1 }
        figures.frames += stream.lines.count
        guard let fold = ledger.folds[stream.run], let row = ledger.rows[stream.run] else {
            figures.missing += stream.lines.count
            return complain("\(stream.run) has told \(stream.lines.count) events, and is not there")
        }
        let wanted = fold.events.values.filter { event in
            event.seq > stream.after && event.seq <= stream.last && (!stream.isFinal || event.isTerminal)
        }.sorted { $0.seq < $1.seq }
        var rest = wanted[...]
        for (seq, line) in stream.lines {
            // One that has fallen behind may be told several pieces in one.
            let events = Array(rest.prefix { $0.seq <= seq })
            rest = rest.dropFirst(events.count)
            if events.count > 1 { figures.merged += events.count - 1 }
            guard events.last?.seq == seq, let event = LedgerFile.Event.merged(events) else {
                figures.missing += max(1, events.count - 1)
                complain(
                    "\(stream.run) after \(stream.after) was told \(seq) for \(events.map(\.seq)): "
                        + String(decoding: line.prefix(300), as: UTF8.self))
                continue
            }
            let expected = Self.line(of: event, in: row.sessionID, echo: stream.echo, content: fold.content)
            guard line != expected, !Self.isSame(line, expected) else { continue }
            figures.missing += 1
            complain(
                "told \(String(decoding: line, as: UTF8.self))\n  kept \(String(decoding: expected, as: UTF8.self))")
        }
        guard !rest.isEmpty else { return }
        figures.missing += rest.count
        complain("\(stream.run) after \(stream.after) was not told \(rest.map(\.seq))")
    }

    /// What was deleted can be compared with nothing but what others were told.
    mutating func compareDeleted(_ testimony: KillTestimony, _ ledger: KillLedger) {
        let streams = testimony.streams.filter { isGone($0.run, testimony, ledger) }
        for (run, streams) in Dictionary(grouping: streams, by: \.run) {
            // Between the same two places all were told the same.
            var told: [[Int64]: [UInt8]] = [:]
            for stream in streams {
                figures.frames += stream.lines.count
                var last = stream.after
                for (seq, line) in stream.lines {
                    let line = Self.removing(stream.echo, from: line)
                    if !stream.isFinal, told.updateValue(line, forKey: [last, seq]).map({ $0 != line }) == true {
                        complain("\(run) told its event \(seq) in two ways")
                    }
                    last = seq
                }
            }
        }
    }

    private static func removing(_ echo: String, from line: [UInt8]) -> [UInt8] {
        let echo = Array(echo.utf8)
        // It stands behind the event's name.
        guard !echo.isEmpty, let start = line.firstIndex(of: UInt8(ascii: ",")).map({ $0 + 1 }),
            line[start...].starts(with: echo)
        else { return line }
        return Array(line[..<start] + line[(start + echo.count)...])
    }

    /// A line that the kill cut off was committed as well, if it came as far as naming its place.
    mutating func compare(_ torn: KillTestimony.Torn, _ testimony: KillTestimony, _ ledger: KillLedger) {
        // The last number may be cut off itself.
        guard let comma = torn.bytes.lastIndex(of: UInt8(ascii: ",")), case let whole = Array(torn.bytes[...comma]),
            let run = ClientLedger.text(of: "run_id", in: whole), let seq = ClientLedger.number(of: "seq", in: whole),
            !isGone(run, testimony, ledger)
        else { return }
        figures.frames += 1
        if let fold = ledger.folds[run], let row = ledger.rows[run], fold.events[seq] != nil {
            // How many pieces it would have had, nobody knows.
            let pieces = fold.events.values.filter { $0.seq <= seq }.sorted { $0.seq < $1.seq }
            for count in 1...pieces.count {
                guard let event = LedgerFile.Event.merged(pieces.suffix(count)) else { break }
                let line = Self.line(of: event, in: row.sessionID, echo: torn.echo, content: fold.content)
                if line.starts(with: torn.bytes) { return }
            }
        }
        figures.missing += 1
        complain("missing, cut off: \(String(decoding: torn.bytes, as: UTF8.self))")
    }

    /// The line that a client must have been told, from the ledger's row.
    private static func line(
        of event: LedgerFile.Event, in session: String, echo: String, content: String
    ) -> [UInt8] {
        var line = Array(
            #"{"event":"\#(event.name)",\#(echo)"run_id":"\#(event.runID)","session_id":"\#(session)","#.utf8)
        line += Array(#""seq":\#(event.seq),"ts":\#(event.ts),"#.utf8)
        if event.isTerminal {
            var writer = JSONWriter()
            writer.string(content)
            line += Array(#""content":"#.utf8) + writer.bytes + [UInt8(ascii: ",")]
        }
        return line + event.payload.dropFirst()
    }

    /// Whether two lines say the same in another order of members.
    private static func isSame(_ line: [UInt8], _ expected: [UInt8]) -> Bool {
        guard let one = try? JSONReader.read(line).object, let other = try? JSONReader.read(expected).object else {
            return false
        }
        return one.members.count == other.members.count && one.members.allSatisfy { other[$0.name] == $0.value }
    }
}
