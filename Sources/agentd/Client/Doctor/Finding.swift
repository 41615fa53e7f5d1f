import AgentProtocol

/// One thing that a doctor has looked at.
struct Finding {
    /// How it is.
    enum Verdict: String {
        /// As it should be.
        case good = "ok"
        /// It works, or may; somebody should know.
        case doubtful = "warn"
        /// It does not work.
        case bad = "fail"
    }

    /// What was looked at.
    let subject: String
    let verdict: Verdict
    /// What was found.
    let text: String
    /// What to do about it; nil where there is nothing to do.
    let advice: String?

    /// All is well.
    static func good(_ subject: String, _ text: String) -> Finding {
        Finding(subject: subject, verdict: .good, text: text, advice: nil)
    }

    /// Something to know.
    static func doubtful(_ subject: String, _ text: String, do advice: String) -> Finding {
        Finding(subject: subject, verdict: .doubtful, text: text, advice: advice)
    }

    /// Something to repair.
    static func bad(_ subject: String, _ text: String, do advice: String) -> Finding {
        Finding(subject: subject, verdict: .bad, text: text, advice: advice)
    }

    /// The finding for people; the advice on a line of its own.
    func text(for output: Terminal) -> String {
        let style =
            switch verdict {
            case .good: "32"
            case .doubtful: "33"
            case .bad: "31"
            }
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(2, width - DisplayWidth.of(text)))
        }
        var lines =
            output.styled(padded(verdict.rawValue, 6), style) + padded(subject, 18) + Terminal.oneLine(text) + "\n"
        if let advice { lines += padded("", 6) + padded("", 18) + "do: " + Terminal.oneLine(advice) + "\n" }
        return lines
    }

    /// The finding for programs.
    var record: JSONObject {
        [
            "check": .string(subject), "status": .string(verdict.rawValue), "message": .string(text),
            "advice": advice.map(JSONValue.string) ?? .null,
        ]
    }
}
