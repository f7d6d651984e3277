import BuildEngine
import BuildProject
import Glibc
import SystemPackage

/// Where a build's buildspec is: what the command line says outweighs the project (behaviour reference, sections 1.1 and 10.8).
struct PlannedLocation {
    private let request: RunRequest
    private let source: SourcePlan
    private let environment: RunnerEnvironment

    init(_ request: RunRequest, _ source: SourcePlan, _ environment: RunnerEnvironment) {
        self.request = request
        self.source = source
        self.environment = environment
    }

    /// Finds it.
    /// - Throws: ``CommandFailure`` with status `usage` when the command line names a file that is not there, or there can be no
    ///   file at all.
    func find() throws(CommandFailure) -> BuildspecLocation {
        if let argument = request.buildspec { return try named(argument) }
        let location = inProject
        if source.kind == .none, location.needsSource {
            throw .usage(
                "--project: the project has no source and no inline buildspec",
                hint: "give SOURCE, or --buildspec")
        }
        return location
    }

    private var inProject: BuildspecLocation {
        switch request.project?.project.source?.buildspec {
        case .inline(let text): .inline(text: Array(text.utf8), name: "the project's buildspec")
        case .path(let path): .file(FilePath(path))
        case .object(let bucket, let key): .object(bucket: bucket, key: key)
        case nil: .defaultFile
        }
    }

    /// A path in the source, else a file of the working directory, else an error: the invocation names a missing file.
    private func named(_ argument: String) throws(CommandFailure) -> BuildspecLocation {
        if argument == "-" {
            do {
                return .inline(text: try SmallInputFile.read(FileDescriptor.standardInput), name: "<stdin>")
            } catch {
                throw .usage("--buildspec -: standard input: \(error)")
            }
        }
        let text = argument.hasPrefix("s3://") ? "arn:aws:s3:::" + argument.dropFirst(5) : argument
        switch ProjectBuildspec(text) {
        case .inline(let text): return .inline(text: Array(text.utf8), name: "--buildspec")
        case .object(let bucket, let key): return .object(bucket: bucket, key: key)
        case .path, nil: break
        }
        let path = FilePath(argument)
        // What an archive holds is known only when it is unpacked.
        if source.kind == .archive || source.kind == .remote, path.isRelative, access(argument, F_OK) != 0 {
            return .file(path)
        }
        if source.kind == .directory {
            let inside = path.isRelative ? source.path.pushing(path) : path.lexicallyNormalized()
            var rest = PlannedSources.resolved(inside)
            if access(rest.string, F_OK) == 0, rest.removePrefix(source.path) {
                return .file(path.isRelative ? path.lexicallyNormalized() : rest)
            }
        }
        let file = environment.absolute(argument)
        guard access(file.string, F_OK) == 0 else {
            throw .usage(
                "--buildspec \(argument): YAML file does not exist",
                hint: "the path is looked for in the source \(source.path) and in the working directory")
        }
        return .inline(text: try SmallInputFile.read(file, option: "--buildspec"), name: argument)
    }
}

extension BuildspecLocation {
    /// Whether it is a file of the source.
    fileprivate var needsSource: Bool {
        switch self {
        case .defaultFile, .file: true
        case .object, .inline: false
        }
    }
}
