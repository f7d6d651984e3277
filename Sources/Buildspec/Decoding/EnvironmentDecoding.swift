import Diagnostics
import YAMLTree

extension SectionReader<TopLevelKey> {
    /// `env`, and in version 0.1 `environment_variables`, whose names give way to those of `env`.
    func environment() -> Environment {
        var environment = Environment()
        if let section = section(.env, EnvironmentKey.self) {
            environment.shell = section.text(.shell)
            environment.variables = section.namedTexts(.variables)
            environment.parameterStore = section.parameters()
            environment.secretsManager = section.secrets()
            environment.exportedVariables = section.texts(.exportedVariables)
            environment.gitCredentialHelper = section.boolean(.gitCredentialHelper)
        }
        if report.version == .v0_1,
            let section = section(.environmentVariables, EnvironmentVariablesKey.self)
        {
            let names = Set(environment.variables.map(\.name))
            let plaintext = section.namedTexts(.plaintext).filter { !names.contains($0.name) }
            environment.variables = plaintext + environment.variables
        }
        report.checkNames(environment.variables.map(\.name))
        report.checkNames(environment.parameterStore.map(\.name))
        report.checkNames(environment.secretsManager.map(\.name))
        return environment
    }

    /// `proxy`.
    func proxy() -> Proxy {
        var proxy = Proxy()
        guard let section = section(.proxy, ProxyKey.self) else { return proxy }
        proxy.uploadArtifacts = section.boolean(.uploadArtifacts)
        proxy.logs = section.boolean(.logs)
        return proxy
    }
}

extension SectionReader<EnvironmentKey> {
    fileprivate func parameters() -> [NamedValue<String>] {
        let parameters = namedTexts(.parameterStore)
        for parameter in parameters where parameter.value.value.isEmpty {
            report.add(
                .emptyReference, "\(path(.parameterStore))/\(parameter.name.value) names no parameter",
                at: parameter.name.range)
        }
        return parameters
    }

    fileprivate func secrets() -> [NamedValue<SecretReference>] {
        namedTexts(.secretsManager).compactMap { entry in
            do throws(InvalidSecretReference) {
                let reference = try SecretReference(parsing: entry.value.value)
                return NamedValue(name: entry.name, value: Marked(reference, at: entry.value.range))
            } catch {
                report.add(
                    .invalidSecretReference, "\(path(.secretsManager))/\(entry.name.value): \(error)",
                    at: entry.value.range, mend: error.hint)
                return nil
            }
        }
    }
}

extension DecodingReport {
    /// Refuses names that no process environment can hold, and warns about reserved ones.
    func checkNames(_ names: [Marked<String>]) {
        for name in names {
            if name.value.isEmpty || name.value.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == 0 }) {
                add(
                    .invalidVariableName, "no environment variable can be named '\(name.value)'",
                    at: name.range)
            } else if name.value.hasPrefix("CODEBUILD_") {
                add(
                    .reservedName,
                    "names that begin with CODEBUILD_ are reserved; a variable that CodeBuild sets wins",
                    at: name.range)
            }
        }
    }
}
