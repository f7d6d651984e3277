import AWSAdapters
import AWSClient
import ArgumentParser
import FoundationEssentials
import Packaging
import SystemPackage

/// `buildspec package template`.
struct PackageTemplateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        // As in `RunCommand`.
        _superCommandName: "buildspec package",
        abstract: "Store a template's local code in a bucket, and write the template that names it there.",
        discussion: """
            What `aws cloudformation package` does, for CloudFormation and SAM: nested templates, AWS::Include, objects \
            named by their content. Comments and short forms stay as they are; what did not change is neither packed nor \
            uploaded again.

            Example:
              buildspec package template template.yaml --s3-bucket artifacts -o packaged.yaml
            """)

    @Argument(help: "The template, YAML or JSON.")
    var file: String

    @Option(
        name: [.short, .customLong("output"), .customLong("output-template-file")],
        help: "The file to write (default: standard output).")
    var output: String?

    @OptionGroup(title: "Bucket")
    var bucket: TemplateBucketOptions

    @Flag(help: "Write JSON.")
    var useJSON = false

    @Flag(
        help: "Package properties too that `aws cloudformation package` leaves alone, such as CodeS3Location."
    )
    var allProperties = false

    @OptionGroup(title: "AWS")
    var aws: AWSOptions

    func run() async throws {
        let environment = RunnerEnvironment.current
        let attributes = try bucket.attributes()
        var options = TemplatePackage.Options()
        options.prefix = bucket.s3Prefix ?? ""
        options.forcesUpload = bucket.forceUpload
        options.usesJSON = useJSON
        options.takesAllProperties = allProperties
        options.output = output == "-" ? nil : output.map { environment.absolute($0) }
        let job = TemplateJob(
            environment: environment, aws: AWSRequest(aws), bucket: bucket.s3Bucket, attributes: attributes,
            options: options)
        let (result, signal) = await Interruption.watch {
            [file] () -> Result<TemplatePackage.Result, CommandFailure> in
            do throws(CommandFailure) {
                return .success(try await job.run(file))
            } catch {
                return .failure(error)
            }
        }
        if let signal { throw CommandFailure(signal: signal) }
        try write(try result.get(), environment)
    }

    private func write(_ result: TemplatePackage.Result, _ environment: RunnerEnvironment) throws {
        for note in result.notes { Console.warning(note) }
        guard let output, output != "-" else {
            try Console.print(result.text)
            return
        }
        do throws(PackagingError) {
            try PrivateFile.write(result.text, to: environment.absolute(output))
        } catch {
            throw CommandFailure(error)
        }
        Console.note(
            "\(output): \(result.storedCount) uploaded to \(bucket.s3Bucket), \(result.unchangedCount) unchanged"
        )
    }
}

/// Where the code of a template goes, and what its objects carry.
struct TemplateBucketOptions: ParsableArguments {
    @Option(help: "The bucket.")
    var s3Bucket: String

    @Option(help: "What keys begin with, before a slash.")
    var s3Prefix: String?

    @Option(help: "A KMS key for the objects (default: SSE-S3).")
    var kmsKeyID: String?

    @Flag(help: "Upload objects that are there already.")
    var forceUpload = false

    @Option(help: "Metadata of all objects, NAME=VALUE[,NAME=VALUE...] or a JSON object (repeatable).")
    var metadata: [String] = []

    /// What objects carry.
    ///
    /// - Throws: ``CommandFailure`` with status `usage`.
    func attributes() throws(CommandFailure) -> ObjectAttributes {
        var attributes = ObjectAttributes()
        attributes.encryption = kmsKeyID.map { .kms(keyID: $0) } ?? .aes256
        for text in metadata {
            if text.hasPrefix("{") {
                guard let map = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) else {
                    throw .usage("--metadata \(text): expected a JSON object whose values are texts")
                }
                attributes.metadata.merge(map) { $1 }
                continue
            }
            for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let equals = pair.firstIndex(of: "="), equals > pair.startIndex else {
                    throw .usage("--metadata \(text): expected NAME=VALUE")
                }
                attributes.metadata[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
            }
        }
        return attributes
    }
}

/// One template, packaged into a bucket.
struct TemplateJob: Sendable {
    var environment: RunnerEnvironment
    var aws: AWSRequest
    var bucket: String
    var attributes: ObjectAttributes
    var options: TemplatePackage.Options

    /// Packages a template.
    ///
    /// - Throws: ``CommandFailure``
    func run(_ file: String) async throws(CommandFailure) -> TemplatePackage.Result {
        do {
            let template = try TemplatePackage(environment.absolute(file), named: file, options: options)
            guard template.needsStore else { return template.unstored() }
            let configuration = try AWSConfiguration(
                environment: environment.variables, overrides: aws.overrides)
            let temporary = environment.variables["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
            return try await package(template, configuration, environment.absolute(temporary))
        } catch let error as TemplateError {
            throw CommandFailure(error)
        } catch let error as AWSError {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.runner, "\(file): \(error)")
        }
    }

    private func package(
        _ template: TemplatePackage, _ configuration: AWSConfiguration, _ scratch: FilePath
    ) async throws(CommandFailure) -> TemplatePackage.Result {
        do {
            return try await template.readingCode(memory: memory) { reading in
                try await withAWSSession(configuration) { session in
                    let prefix = options.prefix.isEmpty ? "" : options.prefix + "/"
                    let store = try S3TemplateStore(
                        session: session, bucket: bucket, prefix: prefix, attributes: attributes)
                    return try await template.package(into: store, reading: reading, scratch: scratch)
                }
            }
        } catch let error as TemplateError {
            throw CommandFailure(error)
        } catch let error as AWSError {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        } catch {
            throw CommandFailure(.runner, "\(error)")
        }
    }

    /// Below the user's cache directory; none without a home.
    private var memory: CodeMemory? {
        let cache = environment.variables["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
        let home = environment.variables["HOME"].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
        return (cache ?? home?.appending(".cache")).map {
            CodeMemory($0.appending("buildspec").appending("packages"))
        }
    }
}

extension CommandFailure {
    /// A template that could not be packaged: what is wrong in it is the template's fault, the rest the runner's.
    init(_ error: TemplateError) {
        let status: Status =
            switch error.code {
            case .unreadable: .usage
            case .malformed, .missingPath, .endlessNesting, .unsuitable, .changed: .failed
            case .storeFailed, .unwritable, .cancelled: .runner
            }
        self.init(status, error.description, hint: error.hint)
    }
}
