import Archiving

/// What a package is checked for before Lambda would refuse it, or fail with it.
package struct LambdaChecks: Sendable, Hashable {
    /// The function's handler, as it is configured in Lambda.
    package var handler: String?
    /// The function's runtime.
    package var runtime: LambdaRuntime?
    /// What native code has to be for.
    package var architecture: LambdaArchitecture?
    /// Patterns of files that look like secrets and may be in the package; by the rules of `exclude-paths`.
    package var allowedSecrets: [String]
    /// Whether a package beyond Lambda's limit is made all the same, with a warning.
    package var ignoresLimits: Bool

    /// Describes checks.
    package init(
        handler: String? = nil, runtime: LambdaRuntime? = nil, architecture: LambdaArchitecture? = nil,
        allowedSecrets: [String] = [], ignoresLimits: Bool = false
    ) {
        self.handler = handler
        self.runtime = runtime
        self.architecture = architecture
        self.allowedSecrets = allowedSecrets
        self.ignoresLimits = ignoresLimits
    }

    /// Looks for files that look like secrets.
    ///
    /// - Throws: `secretFile`.
    func refuseSecrets(in selection: Selection) throws(PackagingError) {
        let allowed = PathMatcher(allowedSecrets)
        var found: [EntryName] = []
        do throws(ArchivingError) {
            for index in selection.files.indices
            where SecretFiles.looksSecret(selection.files[index].name) {
                let file = selection.files[index]
                guard !allowed.matches(file.name) else { continue }
                // Certificates are public, and their files have the same names as those of keys.
                if try SecretFiles.isOnlyCertificates(file.name, in: selection) { continue }
                found.append(file.name)
            }
        } catch {
            throw PackagingError(error, packing: error.subject)
        }
        guard let first = found.first else { return }
        let others = found.dropFirst().prefix(9).map { "\n    \($0)" }.joined()
        let more = found.count > 10 ? "\n    and \(found.count - 10) more" : ""
        let text =
            found.count == 1 ? "it looks like a secret" : "it looks like a secret, and so do" + others + more
        throw PackagingError(.secretFile, first.description, text)
    }

    /// Looks for the handler.
    ///
    /// - Throws: `badHandler`.
    func checkHandler(in selection: Selection) throws(PackagingError) {
        // Go's own runtime starts what the handler names, and nothing else.
        guard handler != nil || runtime?.family == .provided && runtime?.version != "go1.x" else { return }
        let name = handler ?? "bootstrap"
        let problem: String?
        do throws(ArchivingError) {
            problem = try HandlerCheck(handler: name, runtime: runtime, selection: selection).problem()
        } catch {
            throw PackagingError(error, packing: error.subject)
        }
        if let problem { throw PackagingError(.badHandler, name, problem) }
    }
}
