import AgentProtocol
import Testing

@testable import agentd

@Suite struct MetricsTextTests {
    private func lines(_ hello: String) throws -> [String] {
        MetricsText.of(try #require(JSONReader.read(hello).object)).split(separator: "\n").map(String.init)
    }

    @Test func gaugesAreInPrometheusUnits() throws {
        let lines = try lines(
            #"{"server":"agentd/1","live_runs":3,"queued":2,"connections":5,"commit_p99_ms":1.5,"log_bytes":4096,"last_storage_error":null,"last_reload_error":"x"}"#
        )
        for line in [
            #"agentd_info{server="agentd/1"} 1"#, "# TYPE agentd_live_runs gauge", "agentd_live_runs 3",
            "agentd_queued_runs 2", "agentd_connections 5", "agentd_commit_p99_seconds 0.0015",
            "agentd_log_bytes 4096", "agentd_storage_failed 0", "agentd_reload_failed 1",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func aHistogramCountsEverythingUpToABound() throws {
        let lines = try lines(
            #"{"counters":{"since":1500,"runs":{"completed":4,"error":1},"bounds_ms":[10,20],"models":[{"provider":"p","model":"a\"b\\c\nd","input_tokens":7,"output_tokens":8,"cost_usd":0.25,"duration_ms":1234,"requests":[3,0,2]}]}}"#
        )
        let labels = #"gen_ai_operation_name="chat",gen_ai_provider_name="p",gen_ai_request_model="a\"b\\c\nd""#
        for line in [
            "agentd_start_time_seconds 1.5", #"agentd_runs_total{status="completed"} 4"#,
            #"agentd_runs_total{status="error"} 1"#,
            #"gen_ai_client_token_usage_total{\#(labels),gen_ai_token_type="input"} 7"#,
            #"gen_ai_client_token_usage_total{\#(labels),gen_ai_token_type="output"} 8"#,
            "agentd_cost_usd_total{\(labels)} 0.25",
            #"gen_ai_client_operation_duration_seconds_bucket{\#(labels),le="0.01"} 3"#,
            #"gen_ai_client_operation_duration_seconds_bucket{\#(labels),le="0.02"} 3"#,
            #"gen_ai_client_operation_duration_seconds_bucket{\#(labels),le="+Inf"} 5"#,
            "gen_ai_client_operation_duration_seconds_sum{\(labels)} 1.234",
            "gen_ai_client_operation_duration_seconds_count{\(labels)} 5",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func whatAnOlderDaemonDoesNotSayIsLeftOut() throws {
        #expect(try lines("{}").filter { !$0.hasPrefix("#") } == [#"agentd_info{server=""} 1"#])
    }

    @Test func everyNameHasItsTypeBeforeItsSamples() throws {
        var typed: Set<String> = []
        for line in try lines(
            #"{"live_runs":1,"counters":{"runs":{"completed":1},"bounds_ms":[1],"models":[{"provider":"p","model":"m","duration_ms":1,"requests":[1,0]}]}}"#
        ) {
            let words = line.split(separator: " ")
            if line.hasPrefix("# TYPE") { #expect(typed.insert(String(words[2])).inserted) }
            guard !line.hasPrefix("#") else { continue }
            let name = line.prefix { $0 != " " && $0 != "{" }
            let family = ["_bucket", "_sum", "_count"].reduce(name) { $0.hasSuffix($1) ? $0.dropLast($1.count) : $0 }
            #expect(typed.contains(String(family)), "\(line)")
        }
    }
}
