import AgentProtocol

/// Writes what `hello` says as Prometheus text (exposition format 0.0.4).
///
/// Names follow the OpenTelemetry conventions for generative AI where there is one, in the form that Prometheus gives
/// them. Labels are the models that are configured and words of ours, so their number is bounded.
enum MetricsText {
    /// The metrics of a daemon, from its reply to `hello`. What an older daemon does not say is left out.
    static func of(_ hello: JSONObject) -> String {
        var page = MetricsPage()
        page.family("agentd_info", .gauge, "The daemon's name and version.")
        page.sample([("server", hello["server"]?.string ?? "")], "1")
        gauges(hello, &page)
        if let counters = hello["counters"]?.object { add(counters, &page) }
        return page.text
    }

    private static func gauges(_ hello: JSONObject, _ page: inout MetricsPage) {
        let gauges = [
            ("live_runs", "agentd_live_runs", "Runs that have begun and not ended."),
            ("queued", "agentd_queued_runs", "Runs that wait for their turn."),
            ("connections", "agentd_connections", "Clients that are connected."),
            ("log_bytes", "agentd_log_bytes", "The size of the database's write-ahead log."),
        ]
        for (member, name, help) in gauges { page.metric(name, .gauge, help, hello[member]?.numberText) }
        page.metric(
            "agentd_commit_p99_seconds", .gauge, "How long commits took, at the 99th percentile.",
            hello["commit_p99_ms"]?.double.map { "\($0 / 1000)" })
        for (member, name, help) in [
            ("last_storage_error", "agentd_storage_failed", "Whether the database has ever failed."),
            ("last_reload_error", "agentd_reload_failed", "Whether the last reload of the configuration failed."),
        ] {
            if let value = hello[member] { page.metric(name, .gauge, help, value == .null ? "0" : "1") }
        }
    }

    private static func add(_ counters: JSONObject, _ page: inout MetricsPage) {
        page.metric(
            "agentd_start_time_seconds", .gauge, "When the daemon started, in seconds since 1970.",
            counters["since"]?.double.map { "\($0 / 1000)" })
        page.family("agentd_runs_total", .counter, "Runs that have ended.")
        for run in counters["runs"]?.object?.members ?? [] {
            page.sample([("status", run.name)], run.value.numberText)
        }
        let models = counters["models"]?.array?.compactMap(\.object) ?? []
        page.family("gen_ai_client_token_usage_total", .counter, "Tokens that models read and wrote.")
        for model in models {
            for (type, member) in [("input", "input_tokens"), ("output", "output_tokens")] {
                page.sample(labels(model) + [("gen_ai_token_type", type)], model[member]?.numberText)
            }
        }
        page.family("agentd_cost_usd_total", .counter, "What they cost, as far as prices are known, in US dollars.")
        for model in models { page.sample(labels(model), model["cost_usd"]?.numberText) }
        page.family("gen_ai_client_operation_duration_seconds", .histogram, "How long requests to models took.")
        let bounds = counters["bounds_ms"]?.array?.compactMap(\.double) ?? []
        for model in models { histogram(model, bounds, &page) }
    }

    private static func labels(_ model: JSONObject) -> MetricsPage.Labels {
        [
            ("gen_ai_operation_name", "chat"), ("gen_ai_provider_name", model["provider"]?.string ?? ""),
            ("gen_ai_request_model", model["model"]?.string ?? ""),
        ]
    }

    /// Prometheus counts everything up to a bound, the daemon what is between two.
    private static func histogram(_ model: JSONObject, _ bounds: [Double], _ page: inout MetricsPage) {
        let requests = model["requests"]?.array?.compactMap(\.int64) ?? []
        guard requests.count == bounds.count + 1, let milliseconds = model["duration_ms"]?.double else { return }
        var sum: Int64 = 0
        for (place, count) in requests.enumerated() {
            sum += count
            let bound = place < bounds.count ? "\(bounds[place] / 1000)" : "+Inf"
            page.sample(labels(model) + [("le", bound)], "\(sum)", suffix: "_bucket")
        }
        page.sample(labels(model), "\(milliseconds / 1000)", suffix: "_sum")
        page.sample(labels(model), "\(sum)", suffix: "_count")
    }
}

/// A page of metrics under way.
private struct MetricsPage {
    typealias Labels = [(name: String, value: String)]

    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""
    private var name = ""

    /// Begins the samples of one name.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Adds a sample that has a value.
    mutating func sample(_ labels: Labels, _ value: String?, suffix: String = "") {
        guard let value else { return }
        let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += "\(name)\(suffix)\(list.isEmpty ? "" : "{\(list)}") \(value)\n"
    }

    /// A name with one sample; without a value there is neither.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ value: String?) {
        guard let value else { return }
        family(name, kind, help)
        sample([], value)
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

extension JSONValue {
    /// The text of a number.
    fileprivate var numberText: String? {
        if case .number(let number) = self { number.text } else { nil }
    }

    /// A number.
    var double: Double? { numberText.flatMap(Double.init) }
}
