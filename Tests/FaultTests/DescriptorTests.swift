import AgentProtocol
import AgentTestKit
import Glibc
import Synchronization
import Testing

@Suite("A daemon with few descriptors", .ownThread)
final class DescriptorTests {
    private static let descriptors = 64

    /// Streams until it is told to end.
    private final class PatientModel: Sendable {
        private let isOver = Mutex(false)

        func end() { isOver.withLock { $0 = true } }

        func answer(_ connection: ServerConnection) {
            connection.sendStreamHead()
            connection.sendChunk(WireFormat.openai.beginning)
            var watched = pollfd()
            repeat {
                connection.sendChunk(WireFormat.openai.text("tick "))
                poll(&watched, 0, 20)
            } while !isOver.withLock { $0 }
            connection.sendChunk(WireFormat.openai.reason(isCalling: false) + WireFormat.openai.endMarker)
            connection.sendLastChunk()
        }
    }

    private let model = PatientModel()
    private let server: ProviderServer
    private let daemon: DaemonProcess

    init() throws {
        let model = self.model
        server = ProviderServer { connection, _ in model.answer(connection) }
        daemon = try DaemonProcess(
            in: Self.home(server), prelude: "ulimit -n \(Self.descriptors); export MODEL_KEY=sk-test")
    }

    deinit {
        model.end()
        server.close()
    }

    private static func home(_ server: ProviderServer) throws -> DaemonHome {
        let home = try DaemonHome()
        try home.configure(
            """
            version = 1
            default_agent = "helper"
            [providers.mock]
            kind = "openai"
            base_url = "\(server.url)/v1"
            key_env = "MODEL_KEY"
            """)
        try home.directory.makeDirectory("agents.d")
        try home.directory.write("agents.d/helper.toml", "model = \"mock/m\"\n")
        return home
    }

    @Test("refuses the clients for which it has none, goes on with its runs, begins new ones, and accepts again")
    func crowdIsRefusedAndRunsGoOn() throws {
        let live = try daemon.connect()
        live.send(#"{"cmd":"run","input":"hi"}"#)
        _ = try live.frame { $0["event"]?.string == "run_content" }

        var crowd: [SocketClient] = []
        for _ in 0..<500 { crowd.append(try daemon.connect()) }
        // Each of them is either a client or has been told why it is none.
        var refused = 0
        for knocker in crowd {
            knocker.send(#"{"cmd":"ping"}"#)
            let reply = try knocker.frame()
            if reply["ok"]?.bool == true { continue }
            refused += 1
            #expect(reply["error"]?.object?["code"]?.string == "overloaded")
            #expect(reply["error"]?.object?["retryable"]?.bool == true)
            #expect(try knocker.line() == nil)
        }
        #expect(refused > 500 - Self.descriptors / 2 && refused < 500)

        // The run goes on, and the clients that are there may begin others: their models' sockets were kept free.
        _ = try live.frame { $0["event"]?.string == "run_content" }
        var accepted = crowd.filter { !$0.isAtEnd }
        for client in accepted { client.send(#"{"cmd":"run","input":"hi"}"#) }
        for client in accepted { _ = try client.frame { $0["event"]?.string == "run_content" } }

        crowd.removeAll()
        accepted.removeAll()
        let released = ContinuousClock.now
        var reply: JSONObject
        repeat {
            reply = try daemon.connect().ask(#"{"cmd":"ping"}"#)
        } while reply["ok"]?.bool != true && released.duration(to: .now) < .seconds(10)
        print("descriptors: \(refused) of 500 refused; accepting again after \(released.duration(to: .now))")
        #expect(reply["ok"]?.bool == true)
        model.end()
        let last = try live.frame { $0["event"]?.string != "run_content" }
        #expect(last["event"]?.string == "run_completed")
        #expect(try daemon.terminate() == .exited(0))
    }

    @Test("that models have taken all of does not accept, keeps still, and accepts when they are free")
    func doorRestsWhileModelsHaveEverything() throws {
        let live = try daemon.connect()
        for _ in 0..<Self.descriptors { live.send(#"{"cmd":"run","input":"hi","stream":"none"}"#) }
        for _ in 0..<Self.descriptors { #expect(try live.frame()["ok"]?.bool == true) }
        // Who knocks now waits, while those who are there are served.
        let knocker = try daemon.connect()
        knocker.send(#"{"cmd":"ping"}"#)
        _ = try live.ask(#"{"cmd":"ping"}"#) { _ in daemon.log.contains("out of descriptors") }
        #expect(knocker.takeLine() == nil)
        model.end()
        #expect(try knocker.frame()["ok"]?.bool == true)
        // The door tried again now and then, and not all the time.
        let rests = daemon.log.split(separator: "\n").filter { $0.contains("out of descriptors") }
        #expect(rests.count < 100)
        #expect(try daemon.terminate() == .exited(0))
    }
}
