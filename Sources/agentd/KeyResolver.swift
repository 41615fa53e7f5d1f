import AgentConfig
import AgentSystem

#if canImport(Glibc)
import Glibc
#endif

/// Fetches the keys of providers, when the daemon starts and when it reads its configuration again.
///
/// Only for providers that an agent names: the built-in ones want variables that need not be set otherwise.
enum KeyResolver {
    /// The keys of all these providers by name; those that need none are missing.
    ///
    /// Afterwards the variables that were read are gone from the environment, so that no child inherits a key; what
    /// they held is told to `found`, by the variable's name. Other threads may read the environment meanwhile: what
    /// they find is a value, or none.
    ///
    /// - Throws: `ConfigurationError` with everything that is wrong, each at its place in the configuration.
    static func secrets(
        for providers: some Sequence<ProviderDefinition>, environment: (String) -> String? = variable,
        credentials: CredentialDirectory?, found: (String, Secret) -> Void = { _, _ in },
        forget: (String) -> Void = forget
    ) throws(ConfigurationError) -> [String: Secret] {
        var secrets: [String: Secret] = [:]
        var issues: [ConfigurationError.Issue] = []
        var variables: Set<String> = []
        for provider in providers.sorted(by: { $0.name < $1.name }) {
            if let name = provider.keySource.variable { variables.insert(name) }
            do throws(ConfigurationError) {
                secrets[provider.name] = try secret(
                    for: provider, environment: environment, credentials: credentials, found: found)
            } catch {
                issues += error.issues
            }
        }
        // Not earlier: several providers may share a variable.
        for name in variables { forget(name) }
        guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
        return secrets
    }

    /// The key of one provider; nil when it needs none. Leaves the environment as it is.
    ///
    /// - Throws: `ConfigurationError` when the variable is not set, the file or credential cannot be used, or the
    ///   vendor's own server would be asked without a key.
    private static func secret(
        for provider: ProviderDefinition, environment: (String) -> String?, credentials: CredentialDirectory?,
        found: (String, Secret) -> Void
    ) throws(ConfigurationError) -> Secret? {
        switch provider.keySource {
        case .none: return nil
        case .environment(let name):
            let secret = try secret(in: name, environment(name), for: provider)
            found(name, secret)
            return secret
        case .vendor(let variable, let credential):
            let value = environment(variable)
            if value == nil, let secret = try secret(named: credential, credentials, for: provider) { return secret }
            let secret = try secret(in: variable, value, for: provider)
            found(variable, secret)
            return secret
        case .file(let path):
            do throws(SystemError) {
                return try SecretFile.read(path)
            } catch {
                throw failure(of: provider, error)
            }
        case .credential(let name):
            if let secret = try secret(named: name, credentials, for: provider) { return secret }
            guard provider.baseURL != nil || provider.preset != nil else {
                throw failure(
                    of: provider, "there is no key",
                    hint: "say key_env or key_file, or give the unit a credential named \(name)")
            }
            return nil
        }
    }

    private static func secret(
        named name: String, _ credentials: CredentialDirectory?, for provider: ProviderDefinition
    ) throws(ConfigurationError) -> Secret? {
        do throws(SystemError) {
            return try credentials?.secret(named: name)
        } catch {
            throw failure(of: provider, error)
        }
    }

    private static func secret(
        in name: String, _ value: String?, for provider: ProviderDefinition
    ) throws(ConfigurationError) -> Secret {
        guard let value else {
            throw failure(
                of: provider, "the environment variable \(name) is not set",
                hint: "set it, or say key_file in [providers.\(provider.name)]")
        }
        do throws(Secret.Refusal) {
            return try Secret(value)
        } catch {
            throw failure(of: provider, "the environment variable \(name) holds no key", hint: error.description)
        }
    }

    private static func failure(of provider: ProviderDefinition, _ error: SystemError) -> ConfigurationError {
        let bare = SystemError(operation: error.operation, path: error.path, errno: error.errno)
        return failure(of: provider, bare.description, hint: error.hint)
    }

    private static func failure(
        of provider: ProviderDefinition, _ message: String, hint: String?
    ) -> ConfigurationError {
        let place = provider.place ?? SourcePlace(file: "built-in configuration")
        return ConfigurationError(issues: [place.issue("provider \"\(provider.name)\": \(message)", hint: hint)])
    }

    // MARK: The process's own environment

    /// The value of a variable.
    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Overwrites a variable's value, which `/proc/PID/environ` shows to the end of the process, and removes it.
    private static func forget(_ name: String) {
        guard let value = getenv(name) else { return }
        explicit_bzero(value, strlen(value))
        unsetenv(name)
    }
}
