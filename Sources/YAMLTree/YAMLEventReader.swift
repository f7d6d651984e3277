import CLibYAML

/// Owns a libyaml parser and the bytes it reads.
///
/// The only file that sees libyaml.
struct YAMLEventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    /// Reads UTF-8 without a byte order mark.
    ///
    /// - Throws: `YAMLEventFailure` when there is no memory for a parser.
    init(_ bytes: ArraySlice<UInt8>) throws(YAMLEventFailure) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLEventFailure(problem: "no memory for a parser", place: .byte(0), isReader: false)
        }
        self.parser = parser
        text = UnsafeMutableBufferPointer.allocate(capacity: max(bytes.count, 1))
        _ = text.initialize(from: bytes)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event.
    ///
    /// After the end of the stream or a failure there is none; do not ask again.
    ///
    /// - Throws: `YAMLEventFailure` with libyaml's problem and its place.
    mutating func next() throws(YAMLEventFailure) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(
            kind: Self.kind(of: event), start: Self.index(event.start_mark), end: Self.index(event.end_mark))
    }

    private var failure: YAMLEventFailure {
        let problem = Self.text(parser.pointee.problem) ?? "the YAML parser failed"
        if parser.pointee.error == YAML_READER_ERROR {
            return YAMLEventFailure(
                problem: problem, place: .byte(Int(clamping: parser.pointee.problem_offset)), isReader: true)
        }
        let context = Self.text(parser.pointee.context)
        return YAMLEventFailure(
            problem: problem, place: .character(Self.index(parser.pointee.problem_mark)), context: context,
            contextCharacter: context == nil ? nil : Self.index(parser.pointee.context_mark), isReader: false)
    }

    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let data = event.data.scalar
            let bytes = UnsafeBufferPointer(start: data.value, count: data.length)
            let scalar = YAMLScalar(text: String(decoding: bytes, as: UTF8.self), style: style(data.style))
            return .scalar(scalar, properties(data.anchor, data.tag))
        case YAML_SEQUENCE_START_EVENT:
            return .sequenceStart(properties(event.data.sequence_start.anchor, event.data.sequence_start.tag))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            return .mappingStart(properties(event.data.mapping_start.anchor, event.data.mapping_start.tag))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .streamEnd
        }
    }

    private static func properties(
        _ anchor: UnsafeMutablePointer<yaml_char_t>?, _ tag: UnsafeMutablePointer<yaml_char_t>?
    ) -> YAMLEvent.Properties {
        YAMLEvent.Properties(anchor: text(anchor), tag: text(tag))
    }

    private static func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private static func index(_ mark: yaml_mark_t) -> Int {
        Int(clamping: mark.index)
    }
}
