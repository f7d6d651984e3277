import AWSAdapters
import AWSClient
import Archiving
import ArgumentParser
import BuildEngine
import Envelope
import Glibc
import SystemPackage

/// `buildspec artifact open`.
struct ArtifactOpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Fetch, verify, decrypt and unpack one artifact.",
        discussion: """
            Example:
              buildspec artifact open .buildspec/artifacts/app.zip.enc -o out
              buildspec artifact open s3://artifacts/app.zip -o out
            """)

    @Argument(help: "A file, or s3://BUCKET/KEY.")
    var location: String

    @Option(name: .shortAndLong, help: "A directory that does not exist yet, or is empty.")
    var output: String

    @OptionGroup(title: "Encryption")
    var opening: OpeningOptions
    @OptionGroup var aws: AWSOptions

    func run() async throws {
        let environment = RunnerEnvironment.current
        let target = environment.absolute(output)
        let request = try opening.request(environment)
        try Self.checkTarget(target)
        let (result, signal) = await Interruption.watch { [self] () -> Result<Void, CommandFailure> in
            do throws(CommandFailure) {
                try await PrivateDirectory.with(beside: target) { scratch async throws(CommandFailure) in
                    let opener = ArtifactOpener(
                        request: request, environment: environment, aws: AWSRequest(aws),
                        scratch: scratch)
                    try await opener.open(location, into: target)
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        if let signal { throw CommandFailure(signal: signal) }
        try result.get()
    }

    /// Tells early what the unpacker would refuse after the download.
    private static func checkTarget(_ target: FilePath) throws(CommandFailure) {
        guard let directory = opendir(target.string) else {
            guard errno == ENOENT else {
                throw .usage("--output \(target): \(Errno(rawValue: errno).description)")
            }
            return
        }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        guard count <= 2 else {
            throw .usage(
                "--output \(target): the directory is not empty", hint: "choose a new or an empty directory")
        }
    }
}
