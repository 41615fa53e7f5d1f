import AgentTestKit

/// What the model says in every cell: text of four scripts, and a call.
enum Sample {
    static let first = "Grüße, "
    static let rest = "мир 世界 🙂."
    static let arguments = [#"{"city""#, #":"Zü"#, #"rich 東京","n""#, ":[1,2]}"]

    /// The answer for a position. In the middle of a call nothing has been said: then the request may be made again.
    static func stream(_ format: WireFormat, _ position: FaultPosition) -> ModelStream {
        let call = ModelStream.Call(id: "c1", tool: "lookup", pieces: arguments)
        return position == .midArguments
            ? ModelStream(format, calls: [call]) : ModelStream(format, first: first, rest: rest, calls: [call])
    }

    /// What has been said when a position is reached.
    static func said(_ position: FaultPosition) -> String {
        switch position {
        case .beforeHeaders, .afterHeaders, .midArguments: ""
        case .midText: first
        case .beforeEnd: first + rest
        }
    }
}
