public import AgentEngine
public import AgentHTTP
public import AgentLoop
import AgentProtocol
import AgentSystem
public import Logging

/// A model behind an HTTP API, in one of the wire formats that the profile names.
@LoopActor public final class HTTPProvider {
    private let endpoint: ProviderEndpoint
    private let client: HTTPClient
    private let logger: Logger

    /// A provider that shares a client, and so its pool of connections, with others.
    public init(_ endpoint: ProviderEndpoint, client: HTTPClient, logger: Logger) {
        self.endpoint = endpoint
        self.client = client
        self.logger = logger
    }

    /// What must be kept out of every message, should the provider send it back.
    private var secrets: [String] { endpoint.key.map { [$0.reveal { $0 }] } ?? [] }

    /// Vendors' own clients disagree on whether the version belongs to the base: said twice, it counts once.
    private func url(_ profile: ProviderProfile) -> String {
        let base = endpoint.baseURL ?? profile.baseURL
        let version = "/v1"
        guard base.hasSuffix(version), profile.path.hasPrefix(version + "/") else { return base + profile.path }
        return base + profile.path.dropFirst(version.count)
    }

    private func httpRequest(_ request: ModelRequest, _ profile: ProviderProfile) -> HTTPRequest {
        var headers: [(name: String, value: String)] = [
            ("content-type", "application/json"), ("accept", "text/event-stream"),
        ]
        headers += profile.headers.map { ($0.name, $0.value) }
        headers += endpoint.headers
        if let key = endpoint.key {
            key.reveal { text in
                switch profile.authorization {
                case .bearer: headers.append(("authorization", "Bearer \(text)"))
                case .xAPIKey: headers.append(("x-api-key", text))
                case .apiKey: headers.append(("api-key", text))
                case .none: break
                }
            }
        }
        let body =
            switch profile.wire {
            case .openai: OpenAIRequest.body(request, profile: profile)
            case .anthropic: AnthropicRequest.body(request, profile: profile)
            }
        return HTTPRequest(
            url: url(profile), headers: headers, body: body,
            connectTimeout: endpoint.connectTimeout, firstByteTimeout: endpoint.firstByteTimeout,
            caFile: endpoint.caFile, proxy: endpoint.proxy)
    }
}

extension HTTPProvider: @LoopActor ModelProvider {
    /// Sends the request; the answer comes with the next turns of the loop.
    public func open(_ request: ModelRequest, for receiver: any ModelReceiver) -> any ModelCall {
        let profile = endpoint.profile.adjusted(for: request.model)
        var logger = logger
        logger[metadataKey: "provider"] = "\(endpoint.name)"
        if let run = request.messages.last?.runID { logger[metadataKey: "run_id"] = "\(run)" }
        let decoder: any StreamDecoder =
            switch profile.wire {
            case .openai: OpenAIStreamDecoder(profile: profile, request: request, secrets: secrets)
            case .anthropic: AnthropicStreamDecoder(profile: profile, request: request, secrets: secrets)
            }
        let call = ProviderCall(
            receiver: receiver, decoder: decoder, idleTimeout: endpoint.idleTimeout, secrets: secrets, logger: logger)
        call.begin(client.start(httpRequest(request, profile), delegate: call))
        return call
    }
}
