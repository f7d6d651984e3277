import AWSAdapters
import ArgumentParser
import BuildEngine
import Glibc
import Packaging
import SystemPackage

/// `buildspec package lambda`.
struct PackageLambdaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lambda",
        abstract: "Make a reproducible Lambda deployment package.",
        discussion: """
            Sorted entries, normalised modes, one fixed time (SOURCE_DATE_EPOCH, else 1980-01-01): the same content makes
            the same bytes on every machine.

            Example:
              buildspec package lambda src -o function.zip
            """)

    @Argument(help: "The directory that becomes the package's root.")
    var directory: String

    @Option(name: .shortAndLong, help: "The zip file.")
    var output: String

    @Option(help: "A pattern of what goes in, by the rules of artifacts/files (repeatable; default **/*).")
    var include: [String] = []

    @Option(help: "A pattern of what stays out, by the rules of exclude-paths (repeatable).")
    var exclude: [String] = []

    func run() async throws {
        let environment = RunnerEnvironment.current
        let source = environment.absolute(directory)
        var status = stat()
        guard stat(source.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw CommandFailure.usage("\(directory): it is not a directory")
        }
        let target = environment.absolute(output)
        let package = LambdaPackage(
            directory: source, include: include.isEmpty ? ["**/*"] : include, exclude: exclude,
            time: try Self.time(environment))
        let summary: LambdaPackage.Summary
        do throws(PackagingError) {
            summary = try package.write(to: target)
        } catch {
            throw CommandFailure(error)
        }
        let digest = try await CryptoContentHasher().base64SHA256(of: target)
        Console.note(
            "\(output): \(summary.entryCount) entries, \(summary.byteCount) bytes, CodeSha256 \(digest)")
    }

    private static func time(_ environment: RunnerEnvironment) throws(CommandFailure) -> Int64 {
        guard let text = environment.variables["SOURCE_DATE_EPOCH"], !text.isEmpty else {
            return LambdaPackage.defaultTime
        }
        guard let time = Int64(text), time >= 0 else {
            throw .usage("SOURCE_DATE_EPOCH \(text): expected seconds since 1970")
        }
        return time
    }
}
