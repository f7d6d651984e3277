import FoundationEssentials
import SystemPackage

extension BuildRecord {
    /// The record as JSON text with sorted keys.
    /// - Throws: ``RunnerFailure`` when it cannot be encoded, which no record should be the cause of.
    package func encoded() throws(RunnerFailure) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        } catch {
            throw RunnerFailure("encode the build record", "\(error)")
        }
    }

    /// Ends the record of a build whose runner was killed: FAULT, because nobody knows how it would have ended.
    static func markAbandoned(at file: FilePath) {
        guard let content = try? Data(contentsOf: URL(filePath: file.string)),
            var record = try? JSONDecoder().decode(BuildRecord.self, from: content), !record.buildComplete
        else { return }
        record.buildStatus = .fault
        record.currentPhase = .completed
        record.buildComplete = true
        guard let text = try? record.encoded() else { return }
        try? AtomicFile.write(text, to: file)
    }
}
