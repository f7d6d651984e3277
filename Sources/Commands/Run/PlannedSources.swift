import BuildEngine
import BuildProject
import Glibc
import SystemPackage

/// The sources of a build: what the command line names, what the project names, and where nothing is.
struct PlannedSources {
    /// The primary source.
    let primary: SourcePlan
    /// Secondary sources by identifier.
    let secondary: [(identifier: String, source: SourcePlan)]
    /// The directory that `.buildspec` is in.
    let base: FilePath
    /// A name for a build without a project: that of the source.
    let name: String

    /// Looks at what the request names.
    /// - Throws: ``CommandFailure`` with status `usage` when something named is not there.
    init(_ request: RunRequest, _ environment: RunnerEnvironment) throws(CommandFailure) {
        let planning = Planning(request: request, environment: environment)
        primary = try planning.primary()
        secondary = try planning.secondary()
        switch primary.kind {
        case .directory: base = primary.path
        case .archive: base = primary.path.removingLastComponent()
        case .none: base = environment.workingDirectory
        case .remote:
            // A version of a directory here leaves its builds there.
            let local = FilePath(request.source ?? "")
            base =
                request.source != nil && planning.isDirectory(local)
                ? Self.resolved(environment.absolute(local.string)) : environment.workingDirectory
        }
        name = Self.projectName(primary)
    }

    /// One request, looked at from all sides.
    private struct Planning {
        var request: RunRequest
        var environment: RunnerEnvironment

        private var wanted: ProjectSource? { request.project?.project.source }

        func primary() throws(CommandFailure) -> SourcePlan {
            if let project = request.project, project.fetchesSources {
                guard request.source == nil else {
                    throw .usage("--project-source: contradicts SOURCE", hint: "leave one of them out")
                }
                try request.need("source", "sourceVersion", of: project.project)
                guard let wanted else { throw .usage("--project-source: the project has no source") }
                return try fetched(wanted, version: request.fetch.version, name: "source")
            }
            if request.source == nil, wanted?.kind == .noSource {
                return SourcePlan(kind: .none, path: environment.workingDirectory)
            }
            var source = try named(request.source ?? ".", version: request.fetch.version)
            if source.layout == nil, let wanted, wanted.kind.isGit, let location = wanted.location {
                let git = SourceArgument.git(location, version: nil, request.fetch)
                source.layout = git.layout
                source.repositoryURL = source.repositoryURL ?? git.url
            }
            return source
        }

        func secondary() throws(CommandFailure) -> [(identifier: String, source: SourcePlan)] {
            var sources: [(identifier: String, source: SourcePlan)] = []
            for (identifier, place) in request.secondarySources {
                let version = request.fetch.secondaryVersions[identifier]
                sources.append((identifier, try named(place, version: version)))
            }
            if let project = request.project, project.fetchesSources {
                try request.need("secondarySources", "secondarySourceVersions", of: project.project)
                for wanted in project.project.secondarySources {
                    guard let name = wanted.identifier, !sources.contains(where: { $0.identifier == name })
                    else {
                        continue
                    }
                    let version = request.fetch.secondaryVersions[name]
                    sources.append(
                        (name, try fetched(wanted, version: version, name: "secondary source \(name)")))
                }
            }
            for name in request.fetch.secondaryVersions.keys.sorted()
            where !sources.contains(where: { $0.identifier == name }) {
                throw .usage("--secondary-source-version \(name): there is no such secondary source")
            }
            return sources
        }

        /// A source of the command line.
        private func named(_ place: String, version: String?) throws(CommandFailure) -> SourcePlan {
            if let remote = try SourceArgument.remote(place, version: version, request.fetch) {
                return SourcePlan(fetching: remote)
            }
            let path = environment.absolute(place)
            guard version != nil else { return try PlannedSources.source(path) }
            guard isDirectory(path) else {
                throw .usage("--source-version: \(path) has no versions", hint: "name a git repository")
            }
            let url = PlannedSources.resolved(path).string
            return SourcePlan(fetching: .git(SourceArgument.git(url, version: version, request.fetch)))
        }

        /// A source of the project.
        private func fetched(
            _ wanted: ProjectSource, version: String?, name: String
        ) throws(CommandFailure) -> SourcePlan {
            var source = try place(of: wanted, version: version, name: name)
            source.projectKind = wanted.kind
            return source
        }

        private func place(
            of wanted: ProjectSource, version: String?, name: String
        ) throws(CommandFailure) -> SourcePlan {
            let version = version ?? wanted.version
            switch wanted.kind {
            case .noSource: return SourcePlan(kind: .none, path: environment.workingDirectory)
            case .codePipeline:
                throw .usage(
                    "--project-source: a pipeline gives the project its \(name)",
                    hint: "name a directory or an archive as SOURCE")
            case .s3:
                let location = wanted.location ?? ""
                return SourcePlan(
                    fetching: try SourceArgument.object(
                        location, version: version, shown: "of the project (\(location))"))
            default:
                guard let location = wanted.location else {
                    throw .usage("--project-source: the project's \(name) has no location")
                }
                guard
                    case .git(var git)? = try SourceArgument.remote(
                        location, version: version, request.fetch)
                else {
                    throw .usage(
                        "--project-source: the location of the project's \(name) is no clone URL")
                }
                git.depth = request.fetch.givenDepth ?? wanted.gitCloneDepth
                git.fetchesSubmodules = request.fetch.fetchesSubmodules || wanted.fetchesSubmodules
                git.isInsecure = wanted.isInsecure
                return SourcePlan(fetching: .git(git))
            }
        }

        func isDirectory(_ path: FilePath) -> Bool {
            var status = stat()
            return stat(environment.absolute(path.string).string, &status) == 0
                && status.st_mode & S_IFMT == S_IFDIR
        }
    }

    fileprivate static func source(_ path: FilePath) throws(CommandFailure) -> SourcePlan {
        var status = stat()
        guard stat(path.string, &status) == 0 else {
            throw .usage("source \(path): \(Errno(rawValue: errno).description)")
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return SourcePlan(kind: .directory, path: resolved(path))
        case S_IFREG: return SourcePlan(kind: .archive, path: resolved(path))
        default: throw .usage("source \(path): it is neither a directory nor an archive")
        }
    }

    static func resolved(_ path: FilePath) -> FilePath {
        guard let real = realpath(path.string, nil) else { return path }
        defer { free(real) }
        return FilePath(String(cString: real))
    }

    /// The name of the source's directory, or of the archive without its extensions.
    private static func projectName(_ source: SourcePlan) -> String {
        guard let component = source.path.lastComponent?.string else { return "project" }
        // It becomes part of object keys, where control characters have no place, and of file names, with endings.
        var name = String(component.map { $0.isASCII && ($0.asciiValue ?? 0) < 0x20 ? "_" : $0 })
        while name.utf8.count > 240 { name.removeLast() }
        guard source.kind != .directory else { return name }
        let known = [
            ".git", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tgz", ".txz", ".tbz2", ".tar", ".zip",
        ]
        let ending = known.first { name.lowercased().hasSuffix($0) && name.count > $0.count }
        return ending.map { String(name.dropLast($0.count)) } ?? name
    }

}
