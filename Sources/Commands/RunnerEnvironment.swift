import Glibc
import SystemPackage

/// What the runner's own process was given: read once, passed on as a value.
struct RunnerEnvironment: Sendable, Hashable {
    /// The environment variables.
    var variables: [String: String]
    /// The working directory.
    var workingDirectory: FilePath

    /// The process's own.
    static var current: RunnerEnvironment {
        RunnerEnvironment(variables: readVariables(), workingDirectory: readWorkingDirectory())
    }

    /// This executable, looked up when somebody asks.
    var executable: FilePath? { Self.readLink("/proc/self/exe") }

    /// The user's name, looked up when somebody asks: that may be a question to another process.
    var userName: String { Self.readUserName() }

    /// Where this program keeps what it can find out again; nil without a home.
    var cacheDirectory: FilePath? {
        let base = variables["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
        let home = variables["HOME"].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
        return (base ?? home?.appending(".cache"))?.appending("buildspec")
    }

    /// A path of the command line, made absolute.
    func absolute(_ path: String) -> FilePath {
        workingDirectory.pushing(FilePath(path)).lexicallyNormalized()
    }

    /// Where a result goes: the path of a file on the command line, or `-` for standard output.
    ///
    /// - Throws: ``CommandFailure`` for a directory, which is noticed before anything is made for it.
    func outputPath(_ path: String) throws(CommandFailure) -> FilePath {
        guard path != "-" else { return "/dev/stdout" }
        let target = absolute(path)
        var status = stat()
        let isThere = stat(target.string, &status) == 0
        guard !path.isEmpty, !path.hasSuffix("/"), !isThere || status.st_mode & S_IFMT != S_IFDIR else {
            throw .usage("-o \(path): it is a directory, and a file is to be written")
        }
        // Nobody wants to hear of it when everything else is done. Where a dangling link leads is seen then.
        if !isThere, lstat(target.string, &status) != 0,
            let problem = Self.problem(ofDirectory: target.removingLastComponent())
        {
            throw CommandFailure(
                .runner, "cannot write \(target): \(problem.description)",
                hint: "make its directory, or name another")
        }
        return target
    }

    /// Why nothing can be made in a directory; nil where it seems that it can.
    private static func problem(ofDirectory path: FilePath) -> Errno? {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return Errno(rawValue: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return .notDirectory }
        return access(path.string, W_OK | X_OK) == 0 ? nil : Errno(rawValue: errno)
    }

    private static func readVariables() -> [String: String] {
        var variables: [String: String] = [:]
        var pointer = environ
        while let entry = pointer.pointee {
            let text = String(cString: entry)
            if let equals = text.unicodeScalars.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text.unicodeScalars[equals...].dropFirst())
            }
            pointer += 1
        }
        return variables
    }

    private static func readWorkingDirectory() -> FilePath {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return FilePath(String(cString: path))
    }

    private static func readLink(_ path: String) -> FilePath? {
        guard let target = realpath(path, nil) else { return nil }
        defer { free(target) }
        return FilePath(String(cString: target))
    }

    private static func readUserName() -> String {
        guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return "buildspec" }
        return String(cString: name)
    }
}
