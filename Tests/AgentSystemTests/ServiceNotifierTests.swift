import AgentSystem
import AgentTestKit
import Glibc
import Testing

@Suite struct ServiceNotifierTests {
    let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    @Test func sendsItsLinesAsOneMessage() throws {
        let manager = UnixSocket(SOCK_DGRAM)
        try #require(manager.bind(scratch.file("notify")))
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": scratch.file("notify")])
        #expect(notifier.send(["READY=1", "STATUS=serving 3 agents"]) == nil)
        #expect(manager.receive() == "READY=1\nSTATUS=serving 3 agents")
    }

    @Test func knowsAbstractNames() throws {
        let manager = UnixSocket(SOCK_DGRAM)
        let name = "@agentd-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try #require(manager.bind(name))
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": name]).send(["STOPPING=1"]) == nil)
        #expect(manager.receive() == "STOPPING=1")
    }

    @Test func aLineBreakInAValueIsNoNewVariable() throws {
        let manager = UnixSocket(SOCK_DGRAM)
        try #require(manager.bind(scratch.file("notify")))
        ServiceNotifier(environment: ["NOTIFY_SOCKET": scratch.file("notify")]).send(["STATUS=a\nMAINPID=1"])
        #expect(manager.receive() == "STATUS=a MAINPID=1")
    }

    @Test(arguments: [[:], ["NOTIFY_SOCKET": ""]])
    func withoutAManagerNothingHappens(environment: [String: String]) {
        #expect(ServiceNotifier(environment: environment).send(["READY=1"]) == nil)
    }

    @Test func tellsWhatWentWrongAndGoesOn() {
        let gone = ServiceNotifier(environment: ["NOTIFY_SOCKET": scratch.file("gone")])
        #expect(gone.send(["READY=1"])?.errno == ENOENT)
        let odd = ServiceNotifier(environment: ["NOTIFY_SOCKET": "vsock:2:1234"])
        #expect(odd.send(["READY=1"])?.errno == EAFNOSUPPORT)
        let long = ServiceNotifier(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 107)])
        #expect(long.send(["READY=1"])?.errno == EAFNOSUPPORT)
    }
}
