import AgentProtocol
import AgentTestKit

/// Every fault at every position with the end that it must have: the one place where that is said.
enum FaultTable {
    static func rows() -> [FaultRow] { connecting + statuses + breaking + content + ourside }

    private static func row(_ number: Int, _ title: String, _ cells: [FaultPosition: FaultCell]) -> FaultRow {
        FaultRow(number: number, title: title, cells: cells)
    }

    private static func one(_ fault: Fault, _ expected: FaultEnd) -> FaultCell {
        .trials([FaultTrial(fault: fault, expected: expected)])
    }

    private static func each(_ trials: (Fault, FaultEnd)...) -> FaultCell {
        .trials(trials.map { FaultTrial(fault: $0.0, expected: $0.1) })
    }

    private static func only(
        _ position: FaultPosition, _ cell: FaultCell, else reason: String
    ) -> [FaultPosition: FaultCell] {
        var cells = Dictionary(uniqueKeysWithValues: FaultPosition.allCases.map { ($0, FaultCell.meaningless(reason)) })
        cells[position] = cell
        return cells
    }

    private static func everywhere(_ fault: Fault, _ expected: FaultEnd) -> [FaultPosition: FaultCell] {
        Dictionary(uniqueKeysWithValues: FaultPosition.allCases.map { ($0, one(fault, expected)) })
    }

    /// Made again while nothing has been said, an error with the partial text afterwards.
    private static func unlessSaid(_ fault: Fault, _ code: ErrorCode, header: FaultCell? = nil)
        -> [FaultPosition: FaultCell]
    {
        [
            .beforeHeaders: header ?? one(fault, .failsAgain(code)), .afterHeaders: one(fault, .failsAgain(code)),
            .midText: one(fault, .fails(code)), .midArguments: one(fault, .failsAgain(code)),
            .beforeEnd: one(fault, .fails(code)),
        ]
    }

    // MARK: Rows

    private static let noConnection = "a connection that does not come about has no later"
    private static let hasStatus = "the status has been sent"

    private static var connecting: [FaultRow] {
        [
            row(
                1, "no name, nobody there, a connection that hangs",
                only(
                    .beforeHeaders,
                    each(
                        (.noName, .failsAgain(.modelUnavailable)), (.nobodyThere, .failsAgain(.modelUnavailable)),
                        (.connectionHangs, .failsAgain(.modelUnavailable))), else: noConnection)),
            row(
                2, "a peer that speaks no TLS",
                only(.beforeHeaders, one(.noTLS, .fails(.modelUnavailable)), else: noConnection)),
        ]
    }

    private static var statuses: [FaultRow] {
        [
            row(
                3, "400, 401, 403, 404, 413",
                only(
                    .beforeHeaders,
                    each(
                        (.status(400), .fails(.modelBadRequest)), (.status(401), .fails(.modelAuth)),
                        (.status(403), .fails(.modelAuth)), (.status(404), .fails(.modelBadRequest)),
                        (.status(413), .fails(.modelBadRequest))), else: hasStatus)),
            row(
                4, "429: seconds, date, past, a day, nothing",
                only(
                    .beforeHeaders,
                    each(
                        (.rateLimit(.seconds), .failsAgain(.modelRateLimited)),
                        (.rateLimit(.date), .failsAgain(.modelRateLimited)),
                        (.rateLimit(.past), .failsAgain(.modelRateLimited)),
                        (.rateLimit(.day), .fails(.modelRateLimited)),
                        (.rateLimit(.nothing), .failsAgain(.modelRateLimited))), else: hasStatus)),
            row(5, "an exhausted spending cap", everywhere(.noMoney, .fails(.modelRateLimited))),
            row(
                6, "500, 502, 503, 504, 529",
                only(
                    .beforeHeaders,
                    each(
                        (.status(500), .failsAgain(.modelUnavailable)), (.status(502), .failsAgain(.modelUnavailable)),
                        (.status(503), .failsAgain(.modelOverloaded)), (.status(504), .failsAgain(.modelUnavailable)),
                        (.status(529), .failsAgain(.modelOverloaded))), else: hasStatus)),
            row(
                7, "a web page",
                unlessSaid(
                    .page, .modelTruncated,
                    header: each(
                        (.wholePage("200 OK"), .failsAgain(.modelUnavailable)),
                        (.wholePage("502 Bad Gateway"), .failsAgain(.modelUnavailable))))),
        ]
    }

    private static var breaking: [FaultRow] {
        [
            row(8, "connection reset", unlessSaid(.reset, .modelUnavailable)),
            row(
                9, "an end without the end marker",
                unlessSaid(.close, .modelTruncated, header: one(.close, .failsAgain(.modelUnavailable)))
                    .merging([
                        .afterHeaders: each(
                            (.close, .failsAgain(.modelTruncated)), (.cleanEnd, .failsAgain(.modelTruncated))),
                        .midText: each((.close, .fails(.modelTruncated)), (.cleanEnd, .fails(.modelTruncated))),
                        .midArguments: each(
                            (.close, .failsAgain(.modelTruncated)), (.cleanEnd, .failsAgain(.modelTruncated))),
                        .beforeEnd: each((.close, .fails(.modelTruncated)), (.cleanEnd, .fails(.modelTruncated))),
                    ]) { $1 }),
            row(10, "silence", unlessSaid(.silence, .modelStalled)),
            row(
                11, "a drip of header bytes, comments or pings",
                unlessSaid(.drip, .modelStalled, header: one(.headerDrip, .failsAgain(.modelStalled)))),
            row(
                12, "an error event in the stream",
                unlessSaid(
                    .errorEvent, .modelOverloaded, header: FaultCell.meaningless("an event comes after the header"))),
        ]
    }

    private static var content: [FaultRow] {
        [
            row(
                13, "characters in pieces",
                [
                    .beforeHeaders: .meaningless("no text before the body"), .afterHeaders: one(.splitMark, .completes),
                    .midText: one(.bytewise, .completes), .midArguments: one(.bytewise, .completes),
                    .beforeEnd: .meaningless("what is left is ASCII"),
                ]),
            row(
                14, "bytes that are no UTF-8",
                [
                    .beforeHeaders: one(.badHeader, .completes), .afterHeaders: one(.badComment, .completes),
                    .midText: one(.badText, .completes), .midArguments: one(.badArguments, .completes),
                    .beforeEnd: one(.badExtra, .completes),
                ]),
            row(
                15, "line ends, bare fields, a line of 1 MiB",
                [
                    .beforeHeaders: .meaningless("lines of a stream are in the body"),
                    .afterHeaders: one(.bareFields, .completes),
                    .midText: each(
                        (.lineEnds(["\r\n"]), .completes), (.lineEnds(["\r"]), .completes), (.longLine, .completes)),
                    .midArguments: one(.lineEnds(["\r"]), .completes),
                    .beforeEnd: one(.lineEnds(["\r\n", "\n", "\r"]), .completes),
                ]),
            row(
                16, "arguments: 10 MiB, deep, no JSON, twice, none",
                only(
                    .midArguments,
                    .trials(Fault.oddArguments.map { FaultTrial(fault: $0, expected: .completes) }),
                    else: "arguments are arguments")),
            row(
                17, "calls without a name, of one name, interleaved",
                only(
                    .midArguments, .trials(Fault.oddCalls.map { FaultTrial(fault: $0, expected: .completes) }),
                    else: "calls are made of arguments")),
            row(
                18, "unknown headers, events and members",
                everywhere(.surprise, .completes).merging([.beforeHeaders: one(.strangeHeader, .completes)]) { $1 }),
            row(
                19, "a second terminal, data after the first",
                everywhere(.earlyEnd, .completes).merging([
                    .beforeHeaders: .meaningless("a terminal is in the body"), .beforeEnd: one(.doubleEnd, .completes),
                ]) { $1 }),
            row(
                20, "gzip, a flood of headers, redirect, 1xx",
                [
                    .beforeHeaders: each(
                        (.gzip, .fails(.modelUnavailable)), (.headerFlood, .fails(.modelUnavailable)),
                        (.redirect, .fails(.modelBadRequest)), (.interim, .completes)),
                    .afterHeaders: .meaningless(hasStatus), .midText: .meaningless(hasStatus),
                    .midArguments: .meaningless(hasStatus),
                    .beforeEnd: one(.trailerFlood, .fails(.modelUnavailable)),
                ]),
            row(
                21, "nothing said, no reason for the end",
                unlessSaid(.noReason, .modelTruncated, header: one(.emptyBody, .failsAgain(.modelTruncated)))
                    .merging([.afterHeaders: one(.nothingSaid, .completes)]) { $1 }),
        ]
    }

    private static var ourside: [FaultRow] {
        [
            row(22, "the process sleeps through its deadlines", everywhere(.sleeper, .completes)),
            row(23, "slower than the run's time", everywhere(.tooSlow, .fails(.limitTime))),
            row(
                24, "a stop meanwhile",
                everywhere(.stopped, .cancelled).merging([
                    .beforeHeaders: each((.stopped, .cancelled), (.stoppedAtRetry, .cancelled))
                ]) { $1 }),
        ]
    }
}
