/// The shells that `env/shell` may name on Linux (behaviour reference, sections 1.4 and 2.1).
enum CommandShell {
    private static let known: Set<String> = [
        "sh", "/bin/sh", "/usr/bin/sh", "bash", "/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash",
    ]

    /// The shell to run scripts with: `sh` when nothing is named.
    /// - Throws: ``PhaseFailure`` for any other shell, the Windows ones among them.
    static func named(_ name: String?) throws(PhaseFailure) -> String {
        guard let name else { return "sh" }
        guard known.contains(name) else {
            throw PhaseFailure(
                .yamlFileError("Unsupported shell \(name). Expecting: bash,/bin/sh"))
        }
        return name
    }
}
