import AWSAdapters
import AWSClient
import Packaging
import SystemPackage

/// One template, packaged into a bucket.
struct TemplateJob: Sendable {
    var request: TemplateRequest
    var environment: RunnerEnvironment
    /// The bucket, if it can be asked already.
    var ahead: BucketAhead?

    /// Packages the template.
    ///
    /// - Throws: ``CommandFailure``
    func run() async throws(CommandFailure) -> TemplatePackage.Result {
        do {
            let template = try TemplatePackage(
                environment.absolute(request.file), named: request.file, options: options)
            guard template.needsStore else { return template.unstored() }
            return try await template.readingCode(memory: memory) { reading in
                try await withStore(ahead) { store, asked in
                    try await template.package(
                        into: store, asked: asked, reading: reading, scratch: scratch)
                }
            }
        } catch let error as TemplateError {
            throw CommandFailure(error)
        } catch let error as AWSError {
            let isWrong = error.kind == .invalidArgument || error.kind == .configuration
            throw CommandFailure(isWrong ? .usage : .runner, error.description, hint: error.hint)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.runner, "\(request.file): \(error)")
        }
    }

    private func withStore<R>(
        _ ahead: BucketAhead?, _ body: (S3TemplateStore, StoreListing?) async throws -> R
    ) async throws -> R {
        if let ahead {
            return try await body(
                try S3TemplateStore(session: ahead.session, request: request), ahead.listing)
        }
        let configuration = try AWSConfiguration(
            environment: environment.variables, overrides: request.place)
        return try await withAWSSession(configuration) { session in
            try await body(try S3TemplateStore(session: session, request: request), nil)
        }
    }

    private var options: TemplatePackage.Options {
        var options = TemplatePackage.Options()
        options.prefix = request.prefix
        options.forcesUpload = request.forcesUpload
        options.usesJSON = request.usesJSON
        options.takesAllProperties = request.takesAllProperties
        options.level = request.level
        options.output = request.output == "-" ? nil : request.output.map { environment.absolute($0) }
        return options
    }

    private var scratch: FilePath {
        environment.absolute(environment.variables["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp")
    }

    /// Below the user's cache directory; none without a home.
    private var memory: CodeMemory? {
        let templates = environment.absolute(request.file).removingLastComponent()
        return environment.cacheDirectory.map { CodeMemory($0.appending("packages"), of: templates) }
    }
}

extension CommandFailure {
    /// A template that could not be packaged: what is wrong in it is the template's fault, the rest the runner's.
    init(_ error: TemplateError) {
        let status: Status =
            switch error.code {
            case .unreadable, .unusableStore: .usage
            case .malformed, .missingPath, .endlessNesting, .unsuitable, .changed: .failed
            case .storeFailed, .unwritable, .cancelled: .runner
            }
        self.init(status, error.description, hint: error.hint)
    }
}
