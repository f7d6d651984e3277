import Diagnostics

/// Names of variables: unusable ones, ones set twice, and ones that cannot be exported.
struct VariableNames: BuildspecRule {
    init(_: Buildspec) {}

    func finish(_ buildspec: Buildspec, _ report: DecodingReport) {
        let env = buildspec.env
        var places: [String: SourceRange] = [:]
        let sections: [(EnvironmentKey, [Marked<String>])] = [
            (.variables, env.variables.map(\.name)), (.parameterStore, env.parameterStore.map(\.name)),
            (.secretsManager, env.secretsManager.map(\.name)),
        ]
        for (section, names) in sections {
            for name in names {
                checkForm(name, in: section, report)
                if let first = places[name.value] {
                    report.add(
                        .variableSetTwice, "`\(name.value)` is set by two sections of env", at: name.range,
                        notes: [Diagnostic.Note("it is set before here", at: first)],
                        mend: "keep the one that is meant")
                }
                places[name.value] = name.range
            }
        }
        for name in env.exportedVariables { checkExport(name, report) }
    }

    private func checkForm(_ name: Marked<String>, in section: EnvironmentKey, _ report: DecodingReport) {
        if section == .variables, let key = EnvironmentKey(rawValue: name.value) {
            report.add(
                .misplacedKey, "`\(name.value)` in env/variables is a variable of that name", at: name.range,
                mend: "`\(key.rawValue)` belongs under `env`: check the indentation")
            return
        }
        guard !Self.isShellName(name.value), !name.value.isEmpty, !name.value.contains("=") else { return }
        report.add(
            .unusableVariableName, "no shell can read a variable named `\(name.value)`", at: name.range,
            mend: Self.nameMend(name.value))
    }

    private func checkExport(_ name: Marked<String>, _ report: DecodingReport) {
        if name.value.hasPrefix("AWS_") {
            report.add(
                .keyWithoutEffect, "variables that begin with AWS_ cannot be exported: `\(name.value)`",
                at: name.range, mend: "copy the value to a variable of another name and export that")
        } else if !Self.isShellName(name.value) {
            report.add(
                .unusableVariableName, "no variable can be named `\(name.value)`", at: name.range,
                mend: name.value.hasPrefix("$") ? "write the name without `$`" : Self.nameMend(name.value))
        }
    }

    /// What to write for a name that is none.
    private static func nameMend(_ name: String) -> String? {
        let section = KeySuggestion.forUnknownKey(name, in: EnvironmentKey.self)
        if case .belongsIn(let home) = section, name.contains("-") {
            return home.isEmpty ? "`\(name)` is a key of the top level" : "`\(name)` is a key of `\(home)`"
        }
        return "use letters, digits and underscores, beginning with no digit"
    }

    /// Whether a shell takes it for a name (POSIX, "Name").
    static func isShellName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy(isNameByte)
    }

    /// Whether a byte can be part of a name.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
        default: false
        }
    }
}
