/// Keys of `phases` (behaviour reference, section 1.6).
extension Phase.Name: SectionKey {
    package static let section = "phases"

    package var definition: KeyDefinition {
        switch self {
        case .install: KeyDefinition(.section(PhaseKey.self), "Installs what the build needs.")
        case .preBuild: KeyDefinition(.section(PhaseKey.self), "Prepares the build.")
        case .build: KeyDefinition(.section(PhaseKey.self), "Builds.")
        case .postBuild: KeyDefinition(.section(PhaseKey.self), "Runs after the build, also when it failed.")
        }
    }
}

/// Keys of one phase (behaviour reference, section 1.6).
package enum PhaseKey: String, SectionKey {
    case runAs = "run-as"
    case onFailure = "on-failure"
    case runtimeVersions = "runtime-versions"
    case commands
    case finally

    package static let section = "phases/<phase>"

    package var definition: KeyDefinition {
        switch self {
        case .runAs: KeyDefinition(.text, "The Linux user that runs the commands of this phase.")
        case .onFailure:
            KeyDefinition(
                .pattern(ValuePattern.onFailure),
                "What happens after this phase failed: ABORT, CONTINUE, RETRY, RETRY-<count>-<regex>."
            )
            .with(\.examples, ["ABORT", "CONTINUE", "RETRY", "RETRY-2", "RETRY-2-timed out"])
        case .runtimeVersions:
            KeyDefinition(.namedTexts, "Languages and their versions (install only).")
        case .commands: KeyDefinition(.texts, "Commands, one after the other until one fails.")
        case .finally: KeyDefinition(.texts, "Commands that run after these, even if one failed.")
        }
    }
}
