import Diagnostics
import ShellScript

/// References to variables where CodeBuild expands nothing (behaviour reference, section 1.4).
struct LiteralDollars: BuildspecRule {
    init(_: Buildspec) {}

    /// More references than this are told of together.
    private static let manyReferences = 4

    func finish(_ buildspec: Buildspec, _ report: DecodingReport) {
        let all = (buildspec.env.variables + buildspec.env.parameterStore).filter { entry in
            Self.reference(in: entry.value.value) != nil
        }
        guard all.count <= Self.manyReferences else { return addAll(all, report) }
        for variable in buildspec.env.variables {
            guard let reference = Self.reference(in: variable.value.value) else { continue }
            let isSelf = reference == "$\(variable.name.value)" || reference == "${\(variable.name.value)}"
            report.add(
                .literalDollar,
                "`\(reference)` in env/variables stays as it is: CodeBuild expands nothing there",
                at: variable.value.range,
                mend: isSelf
                    ? "remove the line: a variable of the project reaches the commands by itself"
                    : "set the variable in a command: `\(variable.name.value)=…`")
        }
        for parameter in buildspec.env.parameterStore {
            guard let reference = Self.reference(in: parameter.value.value) else { continue }
            report.add(
                .literalDollar, "`\(reference)` in the name of a parameter is not expanded",
                at: parameter.value.range,
                mend:
                    "write the name out, or read it in a command: `aws ssm get-parameter --with-decryption …`"
            )
        }
    }

    private func addAll(_ entries: [NamedValue<String>], _ report: DecodingReport) {
        guard let first = entries.first, let reference = Self.reference(in: first.value.value) else { return }
        report.add(
            .literalDollar,
            "`\(reference)` and \(entries.count - 1) more references under env stay as they are: CodeBuild expands "
                + "nothing there",
            at: first.value.range,
            notes: entries.dropFirst().prefix(10).map { Diagnostic.Note("and here", at: $0.value.range) },
            mend: "set the variables in commands, or fill the template in before the build")
    }

    /// The first `$NAME`, `${NAME…}` or `$(…)` in a value, shortened.
    private static func reference(in value: String) -> String? {
        let bytes = Array(value.utf8)
        for index in bytes.indices where bytes[index] == UInt8(ascii: "$") {
            guard index + 1 < bytes.count else { return nil }
            switch bytes[index + 1] {
            case UInt8(ascii: "{"):
                guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")), end > index + 2 else {
                    continue
                }
                return shortened(bytes[index...end])
            case UInt8(ascii: "("):
                guard let end = bytes[index...].firstIndex(of: UInt8(ascii: ")")) else { continue }
                return shortened(bytes[index...end])
            case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"):
                let name = bytes[(index + 1)...].prefix { VariableNames.isNameByte($0) }
                return shortened(bytes[index..<name.endIndex])
            default: continue
            }
        }
        return nil
    }

    private static func shortened(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.count <= 40
            ? String(decoding: bytes, as: UTF8.self) : String(decoding: bytes.prefix(40), as: UTF8.self) + "…"
    }
}
