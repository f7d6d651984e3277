import AWSClient
import ArgumentParser
import FoundationEssentials
import Packaging

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

    @Option(help: "Compression from 1 (fastest) to 12 (smallest).")
    var level: Int = TemplatePackage.Options.defaultLevel

    @OptionGroup(title: "AWS")
    var aws: AWSOptions

    func run() async throws {
        try await request().run()
    }

    /// What was asked for.
    ///
    /// - Throws: ``CommandFailure`` with status `usage`.
    func request() throws(CommandFailure) -> TemplateRequest {
        var request = TemplateRequest(file: file, bucket: bucket.s3Bucket)
        request.output = output
        request.prefix = bucket.s3Prefix ?? ""
        request.attributes = try bucket.attributes()
        request.forcesUpload = bucket.forceUpload
        request.usesJSON = useJSON
        request.takesAllProperties = allProperties
        request.level = try ZipLevel.checked(level)
        request.place = AWSRequest(aws).overrides
        return request
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
            guard let pairs = MetadataShorthand.pairs(of: text) else {
                throw .usage(
                    "--metadata \(text): expected NAME=VALUE, with quotes around a value that has commas")
            }
            attributes.metadata.merge(pairs) { $1 }
        }
        return attributes
    }
}
