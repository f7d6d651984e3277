/// Test cases of formats in which a case has its words in a `message` element, put together while a file is read.
struct MessageCollector {
    /// Longer messages are cut while they are read: a report shows less.
    private static let longest = 20_000

    /// The cases that are complete.
    private(set) var cases: [TestCase] = []
    private var current: TestCase?
    private var message: String?

    /// A case begins.
    mutating func begin(_ test: TestCase) { current = test }

    /// A message begins; outside of a case it means nothing.
    mutating func beginMessage() {
        if current != nil { message = "" }
    }

    /// Text, which counts in a message only.
    mutating func add(_ text: String) {
        guard let said = message, said.utf8.count < Self.longest else { return }
        message = said + text
    }

    /// The message is complete.
    mutating func endMessage() {
        if let message { current?.message = trimmed(message) }
        message = nil
    }

    /// The case is complete.
    mutating func end() {
        if let current { cases.append(current) }
        current = nil
    }
}
