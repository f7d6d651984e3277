import ShellChecks
import SystemPackage
import Testing

/// The shells that tests ask, each by what it really is.
enum RealShell: String, CaseIterable {
    case dash, bash

    var shell: Shell { self == .bash ? .bash : .sh }

    /// The shell's program, whichever shell `sh` is here.
    var executable: FilePath { FilePath("/bin/\(rawValue)") }

    var isInstalled: Bool { Shell.flavour(of: executable)?.rawValue == rawValue }

    static let areInstalled: ConditionTrait = .enabled(
        "dash and bash are not both in /bin: nothing was tested of the syntax checks"
    ) {
        allCases.allSatisfy { $0.isInstalled }
    }

    static let hasShellcheck: ConditionTrait = .enabled(
        "shellcheck is not installed: nothing was tested of its findings"
    ) {
        shellcheckExecutable() != nil
    }

    func errors(in commands: [String], limit: Int = 20) throws -> SyntaxReport {
        try syntaxErrors(
            in: commands, shell: shell, limit: limit, executable: executable, duration: .seconds(30))
    }
}
