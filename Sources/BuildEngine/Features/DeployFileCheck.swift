import Archiving
import Packaging
import SystemPackage

/// Looks at what deploy actions for ECS will read from an artifact.
///
/// CodeBuild uploads such files unread, so a broken one is told loudly and fails nothing.
enum DeployFileCheck {
    /// Warnings about broken files of a selection.
    static func warnings(_ selection: Selection, artifact: String) -> [String] {
        var warnings: [String] = []
        for file in selection.files {
            let last = String(decoding: file.name.lastComponent, as: UTF8.self)
            guard case .file = file.content, DeployFiles.isKnown(last), let bytes = read(file, selection)
            else {
                continue
            }
            for problem in DeployFiles.problems(in: last, bytes) {
                warnings.append(
                    "artifact \(artifact), \(file.name): \(problem); a deploy action will refuse it")
            }
        }
        return warnings
    }

    /// The content, or a little more of it than is allowed; nil when it cannot be read, which packing tells.
    private static func read(_ file: SelectedFile, _ selection: Selection) -> [UInt8]? {
        guard let opened = try? selection.open(file) else { return nil }
        defer { try? opened.close() }
        var bytes = [UInt8](repeating: 0, count: DeployFiles.maximumSize + 1)
        guard
            let count = try? bytes.withUnsafeMutableBytes({ try opened.read(fromAbsoluteOffset: 0, into: $0) }
            )
        else { return nil }
        return Array(bytes[..<count])
    }
}
