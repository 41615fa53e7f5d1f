import AgentEngine
import AgentProtocol
import AgentTestKit
import Glibc

@testable import AgentStore

/// What becomes of a run, of its texts and of its log.
extension PowerVerdict {
    private static let restartNote = "[error: daemon_restart]"

    /// Compares a run's row with what its client knows.
    mutating func judge(
        _ run: Testimony.Run, _ row: LedgerFile.Run, _ messages: [LedgerFile.Message], _ point: Int
    ) {
        if row.sessionID != run.sessionID || messages.first?.role != "user" || messages.first?.content != run.input {
            note(\.halfApplied, "\(run.id) is there without its question")
        }
        if row.errorCode == "daemon_restart" { recovered += 1 }
        if run.position <= point { facts += 1 }
        if let stopped = run.stoppedAt, stopped <= point {
            facts += 1
            if row.status != "interrupted" { note(\.lost, "\(run.id) was stopped and is \(row.status)") }
        }
        if let closed = run.closedAt, closed <= point {
            facts += 1
            if row.errorCode != "daemon_restart", row.cancelReason != "disconnect" {
                note(\.lost, "\(run.id) had been closed and is \(row.status)")
            }
        }
        if let terminal = run.terminal, terminal.position <= point {
            facts += 1
            if row.status != Self.status[terminal.kind.rawValue] || row.lastSeq != terminal.seq {
                note(\.lost, "\(run.id) had ended with \(terminal.kind) and is \(row.status)")
            }
            let text = messages.filter { $0.role == "assistant" && !$0.content.isEmpty }.map(\.content)
            if text.joined(separator: "\n\n") != terminal.content {
                note(\.lost, "\(run.id) had ended with another text than \(text)")
            }
        }
        let calls = run.calls(upTo: point)
        facts += calls
        if messages.count(where: { $0.role == "tool" }) < calls { note(\.lost, "\(run.id) has lost a call's result") }
    }

    /// Each message begins with what was sealed of it, and holds nothing that its model did not say.
    mutating func judgeTexts(
        of run: Testimony.Run, _ messages: [LedgerFile.Message], _ sealed: Int, isWhole: Bool
    ) {
        let messages = messages.filter { $0.role == "assistant" }
        for (id, text) in run.texts {
            let bytes = text.bytes(upTo: sealed)
            guard bytes > 0 else { continue }
            facts += 1
            let kept = messages.first { $0.id == id }?.content
            if !Self.isSame(kept ?? "", text.whole, bytes: bytes) {
                note(\.lost, "\(run.id) had said \(bytes) bytes of \(text.whole), and \(kept ?? "nothing") is kept")
            }
        }
        for message in messages where isWhole {
            let whole = run.texts[message.id]?.whole ?? ""
            if message.content == whole { continue }
            let note = Self.restartNote.utf8.count
            var bytes = message.content.utf8.count - note
            if bytes > 0 { bytes -= 2 }
            let isClosed = bytes >= 0 && message.content.hasSuffix(Self.restartNote)
            if !isClosed || !Self.isSame(message.content, whole, bytes: bytes) {
                self.note(\.halfApplied, "\(run.id) has kept \(message.content), its model said \(whole)")
            }
        }
    }

    /// Whether two texts begin with the same bytes, so many of them.
    private static func isSame(_ one: String, _ other: String, bytes: Int) -> Bool {
        guard one.utf8.count >= bytes, other.utf8.count >= bytes else { return false }
        var (one, other) = (one, other)
        return one.withUTF8 { left in
            other.withUTF8 { right in bytes == 0 || memcmp(left.baseAddress!, right.baseAddress!, bytes) == 0 }
        }
    }

    // MARK: The log

    /// A run's log is read out as it was told: without a gap, each event in the same bytes, and the pieces of each
    /// message give its text.
    mutating func judgeLog(
        of run: Testimony.Run, _ row: LedgerFile.Run, _ messages: [LedgerFile.Message], _ reader: LedgerReader,
        _ point: Int, _ sealed: Int
    ) {
        let query = ReplayQuery(runID: RunID(trusted: run.id), after: 0, finalOnly: false, limit: .max)
        let page: ReplayPage
        switch reader.snapshot({ reader throws(StoreError) in try reader.replay(query) }) {
        case .success(let found): page = found
        case .failure(let error): return note(\.halfApplied, "\(run.id) cannot be read out: \(error.message)")
        }
        let seqs = page.events.map(\.seq)
        let last = row.status == "queued" ? 1 : row.lastSeq
        if seqs != Array(1...max(1, last)) {
            note(\.halfApplied, "\(run.id) ends with \(last), and its log has \(seqs)")
        }
        judgeBeginning(of: run, row, page)
        for told in run.events where told.position <= (told.kind.isSealed ? point : sealed) {
            facts += 1
            let kept = told.seq <= page.events.count ? page.events[Int(told.seq) - 1] : nil
            if kept.map({ page.bytes[$0.payload].elementsEqual(told.payload) && $0.kind == told.kind }) != true {
                note(\.lost, "\(run.id) was told \(told.kind) \(told.seq) with other words than the log has")
            }
        }
        var texts: [String: String] = [:]
        for event in page.events where event.kind == .runContent {
            let payload = (try? JSONReader.read(Array(page.bytes[event.payload])))?.object
            texts[payload?["message_id"]?.string ?? "", default: ""] += payload?["content"]?.string ?? ""
        }
        for message in messages where message.role == "assistant" && texts[message.id, default: ""] != message.content {
            note(\.halfApplied, "the pieces of \(message.id) are \(texts[message.id] ?? ""), it is \(message.content)")
        }
    }

    /// A run that has begun is not in line any more, and one that has not is lost only with its client.
    private mutating func judgeBeginning(of run: Testimony.Run, _ row: LedgerFile.Run, _ page: ReplayPage) {
        let hasBegun = page.events.contains { $0.kind == .runStarted }
        let isRight =
            switch (row.status, row.errorCode ?? row.cancelReason) {
            case ("queued", _): !hasBegun && !run.isBound
            case (_, "daemon_restart"): hasBegun
            case (_, "disconnect"): !hasBegun && run.isBound
            default: true
            }
        if row.status == "queued" { waiting += 1 }
        if !isRight {
            note(
                \.halfApplied,
                "\(run.id), \(run.isBound ? "" : "not ")bound, is \(row.status) and has \(hasBegun ? "" : "not ")begun")
        }
    }
}
