import Archiving
import Packaging
import SystemPackage

/// Looks at what deploy actions for ECS will read from an artifact.
///
/// CodeBuild uploads such files unread, so a broken one is told loudly and fails nothing.
enum DeployFileCheck {
    /// Looks before the artifact is packed: what is wrong is in the log by the time anybody can fetch it.
    ///
    /// The lines are the runner's own, like those about links that a folder cannot hold; CodeBuild has none for this.
    ///
    /// - Returns: what was told, for the person who runs the build.
    static func tell(_ selection: Selection, artifact: String, in log: BuildLog) async -> [String] {
        let warnings = warnings(selection, artifact: artifact)
        for warning in warnings { await log.agent(warning) }
        return warnings
    }

    private static func warnings(_ selection: Selection, artifact: String) -> [String] {
        var warnings: [String] = []
        for file in selection.files {
            let last = String(decoding: file.name.lastComponent, as: UTF8.self)
            guard DeployFiles.isKnown(last) else { continue }
            for problem in problems(of: file, named: last, selection) {
                warnings.append(
                    "artifact \(artifact), \(file.name): \(problem); a deploy action will refuse or misread it"
                )
            }
        }
        return warnings
    }

    private static func problems(
        of file: SelectedFile, named last: String, _ selection: Selection
    ) -> [String] {
        switch file.content {
        case .file:
            guard let bytes = read(file, selection) else { return [] }
            var problems = DeployFiles.problems(in: last, bytes)
            // The two files of a blue/green deployment have to fit together.
            if DeployFiles.isAppSpecification(last), let definition = taskDefinition(beside: file, selection)
            {
                problems += DeployFiles.problems(of: bytes, beside: definition)
            }
            return problems
        // An archive has a link's target in place of its content.
        case .link:
            return [
                "it is stored as a link, and not as the file: leave enable-symlinks out, or copy the file"
            ]
        }
    }

    private static func taskDefinition(beside file: SelectedFile, _ selection: Selection) -> [UInt8]? {
        let directory = file.name.bytes.dropLast(file.name.lastComponent.count)
        let name = EntryName(bytes: directory + Array("taskdef.json".utf8))
        guard let definition = selection.file(named: name), definition.content == .file else { return nil }
        return read(definition, selection)
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
