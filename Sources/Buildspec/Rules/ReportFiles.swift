import Diagnostics
import ShellScript

/// Reports whose files no command seems to write.
///
/// Only a hint: test runners write by their own configuration. Nothing is said where a command names a part of the
/// pattern, or runs a tool whose reports have a place of their own.
struct ReportFiles: BuildspecRule {
    /// Beginnings of paths that tools write without being told, and the tools.
    private static let usual: [(directory: String, tools: [String])] = [
        ("surefire-reports", ["mvn", "mvnw"]), ("failsafe-reports", ["mvn", "mvnw"]),
        ("target", ["mvn", "mvnw", "sbt"]),
        ("test-results", ["gradle", "gradlew"]), ("build", ["gradle", "gradlew"]),
        ("TestResults", ["dotnet"]),
        ("coverage", ["npm", "npx", "yarn", "jest", "pnpm", "bundle", "rspec", "rake"]),
    ]

    private let parts: [(group: String, parts: Set<String>)]
    private var found: Set<String> = []
    private var tools: Set<String> = []
    private var hasCommands = false

    init(_ buildspec: Buildspec) {
        parts = buildspec.reports.prefix(Report.groupLimit).map { report in
            var parts: Set<String> = []
            for file in report.files + [report.baseDirectory].compactMap(\.self) {
                parts.formUnion(Self.parts(of: file.value))
            }
            return (report.group.value, parts)
        }
    }

    mutating func visit(_ command: ScannedCommand, _: DecodingReport) {
        guard !parts.isEmpty else { return }
        hasCommands = true
        for simple in command.scan.simpleCommands {
            if let name = simple.name?.split(separator: "/").last { tools.insert(String(name)) }
        }
        for (group, parts) in parts where !found.contains(group) {
            if parts.contains(where: { command.command.value.contains($0) }) { found.insert(group) }
        }
    }

    func finish(_ buildspec: Buildspec, _ report: DecodingReport) {
        guard hasCommands else { return }
        for (entry, group) in zip(parts, buildspec.reports)
        where !found.contains(entry.group) && !entry.parts.isEmpty {
            let isUsual = Self.usual.contains { usual in
                group.files.contains { $0.value.contains(usual.directory) }
                    && usual.tools.contains { tools.contains($0) }
                    || group.baseDirectory?.value.contains(usual.directory) == true
                        && usual.tools.contains { tools.contains($0) }
            }
            guard !isUsual, let file = group.files.first else { continue }
            let directory = group.baseDirectory.map { $0.value + "/" } ?? ""
            report.add(
                .reportNeverWritten, "no command of this file names `\(directory)\(file.value)`",
                at: file.range,
                mend: "check that the tests write it there; a report without files fails the build")
        }
    }

    /// The literal parts of a pattern that a command would name.
    private static func parts(of pattern: String) -> [String] {
        pattern.split(separator: "/").map { part in
            String(part.prefix { $0 != "*" && $0 != "?" && $0 != "[" && $0 != "$" })
        }.filter { $0.utf8.count > 2 }
    }
}
