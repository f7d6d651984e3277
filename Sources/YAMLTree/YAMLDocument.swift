package import Diagnostics

/// The first document of a YAML text.
package struct YAMLDocument: Sendable {
    /// The outermost value; nil when the text is empty or holds only comments.
    package let root: YAMLNode?
    /// Where text begins that is not read, because it follows the first document; nil when there is none.
    package let unreadText: SourceRange?
    /// Whether anything has an anchor, or a map a merge key.
    package let sharesValues: Bool

    /// Reads YAML 1.1 text as the Go YAML library does: the first document only, whatever follows it.
    ///
    /// - Throws: `YAMLError` when the text is not UTF-8, not YAML, or over one of the limits.
    package init(parsing text: [UInt8], limits: YAMLLimits = .standard) throws(YAMLError) {
        let body = try Self.body(of: text, limits: limits)
        var builder = try YAMLTreeBuilder(body, limits: limits)
        root = try builder.document()
        unreadText = root == nil ? nil : builder.unreadText()
        sharesValues = builder.sharesValues
    }

    /// Reads as much as can be read: up to the first fault of syntax, if there is one.
    ///
    /// What stands before the fault is as in a faultless text, but for the collections that it cuts off.
    ///
    /// - Returns: the document, and the fault that it ends at.
    /// - Throws: `YAMLError` when the text is not UTF-8, or over one of the limits.
    package static func reading(
        _ text: [UInt8], limits: YAMLLimits = .standard
    ) throws(YAMLError) -> (document: YAMLDocument, fault: YAMLError?) {
        let body = try body(of: text, limits: limits)
        var builder = try YAMLTreeBuilder(body, limits: limits, isTolerant: true)
        let root: YAMLNode?
        do {
            root = try builder.document()
        } catch {
            guard error.code == .syntax else { throw error }
            return (YAMLDocument(root: nil), error)
        }
        if let fault = builder.failure {
            return (YAMLDocument(root: root, sharesValues: builder.sharesValues), fault)
        }
        let unread = root == nil ? nil : builder.unreadText()
        return (YAMLDocument(root: root, unreadText: unread, sharesValues: builder.sharesValues), nil)
    }

    /// A document without anything in it.
    package static let empty = YAMLDocument(root: nil)

    private init(root: YAMLNode?, unreadText: SourceRange? = nil, sharesValues: Bool = false) {
        self.root = root
        self.unreadText = unreadText
        self.sharesValues = sharesValues
    }

    /// The text without its byte order mark, after what can be refused without parsing is refused.
    private static func body(of text: [UInt8], limits: YAMLLimits) throws(YAMLError) -> ArraySlice<UInt8> {
        guard text.count <= limits.bytes else { throw .tooLarge(limits) }
        if text.starts(with: [0xFE, 0xFF]) || text.starts(with: [0xFF, 0xFE]) {
            let start = SourcePosition(line: 1, column: 1, offset: 0)
            throw YAMLError(
                .encoding, "the text is UTF-16, not UTF-8", at: SourceRange(start: start, end: start))
        }
        let body = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text[...]
        try refuseDirectives(of: body, limits: limits)
        try refuseLines(of: body, limits: limits)
        return body
    }

    /// Refuses a line that no person wrote, before libyaml spends its time on it.
    private static func refuseLines(of body: ArraySlice<UInt8>, limits: YAMLLimits) throws(YAMLError) {
        guard body.count > limits.lineBytes else { return }
        var start = body.startIndex
        while body.endIndex - start > limits.lineBytes {
            let end = start + limits.lineBytes
            // The last break within the limit begins the next line that could be too long.
            guard let lineBreak = body[start...end].lastIndex(where: { $0 == 0x0A || $0 == 0x0D }) else {
                let position = SourceMap(body[..<start]).position(ofByte: start)
                throw YAMLError(
                    .tooLarge, "a line is longer than the limit of \(limits.lineBytes) bytes",
                    at: SourceRange(start: position, end: position))
            }
            start = lineBreak + 1
        }
    }

    private static func refuseDirectives(of body: ArraySlice<UInt8>, limits: YAMLLimits) throws(YAMLError) {
        var count = 0
        var isLineStart = true
        for offset in body.indices {
            let byte = body[offset]
            if isLineStart && byte == UInt8(ascii: "%") && body[offset...].starts(with: Array("%TAG".utf8)) {
                count += 1
                if count > limits.directives {
                    let position = SourceMap(body).position(ofByte: offset)
                    throw YAMLError(
                        .tooManyDirectives, "more than \(limits.directives) %TAG directives",
                        at: SourceRange(start: position, end: position))
                }
            }
            isLineStart = byte == 0x0A || byte == 0x0D
        }
    }
}
