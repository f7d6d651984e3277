/// Findings of shellcheck that come from how we ask, or from how CodeBuild runs commands, not from the
/// command.
enum ArtefactRules {
    /// When a finding is left out.
    enum Scope {
        /// Wherever it is.
        case everywhere
        /// On the last simple command of a command: it ends there anyway.
        case lastCommand
    }

    /// Why a rule's findings say nothing about a buildspec.
    struct Artefact {
        var scope: Scope
        var reason: String
    }

    /// The rules that are left out, with the reason for each.
    static let table: [Int: Artefact] = [
        1010: Artefact(
            scope: .everywhere, reason: "the shell has read the command, so `done` and its like are arguments"
        ),
        1071: Artefact(scope: .everywhere, reason: "`env.shell` names the shell, not a shebang"),
        1090: Artefact(scope: .everywhere, reason: "a sourced file is not at hand before the build"),
        1091: Artefact(scope: .everywhere, reason: "a sourced file is not at hand before the build"),
        1128: Artefact(scope: .everywhere, reason: "our script begins with our own lines"),
        2034: Artefact(scope: .everywhere, reason: "exported variables, artifacts and later builds read it"),
        2091: Artefact(
            scope: .everywhere,
            reason: "`$(aws ecr get-login ..)` as a command was the documented way to log in"),
        2103: Artefact(
            scope: .everywhere, reason: "the directory is carried on to the next command on purpose"),
        2148: Artefact(scope: .everywhere, reason: "`env.shell` names the shell, not a shebang"),
        2153: Artefact(scope: .everywhere, reason: "the environment comes from the build project"),
        2154: Artefact(scope: .everywhere, reason: "the environment comes from the build project"),
        2164: Artefact(scope: .lastCommand, reason: "a failing `cd` fails the command when it is its end"),
        2187: Artefact(scope: .everywhere, reason: "we name the dialect ourselves"),
        2218: Artefact(scope: .everywhere, reason: "functions are not carried from command to command"),
    ]

    /// Whether a finding is left out.
    static func excludes(_ finding: ShellcheckFinding, isInLastCommand: Bool) -> Bool {
        guard let artefact = table[finding.code] else { return false }
        return switch artefact.scope {
        case .everywhere: true
        case .lastCommand: isInLastCommand
        }
    }
}
