import ArgumentParser

/// How `validate` tells what it found.
enum FindingsFormat: String, Sendable, OptionWord {
    /// For people: the place, the source line, the mend.
    case text
    /// One array, one object a finding.
    case json
    /// SARIF 2.1.0, for code scanning.
    case sarif
    /// Workflow commands of GitHub Actions, which become annotations.
    case github

    /// What nobody has to ask for.
    static func standard(_ environment: RunnerEnvironment) -> FindingsFormat {
        environment.variables["GITHUB_ACTIONS"] == "true" ? .github : .text
    }
}
