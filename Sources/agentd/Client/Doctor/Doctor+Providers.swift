import AgentConfig
import AgentHTTP
import AgentProviders
import AgentSystem
import Glibc

extension Doctor {
    /// Looks at the key of each provider that an agent names, and whether its server can be reached.
    func examineProviders(_ configuration: Configuration) {
        for provider in ConfigurationReview.named(configuration) where provider.kind != .script {
            report(key(of: provider))
            report(reach(provider, within: configuration.run.connect))
        }
    }

    private static var credentials: CredentialDirectory? {
        CredentialDirectory(environment: ProcessEnvironment.variables)
    }

    /// Whether there is a key; what it is, nobody is told.
    private func key(of provider: ProviderDefinition) -> Finding {
        let subject = "key \(provider.name)"
        do throws(ConfigurationError) {
            let keys = try KeyResolver.secrets(for: [provider], credentials: Self.credentials, forget: { _ in })
            return .good(subject, keys.isEmpty ? "none, and none is needed" : provider.keySource.shown + ": present")
        } catch {
            let issue = error.issues[0]
            // The daemon's environment is another one than this command's.
            if let name = provider.keySource.variable {
                return .doubtful(
                    subject, "\(name) holds no key here", do: "set it where agentd serve is started, or say key_file")
            }
            // A unit's credentials are its own.
            if case .credential(let name) = provider.keySource, Self.credentials == nil {
                return .doubtful(
                    subject, "the credential \(name) is not to be seen from here",
                    do: "see that the unit has LoadCredential=\(name):FILE, or say key_file")
            }
            return .bad(subject, "\(issue)", do: issue.hint ?? "see the place that is named")
        }
    }

    private func reach(_ provider: ProviderDefinition, within patience: Duration) -> Finding {
        let subject = "reach \(provider.name)"
        let url: String
        do throws(ConfigurationError) {
            let profile = try ProviderProfile(of: provider)
            url = provider.baseURL ?? profile.baseURL
        } catch {
            return .bad(subject, error.description, do: "agentd check says more")
        }
        do throws(HTTPFailure) {
            let probe = try ConnectionProbe(url: url, timeout: patience, caFile: provider.caFile, proxy: provider.proxy)
            return .good(
                subject,
                "\(url): connected in \(ShownTime.milliseconds(probe.ready)) ms"
                    + " (name \(ShownTime.milliseconds(probe.resolved)), TCP \(ShownTime.milliseconds(probe.connected)))"
            )
        } catch {
            return .bad(subject, "\(url): \(error.shown)", do: error.advice)
        }
    }
}

extension HTTPFailure {
    /// What happened, for a person.
    fileprivate var shown: String {
        switch self {
        case .resolve: "its name has no address"
        case .connect: "nobody takes the connection"
        case .connectTimeout: "no connection in time"
        case .tls(let words): "TLS: \(words)"
        case .malformed(let words): words
        default: "the connection broke"
        }
    }

    /// What to do about it.
    fileprivate var advice: String {
        switch self {
        case .resolve: "look at base_url and at the name server"
        case .connect: "see that the server runs, and look at base_url"
        case .connectTimeout, .reset: "look at the firewall; a proxy is set with proxy in the provider's table"
        case .tls: "look at the clock and at ca_file"
        default: "look at base_url and proxy"
        }
    }
}
