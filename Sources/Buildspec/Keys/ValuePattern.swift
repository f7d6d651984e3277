/// Forms of values as regular expressions (ECMA-262, to be matched as a whole).
///
/// They say what the parsers of the same values take, for readers that have no parser: the tests compare both.
/// They use no lookaround, which some implementations of JSON Schema lack.
package enum ValuePattern {
    /// A name that a process environment can hold.
    package static let variableName = #"[^=\u0000]+"#

    /// The name of a parameter.
    package static let parameterName = #"[^\u0000]+"#

    /// What `SecretReference(parsing:)` takes (behaviour reference, section 1.4).
    package static let secretReference = "arn|(\(secretName)|\(secretARN))\(secretTail)"

    /// What `OnFailure(parsing:)` takes, in capitals (behaviour reference, section 1.6).
    package static let onFailure =
        #"ABORT|CONTINUE|RETRY|RETRY-0*(\#(retryCount))(-[^\u0000]+)?"#
        + #"|RETRY-[^0-9\u0000][^\u0000]*|RETRY-[0-9]+[^-0-9\u0000][^\u0000]*"#

    private static let retryCount = NumberPattern.digits(of: OnFailure.retryCounts)

    /// A text without a colon, but not `arn`, which begins an ARN when a colon follows.
    private static var secretName: String {
        let part = #"[^:\u0000]"#
        return #"[^:a\u0000]\#(part)*|a([^:r\u0000]\#(part)*)?|ar([^:n\u0000]\#(part)*)?|arn\#(part)+"#
    }

    /// Seven parts, of which the third, the sixth and the last say that it is a secret's.
    private static let secretARN =
        #"arn:[^:\u0000]*:secretsmanager:[^:\u0000]*:[^:\u0000]*:secret:[^:\u0000]+"#

    /// The JSON key, and a version stage or a version id.
    private static let secretTail = #"(:[^:\u0000]*(:[^:\u0000]*:?|::[^:\u0000]*)?)?"#
}
