public import Diagnostics
package import ShellScript
import YAMLTree

/// A buildspec text and all that can be said about it without asking a shell.
public struct CheckedBuildspec: Sendable {
    /// What could be read of it, also when there are errors; nil when the text has no structure at all.
    ///
    /// For further checks only: with an error among the diagnostics CodeBuild would not run it.
    package var readable: Buildspec?
    /// Complaints in the order of their places.
    public var diagnostics: [Diagnostic]

    /// The commands, in document order; none when they are not for a POSIX shell.
    package var commands: [CheckedCommand] = []

    /// The text.
    package let text: [UInt8]
    private let template: TemplateReading
    private let plain: [Diagnostic]

    /// Bytes of the longest text that is read.
    package static let longestText = YAMLLimits.standard.bytes

    /// Reads and checks a text: its structure, and what is well formed and yet probably not meant.
    ///
    /// Never throws and never traps, and takes time in proportion to the text.
    public init(_ text: [UInt8]) {
        self.text = text
        let report = DecodingReport(text: text)
        let reading: TolerantReading
        do throws(YAMLError) {
            reading = try TolerantReading(of: text)
        } catch {
            template = TemplateReading(of: [], commands: nil)
            report.add(error.diagnostic)
            if error.code != .tooLarge { report.addSecretsOfKnownForm() }
            plain = SecretSearch.marking(report.diagnostics, of: text, nil)
            diagnostics = plain
            return
        }
        let decoding = DecodingReport(text: reading.text)
        let buildspec = Buildspec.decode(reading.document, decoding)
        guard reading.faults.isEmpty else {
            report.addSecretsOfKnownForm()
            template = TemplateReading(of: text, commands: nil)
            let all = reading.merged(with: decoding.diagnostics + report.diagnostics)
            let told =
                template.unreadable(because: reading.faults[0]).map { [$0] + report.diagnostics } ?? all
            plain = SecretSearch.marking(told, of: text, buildspec)
            diagnostics = plain
            return
        }
        decoding.addSecretsOfKnownForm()
        readable = buildspec
        commands = readable?.applyRules(decoding) ?? []
        template = TemplateReading(of: text, commands: readable?.allCommands.map { $0.0.range })
        plain = decoding.diagnostics
        diagnostics = SecretSearch.marking(template.condense(plain), of: text, buildspec)
    }

    /// The same with what others found out, in the order of the places.
    package func adding(_ further: [Diagnostic]) -> CheckedBuildspec {
        guard !further.isEmpty else { return self }
        var result = self
        let all = (plain + further).enumerated().sorted { left, right in
            let leftOffset = left.element.range?.start.offset ?? .max
            let rightOffset = right.element.range?.start.offset ?? .max
            return (leftOffset, left.offset) < (rightOffset, right.offset)
        }
        result.diagnostics = SecretSearch.marking(template.condense(all.map(\.element)), of: text, readable)
        return result
    }
}

/// A command of a buildspec that a shell can be asked about.
package struct CheckedCommand: Sendable {
    /// The text, and where it is written.
    package let command: Marked<String>
    /// The phase.
    package let phase: Phase.Name
    /// Whether it stands under `finally`, not under `commands`.
    package let isFinally: Bool
    /// How it can be put before a shell.
    package let shape: CommandShape

    /// Where a stretch of the command is written.
    ///
    /// - Parameters:
    ///   - bytes: the stretch, in UTF-8 offsets of the command.
    ///   - text: the text of the buildspec.
    /// - Returns: the place; that of the whole command when it came through an alias.
    package func range(of bytes: Range<Int>, in text: [UInt8]) -> SourceRange {
        var places = ScalarPlaces(of: command, in: text)
        return places.range(of: bytes)
    }
}

extension Diagnostic {
    /// What is said about a text that is too large to be read.
    package static var textTooLarge: Diagnostic { YAMLError.tooLarge(.standard).diagnostic }
}
