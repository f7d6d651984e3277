import AWSClient
import Packaging
import SystemPackage

/// What `buildspec package template` is asked to do.
struct TemplateRequest: Sendable, Equatable {
    /// The template.
    var file: String
    /// The bucket.
    var bucket: String
    /// The file to write; nil and `-` are standard output.
    var output: String?
    /// What keys begin with, before a slash; empty for nothing.
    var prefix = ""
    /// Encryption and metadata of the objects.
    var attributes = ObjectAttributes()
    /// Whether objects are stored again that are there already.
    var forcesUpload = false
    /// Whether the result is JSON.
    var usesJSON = false
    /// Whether properties are packaged that the AWS CLI leaves alone.
    var takesAllProperties = false
    /// How much zips are compressed, from 1 to 12.
    var level = TemplatePackage.Options.defaultLevel
    /// Where AWS is, and as whom it is asked.
    var place = AWSConfiguration.Overrides()

    /// A request for a template, with the values that are used where nothing is said.
    init(file: String, bucket: String) {
        self.file = file
        self.bucket = bucket
        attributes.encryption = .aes256
    }

    /// Packages the template, and writes it.
    ///
    /// - Throws: ``CommandFailure``
    func run() async throws(CommandFailure) {
        try await begin()()
    }

    /// Begins to ask the bucket.
    ///
    /// - Returns: what packages the template and writes the result.
    /// - Throws: ``CommandFailure``
    func begin() throws(CommandFailure) -> @Sendable () async throws(CommandFailure) -> Void {
        let environment = RunnerEnvironment.current
        if let output { _ = try environment.outputPath(output) }
        // Here, where no thread has to be woken for it: the answer takes longest of all.
        let job = TemplateJob(
            request: self, environment: environment,
            ahead: BucketAhead.begin(self, environment: environment))
        return { () async throws(CommandFailure) in
            let (result, signal) = await Interruption.watch {
                () -> Result<TemplatePackage.Result, CommandFailure> in
                do throws(CommandFailure) {
                    return .success(try await job.run())
                } catch {
                    return .failure(error)
                }
            }
            if let signal { throw CommandFailure(signal: signal) }
            try write(try result.get(), environment)
        }
    }

    private func write(
        _ result: TemplatePackage.Result, _ environment: RunnerEnvironment
    ) throws(CommandFailure) {
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
            "\(output): \(result.storedCount) uploaded to \(bucket), \(result.unchangedCount) unchanged")
    }
}

extension TemplateRequest {
    /// Reads arguments of the plainest kind: each option with its full name and once, and its value as the next word.
    ///
    /// The parser, which reads all kinds, needs longer than everything else together where no code has changed. What is
    /// not understood here, or may be wrong, is left to it.
    ///
    /// - Parameter arguments: those of the process, without its name; nil for another command, and for all that is not plain.
    init?(plain arguments: ArraySlice<String>) {
        guard arguments.starts(with: ["package", "template"]) else { return nil }
        var rest = arguments.dropFirst(2)
        var options: [String: String] = [:]
        var flags: Set<String> = []
        var files: [String] = []
        while let word = rest.popFirst() {
            if !word.hasPrefix("-") {
                files.append(word)
            } else if Self.flags.contains(word), flags.insert(word).inserted {
                continue
            } else if Self.options.contains(word), let value = rest.popFirst(), !value.hasPrefix("-"),
                options.updateValue(value, forKey: word) == nil
            {
                continue
            } else {
                return nil
            }
        }
        guard files.count == 1, let bucket = options["--s3-bucket"] else { return nil }
        self.init(file: files[0], bucket: bucket)
        let outputs = ["-o", "--output", "--output-template-file"].compactMap { options[$0] }
        guard outputs.count < 2 else { return nil }
        output = outputs.first
        prefix = options["--s3-prefix"] ?? ""
        if let key = options["--kms-key-id"] { attributes.encryption = .kms(keyID: key) }
        forcesUpload = flags.contains("--force-upload")
        usesJSON = flags.contains("--use-json")
        takesAllProperties = flags.contains("--all-properties")
        place.region = options["--region"]
        place.profile = options["--profile"]
        place.endpointURL = options["--endpoint-url"]
        place.roleARN = options["--role-arn"]
        place.externalID = options["--external-id"]
    }

    private static let flags: Set<String> = ["--force-upload", "--use-json", "--all-properties"]
    private static let options: Set<String> = [
        "--s3-bucket", "--s3-prefix", "--kms-key-id", "-o", "--output", "--output-template-file", "--region",
        "--profile", "--endpoint-url", "--role-arn", "--external-id",
    ]
}
