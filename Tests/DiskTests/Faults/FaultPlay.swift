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
    /// The longest time that a refusal for want of space took, and that until a run was accepted after there was some.
    private(set) var slowestRefusal = Duration.zero
    private(set) var slowestReturn = Duration.zero
    /// What is wrong, in sentences.
    private(set) var findings: [String] = []

    /// Plays the script, and judges what is left.
    static func play(_ fault: DiskFault) async -> FaultPlay {
        var play = FaultPlay(fault: fault)
        do {
            let home = try HouseHome()
            let script = try await play.perform(in: home)
            try await play.judge(script, in: home)
        } catch {
            play.complain("\(error)")
        }
        return play
    }

    private init(fault: DiskFault) { self.fault = fault }

    private mutating func complain(_ finding: String) { findings.append("\(fault): \(finding)") }

    // MARK: The house with the fault

    private mutating func perform(in home: HouseHome) async throws -> CommandScript? {
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
            return nil
        }
        let isFull = fault.failure == .full
        let script = try CommandScript(socket: home.settings.socket) { [weak disk] in
            // A daemon may wait for room, and a disk does not stay full for ever.
            if isFull { disk?.heal() }
        }
        refusals = script.refusals
        slowestRefusal = script.slowestRefusal
        let isTouched = disk.failures > 0
        if isTouched { end = .answered }
        if fault.failure.isOfSpace, isTouched, await house.failure == nil {
            try goOn(home, disk)
            if let failure = await house.failure { complain("it ends for want of space: \(failure)") }
        }
        if let failure = await house.failure {
            if disk.failures == 0 { complain("it failed without a fault: \(failure)") }
            if fault.calls == .sync, DaemonFailure.exitCode(of: failure) != 71 {
                complain("a sync has failed, and the exit code is \(DaemonFailure.exitCode(of: failure))")
            }
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
        for finding in script.findings { complain(finding) }
        return script
    }

    /// There is room again: the daemon that is there says what was, and accepts runs.
    private mutating func goOn(_ home: HouseHome, _ disk: FaultyDisk) throws {
        let connection = try ScriptConnection(home.settings.socket) {}
        defer { connection.close() }
        if try connection.ask(#"{"cmd":"hello"}"#)?["last_storage_error"]?.string == nil {
            complain("the disk was full, and hello does not say so")
        }
        disk.heal()
        let healed = ContinuousClock.now
        let reply = try connection.ask(#"{"cmd":"run","input":"on","session_id":"s9"}"#) { $0["ok"]?.bool == true }
        slowestReturn = .now - healed
        guard let run = reply?["run_id"]?.string else { return }
        try connection.wait(for: "the end of a run after there was room") { $0.told.hasEnded(run) }
    }

    // MARK: The house after it

    /// Starts a daemon on what is left, and asks it.
    private mutating func judge(_ script: CommandScript?, in home: HouseHome) async throws {
        let house = try await HouseInProcess(home.settings, on: nil)
        let client = try AgentTestKit.SocketClient(path: home.settings.socket)
        for (run, accepted) in script?.accepted ?? [:] {
            let reply = try client.ask(#"{"cmd":"get","run_id":"\#(run)"}"#)
            if let record = reply["run"]?.object {
                if accepted.deletion == .acknowledged { complain("\(run) was deleted, and is there") }
                judge(run, record, script?.told.runs[run] ?? [:])
            } else if accepted.deletion == nil {
                complain("\(run) was accepted, and is lost: \(reply)")
            }
        }
        client.close()
        try await house.close()
        if !(await house.isGone()) { complain("something still holds the second house") }
        let file = try LedgerFile(path: home.database)
        let integrity = try file.integrityCheck()
        if integrity != "ok" { complain("integrity_check: \(integrity)") }
        let terminals = try file.terminals()
        let rows = try file.runs()
        for run in rows where terminals[run.id, default: []].count != (run.status == "queued" ? 0 : 1) {
            complain("\(run.id) is \(run.status) and ends with \(terminals[run.id] ?? [])")
        }
        if !Set(terminals.keys).isSubset(of: rows.map(\.id)) { complain("there are ends of runs that are not there") }
    }

    private mutating func judge(_ run: String, _ record: JSONObject, _ lines: [Int64: [UInt8]]) {
        let status = record["status"]?.string ?? ""
        let content = record["content"]?.string ?? ""
        // One that waited in line, bound to nobody, waits on, or begins.
        let ends =
            ["completed", "interrupted", "error"] + (run == "second" || run == "third" ? ["queued", "running"] : [])
        if !ends.contains(status) { complain("\(run) is \(status) after a restart") }
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
