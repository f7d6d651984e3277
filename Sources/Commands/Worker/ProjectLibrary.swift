import BuildProject
import Diagnostics
import Glibc
import SystemPackage

/// The project definitions of a worker's `--projects` directory.
struct ProjectLibrary: Sendable {
    /// The directory.
    var directory: FilePath
    /// The region, for templates that ask for it.
    var region: String

    private static let endings = ["json", "yaml", "yml"]

    /// The project that a job's `ProjectName` selects; read anew each time, so that changes count at once.
    ///
    /// - Parameter name: From outside: it never becomes more than a file's name.
    /// - Returns: The project.
    /// - Throws: ``JobFault`` when there is no such project, or it cannot be read.
    func project(named name: String) throws(JobFault) -> BuildProject {
        guard Self.isName(name) else {
            throw .configuration(
                "ProjectName: it is not a project's name",
                hint: "names have letters, digits, - and _, and begin with a letter or a digit")
        }
        for ending in Self.endings {
            let path = directory.appending("\(name).\(ending)")
            var status = stat()
            guard stat(path.string, &status) == 0 else {
                if errno == ENOENT { continue }
                throw .unavailable(
                    "the project \(name) cannot be read: \(Errno(rawValue: errno).description)")
            }
            return try read(path, name)
        }
        throw .configuration(
            "ProjectName \(name): this build host has no such project",
            hint: "correct the action's ProjectName, or have the host's operator add "
                + "\(name).json, \(name).yaml or \(name).yml to its project definitions")
    }

    private func read(_ path: FilePath, _ name: String) throws(JobFault) -> BuildProject {
        let file = path.lastComponent?.string ?? name
        let text: [UInt8]
        do {
            text = try SmallInputFile.read(
                FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]))
        } catch {
            throw .unavailable(
                "the project definition \(file) cannot be read: \((error as? Errno)?.description ?? "\(error)")"
            )
        }
        var inputs = TemplateInputs()
        inputs.region = region
        inputs.stackName = name
        do throws(ProjectFailure) {
            let document = try ProjectDocument(text, file: file)
            do throws(ProjectFailure) {
                return try document.project(named: name, inputs)
            } catch {
                // Most files have one project, which need not be called as the file is.
                return try document.project(named: nil, inputs)
            }
        } catch {
            let place = error.range.map { ":\($0.start.line):\($0.start.column)" } ?? ""
            throw .configuration(
                "the project definition \(file)\(place) of the build host cannot be used: \(error.message)",
                hint: error.hint)
        }
    }

    /// CodeBuild's own rule, and up to 255 characters (behaviour reference, section 10.1).
    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "_") else {
            return false
        }
        return name.utf8.count <= 250
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "_")
            }
    }
}
