import BuildEngine
import Buildspec
import Diagnostics
import Glibc
import SystemPackage

/// The buildspec of a plan, as far as it can be read before the build begins.
enum PlannedBuildspec {
    /// Reads and decodes it; nil for an archive, which is unpacked only by the build.
    /// - Throws: ``CommandFailure`` with status `failed` when there is none or it is invalid, all told.
    static func read(_ planner: BuildPlanner) throws(CommandFailure) -> Buildspec? {
        let text: [UInt8]
        let name: String
        switch planner.buildspec {
        case .object: return nil
        case .inline(let given, let givenName): (text, name) = (given, givenName)
        case .file(let path):
            guard planner.source.kind == .directory else { return nil }
            (text, name) = (try read(planner.source.path.pushing(path)), path.string)
        case .defaultFile:
            guard planner.source.kind == .directory else { return nil }
            let names = ["buildspec.yml", "buildspec.yaml"]
            guard
                let found = names.first(where: { access(planner.source.path.appending($0).string, F_OK) == 0 }
                )
            else { throw CommandFailure(.failed, "\(planner.source.path): YAML file does not exist") }
            (text, name) = (try read(planner.source.path.appending(found)), found)
        }
        let decoded = Buildspec.decode(text)
        let renderer = DiagnosticRenderer(
            fileName: name, text: text, style: Console.isColourful ? .coloured : .plain)
        Console.err(renderer.render(decoded.diagnostics.filter { $0.severity >= .warning }))
        guard let buildspec = decoded.buildspec else { throw CommandFailure(.failed) }
        return buildspec
    }

    private static func read(_ path: FilePath) throws(CommandFailure) -> [UInt8] {
        do {
            // Non-blocking, so that a pipe in place of the file is no reason to wait.
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
            return try SmallInputFile.read(file)
        } catch {
            throw CommandFailure(.failed, "\(path): \(error)")
        }
    }
}
