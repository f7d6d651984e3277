/// A place in a text file, as editors count it.
public struct SourcePosition: Sendable, Hashable, Comparable {
    /// Line, counted from 1.
    public var line: Int
    /// Column in Unicode scalars, counted from 1.
    public var column: Int
    /// Bytes from the start of the text.
    public var offset: Int

    /// Makes a position; `line` and `column` are counted from 1.
    public init(line: Int, column: Int, offset: Int) {
        self.line = line
        self.column = column
        self.offset = offset
    }

    /// Positions of one text compare by their offset.
    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        left.offset < right.offset
    }
}

/// A stretch of a text file: from `start` up to, not including, `end`.
public struct SourceRange: Sendable, Hashable {
    /// Where it begins.
    public var start: SourcePosition
    /// The first position after it; equal to `start` for an empty node.
    public var end: SourcePosition

    /// Makes a range; `end` is exclusive.
    public init(start: SourcePosition, end: SourcePosition) {
        self.start = start
        self.end = end
    }
}

/// A value together with the place it was written at, which is no part of its identity.
public struct Marked<Value> {
    /// What was written.
    public var value: Value
    /// Where it was written.
    public var range: SourceRange

    /// Attaches a place to a value.
    public init(_ value: Value, at range: SourceRange) {
        self.value = value
        self.range = range
    }
}

extension Marked: Sendable where Value: Sendable {}

extension Marked: Equatable where Value: Equatable {
    /// Two marked values are equal when what was written is equal, wherever it stands.
    public static func == (left: Marked, right: Marked) -> Bool {
        left.value == right.value
    }
}

extension Marked: Hashable where Value: Hashable {
    /// Hashes the value alone, as equality compares it alone.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(value)
    }
}
