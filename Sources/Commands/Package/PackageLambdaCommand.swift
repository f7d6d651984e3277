import AWSAdapters
import Archiving
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
            Sorted entries, normalised modes (0644, 0755), one fixed time (SOURCE_DATE_EPOCH, else 1980-01-01): the same
            content makes the same bytes on every machine. Links are kept as links. What .lambdaignore in the directory
            lists, by the rules of .gitignore, stays out.

            Files that look like secrets are refused, and packages of more than 250 MiB unpacked. --handler looks for the
            function, --architecture at native libraries.

            Example:
              buildspec package lambda src -o function.zip --runtime python3.13 --handler app.handler
            """)

    @Argument(help: "The directory that becomes the package's root.")
    var directory: String

    @Option(name: .shortAndLong, help: "The zip file; - is standard output.")
    var output: String?

    @OptionGroup(title: "Content") var content: LambdaContentOptions

    @OptionGroup(title: "Checks") var checks: LambdaCheckOptions

    func run() async throws {
        let environment = RunnerEnvironment.current
        guard !directory.isEmpty else { throw CommandFailure.usage("the directory's name is empty") }
        let source = environment.absolute(directory)
        var status = stat()
        guard stat(source.string, &status) == 0 else {
            throw CommandFailure.usage("\(directory): \(Errno(rawValue: errno))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw CommandFailure.usage("\(directory): it is not a directory")
        }
        let package = LambdaPackage(
            directory: source, include: content.include.isEmpty ? ["**/*"] : content.include,
            exclude: content.exclude, time: try Self.time(environment),
            level: try ZipLevel.checked(content.level),
            layer: try content.layerKind(besides: checks), checks: try checks.values())
        guard !content.list else { return try list(package, environment) }
        guard let output else { throw CommandFailure.usage("-o is missing: name the zip file") }
        let target = try environment.outputPath(output)
        let (result, signal) = await Interruption.watch { Self.write(package, to: target) }
        if let signal { throw CommandFailure(signal: signal) }
        let (summary, digest) = try result.get()
        for warning in summary.warnings { Console.warning("\(output): \(warning)") }
        Console.note(
            "\(output): \(summary.entryCount) entries, \(summary.byteCount) bytes, CodeSha256 \(digest)")
    }

    /// Writes the package and hashes it, as Lambda will.
    private static func write(
        _ package: LambdaPackage, to target: FilePath
    ) -> Result<(LambdaPackage.Summary, codeSHA256: String), CommandFailure> {
        let hash = RunningCodeSHA256()
        do throws(PackagingError) {
            let summary = try package.write(to: target, bytes: hash.update)
            return .success((summary, hash.base64()))
        } catch {
            return .failure(CommandFailure(error))
        }
    }

    private func list(
        _ package: LambdaPackage, _ environment: RunnerEnvironment
    ) throws(CommandFailure) {
        let target = try output.map { output throws(CommandFailure) in try environment.outputPath(output) }
        let (names, warnings): ([EntryName], [String])
        do throws(PackagingError) {
            (names, warnings) = try package.names(besides: target)
        } catch {
            throw CommandFailure(error)
        }
        for warning in warnings { Console.warning("\(directory): \(warning)") }
        var text: [UInt8] = []
        text.reserveCapacity(names.reduce(0) { $0 + $1.bytes.count + 1 })
        for name in names {
            text += name.bytes
            text.append(UInt8(ascii: "\n"))
        }
        try Console.print(text)
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
