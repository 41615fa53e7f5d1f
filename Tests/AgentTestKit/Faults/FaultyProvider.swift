import Synchronization

/// A provider that answers well until the position of its fault, and then does what the test says.
///
/// Requests that bring the results of calls get a plain answer.
public final class FaultyProvider: Sendable {
    /// What comes after the fault.
    public enum Aftermath: Sendable {
        /// The rest of the answer, as if nothing had happened.
        case goOn
        /// The rest, changed in its bytes and sent in pieces of this size.
        case goOnAs(pieces: Int, @Sendable ([UInt8]) -> [UInt8])
        /// These events instead of the rest, and a proper end of the body.
        case instead([[UInt8]])
        /// Nothing more: the fault has done everything.
        case over
    }

    /// What a fault has to work with.
    public struct Scene: Sendable {
        /// The connection that is answered.
        public let connection: ServerConnection
        /// The wire format.
        public let format: WireFormat
        /// What should have been said.
        public let stream: ModelStream
        /// Where in the answer we are.
        public let position: FaultPosition

        /// Sends the rest of the answer, as if nothing had happened; `head` takes the place of the usual header.
        public func sendRest(head: [UInt8]? = nil) {
            if let head { connection.send(head) } else if position == .beforeHeaders { connection.sendStreamHead() }
            for event in stream.events(from: position) { connection.sendChunk(event) }
            connection.sendLastChunk()
        }
    }

    /// One request as it came.
    public struct Arrival: Sendable {
        /// When.
        public let at: ContinuousClock.Instant
        /// Whether it brings the results of calls.
        public let isFollowUp: Bool
        /// Its body.
        public let body: [UInt8]
        /// Header fields, names in lower case.
        public let headers: [String: String]
    }

    /// What a follow-up is answered with.
    public static let lastWord = "Done."

    /// The server under it.
    public let server: ProviderServer
    private let arrivalLog: ArrivalLog

    /// Requests that have come so far.
    public var arrivals: [Arrival] { arrivalLog.all.withLock { $0 } }

    /// Starts to serve. The fault happens in the first `times` answers that are no follow-up.
    public init(
        stream: ModelStream, at position: FaultPosition, times: Int = .max,
        greet: @escaping @Sendable (ServerConnection) -> Void = { _ in },
        fault: @escaping @Sendable (Scene) -> Aftermath
    ) {
        let format = stream.format
        let log = ArrivalLog()
        arrivalLog = log
        server = ProviderServer(greet: greet) { connection, request in
            let isFollowUp = format.isFollowUp(request.body)
            let attempt = log.all.withLock { arrivals in
                arrivals.append(
                    Arrival(at: .now, isFollowUp: isFollowUp, body: request.body, headers: request.headers))
                return arrivals.count { !$0.isFollowUp }
            }
            if isFollowUp {
                Self.answer(connection, ModelStream(format, text: Self.lastWord))
            } else if attempt > times {
                Self.answer(connection, stream)
            } else {
                Self.answer(
                    Scene(connection: connection, format: format, stream: stream, position: position), fault)
            }
        }
    }

    /// Ends everything.
    public func close() { server.close() }

    /// Sends a whole answer.
    public static func answer(_ connection: ServerConnection, _ stream: ModelStream) {
        connection.sendStreamHead()
        connection.sendChunk(stream.bytes)
        connection.sendLastChunk()
    }

    private static func answer(_ scene: Scene, _ fault: @Sendable (Scene) -> Aftermath) {
        let connection = scene.connection
        if scene.position != .beforeHeaders { connection.sendStreamHead() }
        for event in scene.stream.events(upTo: scene.position) { connection.sendChunk(event) }
        let aftermath = fault(scene)
        switch aftermath {
        case .over: return
        case .goOn: return scene.sendRest()
        default: break
        }
        if scene.position == .beforeHeaders { connection.sendStreamHead() }
        let rest = scene.stream.events(from: scene.position)
        switch aftermath {
        case .instead(let events): for event in events { connection.sendChunk(event) }
        case .goOnAs(let size, let change):
            let bytes = change(rest.flatMap { $0 })
            for start in stride(from: 0, to: bytes.count, by: size) {
                connection.sendChunk(Array(bytes[start..<min(start + size, bytes.count)]))
            }
        case .goOn, .over: break
        }
        connection.sendLastChunk()
    }
}

/// The requests that have come; written by the server's threads.
private final class ArrivalLog: Sendable {
    let all = Mutex<[FaultyProvider.Arrival]>([])
}
