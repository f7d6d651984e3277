import AWSAdapters
import AWSClient
import BuildEngine
import BuildProject
import Glibc
import Sandbox
import SystemPackage

/// Decides everything about a build: request and project become a plan.
struct BuildPlanner: Sendable {
    let request: RunRequest
    let environment: RunnerEnvironment
    let source: SourcePlan
    /// The `.buildspec` directory.
    let base: FilePath
    let project: BuildProject
    let buildspec: BuildspecLocation

    /// Looks at what the request names.
    /// - Throws: ``CommandFailure`` with status `usage` when something named is not there.
    init(_ request: RunRequest, environment: RunnerEnvironment) throws(CommandFailure) {
        self.request = request
        self.environment = environment
        source = try Self.source(request.source)
        for secondary in request.secondarySources { _ = try Self.source(secondary.path) }
        let directory = source.kind == .directory ? source.path : source.path.removingLastComponent()
        base = directory.appending(BuildDirectories.name)
        project = BuildProject(defaultsNamed: Self.projectName(source))
        buildspec = try Self.buildspec(request.buildspec, source, environment)
    }

    /// The plan of a new build.
    /// - Throws: ``CommandFailure`` when the sandbox is not available or the `.buildspec` directory cannot be used.
    func plan(region: String, keyName: String?) async throws(CommandFailure) -> BuildPlan {
        let uuid = BuildUUID.make()
        let directories = BuildDirectories(base: base, uuid: uuid)
        let (claim, number) = try await prepare(directories)
        let identity = BuildIdentity(
            projectName: project.name, uuid: uuid, number: number, region: region, account: "000000000000",
            initiator: environment.userName)
        var plan = BuildPlan(
            identity: identity, project: project, source: await versioned(source), buildspec: buildspec,
            sandbox: sandbox, encryption: EncryptionPlan(mode: request.encryption, keyName: keyName),
            directories: directories)
        for secondary in request.secondarySources {
            plan.secondarySources.append((secondary.identifier, try Self.source(secondary.path)))
        }
        plan.claim = claim
        plan.overrides = request.variables
        plan.timeout = request.timeout
        plan.cacheDirectory = directories.caches
        plan.keepsWorkspace = request.keepsWorkspace
        plan.isDebugged = request.isDebugged
        if let logs = request.delivery.cloudWatchLogs { plan.logs.cloudWatchLogs = logs }
        if let logs = request.delivery.s3Logs { plan.logs.s3Logs = logs }
        return plan
    }

    /// Makes the build's directory, removes what dead builds left, and counts.
    private func prepare(
        _ directories: BuildDirectories
    ) async throws(CommandFailure) -> (claim: BuildClaim, number: Int) {
        do throws(RunnerFailure) {
            let claim = try BuildClaim.take(directories)
            try BuildFiles.ignoreItself(directories.base)
            await BuildFiles.sweep(directories.base)
            return (claim, try BuildNumbers.next(for: project.name, in: directories.state))
        } catch {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        }
    }

    private var sandbox: SandboxPlan {
        var tools: [String: FilePath] = [:]
        if let executable = environment.executable { tools["buildspec"] = executable }
        var plan = SandboxPlan(
            kind: request.sandboxKind, network: request.network, tools: tools, system: request.system)
        plan.keepsSystemInMemory = environment.variables["BUILDSPEC_OVERLAY"] == "memory"
        plan.container = request.container
        return plan
    }

    private func versioned(_ source: SourcePlan) async -> SourcePlan {
        guard source.kind == .directory, let version = await GitWorkTree.version(of: source.path) else {
            return source
        }
        var source = source
        source.commit = version.commit
        source.repositoryURL = version.remoteURL
        return source
    }

    private static func source(_ path: FilePath) throws(CommandFailure) -> SourcePlan {
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

    private static func resolved(_ path: FilePath) -> FilePath {
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
        guard source.kind == .archive else { return name }
        let known = [".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tgz", ".txz", ".tbz2", ".tar", ".zip"]
        let ending = known.first { name.lowercased().hasSuffix($0) && name.count > $0.count }
        return ending.map { String(name.dropLast($0.count)) } ?? name
    }

    /// A path in the source, else a file of the working directory, else an error: the invocation names a missing file.
    private static func buildspec(
        _ argument: String?, _ source: SourcePlan, _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> BuildspecLocation {
        guard let argument else { return .defaultFile }
        if argument == "-" {
            do {
                return .inline(text: try SmallInputFile.read(FileDescriptor.standardInput), name: "<stdin>")
            } catch {
                throw .usage("--buildspec -: standard input: \(error)")
            }
        }
        let path = FilePath(argument)
        // What an archive holds is known only when it is unpacked.
        if source.kind == .archive, path.isRelative, access(argument, F_OK) != 0 { return .file(path) }
        if source.kind == .directory {
            let inside = path.isRelative ? source.path.pushing(path) : path.lexicallyNormalized()
            var rest = resolved(inside)
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

/// Build uuids.
enum BuildUUID {
    /// A random (version 4) uuid in lower case.
    static func make() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10..<16]]
            .map { $0.joined() }.joined(separator: "-")
    }
}
