import Buildspec
import Diagnostics
import Glibc
import Testing

/// A file under `Cases`: `<verdict>/<name>.yml`, and beside it `<name>.txt` with everything that is printed about it.
///
/// To see what changed after a deliberate change of wording, run the tests with `RECORD_CASES=1`, which writes the `.txt`
/// files anew, and read the difference.
struct BehaviourCase: Sendable, CustomTestStringConvertible {
    /// The directories of `Cases`.
    enum Verdict: String, CaseIterable, Sendable {
        /// There is an error and no model.
        case refused
        /// There is a model, and something to say about it: warnings, or remarks alone.
        case warned
        /// There is a model, and nothing to say.
        case accepted
    }

    let verdict: Verdict
    let name: String

    var testDescription: String { "\(verdict.rawValue)/\(name)" }

    private static var directory: String {
        "\(#filePath)".dropLast("BehaviourCase.swift".count) + "Cases/"
    }

    static let all: [BehaviourCase] = Verdict.allCases.flatMap { verdict in
        names(in: directory + verdict.rawValue).compactMap { name in
            name.hasSuffix(".yml") ? BehaviourCase(verdict: verdict, name: String(name.dropLast(4))) : nil
        }
    }

    var text: [UInt8] { Self.read(Self.directory + testDescription + ".yml") ?? [] }

    var expectation: String {
        String(decoding: Self.read(Self.directory + testDescription + ".txt") ?? [], as: UTF8.self)
    }

    /// What is printed about the file.
    var rendering: String {
        DiagnosticRenderer(fileName: name + ".yml", text: text).render(CheckedBuildspec(text).diagnostics)
    }

    /// Writes what is printed now as what is expected from now on; only on demand.
    func recordIfAsked() {
        guard getenv("RECORD_CASES") != nil else { return }
        let path = Self.directory + testDescription + ".txt"
        guard !rendering.isEmpty else { return }
        guard let file = fopen(path, "wb") else { return }
        fputs(rendering, file)
        fclose(file)
    }

    private static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names.sorted()
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return text }
            text += buffer[..<count]
        }
    }
}
