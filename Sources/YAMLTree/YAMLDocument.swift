package import Diagnostics

/// The first document of a YAML text.
package struct YAMLDocument: Sendable {
    /// The outermost value; nil when the text is empty or holds only comments.
    package let root: YAMLNode?
    /// Where text begins that is not read, because it follows the first document; nil when there is none.
    package let unreadText: SourceRange?

    /// Reads YAML 1.1 text as the Go YAML library does: the first document only, whatever follows it.
    ///
    /// - Throws: `YAMLError` when the text is not UTF-8, not YAML, or over one of the limits.
    package init(parsing text: [UInt8], limits: YAMLLimits = .standard) throws(YAMLError) {
        let body = try Self.body(of: text, limits: limits)
        var builder = try YAMLTreeBuilder(body, limits: limits)
        root = try builder.document()
        unreadText = root == nil ? nil : builder.unreadText()
    }

    /// The text without its byte order mark, after what can be refused without parsing is refused.
    private static func body(of text: [UInt8], limits: YAMLLimits) throws(YAMLError) -> ArraySlice<UInt8> {
        guard text.count <= limits.bytes else {
            let end = SourceMap(text[..<limits.bytes]).position(ofByte: limits.bytes)
            throw YAMLError(
                .tooLarge, "the text is larger than the limit of \(limits.bytes) bytes",
                at: SourceRange(start: end, end: end))
        }
        if text.starts(with: [0xFE, 0xFF]) || text.starts(with: [0xFF, 0xFE]) {
            let start = SourcePosition(line: 1, column: 1, offset: 0)
            throw YAMLError(
                .encoding, "the text is UTF-16, not UTF-8", at: SourceRange(start: start, end: start))
        }
        let body = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text[...]
        try refuseDirectives(of: body, limits: limits)
        return body
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
