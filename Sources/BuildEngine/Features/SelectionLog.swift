import Archiving
import SystemPackage

/// The log lines of a file selection (behaviour reference, section 4.4).
struct SelectionLog: Sendable {
    var log: BuildLog

    /// A selection that found files.
    func tell(_ notes: [SelectionNote], found count: Int) async {
        for note in notes { await tell(note) }
        await log.agent("Found \(count) file(s)")
    }

    /// A selection that failed; its notes are lost, so the steps are told from the request.
    func tell(request: ArtifactSelectionRequest, failure: ArchivingError) async {
        let base = request.baseDirectory ?? "."
        await tell(.expandingBaseDirectory(base))
        guard failure.code == .noMatchingFiles else { return }
        await tell(.expandingFilePaths(baseDirectory: base))
        for pattern in request.patterns {
            await tell(.expandingPattern(pattern))
            await tell(.patternWithoutMatch(pattern))
        }
    }

    private func tell(_ note: SelectionNote) async {
        switch note {
        case .expandingBaseDirectory(let text):
            await log.agent("Expanding base directory path: \(text)")
            await log.agent("Assembling file list")
            await log.agent("Expanding \(text)")
        case .expandingFilePaths(let text):
            await log.agent("Expanding file paths for base directory \(text)")
            await log.agent("Assembling file list")
        case .expandingPattern(let pattern):
            await log.agent("Expanding \(pattern)")
        case .patternWithoutMatch(let pattern):
            await log.agent("Skipping invalid file path \(pattern)")
        default:
            break
        }
    }

    /// What a person should know about a selection besides its log lines.
    static func warning(_ note: SelectionNote) -> String? {
        switch note {
        case .expandingBaseDirectory, .expandingFilePaths, .expandingPattern, .patternWithoutMatch: nil
        case .patternNamesDirectory(let pattern):
            "artifact path \(pattern) is a directory and takes nothing; "
                + "write \(FilePath(pattern).appending("**/*")) for its content"
        case .nameCollision(let name, let kept, let dropped):
            "artifact has two files named \(name): \(kept) is taken, \(dropped) is left out"
        case .brokenLink(let path):
            "artifact leaves out \(path): the link leads to nothing in the build's own directories"
        case .linkLeavesTree(let path, let target):
            "artifact leaves out \(path): the link leads out, to \(target)"
        case .linkLoop(let path, let target): "artifact does not follow \(path): it leads back to \(target)"
        case .linkTargetNotSelected(let path):
            "artifact leaves out \(path): what the link points to is not in the artifact"
        case .specialFile(let path, let kind): "artifact leaves out \(path): it is a \(kind.rawValue)"
        case .nameNotUTF8(let name): "artifact has a file whose name is not UTF-8: \(name)"
        case .furtherNotes(let count): "\(count) further remarks on the artifact's files are not shown"
        }
    }
}
