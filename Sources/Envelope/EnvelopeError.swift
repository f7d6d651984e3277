package import SystemPackage

/// Part of a message, to say where something is wrong.
package enum MessagePart: Sendable, Hashable, CustomStringConvertible {
    /// Everything before the content.
    case header
    /// A frame of the content, counted from 1.
    case frame(UInt32)
    /// The content of a message without frames.
    case body
    /// The signature at the end.
    case footer

    /// `the header`, `frame 3`, ...
    package var description: String {
        switch self {
        case .header: "the header"
        case .frame(let number): "frame \(number)"
        case .body: "the body"
        case .footer: "the footer"
        }
    }
}

/// Why a message could not be sealed or opened, or a key not be used.
package struct EnvelopeError: Error, Sendable {
    /// The kinds of failure.
    package enum Code: Sendable, Hashable, CaseIterable {
        /// The bytes are no message of this format.
        case malformed
        /// The message ends before its end.
        case truncated
        /// Bytes follow the end of the message.
        case trailingBytes
        /// Something was changed after sealing.
        case tampered
        /// A version or algorithm suite that does not exist, or is not written any more.
        case unsupported
        /// The policy does not let such a message be opened.
        case refusedByPolicy
        /// Larger than a limit.
        case limitExceeded
        /// An encryption context that cannot be bound.
        case invalidContext
        /// The message lacks a required pair of the encryption context.
        case contextMismatch
        /// None of the keys at hand opens the message.
        case noUsableKey
        /// A keyring failed; see ``EnvelopeError/underlying``.
        case keyringFailed
        /// A wrapping key that cannot be used.
        case invalidKey
        /// A key file that cannot be used.
        case invalidKeyFile
        /// The operating system refused; see ``EnvelopeError/underlying``.
        case inputOutput
        /// The task was cancelled.
        case cancelled
    }

    /// What kind of failure.
    package var code: Code
    /// Where in the message.
    package var part: MessagePart?
    /// The file concerned.
    package var path: FilePath?
    /// The facts, in words.
    package var detail: String
    /// What to try.
    package var hint: String?
    /// The error of the system or of a keyring.
    package var underlying: (any Error)?

    init(
        _ code: Code, _ detail: String, part: MessagePart? = nil, path: FilePath? = nil, hint: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.part = part
        self.path = path
        self.detail = detail
        self.hint = hint
        self.underlying = underlying
    }

    /// The same failure, about a file.
    func about(_ path: FilePath) -> EnvelopeError {
        var error = self
        error.path = error.path ?? path
        return error
    }
}

extension EnvelopeError {
    static func malformed(_ part: MessagePart, _ detail: String) -> EnvelopeError {
        EnvelopeError(
            .malformed, detail, part: part, hint: "check that the file is an AWS Encryption SDK message")
    }

    static func truncated(_ part: MessagePart) -> EnvelopeError {
        EnvelopeError(.truncated, "the message ends in \(part)", part: part, hint: "fetch the file again")
    }

    static func tampered(_ part: MessagePart, _ detail: String) -> EnvelopeError {
        EnvelopeError(
            .tampered, detail, part: part, hint: "do not use the file; fetch it again from its source")
    }

    static func invalidContext(_ detail: String) -> EnvelopeError { EnvelopeError(.invalidContext, detail) }

    static func contextMismatch(_ detail: String) -> EnvelopeError {
        EnvelopeError(.contextMismatch, detail, part: .header)
    }

    static func invalidKey(_ detail: String) -> EnvelopeError { EnvelopeError(.invalidKey, detail) }

    static func limitExceeded(_ detail: String, _ part: MessagePart? = nil) -> EnvelopeError {
        EnvelopeError(.limitExceeded, detail, part: part)
    }

    static func inputOutput(_ action: String, _ error: any Error) -> EnvelopeError {
        EnvelopeError(.inputOutput, "\(action): \(error)", underlying: error)
    }

    static func keyringFailed(_ error: any Error) -> EnvelopeError {
        EnvelopeError(.keyringFailed, "\(error)", underlying: error)
    }
}

extension EnvelopeError: CustomStringConvertible {
    /// One line: what, which file, why.
    ///
    /// What a hostile message put into names and values cannot steer a terminal: control characters are shown as `?`.
    package var description: String {
        let place = path.map { "\($0): " } ?? ""
        let partText = part.map { " (\($0))" } ?? ""
        return "\(place)\(summary)\(partText): \(detail)".withoutControlCharacters
    }

    private var summary: String {
        switch code {
        case .malformed: "not a readable encrypted message"
        case .truncated: "encrypted message is cut off"
        case .trailingBytes: "encrypted message has bytes after its end"
        case .tampered: "encrypted message was changed"
        case .unsupported: "encrypted message is of an unsupported kind"
        case .refusedByPolicy: "encrypted message is of a kind that is not allowed"
        case .limitExceeded: "encryption limit exceeded"
        case .invalidContext: "encryption context cannot be used"
        case .contextMismatch: "encryption context does not match"
        case .noUsableKey: "no key at hand opens the message"
        case .keyringFailed: "encryption key cannot be used"
        case .invalidKey: "encryption key cannot be used"
        case .invalidKeyFile: "key file cannot be used"
        case .inputOutput: "reading or writing failed"
        case .cancelled: "cancelled"
        }
    }
}

extension String {
    /// The same text in one line, with `?` in place of each control character.
    var withoutControlCharacters: String {
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            scalars.append(scalar.properties.generalCategory == .control ? "?" : scalar)
        }
        return String(scalars)
    }
}
