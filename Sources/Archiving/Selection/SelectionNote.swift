/// What a file is that is neither a regular file nor a directory nor a link.
package enum SpecialFileKind: String, Sendable, Hashable {
    /// A named pipe.
    case fifo
    /// A Unix socket.
    case socket
    /// A character or block device.
    case device
}

/// One step of a selection, or something left out of it.
///
/// None of these is an error. All text is printable.
package enum SelectionNote: Sendable, Hashable {
    /// `base-directory` is being looked for: `Expanding base directory path: <text>`.
    case expandingBaseDirectory(String)
    /// Files of one base directory are being looked for: `Expanding file paths for base directory <text>`.
    case expandingFilePaths(baseDirectory: String)
    /// One entry of `files`: `Expanding <pattern>`.
    case expandingPattern(String)
    /// The entry matches no file: `Skipping invalid file path <pattern>`.
    case patternWithoutMatch(String)
    /// The entry names a directory; its content is only taken with `<pattern>/**/*`.
    case patternNamesDirectory(String)
    /// Two files have the same name in the artifact; the last one is kept.
    case nameCollision(name: EntryName, kept: String, dropped: String)
    /// The link leads nowhere, or in a circle; it is left out.
    case brokenLink(path: String)
    /// The link leads out of the tree; it is left out.
    case linkLeavesTree(path: String, target: String)
    /// The link leads back to a directory it lies in; it is not followed.
    case linkLoop(path: String, target: String)
    /// The link was to be kept, but what it points to is not in the artifact; it is left out.
    case linkTargetNotSelected(path: String)
    /// A FIFO, socket or device; it is left out.
    case specialFile(path: String, kind: SpecialFileKind)
    /// The name is not UTF-8. It is kept, byte for byte.
    case nameNotUTF8(EntryName)
    /// So many further notes were not kept.
    case furtherNotes(count: Int)

    /// Whether a person should see it as a warning, rather than as a step that is logged.
    package var isWarning: Bool {
        switch self {
        case .expandingBaseDirectory, .expandingFilePaths, .expandingPattern: false
        default: true
        }
    }
}

/// The notes of one selection, in order and bounded.
struct SelectionNotes {
    private(set) var notes: [SelectionNote] = []
    private var details = 0
    private var leftOut = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Adds a step; steps are as many as patterns and always kept.
    mutating func add(step note: SelectionNote) {
        notes.append(note)
    }

    /// Adds something that a tree can hold any number of.
    mutating func add(detail note: SelectionNote) {
        if details < limit {
            details += 1
            notes.append(note)
        } else {
            leftOut += 1
        }
    }

    /// Adds details gathered apart from these.
    mutating func add(all other: SelectionNotes) {
        for note in other.notes { add(detail: note) }
        leftOut += other.leftOut
    }

    /// All of them, ended by a count of what was left out.
    var finished: [SelectionNote] {
        leftOut == 0 ? notes : notes + [.furtherNotes(count: leftOut)]
    }
}
