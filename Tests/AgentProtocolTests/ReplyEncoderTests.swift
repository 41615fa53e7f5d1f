import AgentProtocol
import Testing

@Suite struct ReplyEncoderTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func aReplyHasItsMembersInOneOrder() {
        let reply = ReplyEncoder.success("run", id: .string("7"), warnings: ["unknown field x"]) { writer in
            writer.member("run_id", RunID(trusted: "r1"))
        }
        #expect(
            text(reply) == #"{"ok":true,"cmd":"run","id":"7","run_id":"r1","warnings":["unknown field x"]}"# + "\n")
    }

    @Test func whatIsNotThereIsLeftOut() {
        #expect(text(ReplyEncoder.success("ping", id: nil, warnings: [])) == #"{"ok":true,"cmd":"ping"}"# + "\n")
    }

    @Test func anErrorCarriesItsOwnFields() {
        let error = AgentError(
            .sessionBusy, "busy", fields: ["active_run_id": .string("r1"), "active_status": .string("running")])
        #expect(
            text(ReplyEncoder.failure(cmd: "run", id: .integer(-3), error: error, warnings: []))
                == #"{"ok":false,"cmd":"run","id":-3,"error":{"code":"session_busy","message":"busy","#
                + #""retryable":true,"active_run_id":"r1","active_status":"running"}}"# + "\n")
    }

    @Test func aReplyToAnUnreadableLineHasNoCommand() {
        let error = AgentError(.badJSON, "no")
        #expect(
            text(ReplyEncoder.failure(cmd: nil, id: nil, error: error, warnings: []))
                == #"{"ok":false,"error":{"code":"bad_json","message":"no","retryable":false}}"# + "\n")
    }
}
