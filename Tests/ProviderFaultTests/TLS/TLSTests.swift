import AgentEngine
import AgentLoop
import AgentProtocol
import AgentProviders
import AgentTestKit
import Testing

extension ProviderFaults {
    /// A provider is who its certificate says, or is not asked.
    @Suite struct TLSTests {
        init() { LoopFixture.start() }

        /// One run against a server; the server is stopped with the call.
        private func run(
            subject: String, host: String = "127.0.0.1", trusting: Bool, _ format: WireFormat
        ) async throws -> (events: [RecordedEvent], connections: Int, requests: Int) {
            let server = try CertifiedServer(subject: subject, answer: ModelStream(format, text: "Hello."))
            let port = try server.port()
            let caFile = trusting ? server.certificate : nil
            let events = await Self.events(format, url: "https://\(host):\(port)", caFile: caFile)
            return (events, server.connections, server.requests)
        }

        @LoopActor private static func events(
            _ format: WireFormat, url: String, caFile: String?
        ) async -> [RecordedEvent] {
            let house = FaultHouse(
                provider: FaultHouse.provider(FaultHouse.endpoint(format, url: url) { $0.caFile = caFile }))
            let listener = house.run()
            #expect(await eventually { listener.isOver })
            await house.close()
            #expect(house.violations.found.isEmpty)
            return listener.events
        }

        private func refusal(_ events: [RecordedEvent]) -> JSONObject? {
            #expect(events.last?.kind == .runError && !events.contains { $0.kind == .runRetrying })
            let error = events.last?.payload["error"]?.object
            #expect(error?["code"]?.string == "model_unavailable" && error?["retryable"]?.bool == false)
            return error
        }

        @Test(.ownThread, arguments: WireFormat.allCases)
        func aCertificateThatNobodyVouchesForIsRefusedOnceAndNamed(format: WireFormat) async throws {
            let run = try await run(subject: "IP:127.0.0.1", trusting: false, format)
            let message = refusal(run.events)?["message"]?.string ?? ""
            print("refused: \(message)")
            #expect(message.contains("certificate"))
            #expect(run.connections == 1 && run.requests == 0)
        }

        @Test(.ownThread, arguments: WireFormat.allCases)
        func theSameCertificateIsTakenWhereItIsConfigured(format: WireFormat) async throws {
            let run = try await run(subject: "IP:127.0.0.1", trusting: true, format)
            #expect(run.events.last?.kind == .runCompleted && run.events.last?.content == "Hello.")
            #expect(run.connections == 1 && run.requests == 1)
        }

        @Test(.ownThread, arguments: WireFormat.allCases)
        func aCertificateOfAnotherNameIsRefusedOnceAndNamed(format: WireFormat) async throws {
            let run = try await run(subject: "DNS:elsewhere.example", trusting: true, format)
            let message = refusal(run.events)?["message"]?.string ?? ""
            print("refused: \(message)")
            #expect(message.contains("certificate"))
            #expect(run.connections == 1 && run.requests == 0)
        }
    }
}
