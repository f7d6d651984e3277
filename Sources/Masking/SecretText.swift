/// A text that must not be seen: every rendering of it, printed, interpolated, dumped or mirrored, says `***`.
///
/// The only way to the text is ``reveal()``, so each place that uses one can be found by its name.
package struct SecretText: Sendable, Hashable {
    private let text: String

    /// Hides a text, which may be empty.
    package init(_ text: String) {
        self.text = text
    }

    /// The text itself, for what needs it: a signature, a header, the environment of a command.
    package func reveal() -> String {
        text
    }

    /// Whether there is nothing to hide.
    package var isEmpty: Bool { text.isEmpty }
}

extension SecretText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands in place of every secret (behaviour reference, section 4.7).
    package static let mask = "***"

    /// Always ``mask``.
    package var description: String { Self.mask }

    /// Always ``mask``.
    package var debugDescription: String { Self.mask }

    /// Has no children, so that `dump` and reflection show nothing.
    package var customMirror: Mirror {
        Mirror(self, children: [Mirror.Child](), displayStyle: .struct)
    }
}
