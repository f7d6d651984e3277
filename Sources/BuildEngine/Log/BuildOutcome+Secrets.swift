import Diagnostics
import Masking

extension BuildOutcome {
    /// The outcome with every text in it that a build can have put a secret into masked like the log.
    func hiding(_ secrets: SecretSet) -> BuildOutcome {
        var hidden = self
        hidden.record = record.hiding(secrets)
        hidden.warnings = warnings.map { secrets.masked($0) }
        hidden.runnerFailure?.reason.hide(secrets)
        hidden.runnerFailure?.action.hide(secrets)
        hidden.runnerFailure?.hint?.hide(secrets)
        for index in hidden.diagnostics.indices {
            hidden.diagnostics[index].message.hide(secrets)
            hidden.diagnostics[index].mend?.hide(secrets)
            for note in hidden.diagnostics[index].notes.indices {
                hidden.diagnostics[index].notes[note].message.hide(secrets)
            }
        }
        if !diagnostics.isEmpty { hidden.buildspecText = Self.hide(secrets, inLinesOf: buildspecText) }
        return hidden
    }

    /// Line by line, so that excerpts stay where diagnostics say they are.
    private static func hide(_ secrets: SecretSet, inLinesOf text: [UInt8]) -> [UInt8] {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return Array(
            lines.map { line in
                var masker = StreamMasker(secrets: secrets)
                var visible: [UInt8] = []
                masker.feed(Array(line), into: &visible)
                masker.finish(into: &visible)
                return visible
            }.joined(separator: [UInt8(ascii: "\n")]))
    }
}

extension BuildRecord {
    /// The record with the values of variables masked like the log; contexts are masked when they are made.
    ///
    /// Addresses of artifacts stay as they are: what was stored must be found again.
    func hiding(_ secrets: SecretSet) -> BuildRecord {
        var hidden = self
        for index in exportedEnvironmentVariables.indices {
            hidden.exportedEnvironmentVariables[index].value.hide(secrets)
        }
        for index in environment.environmentVariables.indices {
            hidden.environment.environmentVariables[index].value.hide(secrets)
        }
        return hidden
    }
}

extension String {
    fileprivate mutating func hide(_ secrets: SecretSet) {
        self = secrets.masked(self)
    }
}
