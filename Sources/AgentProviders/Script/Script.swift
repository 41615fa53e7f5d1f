import AgentEngine
import AgentProtocol

/// A model's part, written down: turn k answers the k-th request of a run, and the last turn every one after it.
struct Script: Sendable {
    /// One thing that the model does.
    enum Step: Sendable, Equatable {
        /// Says these pieces, one every so many milliseconds. The pieces are escaped already.
        case say([[UInt8]], everyMilliseconds: Int64)
        /// Thinks aloud in these pieces.
        case think([[UInt8]], everyMilliseconds: Int64)
        /// Says what the request holds.
        case sayRequest(RequestFact, Pace)
        /// Does nothing for a while.
        case wait(milliseconds: Int64)
        /// Calls a tool; without a name the call gets one from its place.
        case call(name: String, arguments: JSONObject?, id: ToolCallID?)
        /// Fails as a provider would.
        case fail(ErrorRecord)
        /// Reports usage.
        case usage(Usage)
        /// Ends the answer; the word is the provider's.
        case end(StopReason, word: String)
    }

    /// What a script can tell of the request it answers, so that no demonstration of memory is canned.
    enum RequestFact: String, Sendable, CaseIterable {
        case lastUser = "last_user"
        case lastAssistant = "last_assistant"
        case messageCount = "message_count"
    }

    /// How a text is cut into pieces, and how fast they come.
    struct Pace: Sendable, Equatable {
        /// Characters of a piece; nil for the whole text at once.
        var chunk: Int?
        /// Milliseconds between two pieces.
        var everyMilliseconds: Int64

        /// A text in escaped pieces.
        func pieces(of text: String) -> [[UInt8]] {
            var rest = text[...]
            var pieces: [[UInt8]] = []
            while !rest.isEmpty {
                let piece = rest.prefix(chunk ?? rest.count)
                rest = rest[piece.endIndex...]
                var escaped: [UInt8] = []
                JSONEscaping.append(String(piece), to: &escaped)
                pieces.append(escaped)
            }
            return pieces
        }
    }

    let turns: [[Step]]

    /// The steps that answer the request of this number, counted from 1.
    func steps(forRequest number: Int) -> [Step] { turns[min(number, turns.count) - 1] }
}
