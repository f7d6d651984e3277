import Archiving
import Diagnostics
import Glibc
import SystemPackage
import YAMLTree

/// A template as it was read: its text, and what stands where.
struct TemplateDocument: Sendable {
    /// The file's name for messages.
    let name: String
    /// The absolute path.
    let path: FilePath
    let text: [UInt8]
    let root: YAMLNode
    /// Whether the text is JSON rather than YAML.
    let isJSON: Bool
    /// Whether anything has an anchor, or a map a merge key.
    let sharesValues: Bool

    /// Where relative paths start.
    var directory: FilePath { path.removingLastComponent() }

    /// The largest template that is read; CloudFormation takes 1 MB.
    private static let maximumSize = 32 << 20

    /// Reads a template.
    ///
    /// - Throws: `unreadable`, `malformed`.
    init(_ path: FilePath, name: String) throws(TemplateError) {
        // A name can hold what would be taken for a line of its own.
        let name = EntryName(name).description
        self.path = path
        self.name = name
        let text = try Self.read(path, name)
        let json = JSONTree.read(text, limits: Self.limits)
        let document: YAMLDocument
        do throws(YAMLError) {
            document = json == nil ? try YAMLDocument(parsing: text, limits: Self.limits) : .empty
        } catch {
            let place = "\(name):\(error.range.start.line):\(error.range.start.column)"
            throw TemplateError(.malformed, place, error.problem, hint: error.hint)
        }
        guard let root = json ?? document.root, root.mapping != nil else {
            throw TemplateError(.malformed, name, "it is not a template: the outermost value is not a map")
        }
        if let rest = document.unreadText {
            throw TemplateError(
                .malformed, "\(name):\(rest.start.line):\(rest.start.column)",
                "a template is one document, and another one begins here")
        }
        self.text = text
        self.root = root
        isJSON = json != nil
        sharesValues = document.sharesValues
    }

    /// The outermost value of a text that was a template before; nil when it is none any more, or has anchors.
    static func tree(of text: [UInt8], isJSON: Bool) throws(YAMLError) -> YAMLNode? {
        guard !isJSON else { return JSONTree.read(text, limits: limits) }
        let document = try YAMLDocument(parsing: text, limits: limits)
        return document.unreadText == nil && !document.sharesValues ? document.root : nil
    }

    /// As deep as can be.
    private static let limits = YAMLLimits(depth: YAMLLimits.deepest)

    /// `template.yaml:14:16`.
    func place(_ range: SourceRange) -> String { "\(name):\(range.start.line):\(range.start.column)" }

    private static func read(_ path: FilePath, _ name: String) throws(TemplateError) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(
                path, FileDescriptor.AccessMode(rawValue: O_RDONLY | O_NONBLOCK), options: [.closeOnExec])
            defer { try? file.close() }
            var status = stat()
            guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw TemplateError(.unreadable, name, "it is not a file")
            }
            guard status.st_size <= maximumSize else {
                throw TemplateError(.malformed, name, "it has more than \(maximumSize) bytes")
            }
            var text = [UInt8](repeating: 0, count: Int(status.st_size))
            let count = try text.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 0, into: $0) }
            text.removeLast(text.count - count)
            return text
        } catch let error as TemplateError {
            throw error
        } catch {
            throw TemplateError(.unreadable, name, (error as? Errno)?.description ?? "\(error)")
        }
    }
}

// How a value is written.
extension TemplateDocument {
    /// What stands between words.
    static let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]

    /// Whether a value is a collection with brackets.
    func isFlow(_ node: YAMLNode) -> Bool {
        guard node.scalar == nil else { return false }
        var rest = text[min(node.range.start.offset, text.count)...]
        while let byte = rest.first, byte == UInt8(ascii: "!") || byte == UInt8(ascii: "&") {
            rest = rest.drop { !Self.blanks.contains($0) }.drop { Self.blanks.contains($0) }
        }
        return rest.first == UInt8(ascii: "{") || rest.first == UInt8(ascii: "[")
    }
}
