/// A well-formed answer of a model in one wire format, in the order in which it is sent, with the places where something
/// may go wrong between its parts.
public struct ModelStream: Sendable {
    /// A call that the answer makes.
    public struct Call: Sendable {
        /// The call's name; nil when the provider gives none.
        public var id: String?
        /// The tool.
        public var tool: String
        /// The arguments, in the pieces in which they are sent.
        public var pieces: [String]

        /// A call with everything said.
        public init(id: String?, tool: String, pieces: [String]) {
            self.id = id
            self.tool = tool
            self.pieces = pieces
        }
    }

    /// The wire format.
    public let format: WireFormat
    /// What is sent between the header and the place of each position, and after the last one.
    private var parts: [FaultPosition: [[UInt8]]] = [:]
    /// The reason for the end and the end marker.
    public private(set) var end: [[UInt8]]
    /// How many calls it makes.
    public let calls: Int

    /// An answer of two pieces of text and one call; without the text where a call is what breaks.
    public init(
        _ format: WireFormat, first: String? = nil, rest: String? = nil, calls: [Call] = []
    ) {
        self.format = format
        self.calls = calls.count
        var block = 0
        parts[.midText] = [format.beginning]
        if let first { parts[.midText]? += [format.textBlock(0), format.text(first)] }
        var arguments: [[UInt8]] = []
        if let rest { arguments.append(format.text(rest)) }
        if first != nil {
            arguments.append(format.blockEnd(0))
            block = 1
        }
        var later: [[UInt8]] = []
        for call in calls {
            // Half of the first call's arguments come before the place in the middle of them.
            let half = later.isEmpty ? (call.pieces.count + 1) / 2 : 0
            let begin = format.callBlock(block, id: call.id, tool: call.tool)
            if later.isEmpty { arguments.append(begin) } else { later.append(begin) }
            arguments += call.pieces[..<half].map { format.arguments($0, block: block) }
            later += call.pieces[half...].map { format.arguments($0, block: block) }
            later.append(format.blockEnd(block))
            block += 1
        }
        parts[.midArguments] = arguments
        parts[.beforeEnd] = later
        end = [format.reason(isCalling: !calls.isEmpty), format.endMarker]
    }

    /// A plain answer.
    public init(_ format: WireFormat, text: String) { self.init(format, first: text) }

    /// An answer whose calls are written by hand.
    public init(_ format: WireFormat, callEvents: [[UInt8]], calls: Int) {
        self.format = format
        self.calls = calls
        parts = [.midText: [format.beginning], .beforeEnd: callEvents]
        end = [format.reason(isCalling: true), format.endMarker]
    }

    /// The events before a position that come after the position before it.
    public func events(before position: FaultPosition) -> [[UInt8]] {
        (parts[position] ?? []).filter { !$0.isEmpty }
    }

    /// All events up to a position.
    public func events(upTo position: FaultPosition) -> [[UInt8]] {
        FaultPosition.allCases.filter { $0.rawValue <= position.rawValue }.flatMap { events(before: $0) }
    }

    /// All events from a position on.
    public func events(from position: FaultPosition) -> [[UInt8]] {
        FaultPosition.allCases.filter { $0.rawValue > position.rawValue }.flatMap { events(before: $0) } + end
    }

    /// The whole answer.
    public var bytes: [UInt8] { (events(upTo: .beforeEnd) + end).flatMap { $0 } }
}
