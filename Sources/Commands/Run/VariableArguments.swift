import BuildProject
import Sandbox
import SystemPackage

/// `--env-file` and `--env`: later ones win, and `--env` wins over files.
enum VariableArguments {
    /// Reads them all.
    /// - Throws: ``CommandFailure`` with status `usage`, naming file and line; values are never shown.
    static func read(
        _ options: SourceOptions, _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> [ProjectVariable] {
        var variables: [ProjectVariable] = []
        for file in options.envFile {
            for variable in try read(file: file, environment) { set(variable, in: &variables) }
        }
        for argument in options.variables {
            guard let variable = parse(argument) else {
                // Without a `=` the word may be the value.
                let name = argument.unicodeScalars.firstIndex(of: "=").map { " " + argument[..<$0] } ?? ""
                throw .usage("--env\(name): expected NAME=VALUE")
            }
            set(variable, in: &variables)
        }
        return variables
    }

    private static func set(_ variable: ProjectVariable, in variables: inout [ProjectVariable]) {
        variables.removeAll { $0.name == variable.name }
        variables.append(variable)
    }

    private static func parse(_ text: String) -> ProjectVariable? {
        // Scalars, because a value may begin with a combining mark.
        guard let equals = text.unicodeScalars.firstIndex(of: "=") else { return nil }
        let name = String(text[..<equals])
        guard ShellQuoting.isVariableName(name) else { return nil }
        return ProjectVariable(name: name, value: String(text.unicodeScalars[equals...].dropFirst()))
    }

    /// `NAME=VALUE` lines; quotes are part of the value, as with CodeBuild's local agent (reference, section 13.1).
    private static func read(
        file: String, _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> [ProjectVariable] {
        let content = try SmallInputFile.read(environment.absolute(file), option: "--env-file")
        var variables: [ProjectVariable] = []
        let lines = String(decoding: content, as: UTF8.self).split(omittingEmptySubsequences: false) {
            $0 == "\n" || $0 == "\r\n"
        }
        for (index, line) in lines.enumerated() {
            let text = line.drop { $0 == " " || $0 == "\t" }
            if text.isEmpty || text.hasPrefix("#") { continue }
            guard let variable = parse(String(text)) else {
                throw .usage("--env-file \(file): line \(index + 1): expected NAME=VALUE")
            }
            variables.append(variable)
        }
        return variables
    }
}

/// Files named on the command line that are read whole.
enum SmallInputFile {
    private static let limit = 4 << 20

    /// Reads a file of at most 4 MiB.
    /// - Throws: ``CommandFailure`` with status `usage` when it cannot be read.
    static func read(_ path: FilePath, option: String) throws(CommandFailure) -> [UInt8] {
        do {
            return try read(FileDescriptor.open(path, .readOnly, options: .closeOnExec))
        } catch let error as Errno {
            throw .usage("\(option) \(path): \(error.description)")
        } catch {
            throw .usage("\(option) \(path): \(error)")
        }
    }

    /// Reads an open file to its end, and closes it.
    /// - Throws: `Errno`; `fileTooLarge` beyond 4 MiB.
    static func read(_ file: FileDescriptor) throws -> [UInt8] {
        defer { try? file.close() }
        var content: [UInt8] = []
        while content.count <= limit {
            let chunk = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if chunk.isEmpty { return content }
            content += chunk
        }
        throw Errno.fileTooLarge
    }
}
