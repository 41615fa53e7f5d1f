import AgentProtocol
import AgentStore
import AgentTestKit

@testable import agentd

/// The script on a disk with one fault, and what the next daemon finds.
struct FaultPlay: Sendable {
    /// How it went.
    enum End: Equatable, Sendable {
        /// The fault never came.
        case untouched
        /// The daemon did not start.
        case refusedToStart
        /// Every command was answered.
        case answered
        /// The daemon ended because its ledger could not be written.
        case ended
        /// Every command was answered, and the daemon said at its end that the ledger had not closed well.
        case closedBadly
    }

    let fault: DiskFault
    private(set) var end = End.untouched
    /// The codes of refused commands.
    private(set) var refusals: [String] = []
    /// What is wrong, in sentences.
    private(set) var findings: [String] = []

    /// Plays the script, and judges what is left.
    static func play(_ fault: DiskFault) async -> FaultPlay {
        var play = FaultPlay(fault: fault)
        do {
            let home = try HouseHome()
            let told = try await play.perform(in: home)
            try await play.judge(told, in: home)
        } catch {
            play.complain("\(error)")
        }
        return play
    }

    private init(fault: DiskFault) { self.fault = fault }

    private mutating func complain(_ finding: String) { findings.append("\(fault): \(finding)") }

    // MARK: The house with the fault

    private mutating func perform(in home: HouseHome) async throws -> ClientLedger {
        let disk = try FaultyDisk(home.settings.stateDirectory)
        disk.fail(fault)
        let house: HouseInProcess
        do {
            house = try await HouseInProcess(home.settings, on: disk)
        } catch {
            end = .refusedToStart
            let code = DaemonFailure.exitCode(of: error)
            if !(error is StoreError) || disk.failures == 0 {
                complain("it does not start, with code \(code): \(error)")
            }
            return ClientLedger()
        }
        var wasFull = false
        let isFull = fault.failure == .full
        let script = try CommandScript(socket: home.settings.socket) {
            // A daemon may wait for room, and a disk does not stay full for ever.
            guard isFull else { return }
            wasFull = wasFull || disk.failures > 0
            disk.heal()
        }
        refusals = script.refusals
        if disk.failures > 0 || wasFull { end = .answered }
        if let failure = await house.failure {
            if end == .untouched { complain("it failed without a fault: \(failure)") }
            end = .ended
        } else if script.isCut {
            complain("the connection ended, and the daemon did not")
        } else {
            do {
                try await house.close()
                if disk.failures > 0 { end = .answered }
            } catch {
                end = .closedBadly
            }
        }
        if !(await house.isGone()) { complain("something still holds the house") }
        if end == .untouched, !script.refusals.isEmpty { complain("without a fault: \(script.refusals)") }
        for finding in script.told.violations { complain(finding) }
        return script.told
    }

    // MARK: The house after it

    /// Starts a daemon on what is left, and asks it.
    private mutating func judge(_ told: ClientLedger, in home: HouseHome) async throws {
        let house = try await HouseInProcess(home.settings, on: nil)
        let client = try AgentTestKit.SocketClient(path: home.settings.socket)
        let accepted = told.replies.compactMap { line -> String? in
            guard let reply = try? JSONReader.read(line).object, reply["ok"]?.bool == true,
                reply["cmd"]?.string == "run"
            else { return nil }
            return reply["run_id"]?.string
        }
        for run in accepted {
            let reply = try client.ask(#"{"cmd":"get","run_id":"\#(run)"}"#)
            guard let record = reply["run"]?.object else {
                complain("\(run) was accepted, and is lost: \(reply)")
                continue
            }
            judge(run, record, told.runs[run, default: [:]])
        }
        client.close()
        try await house.close()
        if !(await house.isGone()) { complain("something still holds the second house") }
        let file = try LedgerFile(path: home.database)
        let integrity = try file.integrityCheck()
        if integrity != "ok" { complain("integrity_check: \(integrity)") }
        let terminals = try file.terminals()
        let rows = try file.runs()
        for run in rows where terminals[run.id]?.count != 1 {
            complain("\(run.id) ends with \(terminals[run.id] ?? [])")
        }
        if terminals.count != rows.count { complain("there are ends of runs that are not there") }
    }

    private mutating func judge(_ run: String, _ record: JSONObject, _ lines: [Int64: [UInt8]]) {
        let status = record["status"]?.string ?? ""
        let content = record["content"]?.string ?? ""
        if !["completed", "interrupted", "error"].contains(status) { complain("\(run) is \(status) after a restart") }
        var text = ""
        for (_, line) in lines.sorted(by: { $0.key < $1.key }) {
            guard let event = try? JSONReader.read(line).object else { continue }
            switch event["event"]?.string {
            case "run_content": text += event["content"]?.string ?? ""
            case "run_completed", "run_cancelled", "run_error":
                if event["status"]?.string != status || event["content"]?.string != content {
                    complain("\(run) had ended with \(event), and is \(record)")
                }
            default: break
            }
        }
        if !content.hasPrefix(text) { complain("\(run) had said \(text), and \(content) is kept") }
    }
}
